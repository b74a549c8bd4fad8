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

/**
 * As `evaluate`, but at once when nothing has to be waited for: gives a promise only then, and throws where that would
 * reject. A value is never a promise itself, because what gives one is awaited.
 */
export function evaluateSoon(bound: Bound, env: Environment): unknown {
  switch (bound.kind) {
    case 'literal':
      return literal(bound.value)
    case 'value': {
      const value = env.loadNow ? env.loadNow(bound.value, bound.path) : LATER
      return value === LATER ? env.load(bound.value, bound.path) : value
    }
    case 'record': {
      const names = Object.keys(bound.fields)
      // Not by assignment: a field may be called `__proto__`.
      return whenHere(allSoon(Object.values(bound.fields), env), values =>
        Object.fromEntries(names.map((name, index) => [name, values[index]])),
      )
    }
    case 'list':
      return allSoon(bound.items, env)
    case 'apply':
      return whenHere(allSoon(bound.args, env), args =>
        whenHere(env.pure(bound.fn)(...args), value => select(value, bound.path)),
      )
    case 'resource':
      return env.resource(bound.resource)
    default:
      return unreachable(bound)
  }
}

/** All of them as `evaluateSoon` gives one. */
export function allSoon(bounds: readonly Bound[], env: Environment): unknown[] | Promise<unknown[]> {
  const values: unknown[] = []
  let waits = false
  for (const bound of bounds) {
    try {
      values.push(evaluateSoon(bound, env))
    } catch (error) {
      if (!waits) throw error
      // Those before it are on their way, and one of them may fail, too: the join tells of the first.
      values.push(Promise.reject(error))
    }
    waits ||= isThenable(values.at(-1))
  }
  return waits ? Promise.all(values) : values
}

/** Goes on with a value: at once, unless it is a promise of one. */
export const whenHere = <T, R>(value: T | PromiseLike<T>, next: (value: T) => R): R | Promise<Awaited<R>> =>
  isThenable(value) ? (Promise.resolve(value).then(next) as Promise<Awaited<R>>) : next(value as T)

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'

const literal = (json: Json): unknown => (typeof json === 'object' && json !== null ? fromTagged(json) : json)

async function record(fields: { readonly [name: string]: Bound }, env: Environment): Promise<object> {
  const names = Object.keys(fields)
  const values = await Promise.all(names.map(name => evaluate(fields[name]!, env)))
  // Not by assignment: a field may be called `__proto__`.
  return Object.fromEntries(names.map((name, index) => [name, values[index]]))
}
