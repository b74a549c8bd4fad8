/** Every attempt of every life of a run is found again as it was described when it started. */
import { expect, test } from 'vitest'
import {
  describeStep,
  type Event,
  type Expr,
  type Graph,
  type Node,
  type Region,
  type State,
  type StepDescription,
} from '../../src/core/index.ts'
import { pastSteps } from '../../src/run/debug/past-steps.ts'
import { restoreAttempt } from '../../src/run/debug/restore.ts'
import type { Store } from '../../src/store/index.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { diceOf } from '../core/dice.ts'
import * as $ from '../core/graphs.ts'
import { timeline } from '../core/timeline.ts'
import type { Behaviour } from '../sim/behaviour.ts'
import { caseOf } from '../sim/check.ts'
import { evaluated } from '../sim/values.ts'
import { World } from '../sim/world.ts'

/** As much of a store as a fold reads: one run's log, and the workflows that its flows called. */
const storeOf = (events: readonly Event[], library: Behaviour['library'] = new Map()): Store =>
  ({
    read: async function* () {
      for (const event of events) yield { seq: 1, run: 'r', event }
    },
    blobs: { get: async (hash: string) => new TextEncoder().encode(JSON.stringify(library.get(hash))) },
  }) as unknown as Store

const bytesOf = ({ node, args }: StepDescription): string => canonicalJson([node, args] as unknown as Json)

test('in random graphs, through crashes and redrives', async () => {
  for (let seed = 0; seed < 40; seed++) {
    const of = caseOf(seed)
    const started: { readonly step: string; readonly attempt: number; readonly was: string }[] = []
    const watch = (state: State, event: Event): void => {
      if (event.kind !== 'attempt.started') return
      started.push({ step: event.step, attempt: event.attempt, was: bytesOf(describeStep(state, event.step)) })
    }
    const crash = { kind: 'crash', before: 8 } as const
    const knobs = { ...of.knobs, slow: 0 }
    const world = new World({ ...of, faults: [crash], knobs, dice: diceOf(seed), watch })
    world.run()
    world.redrive()
    const events = world.log.map(text => JSON.parse(text) as Event)
    const store = storeOf(events, of.behaviour.library)
    const kept = new Set(
      events.flatMap(each => (each.kind === 'attempt.started' ? [`${each.step} ${each.attempt}`] : [])),
    )
    for (const { was, ...name } of started.filter(({ step, attempt }) => kept.has(`${step} ${attempt}`)).slice(0, 20))
      expect(bytesOf((await restoreAttempt(store, of.graph, { run: 'r', ...name })).description)).toBe(was)
  }
})

function eventsOf(graph: Graph, lines: readonly string[]): readonly Event[] {
  const events: Event[] = []
  const { tell } = timeline(graph, new Map(), undefined, event => events.push(event))
  for (const line of ['begin', ...lines]) tell(line)
  return events
}

/** What each attempt of a step was called with, and what a flow had called when it ended. */
async function told(graph: Graph, lines: readonly string[], step: string, attempt: number): Promise<string> {
  const { description, records } = await restoreAttempt(storeOf(eventsOf(graph, lines)), graph, {
    run: 'r',
    step,
    attempt,
  })
  if (description.node.kind !== 'flow') return description.args.map(arg => JSON.stringify(evaluated(arg))).join('; ')
  return records.map(({ call, answer }) => `${call.key} ${answer?.kind ?? 'open'}`).join(', ')
}

const common = { after: [], policy: {} } as const
const seeing = (...args: readonly Expr[]): Node => $.task('a', { args })
const body = (node: Node, ...params: readonly string[]): Region => $.region([node], { params, result: $.ref(node.id) })
const loop: Node = {
  ...common,
  id: 'l',
  name: 'l',
  kind: 'loop',
  init: $.lit('begun'),
  body: body(seeing($.param('state'), $.param('turn')), 'state', 'turn'),
  condition: $.lit(true),
  test: 'until',
}
const caught: Node = {
  ...common,
  id: 't',
  name: 't',
  kind: 'attempt',
  body: body($.task('a')),
  handlers: [{ errors: [], body: body($.task('b', { args: [$.param('error', ['code'])] }), 'error') }],
}
const race: Node = {
  ...common,
  id: 'r',
  name: 'r',
  kind: 'race',
  arms: { x: body($.task('a')), y: body(seeing($.param('p', ['of', 0], 1))) },
}
const undone: Node = {
  ...$.task('a'),
  undo: {
    captures: { who: $.param('p') },
    body: body($.task('u', { args: [$.param('value'), $.param('who', ['of'])] }), 'value', 'who'),
  },
}
const net: Node = {
  ...common,
  id: 'n',
  name: 'n',
  kind: 'net',
  places: ['s', 'e'],
  start: ['s'],
  end: 'e',
  transitions: [{ id: 'go', consumes: ['s'], produces: ['e'], body: body(seeing($.lit('fired')), 'go') }],
}
const retried: Node = $.task('a', {
  policy: { retry: [{ times: 1, backoff: 'fixed', delayMs: 0, delayMsMax: 0, jitter: 'none' }] },
  args: [$.param('p', ['of', 1])],
})
const retried2: Node = { ...retried, id: 'b', name: 'b' }
const run = (...nodes: readonly Node[]): Graph => $.graph($.region(nodes, { params: ['p'], result: $.lit(null) }))

test.for([
  [
    'a turn of a loop',
    run(loop),
    ['go l[0]/a', 'pass l[0]/a', 'choose l again', 'go l[1]/a'],
    'l[1]/a',
    1,
    '"l[0]/a"; 1',
  ],
  ['an arm of a race', run(race), ['go r.x/a', 'go r.y/a', 'pass r.x/a'], 'r.y/a', 1, '1'],
  ['what caught an error', run(caught), ['go t.body/a', 'fail t.body/a', 'go t.catch/b'], 't.catch/b', 1, '"BOOM"'],
  [
    'what undoes a step',
    run(undone, $.task('b', { after: ['a'] })),
    ['go a', 'pass a', 'go b', 'fail b', 'go a.undo/u'],
    'a.undo/u',
    1,
    '"a"; [1,2]',
  ],
  ['a firing of a net', run(net), ['go n.go/a'], 'n.go/a', 1, '"fired"'],
  ['the attempt before the last', run(retried), ['go a', 'fail a', 'go a', 'fail a'], 'a', 1, '2'],
] as const)('the arguments of %s', async ([, graph, lines, step, attempt, args]) => {
  expect(await told(graph, lines, step, attempt)).toBe(args)
})

const flow = $.graph($.region([$.flow('f')]))
test.for([
  [
    'what was answered before a crash',
    ['go f', 'call f a task', 'pass f[a]/step', 'call f b task', 'again f 1'],
    1,
    'a succeeded, b open',
  ],
  ['what was answered after it', ['go f', 'call f a task', 'again f 1', 'pass f[a]/step'], 2, 'a succeeded'],
  [
    'nothing of a later life',
    ['go f', 'call f a task', 'fail f', 'end', 'redrive', 'go f', 'call f b task', 'pass f[b]/step'],
    1,
    'a open',
  ],
] as const)('of a flow, %s', async ([, lines, attempt, calls]) => {
  expect(await told(flow, lines, 'f', attempt)).toBe(calls)
})

test('every attempt of every life and turn is listed with its outcome, once', async () => {
  const turns = Array.from({ length: 12 }, (_, turn) => [
    `go l[${turn}]/a`,
    `pass l[${turn}]/a`,
    'choose l again',
  ]).flat()
  const events = eventsOf(run(loop, retried2), [
    ...turns,
    'go b',
    'fail b',
    'go b',
    'fail b',
    'end',
    'redrive',
    'go b',
    'go l[0]/a',
  ])
  const steps = await pastSteps(storeOf(events), run(loop, retried2), 'r')
  const listed = (id: string) =>
    steps.get(id)?.attempts.map(({ attempt, outcome }) => `${attempt} ${outcome?.kind ?? 'open'}`)
  expect(listed('b')).toEqual(['1 failed', '2 failed', '3 open'])
  expect(listed('l[0]/a')).toEqual(['1 succeeded', '3 open'])
  expect(listed('l[3]/a')).toEqual(['1 succeeded'])
  expect(steps.get('l')).toMatchObject({ kind: 'loop', attempts: [] })
})
