/**
 * How long a check may go on. Checks are written as generators that yield every millisecond or so: who drives one can look at
 * the clock, let others run, or hear that somebody interrupts it, and the check itself asks its budget and ends with what it
 * has.
 */
import type { Spent } from './verdict.ts'

/** Work in slices. */
export type Sliced<T> = Generator<undefined, T, undefined>

export interface Budget {
  /** Of `performance.now()`. */
  readonly endsAtMs: number
  readonly bytesMax: number
  readonly statesMax: number
  /** Set from outside while the check yields. */
  interrupted: boolean
}

export const DEFAULT_LIMITS = { ms: 10_000, bytes: 2e9, states: Number.POSITIVE_INFINITY } as const

/** More is not taken: markings are found by 32-bit offsets, and what holds them doubles its size. */
const BYTES_MAX = 3.5e9

export interface Limits {
  /** Milliseconds of one net. */
  readonly ms?: number
  /** Of markings; 3.5 GB at most. */
  readonly bytes?: number
  readonly states?: number
}

export const newBudget = ({ ms, bytes, states }: Limits = {}): Budget => ({
  endsAtMs: performance.now() + (ms ?? DEFAULT_LIMITS.ms),
  bytesMax: Math.min(bytes ?? DEFAULT_LIMITS.bytes, BYTES_MAX),
  statesMax: states ?? DEFAULT_LIMITS.states,
  interrupted: false,
})

/** Why it has to stop now; `bytes` and `states` are those of the asker. */
export function spent(budget: Budget, used: { readonly bytes: number; readonly states: number }): Spent | undefined {
  if (budget.interrupted) return 'interrupted'
  if (used.states > budget.statesMax) return 'states'
  if (used.bytes > budget.bytesMax) return 'memory'
  return performance.now() > budget.endsAtMs ? 'time' : undefined
}

/** Drives it to its end at once. */
export function finish<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Most milliseconds that nobody else gets a turn. */
const TURN_MS = 20

/** Drives it to its end, letting others run in between. */
export async function finishInTurns<T>(work: Sliced<T>): Promise<T> {
  for (let turnEndsMs = performance.now() + TURN_MS; ; ) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() < turnEndsMs) continue
    await new Promise(resolve => setImmediate(resolve))
    turnEndsMs = performance.now() + TURN_MS
  }
}
