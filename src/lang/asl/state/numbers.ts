/** Numbers that a state's fields hold as they are, as a path (JSONPath) or as an expression (JSONata). */
import type { Json } from '../../../util/json.ts'
import type { Scope, Soon } from '../scope.ts'
import { expected, requiredPath } from './query.ts'
import { andThen } from './soon.ts'
import { evaluationError, runtimeError, shown } from './words.ts'

export interface NumberField {
  /** Without `Path`; AWS's location where it stands inside of another field. */
  readonly field: string
  readonly value?: Json | undefined
  readonly path?: string | undefined
  readonly form: 'integer' | 'float'
  readonly least: number
  readonly most?: number
}

/** The number, or undefined where the state has neither field. `input`: what paths start from. */
export function numberOf(field: NumberField, scope: Scope, input: Json): Soon<number | undefined> {
  if (scope.language === 'JSONata') {
    if (field.value === undefined) return undefined
    return andThen(expected(field.value, scope, field.field, 'number'), value => inRange(Number(value), field, scope))
  }
  if (field.path !== undefined) return pathNumber(field, field.path, scope, input)
  return field.value === undefined ? undefined : Number(field.value)
}

/** Text of a number does as well. */
function pathNumber(field: NumberField, path: string, scope: Scope, input: Json): number {
  const text = shown(requiredPath(path, scope, input))
  const form = field.form === 'integer' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
  if (form.test(text)) return inRange(Number(text), field, scope)
  const words = `The ${nameOf(field)}Path field refers to value "${text}" which is not a valid ${field.form}: ${path}`
  throw runtimeError(scope, words)
}

function inRange(value: number, field: NumberField, scope: Scope): number {
  if (scope.language === 'JSONata') return inStatedRange(value, field, scope)
  const name = nameOf(field)
  if (value < 0 && field.least >= 0) throw runtimeError(scope, `${name} cannot be negative.`)
  if (value < field.least) throw runtimeError(scope, `${name} must be at least ${field.least}.`)
  if (field.most !== undefined && value > field.most)
    throw runtimeError(scope, `${name} cannot be greater than ${field.most}.`)
  return value
}

function inStatedRange(value: number, field: NumberField, scope: Scope): number {
  const { form, least, most } = field
  const failed = (words: string) => evaluationError(scope, words, field.field)
  if (form === 'integer' && !Number.isInteger(value))
    throw failed(`The ${nameOf(field)} field cannot be parsed as an integer: ${value}`)
  if (most === undefined && value < 0 && least >= 0) throw failed(`${nameOf(field)} cannot be negative.`)
  if (value < least || value > (most ?? Infinity))
    throw failed(
      `${nameOf(field)} must be ${most === undefined ? `at least ${least}` : `between ${least} and ${most}`} but was: ${value}`,
    )
  return value
}

/** The longest time that a state may name. */
export const SECONDS_MOST = 99_999_999

const nameOf = ({ field }: NumberField): string => field.slice(field.lastIndexOf('/') + 1)
