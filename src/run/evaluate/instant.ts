/** When a wait ends whose duration or instant is a value of the run. */
import type { Input, StepDescription } from '../../core/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import { evaluated, type Evaluation, type Soon } from './evaluation.ts'

export type TimerResult = Extract<Input, { kind: 'timer.evaluated' }>['result']

/** A duration counts from `nowMs`, the instant at which the answer is given. */
export function evaluateTimer(
  evaluation: Evaluation,
  { node, args }: StepDescription,
  now: () => number,
): Soon<TimerResult> {
  if (node.kind !== 'wait') throw new Error(`defect: ${node.kind} does not wait for an instant`)
  const isInstant = node.on.kind === 'instant'
  return evaluated<TimerResult>(evaluation, node.name, args[0] ?? { kind: 'literal', value: null }, value => {
    const nowMs = now()
    return { kind: 'due', dueAtMs: isInstant ? instantOf(value, nowMs) : nowMs + durationOf(value) }
  })
}

/** Milliseconds. Refuses BAD_DURATION for what is none, negative, or longer than 100 years. */
export const durationOf = (value: unknown): number =>
  Math.ceil(durationMs(typeof value === 'number' || typeof value === 'string' ? value : shown(value)))

/** An instant this far away is a mistake. One that has passed is none: it is over at once. */
const FAR_MS = 100 * 365 * 86_400_000

/** Milliseconds since 1970 of a Date, such a number, or an ISO 8601 text with a zone. Refuses BAD_INSTANT for all else. */
export function instantOf(value: unknown, nowMs: number): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? textMs(value) : value
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 && ms <= nowMs + FAR_MS) return Math.ceil(ms)
  refuse('BAD_INSTANT', `${shown(value)} is no instant`, {
    hint: "Give a Date, milliseconds since 1970, or a text such as '2027-01-31T09:00:00Z' (at most 100 years from now).",
  })
}

/** A time without a zone would be another instant on another machine; a day alone is UTC in ISO 8601 as JavaScript has it. */
const textMs = (text: string): number =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN

const shown = (value: unknown): string =>
  value instanceof Date ? 'an invalid date' : (JSON.stringify(value) ?? String(value))
