/** The gradient of the makespan against finite differences in the simulator of schedules, on random jobs (X3, X4, X5). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildJobs,
  criticalOf,
  gradientOf,
  type JobParts,
  type Jobs,
  moreSlots,
  newRecording,
  played,
  type SchedulePolicy,
  type Timed,
  timesOf,
  upwardRanks,
  whatIf,
} from '../../src/analysis/index.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { diceOf } from '../core/dice.ts'
import * as short from '../observe/log.ts'
import { generate } from '../sim/generate.ts'
import { World } from '../sim/world.ts'

const FIFO: SchedulePolicy = { kind: 'fifo' }
const POOLS = [{ name: 'p', slots: 2 }]

/** Durations that no sums of others equal, or small whole ones, of which many do. */
const graphs = (durations: 'generic' | 'whole'): fc.Arbitrary<readonly JobParts[]> =>
  fc.integer({ min: 1, max: 14 }).chain(count =>
    fc.tuple(
      ...Array.from({ length: count }, (_, job) =>
        fc.record({
          durationMs:
            durations === 'whole'
              ? fc.integer({ min: 1, max: 3 })
              : fc.double({ min: 1, max: 100, noNaN: true, noDefaultInfinity: true }),
          after: job === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(job - 1), { maxLength: 3 }),
          pool: fc.constantFrom(-1, -1, 0),
          weight: fc.constantFrom(1, 1, 2),
        }),
      ),
    ),
  )

const roomOf = (slots: number, policy: SchedulePolicy = FIFO) => ({ slots, policy })

const timedOf = (jobs: Jobs, slots: number, policy: SchedulePolicy = FIFO): Timed =>
  played(
    {
      jobs,
      steps: Array.from({ length: jobs.count }, (_, job) => ({ step: `s${job}`, shown: `s${job}`, kind: 'task' })),
      pools: POOLS,
    },
    roomOf(slots, policy),
  )

const policies = fc.constantFrom<SchedulePolicy>(FIFO, { kind: 'critical-path' })

const longer = (jobs: Jobs, job: number, by: number): Jobs => ({
  ...jobs,
  durations: jobs.durations.map((ms, at) => (at === job ? ms + by : ms)),
})

/** Who goes first stays as it was: with other durations the ways to the end are others, and equal ones would change places. */
function quotient(jobs: Jobs, job: number, by: number, slots: number, policy: SchedulePolicy = FIFO): number {
  const kept: SchedulePolicy = policy.kind === 'critical-path' ? { kind: 'ranked', ranks: upwardRanks(jobs) } : policy
  return (timedOf(longer(jobs, job, by), slots, kept).makespan - timedOf(jobs, slots, kept).makespan) / by
}

describe('X3: the derivative by each duration', () => {
  test('under slots and pools, where nothing ends at the same instant', () => {
    fc.assert(
      fc.property(graphs('generic'), fc.constantFrom(1, 2, 3), policies, (parts, slots, policy) => {
        const jobs = buildJobs(parts)
        const timed = timedOf(jobs, slots, policy)
        fc.pre(isGeneric(timed))
        const { steps } = criticalOf(timed)
        steps.forEach(({ gradient }, job) => {
          expect(gradient.least).toBe(gradient.most)
          for (const by of [1e-7, -1e-7]) expect(quotient(jobs, job, by, slots, policy)).toBeCloseTo(gradient.most, 4)
        })
      }),
      { numRuns: 150 },
    )
  })

  test('where several ways are equally long: the one-sided derivatives are the ends of the interval', () => {
    fc.assert(
      fc.property(graphs('whole'), parts => {
        const jobs = buildJobs(parts.map(({ pool: _, ...part }) => part))
        const { on, always } = gradientOf(timedOf(jobs, Number.POSITIVE_INFINITY))
        for (let job = 0; job < jobs.count; job++) {
          expect(quotient(jobs, job, 0.25, Number.POSITIVE_INFINITY)).toBeCloseTo(on[job]!, 6)
          expect(quotient(jobs, job, -0.25, Number.POSITIVE_INFINITY)).toBeCloseTo(always[job]!, 6)
        }
      }),
      { numRuns: 150 },
    )
  })
})

test('X3: only where steps end at one instant may a little more of one change the order, and with it the derivative', () => {
  fc.assert(
    fc.property(graphs('whole'), fc.constantFrom(1, 2, 3), (parts, slots) => {
      const jobs = buildJobs(parts)
      const { steps, coincidences } = criticalOf(timedOf(jobs, slots))
      fc.pre(coincidences === 0)
      steps.forEach(({ gradient }, job) => {
        expect(quotient(jobs, job, 0.25, slots)).toBeCloseTo(gradient.most, 6)
        expect(quotient(jobs, job, -0.25, slots)).toBeCloseTo(gradient.least, 6)
      })
    }),
    { numRuns: 60 },
  )
})

/** No two instants are near one another that are not the same by necessity. */
function isGeneric({ end, jobs }: Timed): boolean {
  const ends = [...end].sort((a, b) => a - b)
  return jobs.count < 2 || ends.every((at, index) => index === 0 || at - ends[index - 1]! > 1e-5)
}

test('X4: within its slack a step may take longer, where slots are no matter', () => {
  fc.assert(
    fc.property(graphs('whole'), parts => {
      const jobs = buildJobs(parts.map(({ pool: _, ...part }) => part))
      const timed = timedOf(jobs, Number.POSITIVE_INFINITY)
      criticalOf(timed).steps.forEach(({ slackMs }, job) => {
        expect(timedOf(longer(jobs, job, slackMs), Number.POSITIVE_INFINITY).makespan).toBe(timed.makespan)
        expect(timedOf(longer(jobs, job, slackMs + 1), Number.POSITIVE_INFINITY).makespan).toBe(timed.makespan + 1)
      })
    }),
    { numRuns: 100 },
  )
})

test('X5: the steps of the critical path make the makespan, each because of the one before it', () => {
  fc.assert(
    fc.property(graphs('generic'), fc.constantFrom(1, 2, 3), (parts, slots) => {
      const { path, makespanMs } = criticalOf(timedOf(buildJobs(parts), slots))
      expect(path.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeCloseTo(makespanMs, 6)
      expect(path.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6)
      expect(path.map(({ because }) => because.kind === 'start')).toEqual(path.map((_, at) => at === 0))
    }),
  )
})

test('what if: a duration, more slots, a larger pool', () => {
  const jobs = buildJobs([4, 3, 2, 1].map(durationMs => ({ durationMs, after: [], pool: 0 })))
  const timed = timedOf(jobs, 1)
  const makespans = (change: Parameters<typeof whatIf>[2]) => {
    const { before, after } = whatIf(timed, roomOf(1), change)
    return [before.makespanMs, after.makespanMs]
  }
  expect(makespans({ room: roomOf(1), durationOf: ({ step }) => (step === 's0' ? 1 : undefined) })).toEqual([10, 7])
  expect(makespans({ room: roomOf(2) })).toEqual([10, 5])
  expect(makespans({ room: roomOf(4) })).toEqual([10, 5])
  expect(makespans({ room: { ...roomOf(4), pools: new Map([['p', 4]]) } })).toEqual([10, 4])
  expect(moreSlots(timed, roomOf(1), 8)).toEqual([
    { slots: 1, makespanMs: 10 },
    { slots: 2, makespanMs: 5 },
  ])
})

describe('of runs', () => {
  test('X1: the tape gives every instant of random runs again', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const { graph, library } = generate(diceOf(seed))
      const knobs = { lost: 40, twice: 0, slow: 0, known: 8, early: 0, choices: 1_000 } as never
      const world = new World({ graph, behaviour: { library, failOneIn: 40 }, dice: diceOf(seed), faults: [], knobs })
      world.run()
      const { record, add } = newRecording(graph, library)
      for (const text of world.log) add(JSON.parse(text) as Event)
      const timed = timesOf(record)
      const { values, total } = gradientOf(timed)
      expect(total, `seed ${seed}`).toBeCloseTo(timed.makespan, 6)
      for (const [job, end] of timed.end.entries()) expect(values[job], `seed ${seed} job ${job}`).toBeCloseTo(end, 6)
    }
  })

  test('X2: who began when another one ended, and did not hang on it, had waited for its slot', () => {
    const graph = short.graph([short.task('a'), short.task('b'), short.task('c', short.ref('a'))])
    const { record, add } = newRecording(graph)
    const at = (ms: number, make: short.Maker) => add(make(ms))
    at(0, short.started)
    at(0, short.start('a'))
    at(4_000, short.settle('a'))
    at(4_001, short.start('b'))
    at(9_000, short.settle('b'))
    at(9_001, short.start('c'))
    at(10_000, short.settle('c'))
    at(10_000, short.end('succeeded'))
    const timed = timesOf(record)
    const { path, steps } = criticalOf(timed)
    expect(timed.slots).toBe(1)
    expect(path.map(({ step, because }) => `${step} ${because.kind}`)).toEqual(['a start', 'b slot', 'c slot'])
    expect(steps.map(({ step, waitedMs, gradient }) => [step, waitedMs, gradient.most])).toEqual([
      ['a', 0, 1],
      ['b', 4_001, 1],
      ['c', 5_001, 1],
    ])
  })

  test('the arm that lost a race held up nobody', () => {
    const race = short.race('r', { fast: short.region([short.task('a')]), slow: short.region([short.task('b')]) })
    const { record, add } = newRecording(short.graph([race]))
    const at = (ms: number, make: short.Maker) => add(make(ms))
    at(0, short.started)
    at(0, short.start('r.fast/a'))
    at(0, short.start('r.slow/b'))
    at(4_000, short.settle('r.fast/a'))
    at(4_001, short.settle('r.slow/b', { kind: 'cancelled' }))
    at(4_001, short.end('succeeded'))
    const { path, steps } = criticalOf(timesOf(record))
    expect(path.map(({ step }) => step)).toEqual(['r.fast/a'])
    expect(steps.map(({ step, gradient }) => [step, gradient.least])).toEqual([['r.fast/a', 1]])
  })
})
