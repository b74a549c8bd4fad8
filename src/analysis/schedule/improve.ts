/**
 * Orders that are better than the longest way first, found by playing them: a schedule is played backwards from its end, its
 * order played forwards again, and so on (forward-backward improvement: K. Y. Li, R. J. Willis, An Iterative Scheduling
 * Technique for Resource-Constrained Project Scheduling, 1992; V. Valls et al., Justification and RCPSP, 2005). What comes out
 * of the backward pass is how far it really is from a job to the end, with the slots that there are.
 */
import { lowerBound } from './bounds.ts'
import { type Jobs, reversed } from './jobs.ts'
import { upwardRanks } from './ranks.ts'
import { type Schedule, type ScheduleOptions, simulate } from './simulate.ts'

export interface Improved {
  /** Greatest first: as a policy `ranked` they give the schedule. */
  readonly ranks: Float64Array
  readonly schedule: Schedule
}

export interface Plays {
  /** Schedules that are played, at most. */
  readonly plays: number
  /** A makespan that need not be bettered. */
  readonly enough?: number
}

/** The best schedule that was found; never worse than the longest way first. */
export function improvedSchedule(
  jobs: Jobs,
  { slots, pools = [] }: Omit<ScheduleOptions, 'policy'>,
  { plays, enough = 0 }: Plays,
): Improved {
  const backwards = reversed(jobs)
  const draw = newDraw()
  let left = plays
  const play = (of: Jobs, ranks: Float64Array): Improved => {
    left -= 1
    return { ranks, schedule: simulate(of, { slots, pools, policy: { kind: 'ranked', ranks } }) }
  }
  const first = upwardRanks(jobs)
  let best = play(jobs, first)
  const isDone = (): boolean => left <= 0 || best.schedule.makespan <= enough
  const settle = (start: Improved): void => {
    for (let now = start, lastBest = Number.POSITIVE_INFINITY; ; ) {
      if (now.schedule.makespan < best.schedule.makespan) best = now
      if (isDone() || now.schedule.makespan >= lastBest) return
      lastBest = now.schedule.makespan
      now = play(jobs, play(backwards, now.schedule.end).schedule.end)
    }
  }
  settle(best)
  for (let round = 0; !isDone(); round++) {
    const from = round % 2 === 0 ? best.ranks : first
    const spread = SPREADS[round % SPREADS.length]!
    settle(
      play(
        jobs,
        from.map(rank => rank * (1 + spread * draw())),
      ),
    )
  }
  return best
}

/** Jobs that are played in all schedules together: some tens of milliseconds. */
const PLAYED_MAX = 50_000
const PLAYS_MAX = 500
/** Nearer to the bound than that is not worth while: what steps take differs from run to run. */
const NEAR = 1.02

/** Ranks for a run that has yet to be: of some schedules that are played, those of the best; the longest way to the end, where there are too many jobs to play. */
export function playedRanks(jobs: Jobs, resources: Omit<ScheduleOptions, 'policy'>): Float64Array {
  const plays = Math.min(PLAYS_MAX, Math.floor(PLAYED_MAX / Math.max(1, jobs.count)))
  if (plays < 2) return upwardRanks(jobs)
  return improvedSchedule(jobs, resources, { plays, enough: NEAR * lowerBound(jobs, resources).bound }).ranks
}

/** How far orders are shaken when nothing else helps. */
const SPREADS = [0.02, 0.05, 0.1, 0.2, 0.4, 1]

/** From 0 up to 1, the same every time (mulberry32). */
function newDraw(): () => number {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
