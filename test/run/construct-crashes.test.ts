/**
 * Every construct through a real shell, killed at each of its commits, before it and after it, and resumed by another
 * process: the same end, and no acknowledged effect runs twice.
 */
import { describe, expect, it } from 'vitest'
import { signalRun } from 'tutti'
import type { Event, Graph } from '../../src/core/index.ts'
import { type Memory, memoryStore, newMemory } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import {
  apply,
  awaits,
  eventsOf,
  graphOf,
  literal,
  node,
  out,
  outputOf,
  param,
  policy,
  region,
  RUN,
  sleep,
  stage,
  type StageOptions,
  step,
} from './graphs.ts'
import { type Kill, killedAt, MODES } from './killed.ts'
import { settled, virtualClock } from './virtual-clock.ts'

interface Scenario extends Pick<StageOptions, 'tasks' | 'pure'> {
  readonly graph: Graph
  /** What the run gives; of a failed one the code of its fault. */
  readonly ends: unknown
  /** Sent again in each life, under ids of their own: as often as the process dies. */
  readonly signals?: readonly { readonly signal: string; readonly value: unknown }[]
  /** Steps of which each must have run. */
  readonly runs?: readonly string[]
  readonly never?: readonly string[]
}

const HOUR = 3_600_000
const broken = (): never => {
  throw Object.assign(new TypeError('broken'), { code: 'BROKEN' })
}
const undone = (id: string) =>
  step(id, [], { undo: { captures: {}, body: region([step('undo')], literal(null), ['value']) } })
const held = policy({ locks: [{ name: 'db', of: 'run' }] })
const state = param('state')
const less = { less: (n: number, max: number) => n < max, next: (n: number) => n + 1 }

const SCENARIOS: { readonly [name: string]: Scenario } = {
  'timers, one after the other and side by side': {
    graph: graphOf(
      [
        sleep('a', HOUR),
        step('x', [], { after: ['a'] }),
        sleep('b', apply('f'), { after: ['x'] }),
        sleep('c', 3 * HOUR),
      ],
      out('x'),
    ),
    pure: { f: () => '90m' },
    ends: 'x',
  },
  'signals, two of them kept': {
    graph: graphOf(
      [
        step('x'),
        awaits('one', 's', { after: ['x'] }),
        awaits('two', 's', { after: ['one'] }),
        step('y', [], { after: ['two'] }),
      ],
      { kind: 'list', items: [out('one'), out('two'), out('y')] },
    ),
    signals: [1, 2].map(value => ({ signal: 's', value })),
    ends: [1, 2, 'y'],
  },
  'a signal that does not come': {
    graph: graphOf([awaits('ask', 's', policy({ timeoutMs: HOUR }))]),
    ends: 'TIMEOUT',
  },
  locks: {
    graph: graphOf([step('x1', [], held), step('x2', [], held), step('x3', [], held)], {
      kind: 'list',
      items: [out('x1'), out('x2'), out('x3')],
    }),
    ends: ['x1', 'x2', 'x3'],
  },
  'a loop': {
    graph: graphOf(
      [
        node('loop', {
          kind: 'loop',
          init: literal(0),
          condition: apply('less', state, literal(3)),
          test: 'while',
          body: region([step('x')], apply('next', state), ['state', 'turn']),
        }),
      ],
      out('loop'),
    ),
    pure: less,
    ends: 3,
    runs: ['loop[0]/x', 'loop[1]/x', 'loop[2]/x'],
  },
  'an until of a state that a task makes': {
    graph: graphOf(
      [
        node('loop', {
          kind: 'loop',
          init: literal({ n: 0 }),
          condition: apply('enough', state),
          test: 'until',
          body: region([step('more', [state])], out('more'), ['state', 'turn']),
        }),
      ],
      out('loop'),
    ),
    tasks: { more: ({ n }: { n: number }) => ({ n: n + 1 }) },
    pure: { enough: ({ n }: { n: number }) => n >= 2 },
    ends: { n: 2 },
  },
  'an any of three arms, two of them taken': {
    graph: graphOf(
      [
        node('any', {
          kind: 'any',
          arms: {
            a: { condition: literal(true), body: region([step('x')], out('x')) },
            b: { condition: apply('no'), body: region([step('y')], out('y')) },
            c: {
              condition: literal(1),
              body: region([sleep('nap', HOUR), step('z', [], { after: ['nap'] })], out('z')),
            },
          },
        }),
      ],
      out('any'),
    ),
    pure: { no: () => false },
    ends: { a: 'any.a/x', b: undefined, c: 'any.c/z' },
    never: ['any.b/y'],
  },
  'a race of a step and a timer': {
    graph: graphOf(
      [
        node('race', {
          kind: 'race',
          arms: {
            fast: region([step('x')], out('x')),
            slow: region([sleep('nap', HOUR), step('y', [], { after: ['nap'] })], out('y')),
          },
        }),
        step('after', [], { after: ['race'] }),
      ],
      out('race', 0, ['won']),
    ),
    ends: 'fast',
    never: ['race.slow/y'],
  },
  'two of three, the rest cancelled': {
    graph: graphOf(
      [
        node('some', {
          kind: 'some',
          count: 2,
          rest: 'cancel',
          arms: {
            a: region([step('x')], out('x')),
            b: region([sleep('nap', 2 * HOUR)], literal('b')),
            c: region([sleep('nap', HOUR)], literal('c')),
          },
        }),
      ],
      out('some'),
    ),
    ends: { a: 'some.a/x', b: undefined, c: 'c' },
  },
  'a race that all lose': {
    graph: graphOf([
      node('race', {
        kind: 'race',
        arms: { a: region([step('broken')], literal(0)), b: region([step('broken')], literal(0)) },
      }),
    ]),
    ends: 'RACE_FAILED',
  },
  'an attempt that is caught, and its finally': {
    graph: graphOf(
      [
        node('try', {
          kind: 'attempt',
          body: region([step('x'), step('broken', [], { after: ['x'] })], literal('body')),
          handlers: [
            { errors: ['RangeError'], body: region([step('wrong')], literal('wrong'), ['error']) },
            {
              errors: ['TypeError'],
              body: region([step('mend')], { kind: 'param', param: 'error', up: 0, path: ['code'] }, ['error']),
            },
          ],
          finalizer: region([step('end')]),
        }),
      ],
      out('try'),
    ),
    ends: 'BROKEN',
    runs: ['try.body/x', 'try.catch2/mend', 'try.finally/end'],
    never: ['try.catch/wrong'],
  },
  'an attempt whose body is tried again': {
    graph: graphOf([
      node(
        'try',
        {
          kind: 'attempt',
          body: region([step('x'), step('broken', [], { after: ['x'] })]),
          handlers: [],
          finalizer: region([step('end')]),
        },
        policy({ retry: [{ times: 2, backoff: 'fixed', delayMs: HOUR, delayMsMax: HOUR, jitter: 'none' }] }),
      ),
    ]),
    ends: 'BROKEN',
    runs: ['try.body/x', 'try.body[1]/x', 'try.body[2]/x', 'try.finally/end'],
  },
  'a saga that is undone, last first': {
    graph: graphOf([undone('a'), { ...undone('b'), after: ['a'] }, step('broken', [], { after: ['b'] })]),
    ends: 'BROKEN',
    runs: ['a', 'b', 'b.undo/undo', 'a.undo/undo'],
  },
  'retries by two rules': {
    graph: graphOf([
      step(
        'broken',
        [],
        policy({
          retry: [
            { errors: ['RangeError'], times: 9, backoff: 'fixed', delayMs: 1, delayMsMax: 1, jitter: 'none' },
            {
              errors: ['BROKEN'],
              times: 2,
              backoff: 'exponential',
              delayMs: HOUR,
              delayMsMax: 9 * HOUR,
              jitter: 'full',
            },
          ],
        }),
      ),
    ]),
    ends: 'BROKEN',
  },
  'items, in batches and with a failure that is tolerated': {
    graph: graphOf(
      [
        node('each', {
          kind: 'each',
          items: literal([1, 2, 3, 4, 5]),
          body: region([step('sum', [param('item')])], out('sum'), ['item', 'index']),
          batch: 2,
          concurrency: 2,
          tolerate: { count: 1 },
        }),
      ],
      out('each'),
    ),
    tasks: { sum: (batch: number[]) => (batch.includes(3) ? broken() : batch.reduce((a, b) => a + b, 0)) },
    ends: [3, undefined, 5],
  },
  'a scope that is left behind, and a milestone': {
    graph: graphOf(
      [
        node('behind', {
          kind: 'scope',
          join: 'detached',
          body: region([sleep('nap', HOUR), step('z', [], { after: ['nap'] })]),
        }),
        step('x', [], { after: ['behind'] }),
        node('gate', { kind: 'scope', until: 'x', body: region([step('late')]) }, { after: ['nap'] }),
        sleep('nap', HOUR),
      ],
      out('x'),
    ),
    ends: 'x',
    runs: ['behind.body/z'],
    never: ['gate.body/late'],
  },
  'a step that is withdrawn': {
    graph: graphOf(
      [
        sleep('long', 100 * HOUR),
        sleep('short', HOUR),
        node('stop', { kind: 'cancel', target: { node: 'long', up: 0 }, dependents: 'run' }, { after: ['short'] }),
        step('x', [], { after: ['long'] }),
      ],
      out('x'),
    ),
    ends: 'x',
  },
  'a net with a choice': {
    graph: graphOf(
      [
        node('net', {
          kind: 'net',
          places: ['start', 'mid', 'end'],
          start: ['start'],
          end: 'end',
          transitions: [
            {
              id: 'begin',
              consumes: ['start'],
              produces: ['mid'],
              body: region([step('x')], literal(1), ['begin', 'again', 'done']),
            },
            {
              id: 'again',
              consumes: ['mid'],
              produces: ['mid'],
              guard: apply('less', { kind: 'param', param: 'again', up: 0, path: [] }, literal(2)),
              body: region([step('y')], apply('next', param('again')), ['begin', 'again', 'done']),
            },
            {
              id: 'done',
              consumes: ['mid'],
              produces: ['end'],
              body: region([], literal('z'), ['begin', 'again', 'done']),
            },
          ],
        }),
      ],
      out('net'),
    ),
    pure: {
      less: (n: number | undefined, max: number) => (n ?? 0) < max,
      next: (n: number | undefined) => (n ?? 0) + 1,
    },
    ends: { begin: 1, again: 2, done: 'z' },
    runs: ['net.again/y', 'net.again[1]/y'],
    never: ['net.again[2]/y'],
  },
  'a run out of time': {
    graph: graphOf([step('x'), sleep('nap', 10 * HOUR)], undefined, { deadlineMs: HOUR }),
    ends: 'TIMEOUT',
  },
}

describe.each(MODES)('killed %s each commit', mode => {
  it.each(Object.entries(SCENARIOS))('%s', async (_, scenario) => {
    const whole = await played(scenario, undefined)
    expect(whole.end).toEqual(scenario.ends)
    expect(whole.commits).toBeGreaterThan(1)
    for (let at = 1; at <= whole.commits; at += 1) {
      const { end, ran, twice } = await played(scenario, { at, mode })
      expect(end, `killed ${mode} commit ${at}`).toEqual(scenario.ends)
      expect(twice, `killed ${mode} commit ${at}`).toEqual([])
      for (const name of scenario.runs ?? []) expect(ran).toContain(name)
      for (const name of scenario.never ?? []) expect(ran).not.toContain(name)
    }
  })
})

async function played(scenario: Scenario, kill: Kill | undefined) {
  const memory = newMemory()
  const clock = virtualClock()
  const ran: string[] = []
  const twice: string[] = []
  let commits = 0
  const store = killedAt(memory, kill, () => (commits += 1))
  const options = { clock, tasks: { broken, ...scenario.tasks }, ...(scenario.pure ? { pure: scenario.pure } : {}) }
  let life = stage(store, scenario.graph, options)
  let launched = await life.start()
  void send(memory, scenario)
  let end = await clock.until(launched.session.ended)
  if (end.kind === 'broken') {
    const before = new Set((await logOf(memory)).flatMap(event => (event.kind === 'step.settled' ? [event.step] : [])))
    ran.push(...life.ran)
    life = stage(memoryStore(memory), scenario.graph, options)
    // Killed before its first commit, it has never begun.
    launched = memory.rows.has(RUN) ? await life.resume() : await life.start()
    void send(memory, scenario)
    end = await clock.until(launched.session.ended)
    twice.push(...life.ran.filter(name => before.has(name)))
  }
  ran.push(...life.ran)
  const { phase } = launched.session.state
  expect(end.kind).toBe('ended')
  const failed = phase.kind === 'ended' && phase.status !== 'succeeded' ? phase.fault?.code : undefined
  return { end: failed ?? (await outputOf(launched)), ran, twice, commits }
}

/** As another process does. */
async function send(memory: Memory, { signals = [] }: Scenario): Promise<void> {
  if (signals.length === 0) return
  const store = memoryStore(memory)
  while (!memory.rows.has(RUN)) await settled()
  for (const [index, signal] of signals.entries()) {
    // Twice, and again in each life: it is taken once.
    for (const _ of [1, 2])
      await signalRun(store, RUN, { ...signal, id: String(index), waitMs: 1_000 }).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error
      })
  }
}

const logOf = async (memory: Memory): Promise<readonly Event[]> => eventsOf(memoryStore(memory))
