/** The best makespan there is, by trying: every order in which jobs can be placed, each as early as it fits (≤ 7 jobs). */
import type { Jobs } from '../../src/analysis/index.ts'

interface Resources {
  readonly slots: number
  readonly pools: readonly number[]
}

interface Placed {
  readonly job: number
  readonly start: number
  readonly end: number
}

/** The schedules that come of this are all active ones, and one of them is optimal (A. Sprecher et al., 1995). */
export function optimum(jobs: Jobs, resources: Resources): number {
  let best = Number.POSITIVE_INFINITY
  const place = (placed: readonly Placed[]): void => {
    const isPlaced = new Set(placed.map(({ job }) => job))
    const open = range(jobs.count).filter(
      job => !isPlaced.has(job) && before(jobs, job).every(each => isPlaced.has(each)),
    )
    if (open.length === 0) best = Math.min(best, Math.max(0, ...placed.map(({ end }) => end)))
    for (const job of open) {
      const start = earliest(jobs, resources, placed, job)
      place([...placed, { job, start, end: start + jobs.durations[job]! }])
    }
  }
  place([])
  return best
}

function earliest(jobs: Jobs, resources: Resources, placed: readonly Placed[], job: number): number {
  const ready = Math.max(0, ...placed.filter(each => before(jobs, job).includes(each.job)).map(({ end }) => end))
  const instants = [ready, ...placed.map(({ end }) => end).filter(end => end > ready)].sort((a, b) => a - b)
  return instants.find(start => {
    const own = { job, start, end: start + jobs.durations[job]! }
    return broken(jobs, resources, [...placed, own]) === undefined
  })!
}

/** What is wrong with a schedule; undefined: nothing. */
export function broken(jobs: Jobs, { slots, pools }: Resources, placed: readonly Placed[]): string | undefined {
  const byJob = new Map(placed.map(each => [each.job, each]))
  for (const { job, start } of placed)
    for (const each of before(jobs, job))
      if (!(byJob.get(each)!.end <= start)) return `${job} starts before the end of ${each}`
  for (const { start: now } of placed) {
    const there = placed.filter(({ start, end, job }) => start <= now && now < end && jobs.slot[job] === 1)
    if (there.length > slots) return `${there.length} run at ${now}`
    for (const [pool, has] of pools.entries()) {
      const taken = there.reduce((sum, { job }) => sum + (jobs.pool[job] === pool ? jobs.weight[job]! : 0), 0)
      if (taken > has) return `${taken} of ${has} slots of pool ${pool} are taken at ${now}`
    }
  }
  return undefined
}

export const before = ({ previousStart, previous }: Jobs, job: number): readonly number[] => [
  ...previous.subarray(previousStart[job]!, previousStart[job + 1]!),
]

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
