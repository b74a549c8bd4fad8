/** What would come of other durations, slots and pools: the same jobs played again. Nothing runs. */
import { criticalOf, type Critical } from './critical.ts'
import { played, type Room, type Timed, type TimedStep } from './timed.ts'

export interface Change {
  readonly room: Room
  /** Milliseconds that a step takes instead, or nothing where it stays as it is. */
  readonly durationOf?: (step: TimedStep) => number | undefined
}

export interface WhatIf {
  /** Played with everything as it is: what really was hangs on more than a schedule knows. */
  readonly before: Critical
  readonly after: Critical
}

export function whatIf(timed: Timed, room: Room, change: Change): WhatIf {
  return {
    before: criticalOf(played(timed, room)),
    after: criticalOf(played(withDurations(timed, change.durationOf ?? (() => undefined)), change.room)),
  }
}

function withDurations(timed: Timed, durationOf: (step: TimedStep) => number | undefined): Timed {
  const durations = timed.jobs.durations.map((ms, job) => {
    const step = timed.steps[job]
    return (step && durationOf(step)) ?? ms
  })
  return { ...timed, jobs: { ...timed.jobs, durations } }
}

/** Makespans with more slots, until one more brings nothing; at most `most` of them. */
export function moreSlots(
  timed: Timed,
  room: Room,
  most: number,
): readonly { readonly slots: number; readonly makespanMs: number }[] {
  const found = [{ slots: room.slots, makespanMs: played(timed, room).makespan }]
  while (found.length <= most) {
    const slots = room.slots + found.length
    const makespanMs = played(timed, { ...room, slots }).makespan
    if (makespanMs === found.at(-1)!.makespanMs) break
    found.push({ slots, makespanMs })
  }
  return found
}
