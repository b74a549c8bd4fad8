/** Timers: asked of the clock one at a time, never early, and after a crash only for the rest. */
import { describe, expect, it } from 'vitest'
import { newAlarms } from '../../src/run/alarms.ts'
import { memoryStore, newMemory } from '../../src/store/index.ts'
import {
  apply,
  eventsOf,
  graphOf,
  literal,
  node,
  out,
  outputOf,
  policy,
  region,
  sleep,
  stage,
  step,
  told,
} from './graphs.ts'
import { virtualClock } from './virtual-clock.ts'

describe('alarms', () => {
  const alarm = (step: string, atMs: number) => ({ step, kind: 'wake', atMs }) as const

  it('A1: ring once, in order, not before their instant, and the last setting counts', async () => {
    const clock = virtualClock(0)
    const rung: string[] = []
    const alarms = newAlarms({ clock, ring: ({ step }) => rung.push(`${step}@${clock.now()}`), isWanted: () => true })
    for (const [name, atMs] of [
      ['b', 20],
      ['a', 10],
      ['c', 30],
      ['b', 25],
    ] as const)
      alarms.set(alarm(name, atMs))
    await clock.advance(9)
    expect(rung).toEqual([])
    await clock.advance(100)
    expect(rung).toEqual(['a@10', 'b@25', 'c@30'])
    expect(clock.pending).toEqual([])
  })

  it('A1: are set again when the clock of the host calls back early', async () => {
    const clock = virtualClock(1_000)
    const rung: number[] = []
    let early = 3
    const hasty = {
      ...clock,
      at: (atMs: number, callback: () => void) => clock.at(early-- > 0 ? atMs - 1 : atMs, callback),
    }
    const alarms = newAlarms({ clock: hasty, ring: () => rung.push(clock.now()), isWanted: () => true })
    alarms.set(alarm('a', 1_010))
    await clock.advance(20)
    expect(rung).toEqual([1_010])
  })

  it('10,000 of them are one timer of the host at a time', async () => {
    const clock = virtualClock(0)
    let rung = 0
    const alarms = newAlarms({ clock, ring: () => void (rung += 1), isWanted: () => true })
    for (let index = 0; index < 10_000; index += 1) alarms.set(alarm(`s${index}`, 10_000 + ((index * 7_919) % 10_000)))
    expect(clock.pending.length).toBe(1)
    await clock.advance(20_000)
    expect(rung).toBe(10_000)
  })

  it('A2: what nobody wants any more is dropped', () => {
    const clock = virtualClock(0)
    const alarms = newAlarms({ clock, ring: () => undefined, isWanted: ({ step }) => step === 'wanted' })
    alarms.set(alarm('wanted', 5))
    for (let index = 0; index < 100_000; index += 1) alarms.set(alarm(`gone ${index}`, 1_000_000))
    expect(alarms.size).toBeLessThan(2_001)
    expect([...alarms.pending()]).toContainEqual(alarm('wanted', 5))
    alarms.clear()
    expect(clock.pending).toEqual([])
  })
})

const HOUR = 3_600_000

describe('a wait', () => {
  const INSTANTS = {
    'a number of milliseconds': { pure: () => 5_000, ms: 5_000 },
    'a text': { pure: () => '1h30m', ms: 1.5 * HOUR },
    'no time at all': { pure: () => 0, ms: 0 },
  }
  it.each(Object.entries(INSTANTS))('takes %s as its duration', async (_, { pure, ms }) => {
    const clock = virtualClock()
    const store = memoryStore()
    const graph = graphOf([sleep('wait', apply('f')), step('after', [], { after: ['wait'] })])
    const { session } = await stage(store, graph, { clock, pure: { f: pure } }).start()
    const startMs = clock.now()
    await clock.until(session.ended)
    expect(clock.now() - startMs).toBe(ms)
  })

  const UNTIL = {
    'a Date': (nowMs: number) => new Date(nowMs + HOUR),
    'milliseconds since 1970': (nowMs: number) => nowMs + HOUR,
    'ISO text': (nowMs: number) => new Date(nowMs + HOUR).toISOString(),
  }
  it.each(Object.entries(UNTIL))('takes %s as its instant', async (_, instant) => {
    const clock = virtualClock()
    const store = memoryStore()
    const startMs = clock.now()
    const wait = node('wait', { kind: 'wait', on: { kind: 'instant', instant: apply('f') } })
    const { session } = await stage(store, graphOf([wait]), { clock, pure: { f: () => instant(startMs) } }).start()
    await clock.until(session.ended)
    expect(clock.now() - startMs).toBe(HOUR)
  })

  const REFUSED: readonly (readonly ['timer' | 'instant', unknown, string])[] = [
    ['timer', -1, 'BAD_DURATION'],
    ['timer', Number.NaN, 'BAD_DURATION'],
    ['timer', 'soon', 'BAD_DURATION'],
    ['timer', null, 'BAD_DURATION'],
    ['timer', '6000w', 'BAD_DURATION'],
    ['timer', 1e15, 'BAD_DURATION'],
    ['instant', 'tomorrow', 'BAD_INSTANT'],
    ['instant', '2030-01-01T09:00', 'BAD_INSTANT'],
    ['instant', new Date(Number.NaN), 'BAD_INSTANT'],
    ['instant', -5, 'BAD_INSTANT'],
    ['instant', 1e15, 'BAD_INSTANT'],
    ['instant', undefined, 'BAD_INSTANT'],
  ]
  it.each(REFUSED)('until %s %s fails with %s', async (kind, value, code) => {
    const clock = virtualClock()
    const expr = apply('f')
    const wait = node('wait', {
      kind: 'wait',
      on: kind === 'timer' ? { kind, duration: expr } : { kind, instant: expr },
    })
    const launched = await stage(memoryStore(), graphOf([wait]), { clock, pure: { f: () => value } }).start()
    await clock.until(launched.session.ended)
    expect(launched.session.state.phase).toMatchObject({ status: 'failed', fault: { code, step: 'wait' } })
  })

  it('that an earlier process began ends at its instant, also when it has passed', async () => {
    for (const awayMs of [HOUR, 10 * HOUR]) {
      const clock = virtualClock()
      const memory = newMemory()
      const graph = graphOf([sleep('wait', 3 * HOUR), step('after', [], { after: ['wait'] })], out('after'))
      const first = memoryStore(memory)
      const begun = await stage(first, graph, { clock }).start()
      await clock.advance(HOUR)
      first.kill()
      begun.session.fail(new Error('killed'))
      await clock.advance(awayMs)
      const startMs = clock.now()
      const store = memoryStore(memory)
      const launched = await stage(store, graph, { clock }).resume()
      await clock.until(launched.session.ended)
      expect(clock.now() - startMs).toBe(Math.max(0, 2 * HOUR - awayMs))
      expect(await outputOf(launched)).toBe('after')
    }
  })
})

describe('a deadline', () => {
  it('of a step ends its attempts and back-offs with TIMEOUT', async () => {
    const clock = virtualClock()
    const store = memoryStore()
    const tries = {
      retry: [{ times: 100, backoff: 'fixed', delayMs: HOUR, delayMsMax: HOUR, jitter: 'none' }],
    } as const
    const graph = graphOf([step('flaky', [], policy({ ...tries, deadlineMs: 2.5 * HOUR }))])
    const { ran, start } = stage(store, graph, {
      clock,
      tasks: {
        flaky: () => {
          throw new Error('again')
        },
      },
    })
    const { session } = await start()
    const startMs = clock.now()
    await clock.until(session.ended)
    expect(clock.now() - startMs).toBe(2.5 * HOUR)
    expect(session.state.phase).toMatchObject({ status: 'failed', fault: { code: 'TIMEOUT', step: 'flaky' } })
    expect(ran.length).toBe(3)
  })

  it.each(['of the graph', 'given at the start'])(
    'of a run, %s, ends it timed-out, in another process too',
    async which => {
      const clock = virtualClock()
      const memory = newMemory()
      const graph = graphOf(
        [sleep('long', 100 * HOUR)],
        undefined,
        which === 'of the graph' ? { deadlineMs: HOUR } : {},
      )
      const first = memoryStore(memory)
      const { local, start } = stage(first, graph, { clock })
      const startMs = clock.now()
      const begun = which === 'of the graph' ? await start() : await startAt(first, graph, clock.now() + HOUR)
      await clock.advance(1_000)
      expect(local.shell.clock).toBe(clock)
      first.kill()
      begun.session.fail(new Error('killed'))
      const { session } = await stage(memoryStore(memory), graph, { clock }).resume()
      await clock.until(session.ended)
      expect(clock.now() - startMs).toBe(HOUR)
      expect(session.state.phase).toMatchObject({ status: 'timed-out', fault: { code: 'TIMEOUT' } })

      function startAt(store: typeof first, of: typeof graph, deadlineAtMs: number) {
        return stage(store, of, { clock }).start({ deadlineAtMs })
      }
    },
  )
})

it('a loop that sleeps, and one of 100,000 turns that does nothing', async () => {
  const clock = virtualClock()
  const store = memoryStore()
  const loop = (id: string, times: number, body: ReturnType<typeof region>) =>
    node(id, {
      kind: 'loop',
      init: literal(0),
      body: { ...body, params: ['state', 'turn'] },
      condition: apply('less', { kind: 'param', param: 'state', up: 0, path: [] }, literal(times)),
      test: 'while',
      limit: 0,
    })
  const state = { kind: 'param', param: 'state', up: 0, path: [] } as const
  const graph = graphOf(
    [
      loop('slow', 3, region([sleep('nap', HOUR)], apply('next', state))),
      loop('fast', 100_000, region([], apply('next', state))),
    ],
    { kind: 'list', items: [out('slow'), out('fast')] },
  )
  const pure = { less: (n: number, max: number) => n < max, next: (n: number) => n + 1 }
  const launched = await stage(store, graph, { clock, pure }).start()
  const startMs = clock.now()
  await clock.until(launched.session.ended)
  expect(await outputOf(launched)).toEqual([3, 100_000])
  expect(clock.now() - startMs).toBe(3 * HOUR)
  const choices = told(await eventsOf(store)).filter(each => each.startsWith('chosen'))
  expect(choices.length).toBe(100_001 + 4)
})
