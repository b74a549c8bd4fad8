/** A bound expression becomes the value that a task gets as its argument. Each call gives new objects: readers may write. */
import type { Bound, ValueRef } from '../core/engine/protocol.ts'
import type { Path, Resource } from '../core/graph/graph.ts'
import type { Json } from '../util/json.ts'
import { fromTagged } from '../util/tagged.ts'
import { unreachable } from '../util/unreachable.ts'
import { select } from './select.ts'

/** What the expression may ask for; `ValueStore.decode` is a `load`. */
export interface Environment {
  /** What stands at `path` in the value, for the caller alone. */
  load(ref: ValueRef, path: Path): Promise<unknown>
  /** The same without a wait, or LATER. Absent: all is loaded. */
  loadNow?(ref: ValueRef, path: Path): unknown
  /** A pure function of the language, by its name in the bundle. */
  pure(name: string): (...args: unknown[]) => unknown
  resource(resource: Resource): Promise<unknown>
}

/** What cannot be had without waiting. A sign instead of a promise: most arguments are small, and a promise costs more than they do. */
export const LATER: unique symbol = Symbol('later')

/** As `evaluate`, for what needs no wait: data at hand, none of the user's functions. Else LATER. */
function evaluateNow(bound: Bound, env: Environment): unknown {
  switch (bound.kind) {
    case 'literal':
      return literal(bound.value)
    case 'value':
      return env.loadNow ? env.loadNow(bound.value, bound.path) : LATER
    case 'list':
      return allNow(bound.items, env) ?? LATER
    case 'record':
    case 'apply':
    case 'resource':
      return LATER
    default:
      return unreachable(bound)
  }
}

/** All of them, or undefined when one needs a wait. */
export function allNow(bounds: readonly Bound[], env: Environment): unknown[] | undefined {
  const values: unknown[] = []
  for (const bound of bounds) {
    const value = evaluateNow(bound, env)
    if (value === LATER) return undefined
    values.push(value)
  }
  return values
}

export async function evaluate(bound: Bound, env: Environment): Promise<unknown> {
  switch (bound.kind) {
    case 'literal':
      return literal(bound.value)
    case 'value':
      return env.load(bound.value, bound.path)
    case 'record':
      return record(bound.fields, env)
    case 'list':
      return Promise.all(bound.items.map(item => evaluate(item, env)))
    case 'apply':
      return select(
        await env.pure(bound.fn)(...(await Promise.all(bound.args.map(arg => evaluate(arg, env))))),
        bound.path,
      )
    case 'resource':
      return env.resource(bound.resource)
    default:
      return unreachable(bound)
  }
}

const literal = (json: Json): unknown => (typeof json === 'object' && json !== null ? fromTagged(json) : json)

async function record(fields: { readonly [name: string]: Bound }, env: Environment): Promise<object> {
  const names = Object.keys(fields)
  const values = await Promise.all(names.map(name => evaluate(fields[name]!, env)))
  // Not by assignment: a field may be called `__proto__`.
  return Object.fromEntries(names.map((name, index) => [name, values[index]]))
}
