/** An attempt's time is bounded: the signal aborts, and the attempt has failed whether its task listens or not. */
import type { Outcome } from '../../core/engine/protocol.ts'
import type { Attempt, Executor, Middleware } from '../attempt.ts'

/** How long what is inside may take to stop: the grace of a function, that of its commands, and some more. */
const STOP_MS_MAX = 10_000

/** Fails with TIMEOUT after `policy.timeoutMs`. */
export const timeout: Middleware = next => (attempt, signal, reports) => {
  const { timeoutMs } = attempt.policy
  if (timeoutMs === undefined) return next(attempt, signal, reports)
  const endMs = performance.now() + timeoutMs
  return limited({
    next: (bounded, stop) => next(bounded, stop, reports),
    attempt,
    signal,
    leftMs: () => endMs - performance.now(),
    outcome: () => timedOut(attempt, timeoutMs),
    why: `out of time after ${showMs(timeoutMs)}`,
  })
}

export interface Limit {
  readonly next: (attempt: Attempt, signal: AbortSignal) => ReturnType<Executor>
  readonly attempt: Attempt
  readonly signal: AbortSignal
  /** Milliseconds until the attempt has failed; asked again when they have passed. */
  readonly leftMs: () => number
  readonly outcome: () => Outcome
  readonly why: string
}

/** An attempt that fails with `outcome` when its time is up, whatever what is inside answers then. */
export async function limited({ next, attempt, signal, leftMs, outcome, why }: Limit): Promise<Outcome> {
  const clock = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<Outcome>(resolve => {
    const look = (): void => {
      const ms = leftMs()
      if (ms > 0) return void (timer = setTimeout(look, ms))
      clock.abort(new Error(why))
      timer = setTimeout(() => resolve(outcome()), STOP_MS_MAX)
    }
    look()
  })
  try {
    const ended = await Promise.race([next(attempt, AbortSignal.any([signal, clock.signal])), expired])
    return clock.signal.aborted && !signal.aborted ? outcome() : ended
  } finally {
    clearTimeout(timer)
  }
}

export const timedOut = (attempt: Attempt, timeoutMs: number): Outcome => ({
  kind: 'failed',
  fault: { code: 'TIMEOUT', message: `${attempt.name} took longer than its timeout of ${showMs(timeoutMs)}` },
})

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** As users write durations: 90000 is 1m30s. */
export function showMs(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return rest > 0 || text === '' ? `${text}${rest}ms` : text
}
