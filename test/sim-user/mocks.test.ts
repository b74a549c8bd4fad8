/** What stands for tasks and effects: by whom it is found, how long it takes, and what runs for real. */
import { describe, expect, test } from 'vitest'
import {
  clock,
  ctx,
  type Dir,
  dir,
  effect,
  env,
  file,
  flow,
  http,
  type Ref,
  secret,
  type Secret,
  source,
  task,
  workflow,
} from 'tutti'
import { failing, mock, type Mocks, oneOf, simulate, type SimulateOptions, takes, throwing } from 'tutti/sim'
import { Refusal } from '../../src/util/diagnostic.ts'
import type { Duration } from '../../src/util/duration.ts'

const real: string[] = []
const build = task((n: number) => real.push('build') && n * 2, { name: 'build' })
const publish = effect((size: number) => real.push('publish') && { url: `real/${size}` }, { name: 'publish' })
const release = workflow((n: Ref<number>) => publish(build(n)).url)
const HOUR_MS = 3_600_000

/** The codes with which a simulation is refused. */
async function codesOf(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work
    return []
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics.map(each => each.code)
    throw error
  }
}

const simulated = async (options: SimulateOptions) => {
  real.length = 0
  const result = await simulate(release, { args: { n: 3 }, ...options })
  return result.status === 'succeeded' ? [result.output, ...real] : [result.status, ...real]
}

describe('a mock is found', () => {
  const FOUND: readonly (readonly [string, Mocks])[] = [
    ['by the name of the definition', { publish: { url: 'mock' } }],
    ['by the definition', [mock(publish, { url: 'mock' })]],
    ['by the definition in a map', new Map([[publish, { url: 'mock' }]])],
    [
      'as a function of the arguments',
      { publish: ([size]: readonly number[]) => ({ url: size === 6 ? 'mock' : 'no' }) },
    ],
    ['as an asynchronous function', { publish: async () => ({ url: 'mock' }) }],
  ]
  test.each(FOUND)('%s', async (_, mocks) => expect(await simulated({ mocks })).toEqual(['mock', 'build']))

  test('by the step before the definition', async () => {
    const twice = workflow(() => [build(1), build(2)])
    const result = await simulate(twice, { mocks: { build: 0, 'build~2': 9 } })
    expect(result).toMatchObject({ output: [0, 9] })
  })
})

describe('what is not mocked', () => {
  test('tasks run for real, effects are refused before anything runs', async () => {
    expect(await codesOf(simulated({}))).toEqual(['EFFECT_NOT_MOCKED'])
    expect(real).toEqual([])
  })
  test('all may run for real', async () =>
    expect(await simulated({ real: 'all' })).toEqual(['real/6', 'build', 'publish']))
  test('nothing need run for real', async () => {
    const mocks = { publish: { url: 'mock' } }
    expect(await codesOf(simulated({ mocks, real: 'nothing' }))).toEqual(['TASK_NOT_MOCKED'])
    expect(await simulated({ mocks: { ...mocks, build: 1 }, real: 'nothing' })).toEqual(['mock'])
  })
  test('an effect that only a flow calls is refused when it is called', async () => {
    const caught = flow(async () => {
      try {
        return await publish(1)
      } catch {
        return 'caught'
      }
    })
    real.length = 0
    expect(await codesOf(simulate(caught))).toEqual(['EFFECT_NOT_MOCKED'])
    expect(real).toEqual([])
  })
  test('executors of other processes are not needed', async () => {
    const threaded = task(() => 'here', { name: 'threaded', executor: 'thread' })
    expect(await simulate(workflow(() => threaded()))).toMatchObject({ output: 'here' })
  })
})

describe('a mock is refused', () => {
  const mocks = { publish: { url: '' } }
  test('whose name no step has', async () => {
    const refusal = simulated({ mocks: { ...mocks, buld: 1 } })
    await expect(refusal).rejects.toMatchObject({
      diagnostics: [{ code: 'MOCK_UNKNOWN', hint: 'Did you mean build?' }],
    })
  })
  test('of what is no task', async () => {
    expect(await codesOf(simulated({ mocks: [[release, 1]] }))).toEqual(['NOT_MOCKABLE'])
    expect(await codesOf(simulated({ mocks: [[() => 1, 1]] }))).toEqual(['NOT_MOCKABLE'])
  })
  test('but not when a flow might have called it', async () => {
    const branch = flow(async (n: number) => (n > 1 ? await build(n) : 0))
    const result = await simulate(branch, { args: { n: 1 }, mocks: { build: 5 } })
    expect(result).toMatchObject({ output: 0, unusedMocks: ['build'] })
  })
})

describe('a mock', () => {
  test('takes virtual time, and what is inside it too', async () => {
    const mocks = { publish: takes('2h', takes('30m', { url: 'late' })), build: takes('1d', ([n]) => n) }
    const result = await simulate(release, { args: { n: 3 }, mocks })
    expect(result).toMatchObject({ output: 'late', durationMs: 26.5 * HOUR_MS })
    expect(result.calls).toEqual([
      { step: 'build', task: 'build', attempt: 1, atMs: 0, args: [3], by: 'mock' },
      { step: 'publish', task: 'publish', attempt: 1, atMs: 24 * HOUR_MS, args: [3], by: 'mock' },
    ])
  })
  test('takes as long as the seed decides, within its range', async () => {
    const durations = await Promise.all(
      Array.from({ length: 20 }, async (_, seed) => {
        const options = { args: { n: 1 }, seed, mocks: { publish: takes(['1h', '2h'], { url: '' }) } }
        const [a, b] = [await simulate(release, options), await simulate(release, options)]
        expect(a.durationMs).toBe(b.durationMs)
        return a.durationMs
      }),
    )
    expect(new Set(durations).size).toBeGreaterThan(10)
    expect(durations.every(ms => ms >= HOUR_MS && ms <= 2 * HOUR_MS)).toBe(true)
  })
  test('fails as a task does', async () => {
    class Busy extends Error {
      readonly code = 'EBUSY'
    }
    const result = await simulate(release, { args: { n: 1 }, mocks: { publish: throwing(new Busy('later')) } })
    expect(result).toMatchObject({ status: 'failed', fault: { code: 'EBUSY', message: 'later', step: 'publish' } })
  })
  test('chooses by the seed', async () => {
    const outputs = await Promise.all(
      Array.from({ length: 30 }, (_, seed) =>
        simulated({ seed, mocks: { publish: oneOf({ url: 'a' }, { url: 'b' }, throwing(new Error('c'))) } }),
      ),
    )
    expect(new Set(outputs.map(([output]) => output))).toEqual(new Set(['a', 'b', 'failed']))
  })
  test('knows its attempt', async () => {
    const seen: unknown[] = []
    await simulated({
      mocks: {
        publish: (args, { step, attempt, nowMs }) => {
          seen.push([args, step, attempt, new Date(nowMs).toISOString(), ctx().step])
          return { url: '' }
        },
      },
    })
    expect(seen).toEqual([[[6], 'publish', 1, '2030-01-01T00:00:00.000Z', 'publish']])
  })
})

test('what runs for real takes no time, or as much as it is said to', async () => {
  const slow = effect((n: number) => n + 1, { name: 'slow', timeout: '1h' })
  const once = workflow(() => slow(1))
  const took = async (time: Duration | undefined) => {
    const { status, durationMs } = await simulate(once, {
      real: 'all',
      takes: ({ task, args }) => (task === 'slow' && args[0] === 1 ? time : undefined),
    })
    return [status, durationMs / HOUR_MS]
  }
  expect(await took(undefined)).toEqual(['succeeded', 0])
  expect(await took('30m')).toEqual(['succeeded', 0.5])
  expect(await took('2h')).toEqual(['failed', 1])
})

test('a timeout counts virtual time', async () => {
  const slow = effect(() => 'done', { name: 'slow', timeout: '1h' })
  const whole = workflow(() => slow())
  const inTime = await simulate(whole, { mocks: { slow: takes('59m', 'done') } })
  expect(inTime).toMatchObject({ output: 'done', durationMs: 59 * 60_000 })
  const late = await simulate(whole, { mocks: { slow: takes('2h', 'done') } })
  expect(late).toMatchObject({ status: 'failed', fault: { code: 'TIMEOUT' }, durationMs: HOUR_MS })
})

test('retries with back-off over hours', async () => {
  const call = effect(() => 'real', {
    name: 'call',
    retry: { times: 5, delay: '1h', maxDelay: '1d', jitter: 'none' },
  })
  const result = await simulate(
    workflow(() => call()),
    { mocks: { call: failing(3, new Error('busy'), 'done') } },
  )
  expect(result).toMatchObject({ output: 'done', durationMs: 7 * HOUR_MS })
  expect(result.steps).toMatchObject([
    { step: 'call', state: 'succeeded', attempts: 4, startedAtMs: 0, endedAtMs: 7 * HOUR_MS },
  ])
  expect(result.calls.map(call => call.atMs / HOUR_MS)).toEqual([0, 1, 3, 7])
})

describe('the surroundings', () => {
  const reveal = task((token: Secret) => token.reveal().length, { name: 'reveal' })
  const guarded = workflow(() => reveal(secret('TUTTI_SIM_TOKEN')))

  test('a secret is the one that is given, or a stand-in, never the real one', async () => {
    process.env['TUTTI_SIM_TOKEN'] = 'a very real secret of this process'
    const given = await simulate(guarded, { secrets: { TUTTI_SIM_TOKEN: 'given' } })
    expect(given).toMatchObject({ output: 5 })
    expect(await simulate(guarded)).toMatchObject({ output: 'stand-in for the secret TUTTI_SIM_TOKEN'.length })
    delete process.env['TUTTI_SIM_TOKEN']
  })

  test('sources are given by name', async () => {
    const channel = workflow(() => env('TUTTI_SIM_CHANNEL'))
    expect(await simulate(channel, { sources: { TUTTI_SIM_CHANNEL: 'next' } })).toMatchObject({ output: 'next' })
    const size = task(async (text: { text(): Promise<string> }) => (await text.text()).length > 0, { name: 'size' })
    const reading = workflow(() => size(file('missing.txt')))
    expect(await simulate(reading, { sources: { 'missing.txt': 'package.json' } })).toMatchObject({ output: true })
    expect(await simulate(reading)).toMatchObject({ status: 'failed', fault: { code: 'SOURCE_MISSING' } })
    const hour = workflow(() => clock('1h'))
    expect(await simulate(hour, { sources: { clock: 'noon' } })).toMatchObject({ output: 'noon' })
    expect(await simulate(hour, { start: new Date('2030-05-01T12:34:56Z') })).toMatchObject({
      output: '2030-05-01T12:00:00.000Z',
    })
    const place = task((where: Dir) => where.path.endsWith('/scripts'), { name: 'place' })
    const folder = workflow(() => place(dir('missing')))
    expect(await simulate(folder, { sources: { missing: 'scripts' } })).toMatchObject({ output: true })
    const fetched = workflow(() => size(http('https://example.test/a')))
    expect(await simulate(fetched, { sources: { 'https://example.test/a': 'package.json' } })).toMatchObject({
      output: true,
    })
    const head = source(() => 'real', { name: 'head' })
    expect(
      await simulate(
        workflow(() => head()),
        { mocks: { head: 'mocked' } },
      ),
    ).toMatchObject({ output: 'mocked' })
  })
})
