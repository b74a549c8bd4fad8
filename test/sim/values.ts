/** Values of tests: plain JSON, and what a shell makes of refs and paths. */
import type { Bound, Fault, Outcome, ValueRef } from '../../src/core/engine/protocol.ts'
import type { Path } from '../../src/core/graph/graph.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { digest, UNDEFINED } from './behaviour.ts'

/** What is under a path, as optional chaining gives it. */
export function at(value: Json, path: Path): Json {
  let part: Json = value
  for (const key of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return UNDEFINED
    part = (part as { readonly [name: string]: Json })[key]!
  }
  return part
}

/** The one pure function of all languages of the tests. */
export const applied = (args: readonly Json[]): Json => ({ of: args })

/** A small value stands in its ref. */
export function keep(value: Json): ValueRef {
  const inline = canonicalJson(value)
  return { codec: 'json', hash: digest(inline), sizeBytes: inline.length, inline }
}

export const literalValue = (value: Json): Bound => ({ kind: 'value', value: keep(value), path: [] })

/** `seen` hears of every stored value that is looked at. */
export function evaluated(bound: Bound, seen?: (ref: ValueRef) => void): Json {
  switch (bound.kind) {
    case 'literal':
      return bound.value
    case 'value':
      seen?.(bound.value)
      return at(JSON.parse(bound.value.inline ?? 'null') as Json, bound.path)
    case 'record':
      return Object.fromEntries(Object.entries(bound.fields).map(([name, field]) => [name, evaluated(field, seen)]))
    case 'list':
      return bound.items.map(item => evaluated(item, seen))
    case 'apply':
      return at(applied(bound.args.map(arg => evaluated(arg, seen))), bound.path)
    case 'resource':
      return bound.resource as unknown as Json
  }
}

export const fault = (code: string): Fault => ({ code, message: code })
export const failed = (code: string): Outcome => ({ kind: 'failed', fault: fault(code) })
