/** An attempt's time is bounded: the signal aborts, and the attempt has failed whether its task listens or not. */
import type { Outcome } from '../../core/engine/protocol.ts'
import type { Attempt, Executor, Middleware, Reports } from '../attempt.ts'

/** How long what is inside may take to stop: the grace of a function, that of its commands, and some more. */
const STOP_MS_MAX = 10_000

/** Fails with TIMEOUT after `policy.timeoutMs`. */
export const timeout: Middleware = next => (attempt, signal, reports) => {
  const { timeoutMs } = attempt.policy
  return timeoutMs === undefined ? next(attempt, signal, reports) : limited(next, attempt, signal, reports, timeoutMs)
}

async function limited(
  next: Executor,
  attempt: Attempt,
  signal: AbortSignal,
  reports: Reports,
  timeoutMs: number,
): Promise<Outcome> {
  const clock = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<Outcome>(resolve => {
    timer = setTimeout(() => {
      clock.abort(new Error(`out of time after ${showMs(timeoutMs)}`))
      timer = setTimeout(() => resolve(timedOut(attempt, timeoutMs)), STOP_MS_MAX)
    }, timeoutMs)
  })
  try {
    const outcome = await Promise.race([next(attempt, AbortSignal.any([signal, clock.signal]), reports), expired])
    return clock.signal.aborted && !signal.aborted ? timedOut(attempt, timeoutMs) : outcome
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
