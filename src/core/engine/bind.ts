/** Expression -> Bound: refs become the values that the scope's environment has. Pure and lazy: nothing is loaded. */
import { invariant } from '../../util/unreachable.ts'
import type { Expr, Path } from '../graph/graph.ts'
import type { Bound } from './protocol.ts'
import { type State, unitOf } from './state.ts'

/** `undefined` in tagged JSON (util/tagged.ts). */
export const UNDEFINED: Bound = { kind: 'literal', value: { $undefined: true } }

/** The value of `expr` as seen from inside `scope`. */
export function bind(state: State, scope: number, expr: Expr): Bound {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return expr
    case 'node':
      return select(outputOf(state, ancestor(state, scope, expr.up), expr.node), expr.path)
    case 'param':
      return select(paramOf(state, ancestor(state, scope, expr.up), expr.param), expr.path)
    case 'record':
      return { kind: 'record', fields: Object.fromEntries(Object.entries(expr.fields).map(([name, field]) => [name, bind(state, scope, field)])) }
    case 'list':
      return { kind: 'list', items: expr.items.map(item => bind(state, scope, item)) }
    case 'apply':
      return { kind: 'apply', fn: expr.fn, args: expr.args.map(arg => bind(state, scope, arg)), path: expr.path }
  }
}

/** The part of `bound` under `path`, as optional chaining gives it: what is not there is undefined. */
export function select(bound: Bound, path: Path): Bound {
  const [key, ...rest] = path
  if (key === undefined) return bound
  switch (bound.kind) {
    case 'value':
      return { ...bound, path: [...bound.path, ...path] }
    case 'apply':
      return { ...bound, path: [...bound.path, ...path] }
    case 'record':
      return select(Object.hasOwn(bound.fields, key) ? (bound.fields[key] ?? UNDEFINED) : UNDEFINED, rest)
    case 'list':
      if (key === 'length') return select({ kind: 'literal', value: bound.items.length }, rest)
      return select(bound.items[Number(key)] ?? UNDEFINED, rest)
    case 'literal':
      return select(literalField(bound, key), rest)
    case 'resource':
      return UNDEFINED
  }
}

function literalField(bound: Extract<Bound, { kind: 'literal' }>, key: string | number): Bound {
  const { value } = bound
  if (Array.isArray(value) && key === 'length') return { kind: 'literal', value: value.length }
  if (typeof value === 'string' && key === 'length') return { kind: 'literal', value: value.length }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return UNDEFINED
  const field = (value as { readonly [name: string | number]: typeof value | undefined })[key]
  return field === undefined ? UNDEFINED : { kind: 'literal', value: field }
}

function ancestor(state: State, scope: number, up: number): number {
  let found = scope
  for (let i = 0; i < up; i++) found = state.scopes.parent[found]!
  invariant(found >= 0, 'G2: an expression looks up through enclosing regions only')
  return found
}

function outputOf(state: State, scope: number, node: string): Bound {
  const index = unitOf(state, scope).nodeIndex.get(node)
  const output = index === undefined ? undefined : state.steps.output[state.scopes.step[scope]! + index]
  invariant(output !== undefined, `E4: a value is there before it is used (${node})`)
  return output
}

function paramOf(state: State, scope: number, param: string): Bound {
  const index = unitOf(state, scope).paramIndex.get(param)
  return (index === undefined ? undefined : state.scopes.params[scope]?.[index]) ?? UNDEFINED
}

/** As `bind`, for an expression of a region that is not entered yet: its parameters are `params`, what is around it is `scope`. */
export function bindInside(state: State, scope: number, expr: Expr, params: { readonly [name: string]: Bound }): Bound {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return expr
    case 'param':
      return expr.up === 0 ? select(params[expr.param] ?? UNDEFINED, expr.path) : bind(state, scope, { ...expr, up: expr.up - 1 })
    case 'node':
      invariant(expr.up > 0, 'G2: a key is known before its body has steps')
      return bind(state, scope, { ...expr, up: expr.up - 1 })
    case 'record':
      return { kind: 'record', fields: Object.fromEntries(Object.entries(expr.fields).map(([name, field]) => [name, bindInside(state, scope, field, params)])) }
    case 'list':
      return { kind: 'list', items: expr.items.map(item => bindInside(state, scope, item, params)) }
    case 'apply':
      return { kind: 'apply', fn: expr.fn, args: expr.args.map(arg => bindInside(state, scope, arg, params)), path: expr.path }
  }
}
