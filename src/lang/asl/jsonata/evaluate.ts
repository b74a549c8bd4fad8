/** The values of a state machine's JSONata texts, with the errors that AWS has for them. */
import type { Json } from '../../../util/json.ts'
import type { Vars, World } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { isExpression, parseExpression, sourceOf } from './expression.ts'
import { functionsOf } from './functions.ts'

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

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** The value of `text`, which is an expression. Throws States.QueryEvaluationError, also where the value is none of `expected`. */
export async function evaluateJsonata(text: string, scope: JsonataScope, expected?: JsonType): Promise<Json> {
  const source = sourceOf(text)
  const words = `The JSONata expression '${source}' specified for the field '${scope.field}'`
  let value: unknown
  try {
    value = await parseExpression(source).evaluate(undefined, {
      ...scope.vars,
      ...functionsOf(scope.world),
      states: scope.states,
    })
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    throw failed(scope, `${words} threw an error during evaluation. ${code}: ${message}`)
  }
  if (value === undefined) throw failed(scope, `${words} returned nothing (undefined).`)
  if (typeof value === 'function') throw failed(scope, `${words} returned an unsupported result type.`)
  const json = JSON.parse(JSON.stringify(value)) as Json
  if (expected !== undefined && typeOf(json) !== expected) {
    const was = typeOf(json)
    throw failed(
      scope,
      `${words} returned an unexpected result type. Expected '${expected}', but was '${was}' for value: ${JSON.stringify(json)}`,
    )
  }
  return json
}

/** `template` with the value of each expression in its place. */
export async function fillJsonata(template: Json, scope: JsonataScope): Promise<Json> {
  if (isExpression(template)) return evaluateJsonata(template, scope)
  if (template === null || typeof template !== 'object') return template
  if (Array.isArray(template)) {
    const items: Json[] = []
    for (const [at, item] of template.entries())
      items.push(await fillJsonata(item as Json, { ...scope, field: `${scope.field}[${at}]` }))
    return items
  }
  const fields: Record<string, Json> = {}
  for (const [name, field] of Object.entries(template as { readonly [name: string]: Json }))
    fields[name] = await fillJsonata(field, { ...scope, field: `${scope.field}/${name}` })
  return fields
}

export const typeOf = (value: Json): JsonType =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : (typeof value as JsonType)

const failed = (scope: JsonataScope, words: string): StateError =>
  new StateError(
    'States.QueryEvaluationError',
    `An error occurred while executing the state '${scope.name}' (entered at the event id #${scope.enteredId}). ${words}`,
    scope.field,
  )
