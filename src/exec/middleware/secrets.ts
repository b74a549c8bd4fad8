/**
 * The last door for secrets: whatever the layers inside let through, no line, record or fault leaves with one. Lines of the
 * console and of commands come here clean already, as their sinks see across chunk borders (../lines.ts).
 */
import type { Fault, Outcome } from '../../core/engine/protocol.ts'
import { type Middleware, type Reports, whenDone } from '../attempt.ts'
import { redact, redactJson } from '../secrets/vault.ts'

export const secrets: Middleware = next => (attempt, signal, reports) =>
  whenDone(next(attempt, signal, redacting(reports)), clean)

const redacting = (reports: Reports): Reports => ({
  line: (stream, text) => reports.line(stream, redact(text)),
  record: (name, value) => reports.record(redact(name), redactJson(value)),
  alive: () => reports.alive(),
  saw: access => reports.saw(access),
})

const clean = (outcome: Outcome): Outcome =>
  outcome.kind === 'failed' ? { kind: 'failed', fault: cleanFault(outcome.fault) } : outcome

const cleanFault = (fault: Fault): Fault => ({
  ...fault,
  message: redact(fault.message),
  ...(fault.causes ? { causes: fault.causes.map(cleanFault) } : {}),
})
