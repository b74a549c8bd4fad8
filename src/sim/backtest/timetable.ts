/**
 * When things happen in a replay: at their recorded instants and in their recorded order while nothing is different, and as
 * long after what they follow from as they did where something is.
 */
import { newHeap } from '../../util/heap.ts'
import type { Answer, Instant } from './past.ts'

/** Given the instant that its input has. */
export type Call = (atMs: number) => void

export interface Entry {
  /** It does not come any more. */
  taken: boolean
}

export interface Timetable {
  readonly now: Instant
  /** Before anything else. */
  soon(call: Call): Entry
  /** After all that is recorded of that millisecond. */
  late(ms: number, call: Call): Entry
  /** At the end of something that began now and takes so long. */
  after(tookMs: number, call: Call): Entry
  /** B3. As long after `fromMs` as it was then. */
  like(answer: Answer, fromMs: number, call: Call): Entry
  at(instant: Instant, shiftMs: number, call: Call): Entry
  /** Goes to what comes next and calls it; false when there is nothing. */
  advance(): boolean
}

interface Kept extends Entry {
  readonly ms: number
  readonly order: number
  readonly seq: number
  readonly atMs: number
  readonly call: Call
}

const LATE = Number.MAX_SAFE_INTEGER

export function newTimetable(start: Instant): Timetable {
  const heap = newHeap<Kept>(isBefore)
  let now = start
  let seq = 0

  const put = (ms: number, order: number, atMs: number, call: Call): Entry => {
    const entry: Kept = { ms: Math.max(ms, now.ms), order, seq: (seq += 1), atMs, call, taken: false }
    heap.push(entry)
    return entry
  }

  return {
    get now() {
      return now
    },
    soon: call => put(now.ms, now.order, now.atMs, call),
    late: (ms, call) => put(ms, LATE, Math.max(ms, now.ms), call),
    after: (tookMs, call) => put(now.ms + tookMs, now.order, now.ms + tookMs, call),
    like(answer, fromMs, call) {
      const ms = fromMs + answer.waitedMs
      return put(ms, answer.at.order, ms === answer.at.ms ? answer.at.atMs : ms, call)
    },
    at(instant, shiftMs, call) {
      const ms = Math.max(now.ms, instant.ms + shiftMs)
      return put(ms, instant.order, ms === instant.ms ? instant.atMs : ms, call)
    },
    advance() {
      let entry = heap.pop()
      while (entry?.taken) entry = heap.pop()
      if (!entry) return false
      now = { ms: entry.ms, order: entry.order, atMs: entry.atMs }
      entry.call(entry.atMs)
      return true
    },
  }
}

const isBefore = (a: Kept, b: Kept): boolean =>
  a.ms === b.ms ? (a.order === b.order ? a.seq < b.seq : a.order < b.order) : a.ms < b.ms
