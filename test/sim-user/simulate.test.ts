/** Runs on a virtual clock: what takes days takes milliseconds, and comes out the same whatever dies. */
import { setTimeout as later } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { effect, flow, now, random, task, uuid } from 'tutti'
import { failing, type Mocks, simulate, type SimulateOptions, type Simulation, takes, throwing } from 'tutti/sim'
import type { Graph } from '../../src/core/index.ts'
import { exploreRunnable } from '../../src/sim/explore.ts'
import { simulateRunnable } from '../../src/sim/simulate.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import {
  apply,
  awaits,
  graphOf,
  literal,
  node,
  out,
  param,
  policy,
  region,
  runnableOf,
  sleep,
  step,
} from '../run/graphs.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const pure = {
  below: (state: number, limit: number) => state < limit,
  next: (state: number) => state + 1,
}
const runnable = (graph: Graph) => runnableOf(graph, { pure }, () => undefined)
const simulated = (graph: Graph, options: SimulateOptions = {}) =>
  simulateRunnable(runnable(graph), { real: 'all', ...options })
const tasksOf = ({ calls }: Simulation<unknown>): readonly string[] => calls.map(call => call.task)

async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

/** `ask`, then an approval within three days, then `publish`. */
const APPROVAL = graphOf(
  [
    step('ask'),
    awaits('approval', 'approved', { after: ['ask'], policy: { deadlineMs: 3 * DAY_MS } }),
    step('publish', [out('approval')]),
  ],
  out('publish'),
)

describe('an approval', () => {
  test('that comes after two days', async () => {
    const result = await simulated(APPROVAL, {
      mocks: { publish: takes('1h', ([by]) => `published by ${by}`) },
      signals: [{ name: 'approved', value: 'ada', at: '2d' }],
    })
    expect(result).toMatchObject({ status: 'succeeded', output: 'published by ada', durationMs: 2 * DAY_MS + HOUR_MS })
    expect(result.trace.map(({ atMs, text }) => `${atMs / HOUR_MS}h ${text}`)).toEqual([
      '0h the run starts',
      '0h ask starts',
      '0h ask succeeded',
      '0h approval waits for signal approved',
      '48h signal approved received by approval "ada"',
      '48h publish starts',
      '49h publish succeeded',
      '49h the run ended succeeded',
    ])
    expect(result.steps).toMatchObject([
      { step: 'ask', state: 'succeeded', attempts: 1 },
      { step: 'approval', state: 'succeeded', attempts: 0, startedAtMs: 0, endedAtMs: 2 * DAY_MS },
      { step: 'publish', state: 'succeeded', attempts: 1, startedAtMs: 2 * DAY_MS },
    ])
  })

  test('that comes at an instant', async () => {
    const at = new Date('2030-01-02T00:00:00Z')
    const result = await simulated(APPROVAL, { signals: [{ name: 'approved', at }] })
    expect(result.durationMs).toBe(DAY_MS)
  })

  test('that comes when it is asked for', async () => {
    const asked: unknown[] = []
    const signals: SimulateOptions['signals'] = wait => {
      asked.push(wait)
      return { value: 'ada', after: '5h' }
    }
    expect(await simulated(APPROVAL, { signals })).toMatchObject({ status: 'succeeded', durationMs: 5 * HOUR_MS })
    expect(asked).toEqual([{ signal: 'approved', step: 'approval', sinceMs: 0 }])
    const soon = await simulated(APPROVAL, { signals: [{ name: 'approved' }] })
    expect(soon).toMatchObject({ status: 'succeeded', durationMs: 0 })
  })

  test('that does not come', async () => {
    const result = await simulated(APPROVAL)
    expect(result).toMatchObject({
      status: 'failed',
      fault: { code: 'TIMEOUT', step: 'approval' },
      durationMs: 3 * DAY_MS,
    })
    expect(result.unanswered).toEqual([{ signal: 'approved', step: 'approval', sinceMs: 0 }])
    expect(tasksOf(result)).toEqual(['ask'])
  })

  test('that the run waits for for ever', async () => {
    const result = await simulated(graphOf([awaits('approval', 'approved')]))
    expect(result).toMatchObject({
      status: 'waiting',
      durationMs: 0,
      waits: [{ kind: 'signal', signal: 'approved', step: 'approval', sinceMs: 0 }],
    })
  })

  test('that comes too early for one who does not keep it', async () => {
    const graph = graphOf([
      sleep('first', DAY_MS),
      awaits('approval', 'approved', { after: ['first'], early: 'transient' }),
    ])
    const result = await simulated(graph, { signals: [{ name: 'approved', at: '1h' }] })
    expect(result.status).toBe('waiting')
    expect(result.trace.find(moment => moment.kind === 'refused')).toMatchObject({ atMs: HOUR_MS })
  })

  test('whose name nobody waits for is a mistake', async () => {
    const signals = [{ name: 'aproved', at: '1h' }]
    expect(await refusalOf(simulated(APPROVAL, { signals }))).toContain('SIGNAL_UNKNOWN')
    expect(await refusalOf(simulated(APPROVAL, { signals: [{ name: 'approved', at: 'soon' }] }))).toContain(
      'BAD_DURATION',
    )
  })
})

describe('somebody asks the run', () => {
  const PARKED = graphOf([step('call', [], policy({ exhausted: 'park' }))], out('call'))
  const mocks = { call: failing(1, new Error('no'), 'done') }

  test('to try a parked step again', async () => {
    const requests = [{ kind: 'retry', step: 'call', at: '2d' }] as const
    expect(await simulated(PARKED, { mocks, requests })).toMatchObject({ output: 'done', durationMs: 2 * DAY_MS })
  })

  test('to stop, and what it has begun is undone', async () => {
    const graph = graphOf([undone('flight'), sleep('week', 7 * DAY_MS, { after: ['flight'] })])
    const result = await simulated(graph, { requests: [{ kind: 'cancel', at: '1d' }] })
    expect(result).toMatchObject({ status: 'cancelled', durationMs: DAY_MS })
    expect(tasksOf(result)).toEqual(['flight', 'undo-flight'])
  })

  test('what it cannot do', async () => {
    const result = await simulated(PARKED, { mocks, requests: [{ kind: 'retry', step: 'coll', at: '1h' }] })
    expect(result.trace.at(-1)).toMatchObject({ kind: 'refused', atMs: HOUR_MS })
  })
})

test('an each takes items from signals', async () => {
  const graph = graphOf(
    [
      node('all', {
        kind: 'each',
        items: literal([1]),
        more: { signal: 'item', type: {} },
        body: region([step('work', [param('item')])], out('work'), ['item', 'index']),
      }),
    ],
    out('all'),
  )
  const mocks = { work: takes('1d', ([item]) => item * 10) }
  const listed = await simulated(graph, {
    mocks,
    signals: [
      { name: 'item', value: 2, at: '1h' },
      { name: 'item', value: 3 },
    ],
  })
  expect(listed).toMatchObject({ status: 'succeeded', durationMs: DAY_MS + HOUR_MS })
  expect(listed.status === 'succeeded' && [...(listed.output as number[])].sort()).toEqual([10, 20, 30])
  const values = [4, 5]
  const asked = await simulated(graph, {
    mocks,
    signals: () => (values.length > 0 ? { value: values.shift(), after: '12h' } : undefined),
  })
  expect(asked).toMatchObject({ output: [10, 40, 50], durationMs: 2 * DAY_MS })
})

test('what steps print is kept', async () => {
  const talk = task(() => console.log('hello'), { name: 'talk' })
  const whole = flow(async () => talk())
  expect((await simulate(whole)).lines).toMatchObject([{ step: 'flow[talk~0]/step', text: 'hello', atMs: 0 }])
})

test('a parked step is waited for', async () => {
  const graph = graphOf([step('call', [], policy({ exhausted: 'park' }))])
  const result = await simulated(graph, { mocks: { call: throwing(new Error('no')) } })
  expect(result).toMatchObject({ status: 'waiting', waits: [{ kind: 'parked', step: 'call' }] })
  expect(result.steps).toMatchObject([{ step: 'call', state: 'parked', attempts: 1 }])
})

describe('10,000 timers over a virtual year', () => {
  const TIMERS = 10_000
  const EACH_MS = (365 * DAY_MS) / TIMERS

  test('one after the other', async () => {
    const loop = node('year', {
      kind: 'loop',
      init: literal(0),
      condition: apply('below', param('state'), literal(TIMERS)),
      test: 'while',
      body: region([sleep('tick', EACH_MS)], apply('next', param('state')), ['state', 'turn']),
    })
    const result = await simulated(graphOf([loop], out('year')))
    expect(result).toMatchObject({ status: 'succeeded', output: TIMERS, durationMs: 365 * DAY_MS })
  })

  test('at once', async () => {
    const timers = Array.from({ length: TIMERS }, (_, index) => sleep(`tick-${index}`, EACH_MS * (index + 1)))
    const result = await simulated(graphOf(timers))
    expect(result).toMatchObject({ status: 'succeeded', durationMs: 365 * DAY_MS })
  })
})

/** Three steps that are undone when the third step fails, last first; the undoing of the first must be tried again. */
const undone = (id: string, after: readonly string[] = []) =>
  step(id, [], {
    after,
    undo: {
      captures: {},
      body: region([step(`undo-${id}`, [], policy({ retry: RETRIES }))], literal(null), ['value']),
    },
  })
const RETRIES = [{ times: 3, backoff: 'fixed', delayMs: HOUR_MS, delayMsMax: HOUR_MS, jitter: 'none' }] as const
const SAGA = graphOf([undone('flight'), undone('hotel', ['flight']), step('pay', [], { after: ['hotel'] })])
const SAGA_MOCKS: Mocks = {
  pay: throwing(Object.assign(new Error('no money'), { code: 'NO_MONEY' })),
  'undo-flight': failing(1, new Error('busy'), null),
}

test('a saga is undone last first, durably', async () => {
  const result = await simulated(SAGA, { mocks: SAGA_MOCKS })
  expect(result).toMatchObject({ status: 'failed', fault: { code: 'NO_MONEY', step: 'pay' }, durationMs: HOUR_MS })
  expect(tasksOf(result)).toEqual(['flight', 'hotel', 'pay', 'undo-hotel', 'undo-flight', 'undo-flight'])
})

const RACE = graphOf(
  [
    node('race', {
      kind: 'race',
      arms: { a: region([sleep('s', DAY_MS)], literal('a')), b: region([sleep('s', DAY_MS)], literal('b')) },
    }),
  ],
  out('race', 0, ['value']),
)

describe('a seed', () => {
  test('gives the same simulation again, byte for byte', async () => {
    const options = { seed: 5, faults: true, mocks: SAGA_MOCKS } as const
    const [a, b] = [await simulated(SAGA, options), await simulated(SAGA, options)]
    expect(JSON.stringify(a)).toBe(JSON.stringify(b))
    expect(JSON.stringify(await simulated(SAGA, { ...options, seed: 6 }))).not.toBe(JSON.stringify(a))
  })

  test('decides what comes first at one instant', async () => {
    const { outcomes, simulations } = await exploreRunnable(runnable(RACE), {}, { seeds: 50 })
    expect(simulations).toBe(50)
    const outputs = outcomes.map(
      each => each.kind === 'told' && each.simulation.status === 'succeeded' && each.simulation.output,
    )
    expect(new Set(outputs)).toEqual(new Set(['a', 'b']))
    for (const { seed } of outcomes) {
      const again = await simulated(RACE, { ...(seed === undefined ? {} : { seed }) })
      expect(outputs).toContain(again.status === 'succeeded' && again.output)
    }
  })
})

const charge = effect((amount: number) => ({ left: amount - 1 }), { name: 'charge' })
const drain = flow(async (amount: number) => {
  const drawn = [await now(), await random(), await uuid()] as const
  let left = amount
  while (left > 0) left = (await charge(left)).left
  return { left, drawn: drawn.length, days: ((await now()) - drawn[0]) / DAY_MS }
})
const CHARGED: Mocks = { charge: takes('1d', ([amount]) => ({ left: amount - 1 })) }

test('a flow sees the virtual clock', async () => {
  const result = await simulate(drain, { args: { amount: 4 }, mocks: CHARGED })
  expect(result).toMatchObject({ status: 'succeeded', output: { left: 0, drawn: 3, days: 4 }, durationMs: 4 * DAY_MS })
  const again = await simulate(drain, { args: { amount: 4 }, mocks: CHARGED })
  expect(JSON.stringify(again.log)).toBe(JSON.stringify(result.log))
})

test('a flow that awaits the real world is waited for', async () => {
  const patient = flow(async () => {
    await later(20)
    return charge(1)
  })
  expect(await simulate(patient, { mocks: CHARGED })).toMatchObject({ status: 'succeeded', output: { left: 0 } })
})

describe('a process that dies at each commit', () => {
  const STORIES: readonly (readonly [string, Graph, SimulateOptions, unknown])[] = [
    ['an approval', APPROVAL, { signals: [{ name: 'approved', value: 1, at: '2d' }] }, 'publish'],
    ['an approval on demand', APPROVAL, { signals: () => ({ after: '1h' }) }, 'publish'],
    ['a saga', SAGA, { mocks: SAGA_MOCKS }, 'NO_MONEY'],
    ['timers in a race', RACE, {}, 'a'],
  ]
  test.each(STORIES)('%s', async (_, graph, options, expected) => {
    const { outcomes, simulations } = await exploreRunnable(
      runnable(graph),
      { real: 'all', ...options },
      { crashes: 'everywhere' },
    )
    expect(simulations).toBeGreaterThan(4)
    expect(outcomes.length).toBe(1)
    for (const outcome of outcomes) {
      if (outcome.kind !== 'told') throw outcome.refusal
      const { simulation } = outcome
      if (simulation.status === 'waiting') throw new Error('it waits')
      expect(simulation.status === 'succeeded' ? simulation.output : simulation.fault.code).toBe(expected)
    }
  })

  test('a flow', async () => {
    const { commits } = await simulate(drain, { args: { amount: 2 }, mocks: CHARGED })
    for (let commit = 1; commit <= commits; commit += 1) {
      for (const when of ['before', 'after'] as const) {
        const faults = { crashes: [{ commit, when }] }
        const result = await simulate(drain, { args: { amount: 2 }, mocks: CHARGED, faults })
        expect(result).toMatchObject({ status: 'succeeded', output: { left: 0 }, crashes: 1 })
        expect(result.trace.some(moment => moment.kind === 'crashed')).toBe(true)
      }
    }
  })
})

describe('whatever goes wrong by chance', () => {
  test.each(Array.from({ length: 25 }, (_, seed) => seed))('a saga is undone in order: seed %i', async seed => {
    const result = await simulated(SAGA, {
      mocks: SAGA_MOCKS,
      seed,
      faults: { crashes: 0.2, duplicates: 0.5, lateness: '1h' },
    })
    expect(result).toMatchObject({ status: 'failed', fault: { code: 'NO_MONEY' } })
    const first = [...new Set(tasksOf(result))]
    expect(first).toEqual(['flight', 'hotel', 'pay', 'undo-hotel', 'undo-flight'])
    expect(result.log.filter(event => event.kind === 'step.settled' && event.step === 'hotel').length).toBe(1)
  })

  test('what is late may have succeeded although it was stopped', async () => {
    const graph = graphOf([
      node('race', {
        kind: 'race',
        arms: { slow: region([undone('book')], literal(0)), fast: region([sleep('s', HOUR_MS)], literal(1)) },
      }),
    ])
    const mocks = { book: takes('2h', 'booked') }
    const undoings = new Set<boolean>()
    for (let seed = 0; seed < 20; seed += 1)
      undoings.add(tasksOf(await simulated(graph, { mocks, seed, faults: { lateness: '1m' } })).includes('undo-book'))
    expect(undoings).toEqual(new Set([true, false]))
    expect(tasksOf(await simulated(graph, { mocks }))).toEqual(['book'])
  })
})

describe('an end is made', () => {
  const endless = graphOf([
    node('loop', {
      kind: 'loop',
      init: literal(0),
      condition: literal(true),
      test: 'while',
      limit: 0,
      body: region([sleep('tick', HOUR_MS)], param('state'), ['state', 'turn']),
    }),
  ])
  test('to a loop without one, by virtual time', async () => {
    expect(await refusalOf(simulated(endless, { maxTime: '10d' }))).toMatch(/SIMULATION_ENDLESS: .*loop\[240\]\/tick/)
  })
  test('to a loop without one, by events', async () => {
    expect(await refusalOf(simulated(endless, { maxEvents: 100 }))).toContain('SIMULATION_ENDLESS')
  })
  test('to a real task that waits for the world', async () => {
    const hanging = task(() => new Promise(() => undefined), { name: 'hanging' })
    const whole = flow(async () => hanging())
    expect(await refusalOf(simulate(whole, { patience: '50ms' }))).toMatch(
      /SIMULATION_HANGS: .*at work: flow\[hanging~0\]/,
    )
  })
  test('to a flow that awaits what never comes', async () => {
    const whole = flow(() => new Promise(() => undefined))
    expect(await refusalOf(simulate(whole, { patience: '50ms' }))).toContain('SIMULATION_HANGS')
  })
  test('and explore tells of it as of any outcome', async () => {
    const { outcomes } = await exploreRunnable(runnable(endless), { maxEvents: 100 }, { seeds: 2 })
    expect(outcomes).toMatchObject([{ kind: 'refused', count: 2 }])
  })
  test('to what is no workflow', async () => {
    expect(await refusalOf(simulate((() => 1) as never))).toContain('NOT_A_WORKFLOW')
  })
})
