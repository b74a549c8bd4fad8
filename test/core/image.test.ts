/** Which runs have an image in another graph, and what keeps the others; ./timeline.ts has the words. */
import { describe, expect, test } from 'vitest'
import { imageOf, newLogFold } from '../../src/core/engine/image.ts'
import type { Obstacle } from '../../src/core/engine/obstacle.ts'
import { outstanding } from '../../src/core/engine/outstanding.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { takeSnapshot } from '../../src/core/engine/snapshot.ts'
import type { Graph, Node, Policy } from '../../src/core/graph/graph.ts'
import { graphHash } from '../../src/core/graph/identity.ts'
import { renamedGraph, renameProblems } from '../../src/core/graph/rename.ts'
import { generate } from '../sim/generate.ts'
import { diceOf } from './dice.ts'
import * as $ from './graphs.ts'
import { timeline } from './timeline.ts'

/** The log of a run of `graph`. */
function logOf(graph: Graph, lines: readonly string[]): readonly Event[] {
  const events: Event[] = []
  const { tell } = timeline(graph, new Map(), undefined, event => void events.push(event))
  for (const line of ['begin', ...lines]) tell(line)
  return events
}

const moved = (before: Graph, after: Graph, lines: readonly string[]) =>
  imageOf({ before, after, library: new Map(), events: logOf(before, lines) })

const task = (id: string, ...after: readonly string[]): Node => $.task(id, { after })
const [a, b, c] = [task('a'), task('b'), task('c')]
const withPolicy = (id: string, policy: Policy): Node => $.task(id, { policy })
const retrying = (times: number): Policy => ({
  retry: [{ times, backoff: 'fixed', delayMs: 10, delayMsMax: 10, jitter: 'none' }],
})
const locked = (id: string): Node => withPolicy(id, { locks: [{ name: 'l', of: 'run' }] })
const common = (id: string) => ({ id, name: id, after: [], policy: {} })
const sleep = (id: string, ms: number): Node => ({
  ...common(id),
  kind: 'wait',
  on: { kind: 'timer', duration: $.lit(ms) },
})
const signal = (id: string, early: 'kept' | 'transient' = 'kept', after: readonly string[] = []): Node => ({
  ...common(id),
  after,
  kind: 'wait',
  on: { kind: 'signal', signal: 's', type: {}, early },
})
const branches = (...arms: readonly string[]): Node =>
  $.match('m', $.lit(0), Object.fromEntries(arms.map(arm => [arm, $.region([task(`in-${arm}`)])])))
const items = (batch?: number, concurrency?: number): Node => ({
  ...common('e'),
  kind: 'each',
  items: $.lit([]),
  body: $.item([a]),
  ...(batch === undefined ? {} : { batch }),
  ...(concurrency === undefined ? {} : { concurrency }),
})

const MOVES: readonly (readonly [
  what: string,
  before: Graph,
  after: Graph,
  lines: readonly string[],
  /** What the moved run is told then, and asks for. */
  then: readonly string[],
])[] = [
  [
    'a step that was added behind what has passed is started',
    $.graph([a]),
    $.graph([a, task('b', 'a')]),
    ['go a', 'pass a'],
    ['go b > ', 'pass b > succeeded {"a":"a","b":"b"}'],
  ],
  [
    'a step that was removed before it began is gone',
    $.graph([a, task('b', 'a')]),
    $.graph([a]),
    ['go a'],
    ['pass a > succeeded {"a":"a"}'],
  ],
  [
    'an attempt in flight goes on, with its number',
    $.graph([a]),
    $.graph([a, b]),
    ['go a', 'lost a', 'go a'],
    ['pass a 1 > SUPERSEDED', 'pass a 2 > ', 'know b > succeeded {"a":"a","b":"b"}'],
  ],
  [
    'failures that were counted stay counted, and the new policy says which is the last one',
    $.graph([withPolicy('a', retrying(5))]),
    $.graph([withPolicy('a', retrying(1))]),
    ['go a', 'fail a', '@2000 go a'],
    ['@3000 fail a > failed by BOOM of a'],
  ],
  [
    'a timer has the new duration from when it began to wait',
    $.graph([sleep('w', 5_000)]),
    $.graph([sleep('w', 3_000)]),
    [],
    ['@3999 fire w wake > NOT_DUE', '@4000 fire w wake > succeeded {"w":{"$undefined":true}}'],
  ],
  [
    'a signal that is kept is there for who comes to wait',
    $.graph([a, signal('w', 'kept', ['a'])]),
    $.graph([b, a, signal('w', 'kept', ['a'])]),
    ['signal s'],
    ['go a > ', 'pass a > await w s, propose w', 'grant w > ', 'know b > succeeded {"b":"b","a":"a","w":"s!"}'],
  ],
  [
    'a branch that was chosen stays chosen, one that was not may go',
    $.graph([branches('x', 'y')]),
    $.graph([branches('x', 'z')]),
    ['choose m x'],
    ['know m.x/in-x > succeeded {"m":{"in-x":"m.x/in-x"}}'],
  ],
  [
    'items stay what they were',
    $.graph([items()]),
    $.graph([{ ...items(), body: $.item([a, b]) } as Node]),
    ['items e k l', 'know e[k]/a'],
    [
      'know e[k]/b > ',
      'know e[l]/a > ',
      'know e[l]/b > succeeded {"e":[{"a":"e[k]/a","b":"e[k]/b"},{"a":"e[l]/a","b":"e[l]/b"}]}',
    ],
  ],
  [
    'a run that was about to end may have more to do',
    $.graph([a]),
    $.graph([a, b]),
    ['know a'],
    ['know b > succeeded {"a":"a","b":"b"}'],
  ],
  [
    'of several lives the last one must fit (E18)',
    $.graph([a, b]),
    $.graph([b]),
    ['go a', 'fail a', 'end', 'redrive', 'go b'],
    ['pass b 1 > SUPERSEDED', 'pass b 2 > succeeded {"b":"b"}'],
  ],
  [
    'a parameter that was added has its default',
    $.graph($.region([a])),
    {
      ...$.graph($.region([a], { params: ['q'], result: $.param('q') })),
      params: [{ name: 'q', type: {}, required: false, default: 7 }],
    },
    [],
    ['know a > succeeded 7'],
  ],
]

describe('E17: a run that fits goes on as one of the new graph', () => {
  for (const [what, before, after, lines, then] of MOVES)
    test(what, () => {
      const image = moved(before, after, lines)
      if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
      const { tell } = timeline(after, new Map(), image.state)
      expect(then.map(line => line.split(' > ')[0] ?? '').map(line => `${line} > ${tell(line)}`)).toEqual(then)
    })

  test('into its own graph: nothing is different', () => {
    for (const [, before, , lines] of MOVES) {
      const events = logOf(before, lines)
      const image = moved(before, before, lines)
      const fold = newLogFold(compile(before))
      for (const event of events) fold.add(event)
      if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
      expect(takeSnapshot(image.state)).toEqual(takeSnapshot(fold.state()))
      expect(outstanding(image.state)).toEqual(outstanding(fold.state()))
    }
  })
})

const STUCK: readonly (readonly [
  what: string,
  before: Graph,
  after: Graph,
  lines: readonly string[],
  why: Obstacle,
])[] = [
  ['a step that is gone', $.graph([a]), $.graph([b]), ['go a'], { kind: 'gone', step: 'a' }],
  [
    'what is around it is gone',
    $.graph([$.call('x', $.region([a]))]),
    $.graph([a]),
    ['go x/a'],
    { kind: 'gone', step: 'x' },
  ],
  [
    'another kind',
    $.graph([a]),
    $.graph([$.effect('a')]),
    ['go a'],
    { kind: 'other-kind', step: 'a', before: 'task', after: 'effect' },
  ],
  [
    'it waits for what has not run: the shortest way',
    $.graph([a, b, c, task('p', 'a')]),
    $.graph([a, b, task('c', 'b'), task('p', 'a', 'c')]),
    ['know a', 'go p'],
    { kind: 'waits', chain: ['p', 'c', 'b'], begun: false },
  ],
  [
    'what it waits for has begun',
    $.graph([a, b]),
    $.graph([a, task('b', 'a')]),
    ['go a', 'go b'],
    { kind: 'waits', chain: ['b', 'a'], begun: true },
  ],
  [
    'a branch that was taken is gone',
    $.graph([branches('x')]),
    $.graph([branches('y')]),
    ['choose m x'],
    { kind: 'no-branch', step: 'm', branch: 'x' },
  ],
  [
    'fewer items at a time',
    $.graph([items()]),
    $.graph([items(undefined, 1)]),
    ['items e k l', 'go e[l]/a'],
    { kind: 'not-entered', step: 'e', scope: 'e[l]/' },
  ],
  ['items in batches', $.graph([items()]), $.graph([items(2)]), ['items e k l'], { kind: 'other-batches', step: 'e' }],
  [
    'a lock that it did not take',
    $.graph([a]),
    $.graph([locked('a')]),
    ['go a'],
    { kind: 'queued', step: 'a', locks: ['l'] },
  ],
  [
    'a lock that it took',
    $.graph([locked('a')]),
    $.graph([a]),
    ['grant a'],
    { kind: 'other', message: 'a cannot be granted yet' },
  ],
  [
    'a signal that somebody would have taken',
    $.graph([a, signal('w', 'kept', ['a'])]),
    $.graph([a, signal('w')]),
    ['signal s'],
    { kind: 'signal-taken', signal: 's', step: 'w' },
  ],
  [
    'a signal that nobody keeps',
    $.graph([a, signal('w', 'kept', ['a'])]),
    $.graph([a, signal('w', 'transient', ['a'])]),
    ['signal s'],
    { kind: 'signal-lost', signal: 's' },
  ],
  [
    'a timer that would not be due',
    $.graph([sleep('w', 1_000)]),
    $.graph([sleep('w', 9_000)]),
    ['@2000 fire w wake'],
    { kind: 'other', message: 'w waits until 10000, and it is 2000' },
  ],
  ['the run would be over', $.graph([a, b]), $.graph([a]), ['know a', 'go b'], { kind: 'over' }],
]

describe('E16: what could not have come about keeps a run where it is', () => {
  for (const [what, before, after, lines, why] of STUCK)
    test(what, () => {
      expect(moved(before, after, lines)).toMatchObject({ kind: 'none', reason: why })
    })
})

test('a log whose earlier lives are of another graph is folded as its last life; one whose last life is not throws', () => {
  const events = logOf($.graph([a, b]), ['go a', 'fail a', 'end', 'redrive', 'go b'])
  const folded = (graph: Graph, some: readonly Event[]) => {
    const fold = newLogFold(compile(graph))
    for (const event of some) fold.add(event)
    return fold.state()
  }
  expect(outstanding(folded($.graph([b]), events))).toMatchObject([{ step: 'b', supersedes: 2 }])
  expect(() => folded($.graph([b]), events.slice(0, 3))).toThrow('defect')
})

describe('G9: other ids', () => {
  test('there and back is the same graph', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { graph } = generate(diceOf(seed))
      const [first] = graph.root.nodes
      if (!first) continue
      const there = renamedGraph(graph, { [first.id]: 'other' })
      expect(renameProblems(graph, { [first.id]: 'other' })).toEqual({ twice: [], nowhere: [] })
      expect(graphHash(there)).not.toBe(graphHash(graph))
      expect(graphHash(renamedGraph(there, { other: first.id }))).toBe(graphHash(graph))
    }
  })

  test('one that is there already, and a step that is not', () => {
    expect(renameProblems($.graph([a, b]), { a: 'b', x: 'y' })).toEqual({ twice: ['b'], nowhere: ['x'] })
  })
})
