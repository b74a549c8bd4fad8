import { describe, expect, test } from 'vitest'
import type { Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import * as $ from './graphs.ts'

/** `CODE line: message` of everything that is wrong. */
const problemsOf = (graph: Graph): readonly string[] =>
  validateGraph(graph).map(({ code, at, message }) => `${code} ${at?.line ?? '-'}: ${message}`)

/** The node, as if it stood on that line. */
const on = (line: number, node: Node): Node => ({ ...node, at: { file: 'tutti.ts', line, column: 1 } })
const writes = (path: string) => ({ args: [{ kind: 'resource', resource: { kind: 'output', path } } as const] })
const future = (id: string, fields: object): Node =>
  ({ id, name: id, after: [], policy: {}, ...fields }) as unknown as Node

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
    ['BAD_ARM 1: m has an arm for the value "otherwise" and one for all other values'],
  ],
  [
    'no items at a time',
    [on(1, $.each('e', $.lit([]), $.item([]), 0))],
    ['BAD_CONCURRENCY 1: e would run 0 items at a time'],
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

const none = $.region([])
describe.each<readonly [Node['kind'], object]>([
  ['any', { arms: [{ condition: $.lit(1), body: none }] }],
  ['loop', { init: $.lit(1), body: none, condition: $.lit(1), test: 'while' }],
  ['race', { arms: { a: none } }],
  ['some', { count: 1, arms: [none] }],
  ['attempt', { body: none }],
  ['wait', { on: { kind: 'timer', duration: $.lit(1) } }],
  ['scope', { body: none }],
  ['service', { task: 't', args: [] }],
  ['net', { places: [], transitions: [] }],
])('%s', (kind, fields) => {
  test('comes later', () =>
    expect(problemsOf($.graph([future('x', { kind, ...fields })]))).toEqual([
      `NOT_YET -: x: steps of kind ${kind} cannot run yet`,
    ]))
})

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
