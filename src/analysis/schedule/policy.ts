/** Who goes first of jobs that could start. */
import { unreachable } from '../../util/unreachable.ts'
import type { Jobs } from './jobs.ts'
import { upwardRanks } from './ranks.ts'

export type SchedulePolicy =
  /** First come, first served. */
  | { readonly kind: 'fifo' }
  /** The longest way to the end goes first. */
  | { readonly kind: 'critical-path' }
  /** The greatest of one's own ranks goes first. */
  | { readonly kind: 'ranked'; readonly ranks: Float64Array }

/** Greater goes first; undefined: they are all equal. */
export function ranksOf(jobs: Jobs, policy: SchedulePolicy): Float64Array | undefined {
  switch (policy.kind) {
    case 'fifo':
      return undefined
    case 'critical-path':
      return upwardRanks(jobs)
    case 'ranked':
      return policy.ranks
    default:
      return unreachable(policy)
  }
}
