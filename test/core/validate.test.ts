import { expect, test } from 'vitest'
import type { Expr, Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import * as $ from './graphs.ts'

/** `CODE line: message` of everything that is wrong. */
const problemsOf = (graph: Graph): readonly string[] =>
  validateGraph(graph).map(({ code, at, message }) => `${code} ${at?.line ?? '-'}: ${message}`)

/** The node, as if it stood on that line. */
const on = (line: number, node: Node): Node => ({ ...node, at: { file: 'tutti.ts', line, column: 1 } })
const writes = (path: string) => ({ args: [{ kind: 'resource', resource: { kind: 'output', path } } as const] })
/** A node of a kind for which graphs.ts has no short form. */
const node = (kind: Node['kind'], fields: object, id: string = kind): Node =>
  ({ id, name: id, after: [], policy: {}, kind, ...fields }) as unknown as Node
const none = $.region([])
const gated = (id: string, until: string, after: readonly string[] = []): Node =>
  node('scope', { body: none, until, after }, id)
const locked = (name: string) => ({ locks: [{ name, of: 'run' as const }] })
const again = (recurs: number, args: { readonly [param: string]: Expr } = {}): Node =>
  node('call', { workflow: 'w', args, body: none, recurs }, 'again')
const cancel = (target: string, up = 0): Node => node('cancel', { target: { node: target, up }, dependents: 'skip' })
const undo = (body: Region, captures: { readonly [param: string]: Expr } = {}) => ({ undo: { captures, body } })
const net = (fields: object): Node =>
  node('net', { places: ['i', 'o'], start: ['i'], end: 'o', transitions: [], ...fields })
const transition = (id: string, fields: object = {}) => ({
  id,
  consumes: ['i'],
  produces: ['o'],
  body: none,
  ...fields,
})

const CASES: readonly (readonly [what: string, nodes: readonly Node[], problems: readonly string[]])[] = [
  ['nothing wrong', [$.task('a'), $.task('b', { args: [$.ref('a')] })], []],
  [
    'two steps with one id (G1)',
    [on(1, $.task('a')), on(2, $.effect('a'))],
    ['DUPLICATE_ID 2: Two steps of one region have the id a'],
  ],
  ['the same id in another region', [$.task('a'), $.when('w', $.lit(1), $.region([$.task('a')]))], []],
  ['an id that would break step ids', [on(3, $.task('a/b'))], ['BAD_ID 3: "a/b" cannot be a step\'s id']],
  ['an empty id', [on(3, $.task(''))], ['BAD_ID 3: "" cannot be a step\'s id']],
  [
    'a ref to no step',
    [on(4, $.task('a', { args: [$.ref('ghost')] }))],
    ['DANGLING_REF 4: a refers to the step ghost, which is not there'],
  ],
  [
    'an order after no step',
    [on(4, $.task('a', { after: ['ghost'] }))],
    ['DANGLING_REF 4: a refers to the step ghost, which is not there'],
  ],
  [
    'a ref to no parameter',
    [on(4, $.task('a', { args: [$.param('p')] }))],
    ['DANGLING_REF 4: a refers to the parameter p, which is not there'],
  ],
  [
    'a ref out of the graph (G2)',
    [on(4, $.task('a', { args: [$.ref('a', [], 7)] }))],
    ['DANGLING_REF 4: a refers to the step a, which is not there'],
  ],
  [
    'a ref into a branch',
    [$.when('w', $.lit(1), $.region([$.task('in')])), on(5, $.task('a', { args: [$.ref('in')] }))],
    ['DANGLING_REF 5: a refers to the step in, which is not there'],
  ],
  [
    'a ref from inside a branch to what is around it',
    [$.task('a'), $.when('w', $.lit(1), $.region([$.task('in', { args: [$.ref('a', [], 1)] })]))],
    [],
  ],
  [
    "a branch's result that is not there",
    [on(6, $.when('w', $.lit(1), $.region([], { result: $.ref('ghost') })))],
    ['DANGLING_REF 6: w refers to the step ghost, which is not there'],
  ],
  [
    'a result that uses a parameter that is not there',
    [on(6, $.call('c', $.region([], { result: $.param('ghost') })))],
    ['DANGLING_REF 6: c refers to the parameter ghost, which is not there'],
  ],
  [
    'a key that uses a step of its body',
    [on(6, { ...$.each('e', $.lit([]), $.item([$.task('a')])), key: $.ref('a') } as Node)],
    ['DANGLING_REF 6: e refers to the step a, which is not there'],
  ],
  ['a key that uses the item', [{ ...$.each('e', $.lit([]), $.item([])), key: $.param('item', ['id']) } as Node], []],
  [
    'a circle (G3)',
    [on(1, $.task('a', { after: ['c'] })), on(2, $.task('b', { after: ['a'] })), on(3, $.task('c', { after: ['b'] }))],
    ['GRAPH_CYCLE 1: Steps wait for one another in a circle: a waits for c waits for b waits for a'],
  ],
  [
    'a step that waits for itself',
    [on(1, $.task('a', { after: ['a'] }))],
    ['GRAPH_CYCLE 1: Steps wait for one another in a circle: a waits for a'],
  ],
  [
    'a step that waits for itself from inside',
    [on(1, $.when('w', $.lit(1), $.region([$.task('in', { args: [$.ref('w', [], 1)] })])))],
    ['GRAPH_CYCLE 1: Steps wait for one another in a circle: w waits for w'],
  ],
  [
    'two circles, one behind a missing step',
    [
      on(1, $.task('a', { after: ['a', 'ghost'] })),
      on(2, $.task('b', { after: ['b'] })),
      on(3, $.task('c', { after: ['ghost'] })),
      on(4, $.task('d', { after: ['c'] })),
    ],
    [
      'DANGLING_REF 1: a refers to the step ghost, which is not there',
      'DANGLING_REF 3: c refers to the step ghost, which is not there',
      'GRAPH_CYCLE 1: Steps wait for one another in a circle: a waits for a',
      'GRAPH_CYCLE 2: Steps wait for one another in a circle: b waits for b',
    ],
  ],
  [
    'one path, two writers',
    [on(1, $.task('a', writes('dist'))), on(2, $.task('b', writes('./x/../dist/')))],
    ['OUTPUT_TWICE 2: a and b both write dist'],
  ],
  [
    'a path inside another',
    [on(1, $.task('a', writes('dist/x'))), on(2, $.task('b', writes('dist')))],
    ['OUTPUT_TWICE 2: a and b both write dist'],
  ],
  [
    'a path around another',
    [on(1, $.task('a', writes('.'))), on(2, $.task('b', writes('dist/x')))],
    ['OUTPUT_TWICE 2: a and b both write dist/x'],
  ],
  [
    'one path on the two ways of a choice',
    [$.when('w', $.lit(1), $.region([$.task('a', writes('dist'))]), $.region([$.task('b', writes('dist'))]))],
    [],
  ],
  [
    'one path on two ways, of different choices',
    [
      $.when('v', $.lit(1), $.region([on(1, $.task('a', writes('dist')))])),
      $.when('w', $.lit(1), $.region([]), $.region([on(2, $.task('b', writes('dist')))])),
    ],
    ['OUTPUT_TWICE 2: a and b both write dist'],
  ],
  ['paths that only begin alike', [$.task('a', writes('dist')), $.task('b', writes('distant'))], []],
  [
    'a path outside of the project',
    [on(1, $.task('a', writes('x/../../y')))],
    ['OUTPUT_OUTSIDE 1: a would write ../y, which is outside of the project'],
  ],
  [
    'an absolute path',
    [on(1, $.task('a', writes('/etc/x')))],
    ['OUTPUT_OUTSIDE 1: a would write /etc/x, which is outside of the project'],
  ],
  [
    'two arms for one label',
    [on(1, { ...$.match('m', $.lit(1), { otherwise: $.region([]) }), otherwise: $.region([]) } as Node)],
    ['BAD_ARM 1: m has two parts that are called "otherwise"'],
  ],
  [
    'no items at a time',
    [on(1, $.each('e', $.lit([]), $.item([]), 0))],
    ['BAD_CONCURRENCY 1: e: the number of items at a time is 0, but should be a whole number from 1'],
  ],
  [
    'a parameter that nothing gives',
    [on(1, $.when('w', $.lit(1), $.region([], { params: ['x'] })))],
    ['BAD_PARAMS 1: w: its part then takes 1 parameters, but gets 0'],
  ],
  [
    'one parameter twice',
    [on(1, $.call('c', $.region([], { params: ['x', 'x'] })))],
    ['BAD_PARAMS 1: c: its part body has two parameters named x'],
  ],
  // Arms
  ...(['any', 'race', 'some'] as const).map(
    kind =>
      [`${kind} of nothing`, [on(1, node(kind, { arms: {}, count: 1 }))], [`NO_ARMS 1: ${kind} has no arm`]] as const,
  ),
  ...[0, 3, -1, 1.5, Number.NaN].map(
    count =>
      [
        `${count} of two arms`,
        [on(1, node('some', { count, rest: 'cancel', arms: { a: none, b: none } }))],
        [`SOME_COUNT 1: some would go on after ${count} of its 2 arms`],
      ] as const,
  ),
  ['all of two arms', [node('some', { count: 2, rest: 'cancel', arms: { a: none, b: none } })], []],
  [
    'an arm that is called like the undo',
    [on(1, node('race', { arms: { undo: none }, ...undo(none) }))],
    ['BAD_ARM 1: race has two parts that are called "undo"'],
  ],
  [
    'a handler that takes more than the error',
    [
      on(
        1,
        node('attempt', { body: none, handlers: [{ errors: [], body: $.region([], { params: ['error', 'x'] }) }] }),
      ),
    ],
    ['BAD_PARAMS 1: attempt: its part catch takes a parameter x, which it does not get'],
  ],
  [
    'a body that takes the error',
    [on(1, node('attempt', { body: $.region([], { params: ['error'] }), handlers: [] }))],
    ['BAD_PARAMS 1: attempt: its part body takes 1 parameters, but gets 0'],
  ],
  [
    'an undo that takes what it does not capture',
    [on(1, { ...$.task('a'), ...undo($.region([], { params: ['value', 'x'] })) })],
    ['BAD_PARAMS 1: a: its part undo takes a parameter x, which it does not get'],
  ],
  // Numbers
  ...(
    [
      ['each', { batch: 0 }, 'BAD_LIMIT', 'the size of a batch is 0, but should be a whole number from 1'],
      [
        'each',
        { until: { count: 0, rest: 'cancel' } },
        'BAD_LIMIT',
        'the number of items that must succeed is 0, but should be a whole number from 1',
      ],
      [
        'each',
        { tolerate: { count: -1 } },
        'BAD_LIMIT',
        'the number of items that may fail is -1, but should be a whole number from 0',
      ],
      [
        'each',
        { tolerate: { share: 2 } },
        'BAD_LIMIT',
        'the share of items that may fail is 2, but should be a share from 0 to 1',
      ],
      [
        'each',
        { tolerate: { share: Number.NaN } },
        'BAD_LIMIT',
        'the share of items that may fail is NaN, but should be a share from 0 to 1',
      ],
      ['loop', { limit: -1 }, 'BAD_LIMIT', 'the limit of turns is -1, but should be a whole number from 0'],
      ['loop', { limit: Number.NaN }, 'BAD_LIMIT', 'the limit of turns is NaN, but should be a whole number from 0'],
      [
        'wait',
        { on: { kind: 'timer', duration: $.lit(-1) } },
        'BAD_DURATION',
        'the duration is -1, but should be milliseconds from 0 to 100 years',
      ],
      [
        'wait',
        { on: { kind: 'timer', duration: $.lit('5m') } },
        'BAD_DURATION',
        'the duration is NaN, but should be milliseconds from 0 to 100 years',
      ],
      [
        'scope',
        { policy: { deadlineMs: Number.NaN } },
        'BAD_DURATION',
        'the deadline is NaN, but should be milliseconds from 0 to 100 years',
      ],
      [
        'scope',
        { policy: { timeoutMs: 1e15 } },
        'BAD_DURATION',
        'the timeout is 1000000000000000, but should be milliseconds from 0 to 100 years',
      ],
      [
        'scope',
        { policy: { pool: { name: 'p', slots: 2, weight: 3 } } },
        'BAD_LIMIT',
        "the weight is 3, but should be a whole number from 1 to the pool's 2 slots",
      ],
      [
        'scope',
        { policy: { priority: Number.POSITIVE_INFINITY } },
        'BAD_LIMIT',
        'the priority is Infinity, but should be a number',
      ],
      [
        'scope',
        { policy: { retry: [{ times: -1, backoff: 'fixed', delayMs: 0, delayMsMax: 0, jitter: 'none' }] } },
        'BAD_LIMIT',
        'the number of retries is -1, but should be a whole number from 0',
      ],
      [
        'scope',
        { policy: { retry: [{ times: 1, backoff: 'fixed', factor: 0, delayMs: 0, delayMsMax: 0, jitter: 'none' }] } },
        'BAD_LIMIT',
        'the growth of the delay is 0, but should be a number from 1',
      ],
    ] as const
  ).map(([kind, fields, code, what]) => {
    const given = { items: $.lit([]), init: $.lit(0), condition: $.lit(true), test: 'while', body: none, ...fields }
    return [`${kind} ${JSON.stringify(fields)}`, [on(1, node(kind, given))], [`${code} 1: ${kind}: ${what}`]] as const
  }),
  // What is seen from where
  [
    'a condition that uses the state, and a key that uses the item',
    [
      node('loop', {
        init: $.lit(0),
        body: $.region([], { params: ['state', 'turn'] }),
        condition: $.list($.param('state'), $.param('turn')),
        test: 'until',
      }),
    ],
    [],
  ],
  [
    'a condition that uses a step of the body',
    [on(1, node('loop', { init: $.lit(0), body: $.region([$.task('a')]), condition: $.ref('a'), test: 'until' }))],
    ['DANGLING_REF 1: loop refers to the step a, which is not there'],
  ],
  [
    'a guard that uses what another transition gave',
    [
      net({
        transitions: [
          transition('a', { produces: ['i'] }),
          transition('b', { body: $.region([], { params: ['a'] }), guard: $.param('a', ['ready']) }),
        ],
      }),
    ],
    [],
  ],
  [
    'a condition of an arm that uses a sibling, and one that uses none',
    [
      $.task('a'),
      on(
        2,
        node('any', { arms: { x: { condition: $.ref('a'), body: none }, y: { condition: $.ref('b'), body: none } } }),
      ),
    ],
    ['DANGLING_REF 2: any refers to the step b, which is not there'],
  ],
  // Undo
  [
    'an undo that captures its own value and another',
    [
      $.task('a'),
      {
        ...$.effect('b'),
        ...undo($.region([$.effect('back', { args: [$.param('x'), $.param('value')] })], { params: ['value', 'x'] }), {
          x: $.list($.ref('a'), $.ref('b')),
        }),
      },
    ],
    [],
  ],
  [
    'an undo that looks around it',
    [$.task('a'), on(2, { ...$.effect('b'), ...undo($.region([$.effect('back', { args: [$.ref('a', [], 1)] })])) })],
    ['UNDO_OPEN 2: The undo of b uses the step a from around it, which may be gone by then'],
  ],
  [
    'an undo that captures what comes after its step',
    [on(1, { ...$.effect('a'), ...undo(none, { x: $.ref('b') }) }), on(2, $.task('b', { args: [$.ref('a')] }))],
    ['GRAPH_CYCLE 1: Steps wait for one another in a circle: a waits for b waits for a'],
  ],
  // Cancelling
  [
    'a cancel of a sibling, and of one around it',
    [$.task('a'), cancel('a'), $.when('w', $.lit(1), $.region([cancel('a', 1)]))],
    [],
  ],
  ['a cancel of what waits for it', [cancel('a'), $.task('a', { after: ['cancel'] })], []],
  ['a cancel of nothing', [on(1, cancel('a'))], ['DANGLING_REF 1: cancel refers to the step a, which is not there']],
  [
    'a cancel out of the graph',
    [on(1, cancel('a', 3))],
    ['DANGLING_REF 1: cancel refers to the step a, which is not there'],
  ],
  [
    'a cancel of what is around it',
    [$.when('w', $.lit(1), $.region([on(2, cancel('w', 1))]))],
    ['CANCEL_AROUND 2: cancel would cancel w, which it is part of'],
  ],
  [
    'a cancel of itself',
    [on(2, cancel('cancel'))],
    ['CANCEL_AROUND 2: cancel would cancel cancel, which it is part of'],
  ],
  [
    'a cancel in an undo of what is around it',
    [$.task('a'), { ...$.effect('b'), ...undo($.region([on(2, cancel('a', 1))])) }],
    ['DANGLING_REF 2: cancel refers to the step a, which is not there'],
  ],
  // Milestones
  ['a milestone until a later step', [gated('m', 'b'), $.task('b')], []],
  [
    'a milestone until no step',
    [on(1, gated('m', 'x'))],
    ['DANGLING_REF 1: m refers to the step x, which is not there'],
  ],
  [
    'a milestone that waits for its end',
    [$.task('b'), $.task('c', { after: ['b'] }), on(3, gated('m', 'b', ['c']))],
    ['MILESTONE_CLOSED 3: m waits for b, which ends it: it could never be entered'],
  ],
  [
    'a milestone until itself',
    [on(1, gated('m', 'm'))],
    ['MILESTONE_CLOSED 1: m ends, over others, with itself: it could never be entered'],
  ],
  [
    'milestones that end one another',
    [on(1, gated('m', 'n')), on(2, gated('n', 'm')), on(3, gated('k', 'n'))],
    [
      'MILESTONE_CLOSED 1: m ends, over others, with itself: it could never be entered',
      'MILESTONE_CLOSED 2: n ends, over others, with itself: it could never be entered',
    ],
  ],
  // Locks
  [
    'a lock inside the same lock',
    [node('scope', { body: $.region([on(2, { ...$.task('a'), policy: locked('m') })]), policy: locked('m') })],
    ['LOCK_HELD 2: a needs the lock m, which is held around it, so it would wait without end'],
  ],
  [
    "a region's own lock, inside and out",
    [
      node('scope', {
        body: $.region([{ ...$.task('a'), policy: { locks: [{ name: 'm', of: 'region' }] } }]),
        policy: { locks: [{ name: 'm', of: 'region' }] },
      }),
    ],
    [],
  ],
  [
    'an undo with the lock of its step, which is free by then',
    [{ ...$.effect('a'), policy: locked('m'), ...undo($.region([{ ...$.effect('b'), policy: locked('m') }])) }],
    [],
  ],
  // Recursion
  ['recursion behind a choice', [$.when('w', $.lit(1), $.region([again(1)]))], []],
  [
    'recursion without end',
    [on(1, again(0))],
    ['RECURSION_WITHOUT_BASE 1: again calls itself in any case, so it would never end'],
  ],
  ...(
    [
      ['a call', $.call('c', $.region([on(1, again(1))]))],
      ['a scope', node('scope', { body: $.region([on(1, again(1))]) })],
      ['the body of an attempt', node('attempt', { body: $.region([on(1, again(1))]), handlers: [] })],
      ['what is done finally', node('attempt', { body: none, handlers: [], finalizer: $.region([on(1, again(1))]) })],
      [
        'a loop that has a turn',
        node('loop', { init: $.lit(0), body: $.region([on(1, again(1))]), condition: $.lit(true), test: 'until' }),
      ],
    ] as const
  ).map(
    ([what, around]) =>
      [
        `recursion without end, in ${what}`,
        [around],
        ['RECURSION_WITHOUT_BASE 1: again calls itself in any case, so it would never end'],
      ] as const,
  ),
  ...(
    [
      ['an arm of any', node('any', { arms: { a: { condition: $.lit(1), body: $.region([again(1)]) } } })],
      ['an item', $.each('e', $.lit([]), $.item([again(1)]))],
      ['an arm of a race', node('race', { arms: { a: $.region([again(1)]) } })],
      ['a handler', node('attempt', { body: none, handlers: [{ errors: [], body: $.region([again(1)]) }] })],
      [
        'a loop that may have no turn',
        node('loop', { init: $.lit(0), body: $.region([again(1)]), condition: $.lit(true), test: 'while' }),
      ],
    ] as const
  ).map(([what, around]) => [`recursion in ${what}`, [around], []] as const),
  [
    'recursion out of the graph',
    [on(1, again(1))],
    ['RECURSION_OPEN 1: again would enter a region 1 regions up, where there is none'],
  ],
  [
    'recursion out of an undo',
    [{ ...$.effect('a'), ...undo($.region([on(1, again(1))])) }],
    ['RECURSION_OPEN 1: again would enter a region 1 regions up, where there is none'],
  ],
  [
    'recursion into a region that is open (G5)',
    [$.task('a'), $.call('c', $.region([$.when('w', $.ref('a', [], 1), $.region([on(3, again(1))]))]))],
    ['RECURSION_OPEN 3: again would enter a region again that uses a from around it'],
  ],
  [
    'recursion into a region that cancels what is around it',
    [$.task('a'), $.call('c', $.region([cancel('a', 1), $.when('w', $.lit(1), $.region([on(3, again(1))]))]))],
    ['RECURSION_OPEN 3: again would enter a region again that uses a from around it'],
  ],
  [
    'recursion with what is not asked for',
    [$.when('w', $.lit(1), $.region([on(3, again(1, { x: $.lit(1) }))]))],
    ['BAD_PARAMS 3: again passes x, which what it enters does not take'],
  ],
  [
    'recursion under a lock',
    [{ ...$.when('w', $.lit(1), $.region([on(3, again(1))])), policy: locked('m') }],
    ['LOCK_HELD 3: again calls itself while the lock m is held, so it would wait without end'],
  ],
  // Nets
  ['a net', [net({ transitions: [transition('a'), transition('b', { consumes: ['i', 'i'], produces: [] })] })], []],
  ...(
    [
      [{ places: ['i', 'o', 'i'] }, 'the place i is there twice'],
      [{ transitions: [transition('a'), transition('a')] }, 'the transition a is there twice'],
      [{ start: [] }, 'no place has a token at the start'],
      [{ start: ['x'] }, 'it starts at the place x, which is not there'],
      [{ end: 'x' }, 'it ends at the place x, which is not there'],
      [
        { transitions: [transition('a', { consumes: [] })] },
        'the transition a consumes nothing, so it would never fire',
      ],
      [
        { transitions: [transition('a', { consumes: ['x'] })] },
        'the transition a uses the place x, which is not there',
      ],
      [
        { transitions: [transition('a', { produces: ['x'] })] },
        'the transition a uses the place x, which is not there',
      ],
    ] as const
  ).map(([fields, what]) => [`a net: ${what}`, [on(1, net(fields))], [`BAD_NET 1: net: ${what}`]] as const),
  // Outputs
  [
    'one path, written again when it has failed, and when it is undone',
    [
      node('attempt', {
        body: $.region([$.task('a', writes('dist'))]),
        handlers: [{ errors: [], body: $.region([$.task('b', writes('dist'))]) }],
      }),
      { ...$.task('c', writes('out')), ...undo($.region([$.effect('d', writes('out'))])) },
    ],
    [],
  ],
  [
    'one path, written by two who run at a time',
    [
      node('race', {
        arms: { a: $.region([on(1, $.task('a', writes('dist')))]), b: $.region([on(2, $.task('b', writes('dist')))]) },
      }),
    ],
    ['OUTPUT_TWICE 2: a and b both write dist'],
  ],
  [
    'an undo that writes outside',
    [{ ...$.task('c'), ...undo($.region([on(1, $.effect('d', writes('../out')))])) }],
    ['OUTPUT_OUTSIDE 1: d would write ../out, which is outside of the project'],
  ],
  [
    'problems at all depths',
    [
      on(
        1,
        $.call('c', $.region([on(2, $.each('e', $.param('ghost'), $.item([on(3, $.task('', { after: ['x'] }))])))])),
      ),
    ],
    [
      'DANGLING_REF 2: e refers to the parameter ghost, which is not there',
      'BAD_ID 3: "" cannot be a step\'s id',
      'DANGLING_REF 3:  refers to the step x, which is not there',
    ],
  ],
]

test.each(CASES)('%s', (_, nodes, problems) =>
  expect(problemsOf($.graph($.region(nodes, { result: $.lit(0) })))).toEqual(problems),
)

test("the run's own result is checked", () =>
  expect(problemsOf($.graph($.region([], { result: $.ref('ghost') })))).toEqual([
    'DANGLING_REF -: The result refers to the step ghost, which is not there',
  ]))

test('a graph of another version', () =>
  expect(problemsOf({ ...$.graph([]), version: 2 as 1 })).toEqual([
    'GRAPH_VERSION -: Graph g has version 2; this Tutti reads version 1',
  ]))

test('a deadline of the whole run that cannot pass', () =>
  expect(problemsOf({ ...$.graph([]), deadlineMs: -1 })).toEqual([
    'BAD_DURATION -: g: the deadline is -1, but should be milliseconds from 0 to 100 years',
  ]))

test('every problem has a sentence and a hint', () => {
  for (const [, nodes] of CASES)
    for (const { message, hint } of validateGraph($.graph(nodes))) expect([message, hint]).not.toContain(undefined)
})

function nested(depth: number): Region {
  let region = $.region([$.task('leaf')])
  for (let level = 0; level < depth; level++) region = $.region([$.call('c', region)])
  return region
}

test.each([
  [250, []],
  [251, ['GRAPH_TOO_DEEP']],
  [100_000, ['GRAPH_TOO_DEEP']],
])('%i regions deep', (depth, codes) =>
  expect(validateGraph($.graph(nested(depth))).map(({ code }) => code)).toEqual(codes),
)

const WIDE = 100_000
const names = Array.from({ length: WIDE }, (_, index) => `s${index}`)
test.each<readonly [string, readonly Node[], readonly string[]]>([
  ['steps in one region', names.map(name => $.task(name)), []],
  [
    'steps that a join waits for',
    [...names.map(name => $.task(name)), $.task('join', { args: names.map(name => $.ref(name)) })],
    [],
  ],
  [
    'steps in a circle',
    names.map((name, index) => $.task(name, { after: [names[(index + 1) % WIDE]!] })),
    ['GRAPH_CYCLE'],
  ],
  ['writers of different paths', names.map(name => $.task(name, writes(`dist/${name}`))), []],
])('100,000 %s are checked in linear time', (_, nodes, codes) => {
  const startedAt = performance.now()
  expect(validateGraph($.graph($.region(nodes, { result: $.lit(0) }))).map(({ code }) => code)).toEqual(codes)
  expect(performance.now() - startedAt, 'quadratic would take minutes').toBeLessThan(20_000)
})
