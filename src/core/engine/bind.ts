/** Expression -> Bound: refs become the values that the scope's environment has. Pure and lazy: nothing is loaded. */
import { invariant, unreachable } from '../../util/unreachable.ts'
import type { Expr, Node, Path } from '../graph/graph.ts'
import { nodeAt } from './program.ts'
import type { Bound, Fault } from './protocol.ts'
import { type ManyState, NONE, type State, UNDO, unitOf } from './state.ts'

/** The path to a value itself. */
export const WHOLE: Path = []

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
      return {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(expr.fields).map(([name, field]) => [name, bind(state, scope, field)]),
        ),
      }
    case 'list':
      return { kind: 'list', items: expr.items.map(item => bind(state, scope, item)) }
    case 'apply':
      return { kind: 'apply', fn: expr.fn, args: expr.args.map(arg => bind(state, scope, arg)), path: expr.path }
  }
}

export const bindAll = (
  state: State,
  scope: number,
  exprs: { readonly [name: string]: Expr },
): { readonly [name: string]: Bound } =>
  Object.fromEntries(Object.entries(exprs).map(([name, expr]) => [name, bind(state, scope, expr)]))

/** The part of `bound` under `path`, as optional chaining gives it: what is not there is undefined. */
function select(bound: Bound, path: Path): Bound {
  let part = bound
  for (let at = 0; at < path.length; at++) {
    // The rest is selected where the value is loaded or computed.
    if (part.kind === 'value' || part.kind === 'apply') return { ...part, path: [...part.path, ...path.slice(at)] }
    part = fieldOf(part, path[at]!)
  }
  return part
}

function fieldOf(bound: Exclude<Bound, { kind: 'value' | 'apply' }>, key: string | number): Bound {
  switch (bound.kind) {
    case 'record':
      return own(bound.fields, key) ?? UNDEFINED
    case 'list':
      return key === 'length' ? { kind: 'literal', value: bound.items.length } : (bound.items[Number(key)] ?? UNDEFINED)
    case 'literal':
      return literalField(bound, key)
    case 'resource':
      return UNDEFINED
    default:
      return unreachable(bound)
  }
}

/** Names come from users: one like `constructor` must not find what every object has. */
const own = <T>(record: { readonly [name: string]: T }, key: string | number): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

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
  if (output === undefined) throw new Error(`defect: E4: a value is there before it is used (${node})`)
  return output
}

/** Parameters are derived from what is around the scope, which outlives it: none is stored. */
function paramOf(state: State, scope: number, param: string): Bound {
  const { scopes } = state
  const parent = scopes.parent[scope]!
  if (parent === NONE) return own(state.args, param) ?? defaultOf(state, param)
  if (scopes.parentNode[scope] === UNDO) return own(state.undoing.get(scope)?.args ?? {}, param) ?? UNDEFINED
  const node = nodeAt(unitOf(state, parent), scopes.parentNode[scope]!)
  const position = unitOf(state, scope).paramIndex.get(param)
  switch (node.kind) {
    case 'call': {
      const arg = own(node.args, param)
      return arg ? bind(state, parent, arg) : UNDEFINED
    }
    case 'match':
      return position === 0 ? bind(state, parent, node.value) : UNDEFINED
    case 'each':
      return itemParam(state, scope, position)
    case 'loop':
      return loopParam(state, scope, param)
    case 'attempt':
      return errorParam(state, scope, param)
    case 'net':
      return firedParam(state, scope, node, param)
    case 'flow':
      return callParam(state, scope, position)
    default:
      return UNDEFINED
  }
}

/** Of a run that was moved to a graph with more parameters than it was given arguments. */
function defaultOf({ program }: State, param: string): Bound {
  const value = program.graph.params.find(({ name }) => name === param)?.default
  return value === undefined ? UNDEFINED : { kind: 'literal', value }
}

/** An each's body has the item and its index; with batches the item is a list. */
function itemParam(state: State, scope: number, position: number | undefined): Bound {
  const index = state.scopes.item[scope]!
  if (position === 1) return { kind: 'literal', value: index }
  const group = state.groups.get(parentRow(state, scope))
  if (position !== 0 || group?.kind !== 'many') return UNDEFINED
  const node = nodeAt(unitOf(state, state.scopes.parent[scope]!), state.scopes.parentNode[scope]!)
  return itemOf(group, index, node.kind === 'each' ? node.batch : undefined)
}

/** The item at `index`, or the batch; what was added later is a batch of its own. */
export function itemOf(
  { items, added, count }: Pick<ManyState, 'items' | 'added' | 'count'>,
  index: number,
  batch: number | undefined,
): Bound {
  const size = batch ?? 1
  const listed = Math.ceil(count / size)
  if (index >= listed) return asItem(added[index - listed] ?? UNDEFINED, batch)
  if (batch === undefined) return select(items, [index])
  const from = index * batch
  return {
    kind: 'list',
    items: Array.from({ length: Math.min(batch, count - from) }, (_, at) => select(items, [from + at])),
  }
}

/** Where items come in batches, one alone is a list, too. */
export const asItem = (item: Bound, batch: number | undefined): Bound =>
  batch === undefined ? item : { kind: 'list', items: [item] }

function loopParam(state: State, scope: number, param: string): Bound {
  const group = state.groups.get(parentRow(state, scope))
  if (group?.kind !== 'loop') return UNDEFINED
  return param === 'turn' ? { kind: 'literal', value: group.turn } : group.state
}

/** A handler has the error that it is about. */
function errorParam(state: State, scope: number, param: string): Bound {
  const group = state.groups.get(parentRow(state, scope))
  if (group?.kind !== 'attempt' || !group.caught || param !== 'error') return UNDEFINED
  return boundFault(group.caught)
}

/** A fault as a value of the language. */
function boundFault({ code, message, step, types, causes, error }: Fault): Bound {
  const literal = (value: string | undefined): Bound => (value === undefined ? UNDEFINED : { kind: 'literal', value })
  return {
    kind: 'record',
    fields: {
      code: literal(code),
      message: literal(message),
      step: literal(step),
      types: { kind: 'list', items: (types ?? []).map(literal) },
      causes: { kind: 'list', items: (causes ?? []).map(boundFault) },
      error: error ? { kind: 'value', value: error, path: WHOLE } : UNDEFINED,
    },
  }
}

/** A net's transition has what each had given when it fired, or the net's state as it was then. */
function firedParam(state: State, scope: number, node: Extract<Node, { kind: 'net' }>, param: string): Bound {
  const group = state.groups.get(parentRow(state, scope))
  const index = node.init ? 0 : node.transitions.findIndex(({ id }) => id === param)
  const found = group?.kind === 'net' ? group.found.get(state.scopes.path[scope] ?? '') : undefined
  return found?.[index] ?? UNDEFINED
}

function callParam(state: State, scope: number, position: number | undefined): Bound {
  const record = state.flows.get(parentRow(state, scope))?.calls.get(state.scopes.path[scope] ?? '')
  return (position === undefined ? undefined : record?.call.args[position]) ?? UNDEFINED
}

const parentRow = (state: State, scope: number): number =>
  state.scopes.step[state.scopes.parent[scope]!]! + state.scopes.parentNode[scope]!

/** As `bind`, for an expression of a region that is not entered yet: its parameters are `params`, what is around it is `scope`. */
export function bindInside(state: State, scope: number, expr: Expr, params: { readonly [name: string]: Bound }): Bound {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return expr
    case 'param':
      return expr.up === 0
        ? select(own(params, expr.param) ?? UNDEFINED, expr.path)
        : bind(state, scope, { ...expr, up: expr.up - 1 })
    case 'node':
      invariant(expr.up > 0, 'G2: a key is known before its body has steps')
      return bind(state, scope, { ...expr, up: expr.up - 1 })
    case 'record':
      return {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(expr.fields).map(([name, field]) => [name, bindInside(state, scope, field, params)]),
        ),
      }
    case 'list':
      return { kind: 'list', items: expr.items.map(item => bindInside(state, scope, item, params)) }
    case 'apply':
      return {
        kind: 'apply',
        fn: expr.fn,
        args: expr.args.map(arg => bindInside(state, scope, arg, params)),
        path: expr.path,
      }
  }
}
