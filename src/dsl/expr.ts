/** Any value with refs inside -> expression. What holds no ref is one literal. */
import type { Expr } from '../core/graph/graph.ts'
import { refuse, Refusal } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import { HANDLE } from './resources.ts'
import { isDefinition } from './handle.ts'
import { currentSite } from './hooks.ts'
import { refExpr, targetOf } from './ref.ts'
import { resourceOf } from './resource.ts'
import type { Builder } from './trace.ts'

const DEPTH_MAX = 1_000

export function toExpr(builder: Builder, value: unknown, where: string): Expr {
  return holdsRefs(value, 0) ? structured(builder, value, where) : literal(value, where)
}

function structured(builder: Builder, value: unknown, where: string): Expr {
  const target = targetOf(value)
  if (target) return refExpr(builder, target, where)
  const resource = resourceOf(value)
  if (resource) return { kind: 'resource', resource }
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item, index) => toExpr(builder, item, `${where}[${index}]`)) }
  const fields = Object.entries(value as object).map(([name, field]) => [name, toExpr(builder, field, `${where}.${name}`)] as const)
  return { kind: 'record', fields: Object.fromEntries(fields) }
}

/** Whether a ref or a resource stands in `value`, in plain records and arrays: nothing else can hold one. */
function holdsRefs(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (targetOf(value)) return true
  if ((value as { [HANDLE]?: unknown })[HANDLE] !== undefined) return true
  if (depth > DEPTH_MAX) return false
  if (Array.isArray(value)) return value.some(item => holdsRefs(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).some(field => holdsRefs(field, depth + 1))
}

function literal(value: unknown, where: string): Expr {
  if (isDefinition(value)) {
    refuse('DEFINITION_AS_VALUE', `${where} is a task or workflow itself, not what a call of it returns`, { at: currentSite()?.at, hint: 'Call it: name() instead of name.' })
  }
  try {
    return { kind: 'literal', value: toTagged(value, { root: where }) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.diagnostics.map(each => ({ ...each, at: each.at ?? currentSite()?.at })))
  }
}

