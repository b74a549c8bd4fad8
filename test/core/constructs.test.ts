/** What each control-flow construct asks of the world, line by line; ./timeline.ts has the words. */
import { describe, expect, test } from 'vitest'
import { describeStep } from '../../src/core/engine/describe.ts'
import { takeSnapshot, restoreSnapshot } from '../../src/core/engine/snapshot.ts'
import { outstanding } from '../../src/core/engine/outstanding.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Graph, Node, Policy, Region } from '../../src/core/graph/graph.ts'
import * as $ from './graphs.ts'
import { played, timeline } from './timeline.ts'

const [a, b, c, d] = [$.task('a'), $.task('b'), $.task('c'), $.task('d')]
const one = (node: Node): Region => $.region([node], { result: $.ref(node.id) })
const common = (id: string, rest: { after?: readonly string[]; policy?: Policy } = {}) => ({
  id,
  name: id,
  after: rest.after ?? [],
  policy: rest.policy ?? {},
})
const race = (arms: { [label: string]: Region }, policy: Policy = {}): Node => ({
  ...common('r', { policy }),
  kind: 'race',
  arms,
})
const some = (count: number, rest: 'cancel' | 'finish' | 'detach', after: readonly string[] = []): Node => ({
  ...common('s', { after }),
  kind: 'some',
  count,
  rest,
  arms: { a: one(a), b: one(b), c: one(c) },
})
const any: Node = {
  ...common('y'),
  kind: 'any',
  arms: { a: { condition: $.lit(1), body: one(a) }, b: { condition: $.lit(1), body: one(b) } },
  otherwise: one(c),
}
const loop = (test: 'while' | 'until', body: Region, limit?: number): Node => ({
  ...common('l'),
  kind: 'loop',
  init: $.lit('start'),
  body,
  condition: $.param('state'),
  test,
  ...(limit === undefined ? {} : { limit }),
})
const attempt = (rest: Partial<Extract<Node, { kind: 'attempt' }>>): Node => ({
  ...common('t'),
  kind: 'attempt',
  body: one(a),
  handlers: [],
  ...rest,
})
const signal = (id: string, early: 'kept' | 'transient' = 'kept', policy: Policy = {}): Node => ({
  ...common(id, { policy }),
  kind: 'wait',
  on: { kind: 'signal', signal: id, type: {}, early },
})
const sleep = (id: string, ms: number): Node => ({
  ...common(id),
  kind: 'wait',
  on: { kind: 'timer', duration: $.lit(ms) },
})
const scope = (rest: Partial<Extract<Node, { kind: 'scope' }>> & { id?: string }): Node => ({
  ...common('k'),
  kind: 'scope',
  body: one(a),
  ...rest,
})
const cancel = (node: string, dependents: 'skip' | 'run', after: readonly string[], up = 0): Node => ({
  ...common('x', { after }),
  kind: 'cancel',
  target: { node, up },
  dependents,
})
const undone = (id: string, after: readonly string[] = []): Node => ({
  ...$.task(id, { after }),
  undo: { captures: {}, body: $.region([$.task('u', { args: [$.param('value')] })], { params: ['value'] }) },
})
const mutex: Policy = { locks: [{ name: 'm', of: 'run' }] }
const all = (...nodes: readonly Node[]): Graph => $.graph(nodes)
const only = (result: string, ...nodes: readonly Node[]): Graph => $.graph($.region(nodes, { result: $.ref(result) }))

const CASES: {
  readonly [group: string]: readonly (readonly [what: string, graph: Graph, lines: readonly string[]])[]
} = {
  any: [
    [
      'joins exactly what was chosen',
      only('y', any),
      [
        'begin > evaluate y',
        'several y a b > start y.a/a, start y.b/b',
        'know y.b/b > ',
        'know y.a/a > succeeded {"a":"y.a/a","b":"y.b/b","otherwise":{"$undefined":true}}',
      ],
    ],
    [
      'goes on at once when nothing was chosen',
      only('y', any),
      [
        'begin > evaluate y',
        'several y > succeeded {"a":{"$undefined":true},"b":{"$undefined":true},"otherwise":{"$undefined":true}}',
      ],
    ],
    [
      'a failing arm stops the others',
      only('y', any),
      [
        'begin > evaluate y',
        'several y a b > start y.a/a, start y.b/b',
        'go y.a/a > ',
        'go y.b/b > ',
        'fail y.b/b > stop y.a/a#1',
        'stop y.a/a > failed by BOOM of y.b/b',
      ],
    ],
  ],
  race: [
    [
      'the first wins, the others are stopped and awaited (E12)',
      only('r', race({ a: one(a), b: one(b) })),
      [
        'begin > start r.a/a, start r.b/b',
        'go r.a/a > ',
        'know r.b/b > stop r.a/a#1',
        'pass r.a/a > succeeded {"won":"b","value":"r.b/b"}',
      ],
    ],
    [
      'an arm that fails does not win; when all have failed it fails with their faults',
      only('r', race({ a: one(a), b: one(b) })),
      [
        'begin > start r.a/a, start r.b/b',
        'go r.a/a > ',
        'go r.b/b > ',
        'fail r.a/a > ',
        'fail r.b/b > failed by RACE_FAILED of r',
      ],
    ],
    [
      'of signals: a deferred choice',
      only('r', race({ s: one(signal('s')), t: one(signal('t')) })),
      ['begin > await r.s/s s, await r.t/t t', 'signal t > succeeded {"won":"t","value":"t!"}'],
    ],
  ],
  some: [
    [
      'two of three, the rest cancelled',
      only('s', some(2, 'cancel')),
      [
        'begin > start s.a/a, start s.b/b, start s.c/c',
        'know s.a/a > ',
        'know s.c/c > succeeded {"a":"s.a/a","b":{"$undefined":true},"c":"s.c/c"}',
      ],
    ],
    [
      'the rest finished first, its failure without effect',
      only('s', some(2, 'finish')),
      [
        'begin > start s.a/a, start s.b/b, start s.c/c',
        'go s.b/b > ',
        'know s.a/a > ',
        'know s.c/c > ',
        'fail s.b/b > succeeded {"a":"s.a/a","b":{"$undefined":true},"c":"s.c/c"}',
      ],
    ],
    [
      'the rest left behind, awaited by the scope around',
      only('d', some(2, 'detach'), $.task('d', { after: ['s'] })),
      [
        'begin > start s.a/a, start s.b/b, start s.c/c',
        'go s.b/b > ',
        'know s.a/a > ',
        'know s.c/c > start d',
        'know d > ',
        'pass s.b/b > succeeded "d"',
      ],
    ],
    [
      'fails as soon as it cannot reach its count',
      only('s', some(2, 'cancel')),
      [
        'begin > start s.a/a, start s.b/b, start s.c/c',
        'go s.a/a > ',
        'go s.b/b > ',
        'fail s.a/a > ',
        'fail s.b/b > failed by SOME_FAILED of s',
      ],
    ],
  ],
  each: [
    [
      'tolerates failures, whose results are undefined',
      only('e', { ...($.each('e', $.lit([]), one(a)) as Extract<Node, { kind: 'each' }>), tolerate: { count: 1 } }),
      [
        'begin > evaluate e',
        'items e x y > start e[x]/a, start e[y]/a',
        'go e[x]/a > ',
        'fail e[x]/a > ',
        'know e[y]/a > succeeded [{"$undefined":true},"e[y]/a"]',
      ],
    ],
    [
      'more than it tolerates',
      only('e', { ...($.each('e', $.lit([]), one(a)) as Extract<Node, { kind: 'each' }>), tolerate: { share: 0.4 } }),
      [
        'begin > evaluate e',
        'items e x y > start e[x]/a, start e[y]/a',
        'go e[x]/a > ',
        'fail e[x]/a > failed by TOLERANCE_EXCEEDED of e',
      ],
    ],
    [
      'ends early',
      only('e', {
        ...($.each('e', $.lit([]), one(a), 2) as Extract<Node, { kind: 'each' }>),
        until: { count: 1, rest: 'cancel' },
      }),
      [
        'begin > evaluate e',
        'items e x y z > start e[x]/a, start e[y]/a',
        'know e[y]/a > succeeded [{"$undefined":true},"e[y]/a",{"$undefined":true}]',
      ],
    ],
    [
      'takes more items while any is unfinished',
      only('e', {
        ...($.each('e', $.lit([]), one(a)) as Extract<Node, { kind: 'each' }>),
        more: { signal: 'n', type: {} },
      }),
      [
        'begin > evaluate e',
        'items e x > await e n, start e[x]/a',
        'signal n > evaluate e #1',
        'know e[x]/a > ',
        'add e y > start e[y]/a',
        'know e[y]/a > succeeded ["e[x]/a","e[y]/a"]',
      ],
    ],
  ],
  loop: [
    [
      'while: tests first, and carries its state',
      only(
        'l',
        loop('while', $.region([a], { params: ['state', 'turn'], result: $.list($.param('state'), $.param('turn')) })),
      ),
      [
        'begin > evaluate l',
        'choose l again > start l[0]/a',
        'know l[0]/a > evaluate l',
        'choose l again > start l[1]/a',
        'know l[1]/a > evaluate l',
        'choose l done > succeeded [["start",0],1]',
      ],
    ],
    [
      'until: tests last',
      only('l', loop('until', one(a))),
      ['begin > start l[0]/a', 'know l[0]/a > evaluate l', 'choose l done > succeeded "l[0]/a"'],
    ],
    [
      'has a limit',
      only('l', loop('until', one(a), 1)),
      ['begin > start l[0]/a', 'know l[0]/a > evaluate l', 'choose l again > failed by LOOP_LIMIT of l'],
    ],
  ],
  attempt: [
    [
      'catches by the error',
      only(
        't',
        attempt({
          handlers: [
            { errors: ['OTHER'], body: one(b) },
            { errors: ['BOOM'], body: $.region([c], { params: ['error'], result: $.param('error', ['code']) }) },
          ],
        }),
      ),
      [
        'begin > start t.body/a',
        'go t.body/a > ',
        'fail t.body/a > start t.catch2/c',
        'know t.catch2/c > succeeded "BOOM"',
      ],
    ],
    [
      'runs finally after a failure that nobody handles (E13)',
      only('t', attempt({ handlers: [{ errors: ['OTHER'], body: one(b) }], finalizer: one(d) })),
      [
        'begin > start t.body/a',
        'go t.body/a > ',
        'fail t.body/a > start t.finally/d',
        'know t.finally/d > failed by BOOM of t.body/a',
      ],
    ],
    [
      'runs finally when it is cancelled, and nothing stops it (E13)',
      only('t', attempt({ finalizer: one(d) })),
      [
        'begin > start t.body/a',
        'go t.body/a > ',
        'cancel > stop t.body/a#1',
        'stop t.body/a > start t.finally/d',
        'cancel > ',
        'go t.finally/d > ',
        'pass t.finally/d > cancelled by CANCELLED of a user',
      ],
    ],
    [
      'tries its body again, each rule with its counter',
      only(
        't',
        attempt({
          policy: {
            retry: [{ errors: ['BOOM'], times: 1, backoff: 'fixed', delayMs: 50, delayMsMax: 50, jitter: 'none' }],
          },
          finalizer: one(d),
        }),
      ),
      [
        'begin > start t.body/a',
        'go t.body/a > ',
        'fail t.body/a > arm t retry 1050',
        'fire t retry > NOT_DUE',
        '@1050 fire t retry > start t.body[1]/a',
        'go t.body[1]/a > ',
        'fail t.body[1]/a > start t.finally/d',
        'know t.finally/d > failed by BOOM of t.body[1]/a',
      ],
    ],
    [
      'a cancel in the middle of its back-off still runs finally (E13)',
      only(
        't',
        attempt({
          policy: { retry: [{ times: 1, backoff: 'fixed', delayMs: 50, delayMsMax: 50, jitter: 'none' }] },
          finalizer: one(d),
        }),
      ),
      [
        'begin > start t.body/a',
        'go t.body/a > ',
        'fail t.body/a > arm t retry 1050',
        'cancel > start t.finally/d',
        'know t.finally/d > cancelled by CANCELLED of a user',
      ],
    ],
  ],
  undo: [
    [
      'the last first, one at a time (E11)',
      only('c', undone('a'), undone('b', ['a']), $.task('c', { after: ['b'] })),
      [
        'begin > start a',
        'know a > start b',
        'know b > start c',
        'go c > ',
        'fail c > start b.undo/u',
        'know b.undo/u > start a.undo/u',
        'know a.undo/u > failed by BOOM of c',
      ],
    ],
    [
      'what an ended scope did is undone by the one around it (E11)',
      only('c', $.call('w', one(undone('a'))), $.task('c', { after: ['w'] })),
      [
        'begin > start w/a',
        'know w/a > start c',
        'go c > ',
        'fail c > start w/a.undo/u',
        'know w/a.undo/u > failed by BOOM of c',
      ],
    ],
    [
      'a success that arrives while the scope closes is undone, too',
      only('a', undone('a'), b),
      [
        'begin > start a, start b',
        'go a > ',
        'go b > ',
        'fail b > stop a#1',
        'pass a > start a.undo/u',
        'know a.undo/u > failed by BOOM of b',
      ],
    ],
    [
      'an undoing that fails is parked until somebody asks for another try',
      only('b', undone('a'), $.task('b', { after: ['a'] })),
      [
        'begin > start a',
        'know a > start b',
        'go b > ',
        'fail b > start a.undo/u',
        'go a.undo/u > ',
        'fail a.undo/u > ',
        'retry b > UNKNOWN_STEP',
        'retry a.undo/u > start a.undo/u',
        'go a.undo/u > ',
        'pass a.undo/u > failed by BOOM of b',
      ].filter(line => !line.startsWith('retry b')),
    ],
    ['nothing is undone after success', only('a', undone('a')), ['begin > start a', 'know a > succeeded "a"']],
  ],
  signal: [
    [
      'early and kept: taken when asked for (E10)',
      only('s', a, { ...signal('s'), after: ['a'] }),
      [
        'begin > start a',
        'signal s > ',
        'know a > await s s, propose s',
        'grant s > succeeded "s!"',
        'grant s > RUN_ENDED',
      ],
    ],
    [
      'early and transient: lost',
      only('s', a, { ...signal('s', 'transient'), after: ['a'] }),
      ['begin > start a', 'signal s > SIGNAL_LOST', 'know a > await s s', 'signal s > succeeded "s!"'],
    ],
    [
      'repeated, unknown',
      all(signal('s'), a),
      [
        'begin > await s s, start a',
        'signal t > SIGNAL_UNKNOWN',
        'signal s 1 > ',
        'signal s 1 > SIGNAL_REPEATED',
        'signal s 2 > ',
      ],
    ],
    [
      'a deadline passes',
      only('s', signal('s', 'kept', { timeoutMs: 500 })),
      [
        'begin > arm s deadline 1500, await s s',
        '@1499 fire s deadline > NOT_DUE',
        '@1500 fire s deadline > failed by TIMEOUT of s',
      ],
    ],
  ],
  time: [
    [
      'a sleep',
      all(sleep('w', 500)),
      ['begin > arm w wake 1500', 'fire w wake > NOT_DUE', '@1500 fire w wake > succeeded {"w":{"$undefined":true}}'],
    ],
    [
      'until an instant that is evaluated',
      only('w', { ...common('w'), kind: 'wait', on: { kind: 'instant', instant: $.lit('soon') } }),
      ['begin > evaluate w', 'due w 9000 > arm w wake 9000', '@9000 fire w wake > succeeded {"$undefined":true}'],
    ],
    [
      'until the first instant of all, which has passed',
      only('w', { ...common('w'), kind: 'wait', on: { kind: 'instant', instant: $.lit(0) } }),
      ['begin > evaluate w', 'due w 0 > arm w wake 1', 'fire w wake > succeeded {"$undefined":true}'],
    ],
    [
      'the deadline of a step stops its attempt; a success on the way is kept (E8)',
      only('a', $.task('a', { policy: { deadlineMs: 100 } })),
      ['begin > arm a deadline 1100, start a', 'go a > ', '@1100 fire a deadline > stop a#1', 'pass a > succeeded "a"'],
    ],
    [
      'else it fails with TIMEOUT, and is not tried again (E8)',
      only(
        'a',
        $.task('a', {
          policy: {
            deadlineMs: 100,
            retry: [{ times: 9, backoff: 'fixed', delayMs: 1, delayMsMax: 1, jitter: 'none' }],
          },
        }),
      ),
      [
        'begin > arm a deadline 1100, start a',
        'go a > ',
        '@1100 fire a deadline > stop a#1',
        'fail a > failed by TIMEOUT of a',
      ],
    ],
    [
      'the deadline of a region stops all of it',
      only('k', scope({ policy: { deadlineMs: 100 }, body: $.region([a, b]) })),
      [
        'begin > arm k deadline 1100, start k.body/a, start k.body/b',
        'go k.body/a > ',
        '@1100 fire k deadline > stop k.body/a#1',
        'stop k.body/a > failed by TIMEOUT of k',
      ],
    ],
  ],
  cancel: [
    [
      'a step that runs: what depends on it is skipped, the rest goes on',
      only('d', a, $.task('b', { after: ['a'] }), $.task('d'), cancel('a', 'skip', ['d'])),
      ['begin > start a, start d', 'go a > ', 'know d > propose x', 'grant x > stop a#1', 'stop a > succeeded "d"'],
    ],
    [
      'a step that has not begun never begins',
      only('d', c, $.task('a', { after: ['c'] }), $.task('d'), cancel('a', 'skip', ['d'])),
      ['begin > start c, start d', 'know d > propose x', 'grant x > ', 'know c > succeeded "d"'],
    ],
    [
      'with `run` its dependents go on without it',
      only('b', a, $.task('b', { after: ['a'] }), $.task('d'), cancel('a', 'run', ['d'])),
      ['begin > start a, start d', 'know d > propose x', 'grant x > start b', 'know b > succeeded "b"'],
    ],
    [
      'all instances of an each, whose results stand',
      only('e', $.each('e', $.lit([]), one(a)), $.task('d'), cancel('e', 'run', ['d'])),
      [
        'begin > evaluate e, start d',
        'items e x y > start e[x]/a, start e[y]/a',
        'know e[x]/a > ',
        'know d > propose x',
        'grant x > succeeded ["e[x]/a",{"$undefined":true}]',
      ],
    ],
    [
      'one step by hand: its region fails',
      all(a, b),
      [
        'begin > start a, start b',
        'go a > ',
        'go b > ',
        'halt a > stop a#1',
        'halt a > ',
        'stop a > stop b#1',
        'stop b > failed by CANCELLED of a',
      ],
    ],
    [
      'what has ended is not cancelled',
      only('b', a, b),
      ['begin > start a, start b', 'know a > ', 'halt a > ', 'know b > succeeded "b"'],
    ],
  ],
  'finish the others': [
    [
      'a failure skips what depends on it, and is told when the rest has ended',
      $.graph({
        ...$.region([a, b, $.task('c', { after: ['a'] }), $.task('d', { after: ['b'] })]),
        onFailure: 'finish',
      }),
      ['begin > start a, start b', 'go a > ', 'fail a > ', 'know b > start d', 'know d > failed by BOOM of a'],
    ],
    [
      'a join waits for all of its edges before it is skipped',
      $.graph({ ...$.region([a, b, c, $.task('d', { after: ['a', 'b', 'c'] })]), onFailure: 'finish' }),
      ['begin > start a, start b, start c', 'go b > ', 'fail b > ', 'know c > ', 'know a > failed by BOOM of b'],
    ],
  ],
  locks: [
    [
      'one at a time, who waited longest first (E9)',
      all($.task('a', { policy: mutex }), $.task('b', { policy: mutex }), $.task('c', { policy: mutex })),
      [
        'begin > propose a, propose b, propose c',
        'grant b > start b',
        'grant a > NOT_WAITING',
        'know b > propose a',
        'grant a > start a',
        'know a > propose c',
        'grant c > start c',
        'know c > succeeded {"a":"a","b":"b","c":"c"}',
      ],
    ],
    [
      'a failure gives them back (E9)',
      all(
        { ...attempt({ body: one($.task('a', { policy: mutex })), handlers: [{ errors: [], body: one(c) }] }) },
        $.task('b', { policy: mutex }),
      ),
      [
        'begin > propose b, propose t.body/a',
        'grant t.body/a > start t.body/a',
        'go t.body/a > ',
        'fail t.body/a > propose b, start t.catch/c',
      ],
    ],
  ],
  scope: [
    [
      'detached: what depends on it goes on at once; the end waits for it',
      only('b', scope({ join: 'detached' }), $.task('b', { after: ['k'] })),
      ['begin > start b, start k.body/a', 'know b > ', 'know k.body/a > succeeded "b"'],
    ],
    [
      'its failure is that of the scope around',
      only('b', scope({ join: 'detached' }), $.task('b', { after: ['k'] })),
      [
        'begin > start b, start k.body/a',
        'go b > ',
        'go k.body/a > ',
        'fail k.body/a > stop b#1',
        'stop b > failed by BOOM of k.body/a',
      ],
    ],
    [
      'a milestone is entered while its sibling has not begun',
      all(b, scope({ until: 'b' })),
      [
        'begin > start b, propose k',
        'grant k > start k.body/a',
        'go k.body/a > ',
        'go b > ',
        'pass k.body/a > ',
        'pass b > succeeded {"b":"b","k":"k.body/a"}',
      ],
    ],
    [
      'and left again when its sibling begins before anything in it has',
      all(b, scope({ until: 'b' })),
      [
        'begin > start b, propose k',
        'grant k > start k.body/a',
        'go b > ',
        'go k.body/a > UNKNOWN_STEP',
        'pass b > succeeded {"b":"b","k":{"$undefined":true}}',
      ],
    ],
    [
      'but not once a wait in it has passed',
      all(
        b,
        scope({ until: 'b', body: $.region([signal('s'), $.task('a', { after: ['s'] })], { result: $.ref('a') }) }),
      ),
      [
        'begin > start b, propose k',
        'grant k > await k.body/s s',
        'signal s > start k.body/a',
        'go b > ',
        'pass b > ',
        'know k.body/a > succeeded {"b":"b","k":"k.body/a"}',
      ],
    ],
    [
      'and passed over when it has',
      all(b, scope({ until: 'b' })),
      [
        'begin > start b, propose k',
        'go b > ',
        'grant k > NOT_WAITING',
        'pass b > succeeded {"b":"b","k":{"$undefined":true}}',
      ],
    ],
  ],
  net: [
    [
      'fires what is free, asks about conflicts, and ends when nothing can go on (E14)',
      only('n', {
        ...common('n'),
        kind: 'net',
        places: ['i', 'p', 'o'],
        start: ['i'],
        end: 'o',
        transitions: [
          { id: 'A', consumes: ['i'], produces: ['p'], body: one(a) },
          { id: 'B', consumes: ['p'], produces: ['i'], body: one(b) },
          { id: 'C', consumes: ['p'], produces: ['o'], body: one(c) },
        ],
      }),
      [
        'begin > start n.A/a',
        'know n.A/a > evaluate n of B C',
        'choose n B > start n.B/b',
        'know n.B/b > start n.A[1]/a',
        'know n.A[1]/a > evaluate n of B C',
        'choose n C > start n.C/c',
        'know n.C/c > succeeded {"A":"n.A[1]/a","B":"n.B/b","C":"n.C/c"}',
      ],
    ],
    [
      'that cannot go on fails',
      only('n', {
        ...common('n'),
        kind: 'net',
        places: ['i', 'o'],
        start: ['i'],
        end: 'o',
        transitions: [{ id: 'A', consumes: ['i', 'i'], produces: ['o'], body: one(a) }],
      }),
      ['begin > failed by NET_STUCK of n'],
    ],
    [
      'that would fire for ever without anything that takes time fails (E19)',
      only('n', {
        ...common('n'),
        kind: 'net',
        places: ['i', 'p', 'o'],
        start: ['i'],
        end: 'o',
        transitions: [
          { id: 'A', consumes: ['i'], produces: ['p'], body: $.region([]) },
          { id: 'B', consumes: ['p'], produces: ['i'], body: $.region([]) },
        ],
      }),
      ['begin > failed by NET_ENDLESS of n'],
    ],
  ],
  recursion: [
    [
      'a workflow calls itself, one level deeper each time',
      $.graph([
        {
          ...common('f'),
          kind: 'call',
          workflow: 'f',
          args: {},
          body: $.region([
            a,
            $.when(
              'w',
              $.lit(1),
              one({ ...common('f'), kind: 'call', workflow: 'f', args: {}, body: $.region([]), recurs: 1 }),
            ),
            $.task('b', { after: ['w'] }),
          ]),
        },
      ]),
      [
        'begin > start f/a, evaluate f/w',
        'know f/a > ',
        'choose f/w then > start f/w.then/f/a, evaluate f/w.then/f/w',
        'choose f/w.then/f/w otherwise > start f/w.then/f/b',
        'know f/w.then/f/b > ',
        'know f/w.then/f/a > start f/b',
      ],
    ],
  ],
}

for (const [group, cases] of Object.entries(CASES)) {
  describe(group, () => {
    test.each(cases)('%s', (_, graph, expected) => {
      const lines = expected.slice(1).map(line => line.slice(0, line.indexOf(' > ')))
      expect(played(graph, lines)).toEqual(expected)
    })
    test.each(cases)('%s: from a snapshot after every line, nothing is forgotten (E15)', (_, graph, expected) => {
      const lines = ['begin', ...expected.slice(1).map(line => line.slice(0, line.indexOf(' > ')))]
      for (let cut = 1; cut < lines.length; cut++) {
        const first = timeline(graph)
        for (const line of lines.slice(0, cut)) first.tell(line)
        const state = restoreSnapshot(compile(graph), structuredClone(takeSnapshot(first.state)))
        expect(outstanding(state)).toEqual(outstanding(first.state))
        const second = timeline(graph, new Map(), state)
        expect(lines.slice(cut).map(line => `${line} > ${second.tell(line)}`)).toEqual(expected.slice(cut))
      }
    })
  })
}

test('a loop that waits for a lock can be asked about: it has no state before it begins', () => {
  const locks: Policy = { locks: [{ name: 'L', of: 'run' }] }
  const { state, tell } = timeline($.graph([{ ...loop('while', one(a)), policy: locks }]))
  expect(tell('begin')).toBe('propose l')
  expect(describeStep(state, 'l')).toMatchObject({ node: { kind: 'loop' }, args: [] })
  expect(tell('grant l')).toBe('evaluate l')
  expect(describeStep(state, 'l').args).toHaveLength(2)
})
