/**
 * The values of a state machine's JSONata texts, with the errors that AWS has for them: all are States.QueryEvaluationError, name
 * the state, the text and the field, and say what jsonata says.
 */
import type { Json } from '../../../util/json.ts'
import type { Vars, World } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { isExpression, parseExpression, sourceOf } from './expression.ts'
import { WORDS } from './limits.ts'
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
export async function evaluateJsonata(text: string, scope: JsonataScope, expected?: JsonType): Promise<Json> {
  const source = sourceOf(text)
  const failed = (what: string): StateError =>
    new StateError(
      'States.QueryEvaluationError',
      `An error occurred while executing the state '${scope.name}' (entered at the event id #${scope.enteredId}). ` +
        `The JSONata expression '${source}' specified for the field '${scope.field}' ${what}`,
      scope.field,
    )
  let value: Json | typeof UNSUPPORTED
  try {
    const given = await parseExpression(source).evaluate({ ...scope.vars, states: scope.states }, scope.world)
    if (given === undefined) throw failed('returned nothing (undefined).')
    value = plainValue(given)
  } catch (error) {
    throw error instanceof StateError ? error : failed(`threw an error during evaluation${wordsOf(error)}`)
  }
  if (value === UNSUPPORTED) throw failed('returned an unsupported result type.')
  if (expected !== undefined && typeOf(value) !== expected) {
    throw failed(
      `returned an unexpected result type. Expected '${expected}', but was '${typeOf(value)}' for value: ${JSON.stringify(value)}`,
    )
  }
  return value
}

/** `template` with the value of each expression in its place. What holds none is given back as it is. */
export async function fillJsonata(template: Json, scope: JsonataScope): Promise<Json> {
  if (typeof template === 'string') return isExpression(template) ? evaluateJsonata(template, scope) : template
  if (template === null || typeof template !== 'object' || !holdsExpression(template)) return template
  if (isList(template)) {
    const items: Json[] = []
    for (const [at, item] of template.entries()) items.push(await fillJsonata(item, below(scope, `[${at}]`)))
    return items
  }
  const fields: [string, Json][] = []
  for (const [name, field] of Object.entries(template))
    if (field !== undefined) fields.push([name, await fillJsonata(field, below(scope, `/${name}`))])
  return Object.fromEntries(fields)
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
