/** What a Fail fails with. */
import type { Json } from '../../../util/json.ts'
import { evaluateIntrinsic } from '../intrinsic/index.ts'
import type { FailState } from '../machine.ts'
import { seekPath } from '../path/index.ts'
import type { Scope, Soon } from '../scope.ts'
import { effectiveInput } from './data.ts'
import { expected, pathScope } from './query.ts'
import { andThen } from './soon.ts'
import { runtimeError, shown } from './words.ts'

export interface Failure {
  readonly error?: string
  readonly cause?: string
}

export function failureOf(state: FailState, scope: Scope): Soon<Failure> {
  if (scope.language === 'JSONata')
    return andThen(jsonataText(state.Error, scope, 'Error'), error =>
      andThen(jsonataText(state.Cause, scope, 'Cause'), cause => failure(error, cause)),
    )
  const input = effectiveInput({}, scope)
  return failure(
    state.ErrorPath === undefined ? state.Error : pathText(state.ErrorPath, scope, input, 'ErrorPath'),
    state.CausePath === undefined ? state.Cause : pathText(state.CausePath, scope, input, 'CausePath'),
  )
}

const failure = (error: string | undefined, cause: string | undefined): Failure => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
})

const jsonataText = (text: string | undefined, scope: Scope, field: 'Error' | 'Cause'): Soon<string | undefined> =>
  text === undefined ? undefined : andThen(expected(text, scope, field, 'string'), String)

/** A path or a call of an intrinsic function. */
function pathText(text: string, scope: Scope, input: Json, field: 'ErrorPath' | 'CausePath'): string {
  if (!text.startsWith('$')) {
    const { name, enteredId, world } = scope
    return shown(evaluateIntrinsic(text, { ...pathScope(scope, input), world, name, enteredId }))
  }
  const sought = seekPath(text, pathScope(scope, input))
  if (sought.kind === 'found') return shown(sought.value)
  throw runtimeError(
    scope,
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(input)}'`,
  )
}
