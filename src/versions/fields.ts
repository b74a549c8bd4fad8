/**
 * What is different in a step that both graphs have, field by field: a walk over whatever fields there are, so that a new field
 * is compared without a word about it here.
 *
 *   F1. A reference is the same when the steps that it means are matched, whatever they are called.
 *   F2. A function whose code alone has changed is no changed field: it is told once, as code.
 *   F3. Arms go by their labels, so their order is nothing; handlers and transitions are tried in order, so theirs is.
 */
import type { Expr, Node, Region } from '../core/graph/graph.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { Callees } from './callees.ts'
import { compareClaims } from './claims.ts'
import { handlerKeys, insidePlaces, isExpr, isRegion, type Place, placeUp, type Step, stepAt } from './places.ts'
import { withTokens } from './shapes.ts'

export interface FieldChange {
  readonly field: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Pure functions at the same place of which the code differs: ids before and after. */
export type CodePair = readonly [before: string, after: string]

export interface Compared {
  readonly fields: readonly FieldChange[]
  readonly code: readonly CodePair[]
}

interface Walk {
  readonly callees: Callees
  readonly a: Sight
  readonly b: Sight
  readonly fields: FieldChange[]
  readonly code: CodePair[]
}

/** From where the expressions of a step are seen. */
interface Sight {
  readonly place: Place
  readonly inside: ReadonlyMap<Expr, Place>
  /** Regions of the step. */
  readonly inner: readonly Place[]
}

export function compareSteps(a: Step, b: Step, callees: Callees): Compared {
  const walk: Walk = { callees, a: sightOf(a), b: sightOf(b), fields: [], code: [] }
  const [left, right] = [fieldsOf(a.node), fieldsOf(b.node)]
  if (a.node.kind !== b.node.kind) {
    walk.fields.push({ field: 'kind', before: a.node.kind, after: b.node.kind })
    // What only one of the kinds has follows from that.
    for (const key of Object.keys(left)) if (!(key in right) && !COMMON.has(key)) delete left[key]
    for (const key of Object.keys(right)) if (!(key in left) && !COMMON.has(key)) delete right[key]
  }
  // Called by another name, it has another id, which is told as a rename.
  if (a.node.id !== b.node.id) delete left.workflow
  for (const key of keysOf(left, right))
    if (key !== 'workflow' || key in left) compare(walk, key, left[key], right[key])
  return walk
}

/** The result of the whole graph, field by field where it is a record. */
export function compareResults(a: Place, b: Place, callees: Callees): Compared {
  const walk: Walk = { callees, a: seenFrom(a), b: seenFrom(b), fields: [], code: [] }
  const [left, right] = [a.region.result, b.region.result]
  if (left.kind !== 'record' || right.kind !== 'record') compareExprs(walk, 'result', left, right, a, b)
  else
    for (const name of keysOf(left.fields, right.fields))
      compare(walk, `result.${name}`, left.fields[name], right.fields[name])
  return walk
}

const sightOf = (step: Step): Sight => ({ place: step.place, inside: insidePlaces(step), inner: step.inner })
const seenFrom = (place: Place): Sight => ({ place, inside: new Map(), inner: [] })

const COMMON: ReadonlySet<string> = new Set(['undo'])
const LEFT_OUT: ReadonlySet<string> = new Set(['id', 'name', 'at', 'kind', 'after'])

/** The fields of a node in the form in which they are compared: what stands in a list for want of a name goes by its key. */
function fieldsOf(node: Node): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) if (!LEFT_OUT.has(key)) fields[key] = value
  if (node.kind === 'attempt') fields.handlers = keyed(handlerKeys(node), node.handlers)
  if (node.kind === 'net')
    fields.transitions = keyed(
      node.transitions.map(({ id }) => id),
      node.transitions,
    )
  if (node.kind === 'cancel') fields.target = refTo(node.target.node, node.target.up)
  if (node.kind === 'scope' && node.until !== undefined) fields.until = refTo(node.until, 0)
  return fields
}

const refTo = (node: string, up: number): Expr => ({ kind: 'node', node, up, path: [] })

const ORDER = Symbol('order')

/** The keys in their order stand beside the fields. */
const keyed = (keys: readonly string[], items: readonly object[]): object => ({
  ...Object.fromEntries(keys.map((key, index) => [key, items[index]])),
  [ORDER]: keys,
})

function compare(walk: Walk, field: string, a: unknown, b: unknown): void {
  if (a === b) return
  if (CALLEES.has(field) && typeof a === 'string' && typeof b === 'string') {
    if (!walk.callees.isSame(a, b)) report(walk, field, a, b)
  } else if (isObject(a) && isObject(b)) {
    compareObjects(walk, field, a, b)
  } else {
    report(walk, field, a, b)
  }
}

const CALLEES: ReadonlySet<string> = new Set(['task', 'flow'])

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function compareObjects(walk: Walk, field: string, a: object, b: object): void {
  if (isExpr(a) && isExpr(b)) {
    compareExprs(walk, field, a, b, walk.a.inside.get(a) ?? walk.a.place, walk.b.inside.get(b) ?? walk.b.place)
  } else if (isRegion(a) && isRegion(b)) {
    compareRegions(walk, field, a, b)
  } else if (isExpr(a) || isExpr(b) || isRegion(a) || isRegion(b)) {
    report(walk, field, a, b)
  } else if (isMap(field, a) || isMap(field, b)) {
    compareMaps(walk, field, a, b)
  } else if (dataOf(walk, 'before', a) !== dataOf(walk, 'after', b)) {
    report(walk, field, a, b)
  }
}

const dataOf = ({ callees }: Walk, side: 'before' | 'after', value: object): string =>
  canonicalJson(withTokens(value as Json, callees, side))

/** Looked into entry by entry: what a step takes and holds, and what is a bundle of settings. */
const MAPS: ReadonlySet<string> = new Set([
  'args',
  'policy',
  'service',
  'on',
  'arms',
  'handlers',
  'transitions',
  'undo',
])
const isMap = (field: string, value: object): boolean => MAPS.has(field) || holds(value)

/** Whether there is an expression or a region right in it. */
const holds = (value: object): boolean =>
  Object.values(value).some(inner => isObject(inner) && (isExpr(inner) || isRegion(inner)))

function compareMaps(walk: Walk, field: string, a: object, b: object): void {
  const [left, right] = [a as Record<string | symbol, unknown>, b as Record<string | symbol, unknown>]
  compareOrder(walk, field, left[ORDER], right[ORDER])
  const isList = Array.isArray(a) || Array.isArray(b)
  for (const key of keysOf(left, right)) {
    compare(walk, isList ? `${field}[${key}]` : `${field}.${key}`, left[key], right[key])
  }
}

/** Of what both have. */
function compareOrder(walk: Walk, field: string, a: unknown, b: unknown): void {
  if (!Array.isArray(a) || !Array.isArray(b)) return
  const before = a.filter(key => b.includes(key))
  const after = b.filter(key => a.includes(key))
  if (before.some((key, index) => key !== after[index])) report(walk, field, before, after)
}

function keysOf(a: object, b: object): readonly string[] {
  const keys = Object.keys(a)
  for (const key of Object.keys(b)) if (!(key in a)) keys.push(key)
  return keys
}

function compareRegions(walk: Walk, field: string, a: Region, b: Region): void {
  const [from, to] = [placeIn(walk.a, a), placeIn(walk.b, b)]
  if (!from || !to) return
  if (a.params.join() !== b.params.join()) report(walk, `${field}.params`, a.params, b.params)
  if (a.onFailure !== b.onFailure) report(walk, `${field}.onFailure`, a.onFailure, b.onFailure)
  const claims = compareClaims(from, to, walk.callees)
  if (claims.before.length + claims.after.length > 0) report(walk, `properties.${field}`, claims.before, claims.after)
  compareExprs(walk, `${field}.result`, a.result, b.result, from, to)
}

const placeIn = ({ inner }: Sight, region: Region): Place | undefined => inner.find(place => place.region === region)

function compareExprs(walk: Walk, field: string, a: Expr, b: Expr, from: Place, to: Place): void {
  const code: CodePair[] = []
  if (isSameExpr(a, b, { from, to, callees: walk.callees, code })) walk.code.push(...code)
  else report(walk, field, a, b)
}

interface Ends {
  readonly from: Place
  readonly to: Place
  readonly callees: Callees
  readonly code: CodePair[]
}

function isSameExpr(a: Expr, b: Expr, ends: Ends): boolean {
  switch (a.kind) {
    case 'literal':
      return b.kind === 'literal' && (a.value === b.value || canonicalJson(a.value) === canonicalJson(b.value))
    case 'node':
      return (
        b.kind === 'node' &&
        isSameStep(stepAt(ends.from, a.node, a.up), stepAt(ends.to, b.node, b.up)) &&
        isSamePath(a, b)
      )
    case 'param': {
      if (b.kind !== 'param' || a.param !== b.param || !isSamePath(a, b)) return false
      const place = placeUp(ends.from, a.up)
      return place !== undefined && place.pair === placeUp(ends.to, b.up)
    }
    case 'record': {
      if (b.kind !== 'record') return false
      const names = Object.keys(a.fields)
      return (
        names.length === Object.keys(b.fields).length &&
        names.every(
          name => Object.hasOwn(b.fields, name) && isSameExpr(a.fields[name] as Expr, b.fields[name] as Expr, ends),
        )
      )
    }
    case 'list':
      return b.kind === 'list' && areSame(a.items, b.items, ends)
    case 'apply': {
      if (b.kind !== 'apply' || !isSamePath(a, b) || !areSame(a.args, b.args, ends)) return false
      // F2.
      if (!ends.callees.isSamePure(a.fn, b.fn)) ends.code.push([a.fn, b.fn])
      return true
    }
    case 'resource':
      return (
        b.kind === 'resource' &&
        canonicalJson(a.resource as unknown as Json) === canonicalJson(b.resource as unknown as Json)
      )
  }
}

const areSame = (a: readonly Expr[], b: readonly Expr[], ends: Ends): boolean =>
  a.length === b.length && a.every((expr, index) => isSameExpr(expr, b[index] as Expr, ends))

/** F1. */
const isSameStep = (a: Step | undefined, b: Step | undefined): boolean => a !== undefined && a.pair === b

const isSamePath = (a: { readonly path: readonly unknown[] }, b: { readonly path: readonly unknown[] }): boolean =>
  a.path.length === b.path.length && a.path.every((key, index) => key === b.path[index])

function report({ fields }: Walk, field: string, before: unknown, after: unknown): void {
  fields.push({ field, before: shown(before), after: shown(after) })
}

/** A region by the ids of its steps, what holds regions likewise; all else as the graph has it. */
function shown(value: unknown): Json | undefined {
  if (!isObject(value) || isExpr(value)) return value as Json | undefined
  if (isRegion(value)) return value.nodes.map(({ id }) => id)
  if (Array.isArray(value)) return value as Json
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]))
}
