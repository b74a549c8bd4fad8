/**
 * How far it is from a job to the end: its own duration and the longest way after it (the "upward rank" of HEFT: H. Topcuoglu,
 * S. Hariri, M.-Y. Wu, Performance-Effective and Low-Complexity Task Scheduling for Heterogeneous Computing, 2002; the "level" of
 * T. C. Hu, Parallel Sequencing and Assembly Line Problems, 1961). Slots do not enter into it.
 */
import { type Jobs, orderOf } from './jobs.ts'

/** Milliseconds by job, from its start to the end of all that hangs on it. */
export function upwardRanks(jobs: Jobs, order: Uint32Array = orderOf(jobs)): Float64Array {
  const { count, durations, nextStart, next } = jobs
  const ranks = new Float64Array(count)
  for (let index = count - 1; index >= 0; index--) {
    const job = order[index]!
    let longest = 0
    for (let at = nextStart[job]!; at < nextStart[job + 1]!; at++) longest = Math.max(longest, ranks[next[at]!]!)
    ranks[job] = durations[job]! + longest
  }
  return ranks
}
