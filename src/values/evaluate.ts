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
  /** A pure function of the language, by its name in the bundle. */
  pure(name: string): (...args: unknown[]) => unknown
  resource(resource: Resource): Promise<unknown>
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
