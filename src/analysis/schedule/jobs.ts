/**
 * Jobs that wait for one another, as a schedule sees them: a graph without cycles in flat arrays, so that 100,000 jobs are a
 * few arrays. The successors of job j are `next[nextStart[j] .. nextStart[j + 1])`, each once, ascending; likewise those before it.
 */
import { refuse } from '../../util/diagnostic.ts'

export interface Jobs {
  readonly count: number
  /** Milliseconds. */
  readonly durations: Float64Array
  readonly nextStart: Uint32Array
  readonly next: Uint32Array
  readonly previousStart: Uint32Array
  readonly previous: Uint32Array
  /** Index of its pool; -1: none. */
  readonly pool: Int32Array
  /** Slots that it takes of its pool. */
  readonly weight: Float64Array
  /** Greater goes first, whatever the policy says. */
  readonly priority: Float64Array
  /** 1: takes a slot; 0: only waits for others (a flow, a timer), and is never in anybody's way. */
  readonly slot: Uint8Array
}

/** One job while jobs are being built. */
export interface JobParts {
  readonly durationMs: number
  /** Indices of the jobs that it waits for; repetitions do no harm. */
  readonly after: readonly number[]
  readonly pool?: number
  /** Absent: 1. */
  readonly weight?: number
  /** Absent: 0. */
  readonly priority?: number
  /** Absent: one slot. */
  readonly slot?: 0 | 1
}

/** Refuses JOBS_INVALID: a duration that is no number of milliseconds, a job that is not there, a cycle. */
export function buildJobs(parts: readonly JobParts[]): Jobs {
  const count = parts.length
  const [from, to]: [number[], number[]] = [[], []]
  parts.forEach(({ after, durationMs }, job) => {
    if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY))
      invalid(`job ${job} takes ${durationMs} ms`, 'Give a number of milliseconds, 0 or more.')
    for (const before of after) {
      if (!(Number.isInteger(before) && before >= 0 && before < count))
        invalid(`job ${job} waits for job ${before}, which is not there`, 'Jobs are named by their indices, from 0.')
      from.push(before)
      to.push(job)
    }
  })
  const next = rows(from, to, count)
  const previous = rows(to, from, count)
  const jobs: Jobs = {
    count,
    durations: Float64Array.from(parts, ({ durationMs }) => durationMs),
    nextStart: next.start,
    next: next.entries,
    previousStart: previous.start,
    previous: previous.entries,
    pool: Int32Array.from(parts, ({ pool }) => pool ?? -1),
    weight: Float64Array.from(parts, ({ weight }) => weight ?? 1),
    priority: Float64Array.from(parts, ({ priority }) => priority ?? 0),
    slot: Uint8Array.from(parts, ({ slot }) => slot ?? 1),
  }
  orderOf(jobs)
  return jobs
}

/** The same jobs from their end: what came first comes last. */
export const reversed = (jobs: Jobs): Jobs => ({
  ...jobs,
  nextStart: jobs.previousStart,
  next: jobs.previous,
  previousStart: jobs.nextStart,
  previous: jobs.next,
})

/** All jobs, each after those that it waits for. Refuses JOBS_INVALID when they wait for one another in a circle. */
export function orderOf({ count, nextStart, next, previousStart }: Jobs): Uint32Array {
  const order = new Uint32Array(count)
  const missing = new Uint32Array(count)
  let end = 0
  for (let job = 0; job < count; job++) {
    missing[job] = previousStart[job + 1]! - previousStart[job]!
    if (missing[job] === 0) order[end++] = job
  }
  for (let head = 0; head < end; head++) {
    const job = order[head]!
    for (let at = nextStart[job]!; at < nextStart[job + 1]!; at++) {
      const after = next[at]!
      missing[after]! -= 1
      if (missing[after] === 0) order[end++] = after
    }
  }
  if (end < count)
    invalid(
      `job ${missing.findIndex(each => each > 0)} waits for itself by way of others`,
      'Jobs must not wait for one another in a circle.',
    )
  return order
}

const invalid = (what: string, hint: string): never =>
  refuse('JOBS_INVALID', `These jobs have no schedule: ${what}`, { hint })

function rows(keys: readonly number[], values: readonly number[], count: number) {
  const start = new Uint32Array(count + 1)
  for (const key of keys) start[key + 1]! += 1
  for (let row = 0; row < count; row++) start[row + 1]! += start[row]!
  const fill = start.slice()
  const entries = new Uint32Array(keys.length)
  for (let at = 0; at < keys.length; at++) entries[fill[keys[at]!]!++] = values[at]!
  return unique(start, entries)
}

function unique(start: Uint32Array, entries: Uint32Array) {
  const count = start.length - 1
  const newStart = new Uint32Array(count + 1)
  let kept = 0
  for (let row = 0; row < count; row++) {
    const sorted = entries.subarray(start[row]!, start[row + 1]!).sort()
    const first = kept
    for (const entry of sorted) if (kept === first || entries[kept - 1] !== entry) entries[kept++] = entry
    newStart[row + 1] = kept
  }
  return { start: newStart, entries: entries.slice(0, kept) }
}
