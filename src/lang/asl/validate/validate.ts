/**
 * What is wrong with a definition: everything at once, in AWS's words where they are known.
 *
 * Invariants
 *   V1. What AWS accepts is not refused; what it would not do as meant is a warning.
 *   V2. Each problem of a text has a position in it.
 */
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import { err, ok, type Result } from '../../../util/result.ts'
import type { Machine, QueryLanguage } from '../machine.ts'
import { checkGiven } from '../parse/plain.ts'
import { type Repeated, type Source, showPath } from '../source.ts'
import { checkMachine } from './machine.ts'
import { type Place, type Problem, refuse } from './place.ts'
import { checkState } from './state.ts'
import { fieldOf, isObject } from './values.ts'

export type ExecutionType = 'STANDARD' | 'EXPRESS'

export interface ValidateOptions {
  /** STANDARD when absent. */
  readonly type?: ExecutionType
}

/** All problems of `value`, warnings too, as AWS would list them. */
export function problemsOf(value: unknown, { type = 'STANDARD' }: ValidateOptions = {}): readonly Problem[] {
  const place = outermost(languageOfWhole(value), type)
  if (isObject(value)) checkMachine(value, 'whole', place)
  else refuse(place, 'Definition must be a valid JSON object')
  return rest(place)
}

/** The problems of one state alone; where it leads to is not looked at. */
export function stateProblemsOf(
  state: unknown,
  { type = 'STANDARD', language = 'JSONPath' }: ValidateOptions & { readonly language?: QueryLanguage } = {},
): readonly Problem[] {
  const place = outermost(language, type)
  checkState(state, place)
  return rest(place)
}

/** A definition that code gives. The error lists all that is wrong with it. */
export function validateDefinition(value: unknown, options?: ValidateOptions): Result<Machine, readonly Diagnostic[]> {
  const foreign = checkGiven(value)
  if (foreign) return err([foreign])
  const found = causesOf(value, options).map(each => diagnosticOf(each))
  return found.some(each => each.severity === 'error') ? err(found) : ok(value as Machine)
}

/** All that is wrong with a definition that was read from a text, warnings too, in the order of the text. */
export function diagnosticsOf(source: Source, options?: ValidateOptions): readonly Diagnostic[] {
  const found = causesOf(source.value, options).map(each => diagnosticOf(each, source))
  return [...source.repeated.map(repeatedOf), ...found].sort(byPlace)
}

/** One cause is told once. */
const causesOf = (value: unknown, options?: ValidateOptions): readonly Problem[] =>
  problemsOf(value, options).filter(each => !each.follows)

const outermost = (language: QueryLanguage, type: ExecutionType): Place => ({
  whole: { problems: [], language, names: new Set(), labels: new Set(), inner: [] },
  up: undefined,
  key: '',
  language,
  type,
})

function languageOfWhole(value: unknown): QueryLanguage {
  const named = isObject(value) ? fieldOf(value, 'QueryLanguage') : undefined
  return named === undefined || named === 'JSONPath' ? 'JSONPath' : 'JSONata'
}

function rest({ whole }: Place): readonly Problem[] {
  for (const { value, kind, place } of whole.inner) checkMachine(value, kind, place)
  return whole.problems
}

function diagnosticOf(problem: Problem, source?: Source): Diagnostic {
  const { code, severity, message, location, points, hint } = problem
  return {
    code,
    severity,
    message: shortened(location ? `${message.trimEnd()} at ${showPath(location)}` : message),
    ...(source ? { at: placeOf(points, source) } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}

function placeOf({ path, to }: Problem['points'], source: Source): Position {
  if (to === 'name') return source.nameAt(path)
  return to === 'value' ? source.at(path) : source.inside(path, to.offset)
}

/** Names in a text may be as long as the text. */
const MESSAGE_MAX = 1_000
const shortened = (message: string): string =>
  message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`

function repeatedOf({ path, at }: Repeated): Diagnostic {
  const isState = path.at(-2) === 'States'
  return {
    code: isState ? 'DUPLICATE_STATE_NAME' : 'DUPLICATE_FIELD_NAME',
    severity: 'error',
    message: `${isState ? 'Duplicate State name' : 'Duplicate field'}: ${path.at(-1)} at ${showPath(path)}`,
    at,
    hint: 'The last one alone would count: remove or rename the others.',
  }
}

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
