/** Schedules that are only played: valid, never below the bounds, and their own graph gives their times. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildJobs,
  improvedSchedule,
  type JobParts,
  type Jobs,
  lowerBound,
  playedRanks,
  type Schedule,
  type SchedulePolicy,
  simulate,
  tightBound,
  upwardRanks,
} from '../../src/analysis/index.ts'
import { before, broken, optimum } from './schedule-optimum.ts'

/** `a:3 b:2>a,c` reads: a takes 3 ms, b takes 2 ms and waits for a and c. Pools and weights: `d:1@0*2`. `!5`: priority. */
function jobsOf(text: string): Jobs {
  const words = text.split(' ')
  const names = words.map(word => word[0]!)
  return buildJobs(
    words.map(word => {
      const { ms, pool, weight, priority, after } =
        /^.:(?<ms>\d+)(@(?<pool>\d+))?(\*(?<weight>\d+))?(!(?<priority>-?\d+))?(>(?<after>.*))?$/.exec(word)!.groups!
      return {
        durationMs: Number(ms),
        after: after ? after.split(',').map(name => names.indexOf(name)) : [],
        ...(pool ? { pool: Number(pool) } : {}),
        ...(weight ? { weight: Number(weight) } : {}),
        ...(priority ? { priority: Number(priority) } : {}),
      }
    }),
  )
}

/** Names in the order of their starts. */
const ordered = (schedule: Schedule): string => [...schedule.order].map(job => String.fromCharCode(97 + job)).join('')

const FIFO: SchedulePolicy = { kind: 'fifo' }
const CRITICAL: SchedulePolicy = { kind: 'critical-path' }

describe('who goes first (Y2)', () => {
  test.each([
    ['fifo: who comes first', 'a:1 b:1 c:5', FIFO, 'abc', 6],
    ['the longest way goes first', 'a:1 b:1 c:5', CRITICAL, 'cab', 5],
    ['what hangs on a job counts', 'a:4 b:1 c:9>b', CRITICAL, 'bac', 10],
    ['priority before the policy', 'a:1!1 b:1 c:5', CRITICAL, 'acb', 5],
    ['equal ranks: who comes first', 'a:2 b:2 c:2', CRITICAL, 'abc', 4],
    ['one that needs many is not overtaken in its pool', 'a:2@0*2 b:2@0*3 c:1@0', FIFO, 'abc', 5],
    ['but by others', 'a:2@0*2 b:2@0*3 c:1', FIFO, 'acb', 4],
    ['nobody gains by waiting', 'a:3 b:1 c:1>b d:9>c', FIFO, 'abcd', 11],
  ] as const)('%s', (_, text, policy, order, makespan) => {
    const schedule = simulate(jobsOf(text), { slots: 2, pools: [3], policy })
    expect([ordered(schedule), schedule.makespan]).toEqual([order, makespan])
  })

  test('ranks of one’s own', () => {
    const policy = { kind: 'ranked', ranks: Float64Array.of(1, 3, 2) } as const
    expect(ordered(simulate(jobsOf('a:1 b:1 c:1'), { slots: 1, policy }))).toBe('bca')
  })

  test('what only waits for others takes no slot', () => {
    const jobs = buildJobs([
      { durationMs: 3, after: [] },
      { durationMs: 3, after: [], slot: 0 },
    ])
    expect(simulate(jobs, { slots: 1, policy: FIFO }).makespan).toBe(3)
  })
})

test('handovers name whose end gave the slot', () => {
  const { handovers } = simulate(jobsOf('a:1 b:2 c:5 d:1@0*3 e:1@0>c'), { slots: 2, pools: [3], policy: FIFO })
  const told = [...handovers.from].map(
    (from, at) => `${'abcde'[from]} ${'abcde'[handovers.to[at]!]} ${handovers.pool[at]}`,
  )
  expect(told).toEqual(['a c -1', 'b d -1', 'd e -1', 'd e 0'])
})

describe('what has no schedule is refused', () => {
  test.each([
    ['NaN', [{ durationMs: Number.NaN, after: [] }]],
    ['less than no time', [{ durationMs: -1, after: [] }]],
    ['a job that is not there', [{ durationMs: 1, after: [1] }]],
    ['a circle', [1, 0].map(other => ({ durationMs: 1, after: [other] }))],
  ])('%s', (_, parts) => {
    expect(() => buildJobs(parts)).toThrow(/JOBS_INVALID/)
  })
  test.each([
    ['no slot', 'a:1', 0, []],
    ['a pool that is not there', 'a:1@0', 1, []],
    ['a pool that is too small', 'a:1@0*3', 1, [2]],
  ])('%s', (_, text, slots, pools) => {
    expect(() => simulate(jobsOf(text), { slots, pools, policy: FIFO })).toThrow(/JOBS_INVALID/)
  })
})

const POOLS = [1, 3]

function parts(countMax: number): fc.Arbitrary<readonly JobParts[]> {
  const job = fc.record({
    durationMs: fc.nat(6),
    arcs: fc.array(fc.nat(30), { maxLength: 3 }),
    pool: fc.constantFrom(-1, -1, 0, 1),
    weight: fc.constantFrom(1, 1, 2),
    priority: fc.constantFrom(0, 0, 0, 1),
    slot: fc.constantFrom<0 | 1>(1, 1, 1, 1, 0),
  })
  return fc.array(job, { maxLength: countMax }).map(jobs =>
    jobs.map(({ arcs, pool, weight, slot, ...rest }, index) => ({
      ...rest,
      ...(pool === -1 || slot === 0 ? {} : { pool, weight: Math.min(weight, POOLS[pool]!) }),
      slot,
      after: arcs.filter(arc => arc < index),
    })),
  )
}

const policies = fc.constantFrom<SchedulePolicy>(FIFO, CRITICAL)
const slotCounts = fc.constantFrom(1, 2, 3)

const placedBy = ({ start, end }: Schedule) => [...start].map((at, job) => ({ job, start: at, end: end[job]! }))

test('no job starts too early, and no slot is taken twice', () => {
  fc.assert(
    fc.property(parts(30), slotCounts, policies, (given, slots, policy) => {
      const jobs = buildJobs(given)
      const schedule = simulate(jobs, { slots, pools: POOLS, policy })
      expect(broken(jobs, { slots, pools: POOLS }, placedBy(schedule))).toBeUndefined()
      expect(schedule.makespan).toBe(Math.max(0, ...schedule.end))
    }),
  )
})

test('each start is the latest end of what it hangs on (Y1, Y3)', () => {
  fc.assert(
    fc.property(parts(30), slotCounts, policies, (given, slots, policy) => {
      const jobs = buildJobs(given)
      const { start, end, order, handovers } = simulate(jobs, { slots, pools: POOLS, policy })
      const place = new Map([...order].map((job, at) => [job, at]))
      for (const job of order) {
        const givers = [...handovers.from].filter((_, at) => handovers.to[at] === job)
        const hangsOn = [...before(jobs, job), ...givers]
        expect(start[job]).toBe(Math.max(0, ...hangsOn.map(each => end[each]!)))
        for (const each of hangsOn) expect(place.get(each)).toBeLessThan(place.get(job)!)
      }
    }),
  )
})

test('bounds are below the best schedule that trying finds, and schedules are not (Z1, Z2, Z3)', () => {
  fc.assert(
    fc.property(parts(6), slotCounts, policies, (given, slots, policy) => {
      const jobs = buildJobs(given)
      const resources = { slots, pools: POOLS }
      const best = optimum(jobs, resources)
      expect(lowerBound(jobs, resources).bound).toBeLessThanOrEqual(best + 1e-9)
      expect(tightBound(jobs, resources)).toBeLessThanOrEqual(best + 1e-9)
      expect(simulate(jobs, { ...resources, policy }).makespan).toBeGreaterThanOrEqual(best)
    }),
    { numRuns: 300 },
  )
})

test('what is played is valid, never worse than the longest way first, and not better than the best', () => {
  fc.assert(
    fc.property(parts(6), slotCounts, (given, slots) => {
      const jobs = buildJobs(given)
      const resources = { slots, pools: POOLS }
      const { ranks, schedule } = improvedSchedule(jobs, resources, { plays: 20 })
      expect(broken(jobs, resources, placedBy(schedule))).toBeUndefined()
      expect(schedule.makespan).toBeLessThanOrEqual(simulate(jobs, { ...resources, policy: CRITICAL }).makespan)
      expect(schedule.makespan).toBeGreaterThanOrEqual(optimum(jobs, resources))
      expect(simulate(jobs, { ...resources, policy: { kind: 'ranked', ranks } }).makespan).toBe(schedule.makespan)
    }),
    { numRuns: 100 },
  )
})

test('a narrow place in the middle: the work on both sides of it cannot overlap (Z1)', () => {
  const jobs = jobsOf('a:3 b:3 c:3 d:3 e:2>a,b,c,d f:3>e g:3>e h:3>e i:3>e')
  expect(lowerBound(jobs, { slots: 2 }).bound).toBe(13)
  expect(tightBound(jobs, { slots: 2 })).toBe(14)
  expect(simulate(jobs, { slots: 2, policy: CRITICAL }).makespan).toBe(14)
})

test('five long ones on four slots: some slot has two (Z3)', () => {
  const jobs = jobsOf('a:9 b:8 c:7 d:7 e:7')
  expect([lowerBound(jobs, { slots: 4 }).bound, tightBound(jobs, { slots: 4 })]).toEqual([9.5, 14])
})

test('better than the longest way first: two long ones beside three short ones', () => {
  const jobs = jobsOf('a:3 b:3 c:2 d:2 e:2')
  expect(simulate(jobs, { slots: 2, policy: CRITICAL }).makespan).toBe(7)
  expect(improvedSchedule(jobs, { slots: 2 }, { plays: 500 }).schedule.makespan).toBe(6)
  const ranks = playedRanks(jobs, { slots: 2 })
  expect(simulate(jobs, { slots: 2, policy: { kind: 'ranked', ranks } }).makespan).toBe(6)
})

test('without pools no list is worse than 2 - 1/m times the best (Graham 1969)', () => {
  fc.assert(
    fc.property(parts(6), slotCounts, policies, (given, slots, policy) => {
      const jobs = buildJobs(given.map(({ durationMs, after }) => ({ durationMs, after })))
      const best = optimum(jobs, { slots, pools: [] })
      expect(simulate(jobs, { slots, policy }).makespan).toBeLessThanOrEqual((2 - 1 / slots) * best + 1e-9)
    }),
    { numRuns: 100 },
  )
})

test('a way to the end is as long as its longest continuation', () => {
  expect([...upwardRanks(jobsOf('a:1 b:2>a c:5>a d:1>b,c'))]).toEqual([7, 3, 6, 1])
})
