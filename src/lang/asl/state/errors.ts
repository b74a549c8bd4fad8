/**
 * Which retrier and which catcher an error is for: the first whose `ErrorEquals` names it.
 *
 *   States.ALL               every error but States.Runtime, which nothing handles
 *   States.TaskFailed        every error but timeouts
 *   States.HeartbeatTimeout  a missed heartbeat, which AWS itself calls States.Timeout: both are for it
 *
 * Each retrier counts its own attempts; one that has none left is still the one for its errors, which then are for the catchers.
 */
import type { Fallible } from '../machine.ts'
import type { StateError } from '../state-error.ts'

type Named = Partial<Pick<StateError, 'error' | 'location'>>

/** Where a missed heartbeat says that it is one. */
export const HEARTBEAT = 'HeartbeatSeconds'

export const retrierOf = (state: Fallible, error: Named): number | undefined => firstFor(state.Retry, error)
export const catcherOf = (state: Fallible, error: Named): number | undefined => firstFor(state.Catch, error)

function firstFor(handlers: readonly { readonly ErrorEquals: readonly string[] }[] = [], named: Named) {
  if (named.error === 'States.Runtime') return undefined
  const found = handlers.findIndex(handler => handler.ErrorEquals.some(name => matches(name, named)))
  return found === -1 ? undefined : found
}

function matches(name: string, { error, location }: Named): boolean {
  if (name === error || name === 'States.ALL') return true
  const missed = location === HEARTBEAT || error === 'States.HeartbeatTimeout'
  if (name === 'States.HeartbeatTimeout' || name === 'States.Timeout') return missed
  return name === 'States.TaskFailed' && !missed && error !== 'States.Timeout'
}
