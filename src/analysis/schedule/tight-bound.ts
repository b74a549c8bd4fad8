/**
 * A better lower bound than critical path and work alone, for graphs with narrow places: what must come before a job takes time
 * even where all slots share it, and so does what must come after it. Sound, not exact; O(V (V + E)) and more, so for graphs of
 * some thousand jobs.
 *
 *   Z1. `heads[j]`: no schedule starts job j earlier. `tails[j]`: none ends sooner after j's end.
 *   Z2. Of any set of at least m jobs on m slots: the m smallest heads, all durations, and the m smallest tails, over m
 *       (J. Carlier, Scheduling Jobs with Release Dates and Tails on Identical Machines, 1987).
 *   Z3. Of k m + 1 jobs, some slot has k + 1: the k + 1 shortest of them, after the least head and before the least tail
 *       (M. Dell'Amico, S. Martello, Optimal Scheduling of Tasks on Identical Parallel Processors, 1995).
 */
import { lowerBound } from './bounds.ts'
import { type Jobs, orderOf, reversed } from './jobs.ts'

/** Milliseconds below which no schedule comes. */
export function tightBound(
  jobs: Jobs,
  { slots, pools = [] }: { readonly slots: number; readonly pools?: readonly number[] },
): number {
  const simple = lowerBound(jobs, { slots, pools }).bound
  if (slots >= jobs.count) return simple
  const heads = headsOf(jobs, slots)
  const tails = headsOf(reversed(jobs), slots)
  const real = Uint32Array.from({ length: jobs.count }, (_, job) => job).filter(job => jobs.slot[job] === 1)
  let bound = simple
  for (let job = 0; job < jobs.count; job++) bound = Math.max(bound, heads[job]! + jobs.durations[job]! + tails[job]!)
  const given = { durations: jobs.durations, heads, tails, slots }
  for (const least of thresholds(real, heads)) {
    const later = real.filter(job => heads[job]! >= least)
    bound = Math.max(bound, sharedBound(later, given))
    for (const leastTail of thresholds(later, tails))
      bound = Math.max(
        bound,
        pigeonBound(
          later.filter(job => tails[job]! >= leastTail),
          given,
        ),
      )
  }
  return bound
}

/** Z1. Of the jobs turned round (`reversed`) they are tails. */
export function headsOf(jobs: Jobs, slots: number): Float64Array {
  const { count, durations, previousStart, previous, slot } = jobs
  const order = orderOf(jobs)
  const heads = new Float64Array(count)
  const tails = new Float64Array(count)
  const seen = new Int32Array(count).fill(-1)
  for (const job of order) {
    const [from, to] = [previousStart[job]!, previousStart[job + 1]!]
    for (let at = from; at < to; at++)
      heads[job] = Math.max(heads[job]!, heads[previous[at]!]! + durations[previous[at]!]!)
    // With one before it, what comes before that one has been looked at already.
    if (to - from < 2) continue
    const earlier = ancestorsOf(jobs, job, { seen, tails })
    if (earlier.length <= slots) continue
    const real = earlier.filter(each => slot[each] === 1)
    heads[job] = Math.max(heads[job]!, sharedBound(real, { durations, heads, tails, slots }))
  }
  return heads
}

/** All that must end before a job starts, and of each the longest way between its end and that start. */
function ancestorsOf(
  { previousStart, previous, durations }: Jobs,
  job: number,
  { seen, tails }: { readonly seen: Int32Array; readonly tails: Float64Array },
): Uint32Array {
  const found: number[] = []
  const stack = [job]
  seen[job] = job
  const order: number[] = []
  // Depth first, so that each stands after all that hang on it once the order is turned round.
  const next = new Map<number, number>([[job, previousStart[job]!]])
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    const at = next.get(top)!
    if (at === previousStart[top + 1]!) {
      order.push(stack.pop()!)
      continue
    }
    next.set(top, at + 1)
    const before = previous[at]!
    if (seen[before] === job) continue
    seen[before] = job
    tails[before] = 0
    found.push(before)
    next.set(before, previousStart[before]!)
    stack.push(before)
  }
  for (let index = order.length - 1; index >= 0; index--) {
    const each = order[index]!
    const way = each === job ? 0 : tails[each]! + durations[each]!
    for (let at = previousStart[each]!; at < previousStart[each + 1]!; at++)
      tails[previous[at]!] = Math.max(tails[previous[at]!]!, way)
  }
  return Uint32Array.from(found)
}

interface Given {
  readonly durations: Float64Array
  readonly heads: Float64Array
  readonly tails: Float64Array
  readonly slots: number
}

/** Z2, of all sets that are made of the longest tails, and of all that are made of the latest heads. */
function sharedBound(set: Uint32Array, given: Given): number {
  const { heads, tails } = given
  return Math.max(nestedBound(set, given), nestedBound(set, { ...given, heads: tails, tails: heads }))
}

function nestedBound(set: Uint32Array, { durations, heads, tails, slots }: Given): number {
  const sorted = set.slice().sort((a, b) => tails[b]! - tails[a]!)
  const least = newLeast(slots)
  let [bound, work, lastTails] = [0, 0, 0]
  sorted.forEach((job, index) => {
    work += durations[job]!
    lastTails += tails[job]! - (index >= slots ? tails[sorted[index - slots]!]! : 0)
    least.add(heads[job]!)
    if (index + 1 >= slots) bound = Math.max(bound, (least.sum + work + lastTails) / slots)
  })
  return bound
}

/** The sum of the least so many of all that were added. */
function newLeast(many: number) {
  const kept: number[] = []
  let sum = 0
  return {
    get sum() {
      return sum
    },
    add(value: number): void {
      if (kept.length === many && value >= kept[many - 1]!) return
      let [low, high] = [0, kept.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (kept[middle]! <= value) low = middle + 1
        else high = middle
      }
      kept.splice(low, 0, value)
      sum += value
      if (kept.length > many) sum -= kept.pop()!
    },
  }
}

/** Z3. */
function pigeonBound(set: Uint32Array, { durations, heads, tails, slots }: Given): number {
  const sorted = set.slice().sort((a, b) => durations[b]! - durations[a]!)
  let [bound, head, tail] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  sorted.forEach((job, index) => {
    head = Math.min(head, heads[job]!)
    tail = Math.min(tail, tails[job]!)
    if (index === 0 || index % slots !== 0) return
    let together = 0
    for (let k = 0; k <= index / slots; k++) together += durations[sorted[index - k]!]!
    bound = Math.max(bound, head + together + tail)
  })
  return bound
}

/** How many sets are tried. */
const THRESHOLDS = 24

function thresholds(set: Uint32Array, values: Float64Array): readonly number[] {
  const sorted = [...new Set(Array.from(set, job => values[job]!))].sort((a, b) => a - b)
  if (sorted.length <= THRESHOLDS) return sorted
  return Array.from({ length: THRESHOLDS }, (_, at) => sorted[Math.floor((at * sorted.length) / THRESHOLDS)]!)
}
