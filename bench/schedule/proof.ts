/**
 * Whether any schedule could be shorter than so and so long: looks for one that is, of the longest jobs only, the others being
 * time that passes between them. That none is found after all have been tried proves that there is none.
 *
 * Jobs are placed in the order of their starts, each as early as it can be; so what is left out is only what could be moved to
 * the left without harm.
 */
import { headsOf, type Jobs, reversed } from '../../src/analysis/index.ts'

/** So many jobs are looked at: the fewer, the sooner all has been tried, and the more, the more there is to find. */
const LONGEST = [10, 16, 24]
const NODES_MAX = 1_000_000
/** All times are rounded down to so many parts of the makespan: that makes schedules shorter only, and more of them alike. */
const GRID = 1_000
/** Of states that have placed the same jobs, so many are remembered. */
const REMEMBERED = 16

/** 'none': no schedule is shorter than `makespan`. 'unknown': one might be. */
export const shorterThan = (jobs: Jobs, slots: number, makespan: number): 'none' | 'unknown' =>
  LONGEST.some(many => isRefuted(rounded(longest(jobs, slots, many), makespan / GRID), slots, makespan))
    ? 'none'
    : 'unknown'

/** Whether all has been tried, and none of these jobs' schedules is shorter. */
function isRefuted(few: readonly Long[], slots: number, makespan: number): boolean {
  const latest = few.map(({ ms, tail }) => makespan * (1 - 1e-9) - tail - ms)
  const seen = new Map<number, Float64Array[]>()
  let nodes = 0

  /** By job the earliest start, given what is placed; undefined: one of them comes too late. */
  const starts = (placed: number, ends: Float64Array, least: number): Float64Array | undefined => {
    const found = new Float64Array(few.length)
    for (const [job, { head, before }] of few.entries()) {
      if (placed & (1 << job)) continue
      let at = Math.max(head, least)
      for (const { from, delay } of before)
        at = Math.max(at, (placed & (1 << from) ? ends[from]! : found[from]! + few[from]!.ms) + delay)
      if (at > latest[job]!) return undefined
      found[job] = at
    }
    return found
  }

  /** The jobs that are left need more than all slots have, with what must follow on them (the longest tails first). */
  const isOverfull = (placed: number, free: Float64Array): boolean => {
    let [work, count, tails] = [free.reduce((sum, at) => sum + at, 0), 0, 0]
    const left = byTail.filter(job => !(placed & (1 << job)))
    for (const job of left) {
      work += few[job]!.ms
      tails += few[job]!.tail - (count >= slots ? few[left[count - slots]!]!.tail : 0)
      count += 1
      if (count >= slots && work + tails > slots * makespan * (1 - 1e-9)) return true
    }
    return false
  }
  const byTail = few.map((_, job) => job).sort((a, b) => few[b]!.tail - few[a]!.tail)

  const isWorse = (placed: number, state: Float64Array): boolean => {
    const others = seen.get(placed) ?? []
    if (others.some(other => other.every((value, at) => value <= state[at]!))) return true
    if (others.length < REMEMBERED) seen.set(placed, [...others, state])
    return false
  }

  const search = (placed: number, free: Float64Array, ends: Float64Array, last: number): boolean => {
    if (placed === 2 ** few.length - 1) return true
    if (++nodes > NODES_MAX) return true
    const least = Math.max(free[0]!, last)
    const earliest = starts(placed, ends, least)
    if (
      !earliest ||
      isOverfull(
        placed,
        free.map(at => Math.max(at, last)),
      )
    )
      return false
    if (isWorse(placed, Float64Array.of(...free.map(at => Math.max(at, last)), ...earliest))) return false
    const open = few
      .map((_, job) => job)
      .filter(job => !(placed & (1 << job)) && few[job]!.before.every(({ from }) => placed & (1 << from)))
    const soonestEnd = Math.min(...open.map(job => earliest[job]! + few[job]!.ms))
    const next = open.filter(job => earliest[job]! <= soonestEnd)
    next.sort((a, b) => latest[a]! - latest[b]!)
    return next.some(job => {
      const end = earliest[job]! + few[job]!.ms
      const nextFree = free.slice()
      nextFree[0] = end
      const nextEnds = ends.slice()
      nextEnds[job] = end
      return search(placed | (1 << job), nextFree.sort(), nextEnds, earliest[job]!)
    })
  }

  return !search(0, new Float64Array(slots), new Float64Array(few.length), 0)
}

interface Long {
  readonly ms: number
  /** Before it and after it, as the better bound has them (Z1). */
  readonly head: number
  readonly tail: number
  /** Of those before it: the longest way from its end to this one's start. Each stands earlier in the list. */
  readonly before: readonly { readonly from: number; readonly delay: number }[]
}

const rounded = (few: readonly Long[], grid: number): readonly Long[] => {
  const down = (ms: number): number => Math.floor(ms / grid) * grid
  return few.map(({ ms, head, tail, before }) => ({
    ms: down(ms),
    head: down(head),
    tail: down(tail),
    before: before.map(({ from, delay }) => ({ from, delay: down(delay) })),
  }))
}

function longest(jobs: Jobs, slots: number, many: number): readonly Long[] {
  const heads = headsOf(jobs, slots)
  const tails = headsOf(reversed(jobs), slots)
  const chosen = Array.from({ length: jobs.count }, (_, job) => job)
    .filter(job => jobs.slot[job] === 1)
    .sort((a, b) => jobs.durations[b]! - jobs.durations[a]!)
    .slice(0, many)
    .sort((a, b) => heads[a]! - heads[b]! || a - b)
  return chosen.map((job, at) => {
    const ways = waysTo(jobs, job)
    const before = chosen
      .slice(0, at)
      .flatMap((from, index) => (ways[from] === undefined ? [] : [{ from: index, delay: ways[from] }]))
    return { ms: jobs.durations[job]!, head: heads[job]!, tail: tails[job]!, before }
  })
}

/** By each job before this one: the longest way from its end to the start of this one. */
function waysTo({ durations, previousStart, previous }: Jobs, job: number): readonly (number | undefined)[] {
  const ways: (number | undefined)[] = []
  const visit = (each: number, way: number): void => {
    for (let at = previousStart[each]!; at < previousStart[each + 1]!; at++) {
      const before = previous[at]!
      if (ways[before] !== undefined && ways[before] >= way) continue
      ways[before] = way
      visit(before, way + durations[before]!)
    }
  }
  visit(job, 0)
  return ways
}
