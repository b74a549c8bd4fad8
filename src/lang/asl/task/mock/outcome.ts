/** Outcomes that stand in for calls. */
import { StateError } from '../../state-error.ts'
import type { MockBinding, Outcome } from '../binding.ts'
import { type Performed, resulting } from '../request.ts'

/** What is answered to the calls of one state, by the number of the call, from 0. */
export interface Script {
  answer(call: number): Outcome
}

export function scriptOf({ mock }: MockBinding): Script {
  const outcomes: readonly Outcome[] = Array.isArray(mock) ? mock : [mock as Outcome] // narrowed by isArray, readonly lists are not
  return { answer: call => outcomes[call] ?? outcomes.at(-1) ?? { output: null } }
}

export function performOutcome(outcome: Outcome): Performed {
  if ('output' in outcome) return resulting(outcome.output)
  if ('timedOut' in outcome) throw new StateError(outcome.error ?? 'States.Timeout')
  const { error, cause } = outcome
  throw new StateError(
    error ?? undefined,
    cause === undefined || cause === null ? undefined : typeof cause === 'string' ? cause : JSON.stringify(cause),
  )
}
