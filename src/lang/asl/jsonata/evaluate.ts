/**
 * The values of a state machine's JSONata texts, with the errors that AWS has for them: all are States.QueryEvaluationError, name
 * the state, the text and the field, and say what jsonata says.
 */
import type { Json } from '../../../util/json.ts'
import type { Soon, Vars, World } from '../scope.ts'
import { andThen, inTurn } from '../state/soon.ts'
import { StateError } from '../state-error.ts'
import { type Expression, isExpression, parseExpression, sourceOf } from './expression.ts'
import { WORDS } from './limits.ts'
import { LEAVE } from './quick.ts'
import { type JsonType, plainValue, typeOf, UNSUPPORTED } from './value.ts'

export type { JsonType } from './value.ts'

/** What an expression sees, and what its errors name. */
export interface JsonataScope {
  /** `$states`. */
  readonly states: {
    readonly input: Json
    readonly context: Json
    readonly result?: Json
    readonly errorOutput?: Json
  }
  readonly vars: Vars
  readonly world: World
  /** The state's name, and AWS's id of the event by which it was entered. */
  readonly name: string
  readonly enteredId: number
  /** AWS's location: `Output`, `Assign/x`, `Choices[1]/Condition`. */
  readonly field: string
}

/**
 * The value of `text`, which is an expression. Throws a StateError (States.QueryEvaluationError) where it cannot be evaluated, gives
 * nothing, a function, or something else than is `expected`.
 */
export function evaluateJsonata(text: string, scope: JsonataScope, expected?: JsonType): Soon<Json> {
  const source = sourceOf(text)
  const failed = failing(source, scope)
  const threw = (error: unknown): StateError => failed(`threw an error during evaluation${wordsOf(error)}`)
  const expression = attempt(() => parseExpression(source), threw)
  const settled = (given: unknown): Json => {
    if (given === undefined) throw failed('returned nothing (undefined).')
    const value = attempt(() => plainValue(given), threw)
    if (value === UNSUPPORTED) throw failed('returned an unsupported result type.')
    if (expected === undefined || typeOf(value) === expected) return value
    const was = `Expected '${expected}', but was '${typeOf(value)}' for value: ${JSON.stringify(value)}`
    throw failed(`returned an unexpected result type. ${was}`)
  }
  const quick = quickly(expression, scope)
  if (quick !== LEAVE) return settled(quick)
  return expression.evaluate({ ...scope.vars, states: scope.states }, scope.world).then(settled, error => {
    throw threw(error)
  })
}

const failing =
  (source: string, { name, enteredId, field }: JsonataScope) =>
  (what: string): StateError =>
    new StateError(
      'States.QueryEvaluationError',
      `An error occurred while executing the state '${name}' (entered at the event id #${enteredId}). ` +
        `The JSONata expression '${source}' specified for the field '${field}' ${what}`,
      field,
    )

function attempt<T>(work: () => T, threw: (error: unknown) => StateError): T {
  try {
    return work()
  } catch (error) {
    throw threw(error)
  }
}

function quickly(expression: Expression, { states, vars }: JsonataScope): unknown {
  const quick = expression.quick()
  if (quick === undefined) return LEAVE
  try {
    return quick({ states, vars })
  } catch (error) {
    if (error === LEAVE) return LEAVE
    throw error
  }
}

/** `template` with the value of each expression in its place, in their order. What holds none is given back as it is. */
export function fillJsonata(template: Json, scope: JsonataScope): Soon<Json> {
  if (typeof template === 'string') return isExpression(template) ? evaluateJsonata(template, scope) : template
  if (template === null || typeof template !== 'object' || !holdsExpression(template)) return template
  if (isList(template)) return inTurn(template, (item, at) => fillJsonata(item, below(scope, `[${at}]`)))
  const fields = Object.entries(template).filter((field): field is [string, Json] => field[1] !== undefined)
  const filled = inTurn(fields, ([name, field]) => fillJsonata(field, below(scope, `/${name}`)))
  return andThen(filled, values => Object.fromEntries(fields.map(([name], at) => [name, values[at] ?? null])))
}

const below = (scope: JsonataScope, path: string): JsonataScope => ({ ...scope, field: scope.field + path })

const isList = (value: object): value is readonly Json[] => Array.isArray(value)

/** Templates are parts of a definition, which does not change: each is looked through once. */
function holdsExpression(template: object): boolean {
  const known = holding.get(template)
  if (known !== undefined) return known
  const holds = Object.values(template).some(each =>
    typeof each === 'object' && each !== null ? holdsExpression(each) : isExpression(each),
  )
  holding.set(template, holds)
  return holds
}

const holding = new WeakMap<object, boolean>()

/** A code of jsonata stands apart, anything else follows at once: so AWS words them. */
function wordsOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'string' && code in LIKE_LIMITS) return `: ${LIKE_LIMITS[code]}`
  if (error instanceof RangeError) return `: ${/call stack/.test(error.message) ? WORDS.deep : WORDS.large}`
  return typeof code === 'string' ? `. ${code}: ${message}` : `: ${message}`
}

/** Of jsonata's own limits. */
const LIKE_LIMITS: { readonly [code: string]: string } = { D1011: WORDS.deep, D2014: WORDS.large }
