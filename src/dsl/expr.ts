/** Any value with refs inside -> expression. What holds no ref is one literal. */
import type { Expr } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import { isDefinition } from './handle.ts'
import { currentSite, located } from './hooks.ts'
import { refExpr, targetOf } from './ref.ts'
import { resourceOf } from './resource.ts'
import { isHandle } from './resources.ts'
import type { Builder } from './trace.ts'

/**
 * The expression of `value` inside `builder`; `where` names it in refusals.
 * Refuses REF_OUT_OF_REGION, REF_INSIDE (a Map or Set), DEFINITION_AS_VALUE, and VALUE_UNKEEPABLE or VALUE_TOO_DEEP.
 */
export function toExpr(builder: Builder, value: unknown, where: string): Expr {
  const holders = new Set<object>()
  noteHolders(value, { where, seen: new Set(), holders }, 0)
  return exprOf({ builder, holders, open: new Set() }, value, where)
}

interface Walk {
  readonly builder: Builder
  /** Refs, resources, and all records and arrays around them. */
  readonly holders: ReadonlySet<unknown>
  /** The holders that we are inside of. */
  readonly open: Set<object>
}

function exprOf(walk: Walk, value: unknown, where: string): Expr {
  if (typeof value !== 'object' || value === null || !walk.holders.has(value)) return literal(value, where)
  const target = targetOf(value)
  if (target) return refExpr(walk.builder, target, where)
  const resource = resourceOf(value)
  if (resource) return { kind: 'resource', resource }
  if (isHandle(value)) return literal(value, where)
  if (walk.open.has(value)) {
    refuse('VALUE_UNKEEPABLE', `${where} contains itself, which cannot be kept as a value`, {
      at: currentSite()?.at,
      hint: 'Take the cycle apart.',
    })
  }
  walk.open.add(value)
  const expr: Expr = Array.isArray(value)
    ? { kind: 'list', items: Array.from(value, (item, index) => exprOf(walk, item, `${where}[${index}]`)) }
    : {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(value).map(([name, field]) => [name, exprOf(walk, field, `${where}.${name}`)]),
        ),
      }
  walk.open.delete(value)
  return expr
}

/** Nothing that can be kept is nested deeper (see util/tagged.ts, which says so). */
const DEPTH_MAX = 1_000

interface Search {
  readonly where: string
  readonly seen: Set<object>
  readonly holders: Set<object>
}

/** Whether a ref or resource stands in `value`, in plain records and arrays: nothing else can hold one. Sees each object once. */
function noteHolders(value: unknown, search: Search, depth: number): boolean {
  if (isDefinition(value)) refuseDefinition(search.where)
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false
  const { where, seen, holders } = search
  if (targetOf(value) || isHandle(value)) holders.add(value)
  else if (!seen.has(value)) {
    seen.add(value)
    const holding = partsOf(value).filter(part => noteHolders(part, search, depth + 1))
    if (holding.length > 0) holders.add(value)
    if (holding.length > 0 && (value instanceof Map || value instanceof Set)) refuseInside(value, where)
  }
  return holders.has(value)
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return [...value].flat()
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? Object.values(value) : []
}

function refuseInside(value: object, where: string): never {
  refuse('REF_INSIDE', `${where} holds a ref, an output or a secret inside a ${value instanceof Map ? 'Map' : 'Set'}`, {
    at: currentSite()?.at,
    hint: 'They may stand in plain records and arrays; build the collection in the task, or with .to().',
  })
}

function refuseDefinition(where: string): never {
  refuse('DEFINITION_AS_VALUE', `${where} is or holds a task or workflow itself, not what a call of it returns`, {
    at: currentSite()?.at,
    hint: 'Call it: name() instead of name.',
  })
}

const literal = (value: unknown, where: string): Expr => ({
  kind: 'literal',
  value: located(() => toTagged(value, { root: where })),
})
