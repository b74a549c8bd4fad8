/** When a wait ends whose duration or instant is a value of the run. */
import type { Input, StepDescription } from '../../core/index.ts'
import { DURATION_MAX_MS, durationMs } from '../../util/duration.ts'
import { instantMs, refuseInstant } from '../../util/instant.ts'
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
export function instantOf(value: unknown, nowMs: number): number {
  const ms = instantMs(value)
  return ms <= nowMs + DURATION_MAX_MS ? ms : refuseInstant(value)
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)
