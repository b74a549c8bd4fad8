/**
 * The instants that one run waits for. However many there are, the clock is asked for the earliest only, so 10,000 timers
 * cost a heap's entries and one timer of the host.
 *
 *   A1. An alarm rings once, not before its instant; setting it again replaces it.
 *   A2. Alarms of what is no longer there are dropped when they are as many as the others: a loop of a million turns with a
 *       deadline each keeps no million of them.
 */
import { newHeap } from '../util/heap.ts'
import type { Clock } from './clock.ts'

/** What to do at an instant. `start`: a step may have its next attempt. */
export interface Alarm {
  readonly step: string
  readonly kind: 'wake' | 'retry' | 'deadline' | 'start'
  readonly atMs: number
  readonly supersedes?: number
}

export interface Alarms {
  readonly size: number
  set(alarm: Alarm): void
  /** All that will ring, in no order. */
  pending(): Iterable<Alarm>
  clear(): void
}

interface Entry {
  readonly alarm: Alarm
  readonly atMs: number
  readonly tie: number
}

interface AlarmsOptions {
  readonly clock: Clock
  readonly ring: (alarm: Alarm) => void
  /** Whether anybody could still want it. */
  readonly isWanted: (alarm: Alarm) => boolean
}

/** Fewer than this are never looked through. */
const SWEEP_SIZE_MIN = 1_000

export function newAlarms({ clock, ring, isWanted }: AlarmsOptions): Alarms {
  const byKey = new Map<string, Entry>()
  const heap = newHeap<Entry>((a, b) => (a.atMs === b.atMs ? a.tie < b.tie : a.atMs < b.atMs))
  let armed: { readonly atMs: number; readonly cancel: () => void } | undefined
  let sweepSize = SWEEP_SIZE_MIN

  /** A replaced alarm stays in the heap until its turn comes. */
  const isCurrent = (entry: Entry): boolean => byKey.get(keyOf(entry.alarm)) === entry

  const arm = (): void => {
    while (heap.first && !isCurrent(heap.first)) heap.pop()
    const atMs = heap.first?.atMs
    if (armed?.atMs === atMs) return
    armed?.cancel()
    armed = atMs === undefined ? undefined : { atMs, cancel: clock.at(atMs, onInstant) }
  }

  const onInstant = (): void => {
    armed = undefined
    const nowMs = clock.now()
    // A host's timer may be early by a part of a millisecond: then it is armed again.
    for (let entry = heap.first; entry && entry.atMs <= nowMs; entry = heap.first) {
      heap.pop()
      if (!isCurrent(entry)) continue
      byKey.delete(keyOf(entry.alarm))
      ring(entry.alarm)
    }
    arm()
  }

  const sweep = (): void => {
    for (const [key, { alarm }] of byKey) if (!isWanted(alarm)) byKey.delete(key)
    heap.retain(isCurrent)
    sweepSize = Math.max(SWEEP_SIZE_MIN, 2 * heap.size)
  }

  return {
    get size() {
      return byKey.size
    },
    set(alarm) {
      const entry: Entry = { alarm, atMs: alarm.atMs, tie: clock.tie() }
      byKey.set(keyOf(alarm), entry)
      heap.push(entry)
      if (heap.size > sweepSize) sweep()
      arm()
    },
    *pending() {
      for (const { alarm } of byKey.values()) yield alarm
    },
    clear() {
      armed?.cancel()
      armed = undefined
      byKey.clear()
      heap.retain(() => false)
    },
  }
}

const keyOf = ({ kind, step }: Alarm): string => `${kind} ${step}`
