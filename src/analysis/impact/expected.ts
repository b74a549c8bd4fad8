/** How long it will take to run again what follows from a change, as far as the past tells. */
import type { Affected, Graph } from '../../core/index.ts'
import { likeOf, played, type Room, type Timed } from '../critical/timed.ts'
import { expectedTimes } from '../critical/timed.ts'
import type { PastDurations } from '../schedule/past.ts'

export interface ImpactTime {
  /** Milliseconds of all steps together: what one slot would need. */
  readonly workMs: number
  /** From start to end, with these slots. */
  readonly makespanMs: number
  readonly slots: number
  /** Steps with a past, of those that something is expected of. */
  readonly known: number
  readonly steps: number
}

/** All else is taken for known: it takes no time and no slot. */
export function impactTime(
  graph: Graph,
  affected: readonly Pick<Affected, 'path'>[],
  past: PastDurations,
  room: Room,
): ImpactTime {
  const timed = expectedTimes(graph, past, room)
  const paths = new Set(affected.map(({ path }) => path))
  const isAffected = timed.steps.map(step => step !== undefined && paths.has(likeOf(step.step)))
  const rerun = played(onlyThese(timed, isAffected), room)
  let [workMs, known, steps] = [0, 0, 0]
  isAffected.forEach((isIt, job) => {
    if (!isIt) return
    workMs += timed.jobs.durations[job]!
    steps += 1
    if (past.has(timed.steps[job]!.step)) known += 1
  })
  return { workMs, makespanMs: rerun.makespan, slots: room.slots, known, steps }
}

function onlyThese(timed: Timed, isIn: readonly boolean[]): Timed {
  const { jobs } = timed
  return {
    ...timed,
    jobs: {
      ...jobs,
      durations: jobs.durations.map((ms, job) => (isIn[job] ? ms : 0)),
      slot: jobs.slot.map((slot, job) => (isIn[job] ? slot : 0)),
      pool: jobs.pool.map((pool, job) => (isIn[job] ? pool : -1)),
    },
  }
}
