/** An attempt that is silent for too long has failed: what hangs is found long before its timeout. */
import type { Outcome } from '../../core/engine/protocol.ts'
import type { Attempt, Middleware, Reports } from '../attempt.ts'
import { limited, showMs } from './timeout.ts'

/** Fails with HEARTBEAT_TIMEOUT after `policy.heartbeatMs` without a line, a record or a `ctx().heartbeat()`. */
export const heartbeat: Middleware = next => (attempt, signal, reports) => {
  const { heartbeatMs } = attempt.policy
  if (heartbeatMs === undefined) return next(attempt, signal, reports)
  let heardMs = performance.now()
  return limited({
    next: (watched, stop) =>
      next(
        watched,
        stop,
        hearing(reports, () => (heardMs = performance.now())),
      ),
    attempt,
    signal,
    leftMs: () => heardMs + heartbeatMs - performance.now(),
    outcome: () => silentTooLong(attempt, heartbeatMs),
    why: `silent for ${showMs(heartbeatMs)}`,
  })
}

const hearing = (reports: Reports, heard: () => void): Reports => ({
  line: (stream, text) => {
    heard()
    reports.line(stream, text)
  },
  record: (name, value) => {
    heard()
    reports.record(name, value)
  },
  alive: () => {
    heard()
    reports.alive()
  },
  saw: access => reports.saw(access),
})

export const silentTooLong = (attempt: Attempt, heartbeatMs: number): Outcome => ({
  kind: 'failed',
  fault: {
    code: 'HEARTBEAT_TIMEOUT',
    message: `${attempt.name} was silent for longer than its heartbeat of ${showMs(heartbeatMs)}`,
  },
})
