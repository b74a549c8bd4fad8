/**
 * Which retrier and which catcher an error is for: the first whose `ErrorEquals` names it.
 *
 *   States.ALL         every error but States.Runtime, which nothing handles
 *   States.TaskFailed  every error but timeouts
 *   States.Timeout     a missed heartbeat, too
 *
 * Each retrier counts its own attempts; one that has none left is still the one for its errors, which then are for the catchers.
 */
import type { Fallible } from '../machine.ts'
import type { StateError } from '../state-error.ts'

type Named = Pick<StateError, 'error'>

export const retrierOf = (state: Fallible, error: Named): number | undefined => firstFor(state.Retry, error)
export const catcherOf = (state: Fallible, error: Named): number | undefined => firstFor(state.Catch, error)

function firstFor(handlers: readonly { readonly ErrorEquals: readonly string[] }[] = [], { error }: Named) {
  if (error === 'States.Runtime') return undefined
  const found = handlers.findIndex(handler => handler.ErrorEquals.some(name => matches(name, error)))
  return found === -1 ? undefined : found
}

function matches(name: string, error: string | undefined): boolean {
  if (name === error || name === 'States.ALL') return true
  const missed = error === 'States.HeartbeatTimeout'
  if (name === 'States.Timeout') return missed
  return name === 'States.TaskFailed' && !missed && error !== 'States.Timeout'
}
