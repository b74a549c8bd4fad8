/** How long a Wait waits. */
import type { Json } from '../../../util/json.ts'
import type { WaitState } from '../machine.ts'
import { seekPath } from '../path/index.ts'
import type { Scope, Soon } from '../scope.ts'
import { effectiveInput } from './data.ts'
import { numberOf, SECONDS_MOST } from './numbers.ts'
import { expected, pathScope } from './query.ts'
import { andThen } from './soon.ts'
import { instantOf } from './timestamp.ts'
import { evaluationError, runtimeError, shown } from './words.ts'

export type Pause =
  | { readonly kind: 'seconds'; readonly seconds: number }
  /** ISO 8601 with an offset. */
  | { readonly kind: 'until'; readonly instant: string }

/** As long as AWS waits: seconds in 31 bits. */
const SECONDS_MAX = 2 ** 31 - 1

export const waitOf = (state: WaitState, scope: Scope): Soon<Pause> =>
  andThen(scope.language === 'JSONata' ? jsonataPause(state, scope) : pathPause(state, scope), pause => {
    if (secondsOf(pause, scope) > SECONDS_MAX) throw runtimeError(scope, 'Wait state delay is too long.')
    return pause
  })

function jsonataPause(state: WaitState, scope: Scope): Soon<Pause> {
  if (state.Seconds !== undefined) {
    const field = { field: 'Seconds', value: state.Seconds, form: 'integer', least: 0, most: SECONDS_MOST } as const
    return andThen(numberOf(field, scope, scope.input), seconds => ({ kind: 'seconds', seconds: seconds ?? 0 }))
  }
  return andThen(expected(state.Timestamp ?? null, scope, 'Timestamp', 'string'), value => {
    if (instantOf(String(value)) !== undefined) return { kind: 'until', instant: String(value) }
    const words = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${value}`
    throw evaluationError(scope, words, 'Timestamp')
  })
}

function pathPause(state: WaitState, scope: Scope): Pause {
  const input = effectiveInput(state, scope)
  if (state.SecondsPath !== undefined) {
    const value = referred('SecondsPath', state.SecondsPath, scope, input)
    return { kind: 'seconds', seconds: longOf(value, state.SecondsPath, scope) }
  }
  if (state.TimestampPath !== undefined) {
    const value = referred('TimestampPath', state.TimestampPath, scope, input)
    return { kind: 'until', instant: offsetDateTime(value, state.TimestampPath, scope) }
  }
  if (state.Timestamp !== undefined) return { kind: 'until', instant: state.Timestamp }
  return { kind: 'seconds', seconds: Number(state.Seconds) }
}

function referred(field: 'SecondsPath' | 'TimestampPath', path: string, scope: Scope, input: Json): Json {
  const sought = seekPath(path, pathScope(scope, input))
  if (sought.kind === 'found') return sought.value
  throw runtimeError(scope, `The ${field} parameter does not reference an input value: ${path}`)
}

/** Text of a whole number does as well. */
function longOf(value: Json, path: string, scope: Scope): number {
  const text = shown(value)
  if (!/^[+-]?\d+$/.test(text))
    throw runtimeError(scope, `The SecondsPath parameter cannot be parsed as a long value: ${path} == ${text}`)
  if (Number(text) < 0)
    throw runtimeError(scope, `The SecondsPath parameter references a negative value: ${path} == ${text}`)
  return Number(text)
}

function offsetDateTime(value: Json, path: string, scope: Scope): string {
  if (typeof value === 'string' && instantOf(value) !== undefined) return value
  const words =
    'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string'
  throw runtimeError(scope, `${words}: ${path} == ${shown(value)}`)
}

/** From now. */
const secondsOf = (pause: Pause, scope: Scope): number =>
  pause.kind === 'seconds' ? pause.seconds : (instantOf(pause.instant)?.seconds ?? 0) - scope.world.now() / 1000
