/** Asking the two query languages on behalf of one state: what each of its fields may see, and how it words what is missing. */
import type { Json } from '../../../util/json.ts'
import { evaluateJsonata, fillJsonata, type JsonType } from '../jsonata/evaluate.ts'
import { isExpression } from '../jsonata/expression.ts'
import type { PathField, Template } from '../machine.ts'
import { type PathScope, seekPath } from '../path/index.ts'
import type { Scope, Soon } from '../scope.ts'
import { fillTemplate } from '../template/index.ts'
import { runtimeError } from './words.ts'

/** What `$` is for one field. */
export const pathScope = (scope: Scope, input: Json): PathScope => ({ input, context: scope.context, vars: scope.vars })

/** InputPath and its like: `null` is an empty object, none is all. A missing value is an error. */
export function throughPath(path: PathField | undefined, scope: Scope, input: Json): Json {
  if (path === undefined || path === '$') return input
  return path === null ? {} : requiredPath(path, scope, input)
}

/** The value of a path, or the error by which a state ends that names a path to nothing. */
export function requiredPath(path: string, scope: Scope, input: Json): Json {
  const sought = seekPath(path, pathScope(scope, input))
  if (sought.kind === 'found') return sought.value
  throw runtimeError(scope, `Invalid path '${path}' : ${sought.words}`)
}

/** A payload template (JSONPath), filled. */
export const fillPaths = (template: Template, scope: Scope, input: Json): Json =>
  fillTemplate(template, {
    ...pathScope(scope, input),
    world: scope.world,
    name: scope.name,
    enteredId: scope.enteredId,
  })

/** What `$states` has in one field beside input and context. */
export type Lent = { readonly result?: Json; readonly errorOutput?: Json }
/** Where a field stands, in AWS's words. */
export type Field = string

export const fillExpressions = (template: Template, scope: Scope, field: Field, lent: Lent = {}): Soon<Json> =>
  fillJsonata(template, jsonataScope(scope, field, lent))

/** A field that is a value of one type, or a text that gives one. */
export const expected = (value: Template, scope: Scope, field: Field, type: JsonType): Soon<Json> =>
  typeof value === 'string' && isExpression(value)
    ? evaluateJsonata(value, jsonataScope(scope, field, {}), type)
    : value

const jsonataScope = (scope: Scope, field: Field, lent: Lent) => ({
  states: { input: scope.input, context: scope.context, ...lent },
  vars: scope.vars,
  world: scope.world,
  name: scope.name,
  enteredId: scope.enteredId,
  field,
})
