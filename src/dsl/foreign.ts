/**
 * A workflow whose body another language has written: its region is there already, so nothing is traced. What its names mean
 * comes with it. From here on it is a workflow like all others: run, called as a step, published, drawn.
 */
import type { Region } from '../core/graph/graph.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, definitionOf, type ForeignBody, unique } from './definition.ts'
import type { Trace } from './trace.ts'

const foreign = new WeakSet<AnyFunction>()

/** Whether a language gave the function: nobody can read in a text what it does with what it is bound to. */
export const isForeign = (fn: AnyFunction): boolean => foreign.has(fn)

/** The region as part of `trace`: its names made those of the trace's bindings. */
export function adoptRegion(trace: Trace, { region, tasks, pure, signals = {} }: ForeignBody): Region {
  const { bindings } = trace
  const names = new Map<string, string>()
  for (const [name, callable] of Object.entries(tasks)) {
    const definition = definitionOf(callable)
    if (!definition) throw new Error(`defect: ${name} of a foreign workflow is no task`)
    if ('fn' in definition) foreign.add(definition.fn)
    names.set(name, addressIn(bindings, definition))
  }
  const ids = new Map<string, string>()
  for (const [id, fn] of Object.entries(pure)) {
    const own = bindings.pure.get(id) === fn ? id : unique(`${trace.prefix}${id}`, bindings.pure, trace.pureCounts)
    foreign.add(fn)
    bindings.pure.set(own, fn)
    ids.set(id, own)
  }
  for (const [name, schema] of Object.entries(signals)) bindings.signals.set(name, schema)
  const isRenamed = [...names, ...ids].some(([before, after]) => before !== after)
  return isRenamed ? (renamed(region, { names, ids }) as Region) : region
}

interface Renaming {
  readonly names: ReadonlyMap<string, string>
  readonly ids: ReadonlyMap<string, string>
}

/** A graph is plain JSON, and these fields mean the same wherever they stand; what literals hold is nobody's name. */
function renamed(value: unknown, renaming: Renaming): unknown {
  if (Array.isArray(value)) return value.map(each => renamed(each, renaming))
  if (typeof value !== 'object' || value === null) return value
  const { kind } = value as { readonly kind?: unknown }
  if (kind === 'literal') return value
  return Object.fromEntries(
    Object.entries(value).map(([field, each]) => {
      if (typeof each !== 'string') return [field, renamed(each, renaming)]
      if (field === 'task') return [field, renaming.names.get(each) ?? each]
      const isFunction = field === 'fn' && (kind === 'apply' || kind === 'function')
      return [field, isFunction ? (renaming.ids.get(each) ?? each) : each]
    }),
  )
}
