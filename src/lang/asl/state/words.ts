/** Errors of a state at work, in AWS's words. */
import type { Json } from '../../../util/json.ts'
import { type At, executing } from '../executing.ts'
import type { Scope } from '../scope.ts'
import { StateError } from '../state-error.ts'

/** `words`, with the state and the event that they are about. */
const entered = (at: At, words: string): string => `${executing(at)} ${words}`

/** What no `Retry` and no `Catch` can handle. */
export const runtimeError = (scope: Scope, words: string): StateError =>
  new StateError('States.Runtime', entered(scope, words))

/** `location`: AWS's path to the field, as in `Choices[1]/Condition`. */
export const evaluationError = (scope: Scope, words: string, location?: string): StateError =>
  new StateError('States.QueryEvaluationError', entered(scope, words), location)

/** A value inside a sentence: text bare, the rest as JSON. */
export const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
