/** Outcomes that stand in for calls. */
import { refuse } from '../../../../util/diagnostic.ts'
import { StateError } from '../../state-error.ts'
import type { MockBinding, Outcome } from '../binding.ts'
import { type Performed, resulting } from '../request.ts'

/** What is answered to the calls of one state, by the number of the call, from 0. */
export interface Script {
  readonly name: string
  /** Undefined: it has no answer to so many. */
  answer(call: number): Outcome | undefined
}

export function scriptOf({ mock }: MockBinding): Script {
  const outcomes: readonly Outcome[] = Array.isArray(mock) ? mock : [mock as Outcome] // narrowed by isArray, readonly lists are not
  return { name: 'mock', answer: call => outcomes[call] ?? outcomes.at(-1) ?? { output: null } }
}

/**
 * Answers are numbered by all calls of a state, so that a loop can go on; where there are no more of them each visit begins
 * with the first one again, and its retries count on from there, as in AWS's own local runner.
 */
export function answerOf(
  { name, answer }: Script,
  { call, retry }: { readonly call: number; readonly retry: number },
): Outcome {
  const outcome = answer(call) ?? answer(retry)
  if (outcome) return outcome
  return refuse('ASL_MOCK_EXHAUSTED', `The mocked response ${name} has no answer to call ${call}`, {
    hint: `Add "${call}": { "Return": … } to it.`,
  })
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
