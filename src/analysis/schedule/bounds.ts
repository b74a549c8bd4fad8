/**
 * Below which no schedule comes. The greatest of: the critical path; all work by all slots; all work of a pool by its slots
 * (Graham 1969).
 */
import type { Jobs } from './jobs.ts'
import { upwardRanks } from './ranks.ts'

export interface Bounds {
  /** Milliseconds. The longest way through. */
  readonly criticalPath: number
  /** All work, shared out evenly over the slots; the greatest of that of all and that of each pool. */
  readonly work: number
  /** The greatest of all that is known. */
  readonly bound: number
}

export function lowerBound(
  jobs: Jobs,
  { slots, pools = [] }: { readonly slots: number; readonly pools?: readonly number[] },
): Bounds {
  const { count, durations, pool, weight, slot } = jobs
  const ofPools = new Float64Array(pools.length)
  let ofAll = 0
  for (let job = 0; job < count; job++) {
    if (slot[job] === 0) continue
    ofAll += durations[job]!
    if (pool[job] !== -1) ofPools[pool[job]!]! += durations[job]! * weight[job]!
  }
  const criticalPath = upwardRanks(jobs).reduce((longest, rank) => Math.max(longest, rank), 0)
  const work = ofPools.reduce((most, sum, which) => Math.max(most, sum / pools[which]!), ofAll / slots)
  return { criticalPath, work, bound: Math.max(criticalPath, work) }
}
