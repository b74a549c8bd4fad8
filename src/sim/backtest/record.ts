/** The record of a run as its replay reads it: each answer once, in order, by the ids that steps have now. */
import type { StepId, Timer } from '../../core/index.ts'
import type { Ids } from './ids.ts'
import { type Past, type PastStep, type PastTimer, timerKey } from './past.ts'

type Kind = 'attempts' | 'known' | 'choices' | 'instants' | 'proposals'

export interface RunRecord {
  of(step: StepId): PastStep | undefined
  /** The next one of its kind; undefined when all have been given, or there are none. */
  next<K extends Kind>(step: StepId, kind: K): PastStep[K][number] | undefined
  /** Whether the step waited for a slot then, until it was stopped. Counts. */
  waitedForSlot(step: StepId): boolean
  nextTimer(timer: Timer, step: StepId): PastTimer | undefined
}

type Cursor = { [K in Kind | 'starts']: number }

export function newRecord(past: Past, ids: Ids): RunRecord {
  const cursors = new Map<StepId, Cursor>()
  const timers = new Map<string, number>()

  const cursorOf = (step: StepId): Cursor => {
    const known = cursors.get(step)
    if (known) return known
    const made: Cursor = { starts: 0, attempts: 0, known: 0, choices: 0, instants: 0, proposals: 0 }
    cursors.set(step, made)
    return made
  }

  const of = (step: StepId): PastStep | undefined => past.steps.get(ids.then(step))
  const next = <K extends Kind>(step: StepId, kind: K): PastStep[K][number] | undefined => {
    const cursor = cursorOf(step)
    const found = of(step)?.[kind][cursor[kind]]
    if (found) cursor[kind] += 1
    return found as PastStep[K][number] | undefined
  }

  return {
    of,
    next,
    waitedForSlot(step) {
      const then = of(step)
      const cursor = cursorOf(step)
      cursor.starts += 1
      return then !== undefined && cursor.starts <= then.starts - then.attempts.length
    },
    nextTimer(timer, step) {
      const key = timerKey(timer, ids.then(step))
      const index = timers.get(key) ?? 0
      timers.set(key, index + 1)
      return past.timers.get(key)?.[index]
    },
  }
}
