/**
 * What steps look like apart from their names: equal numbers for equal content, so that steps can be found again by it.
 *
 *   S1. Ids, names, positions and the order of nodes are in no content; what a step refers to is in it by that step's content,
 *       or, once that is matched, by its pair.
 *   S2. What is nested counts whole, except for what it refers to beyond the region in question.
 */
import type { Expr, Path } from '../core/graph/graph.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { Callees, Side } from './callees.ts'
import { add, type Mixed, mix, mixText } from './mix.ts'
import { isExpr, isRegion, type Place, type Places, type Step } from './places.ts'

export interface Shaping {
  readonly callees: Callees
  readonly side: Side
}

/** Gives every step and region its content, inner ones first. */
export function shapeAll({ places }: Places, shaping: Shaping): void {
  for (let at = places.length - 1; at >= 0; at--) {
    const place = places[at]!
    for (const step of place.steps) step.shape = shapeOf(step, shaping)
    shapeSteps(place)
    place.content = placeContent(place, shaping)
  }
}

/** Once more for the steps of a region, after some of them have been matched. */
export function shapeSteps(place: Place): void {
  for (const step of inOrder(place)) if (!step.pair) step.content = contentOf(step)
}

/** By what the steps that it refers to have now. */
export function contentOf({ shape, mentions }: Step): Mixed {
  let takes = 0
  for (const { to, where } of mentions) takes = add(takes, mix(where, to.content))
  return mix(shape, takes)
}

function placeContent({ region, steps, byId }: Place, shaping: Shaping): Mixed {
  let inside = 0
  for (const { content } of steps) inside = add(inside, content)
  const result = ofExpr(region.result, shaping, (id, up) => (up === 0 ? (byId.get(id)?.content ?? 0) : 0))
  return mix(mix(mixText(`${region.onFailure ?? ''} ${region.params.join()}`), inside), result)
}

/** Dependencies first (G3: there are no cycles; where a graph has one all the same, what is on it comes last). */
export function inOrder(place: Place): readonly Step[] {
  place.ordered ??= ordered(place.steps)
  return place.ordered
}

function ordered(steps: readonly Step[]): readonly Step[] {
  const missing = new Map<Step, number>()
  const ready: Step[] = []
  for (const step of steps) {
    if (step.mentions.length === 0) ready.push(step)
    else missing.set(step, step.mentions.length)
  }
  for (const step of ready)
    for (const { from } of step.mentioned) {
      if (!from) continue
      const left = missing.get(from)! - 1
      missing.set(from, left)
      if (left === 0) ready.push(from)
    }
  return ready.length === steps.length ? ready : [...ready, ...steps.filter(step => (missing.get(step) ?? 0) > 0)]
}

/** `after`: its references are mentions. The workflow's name of a call: its body says all. */
const LEFT_OUT: ReadonlySet<string> = new Set(['id', 'name', 'at', 'after', 'workflow'])
const CALLEES: ReadonlySet<string> = new Set(['task', 'flow'])
/** Without expressions; functions may be named in them. */
const OPAQUE: ReadonlySet<string> = new Set(['policy', 'source', 'service', 'more'])

/** Of its own text, references blank. */
function shapeOf(step: Step, shaping: Shaping): Mixed {
  const node = step.node as unknown as { readonly [key: string]: unknown }
  let shape = 0
  for (const key in node) {
    const value = node[key]
    if (value === undefined || LEFT_OUT.has(key)) continue
    const own = CALLEES.has(key)
      ? mixText(shaping.callees.token(shaping.side, String(value)))
      : ofField(key, value, step, shaping)
    shape = add(shape, mix(mixText(key), own))
  }
  return shape
}

const REFERENCE = mixText('*')

function ofField(key: string, value: unknown, step: Step, shaping: Shaping): Mixed {
  // References by id: to what a cancel strikes, and to what ends a milestone.
  if (key === 'target' || (key === 'until' && typeof value === 'string')) return REFERENCE
  if (OPAQUE.has(key)) return ofData(value as Json, shaping)
  return ofValue(value, step, shaping)
}

function ofValue(value: unknown, step: Step, shaping: Shaping): Mixed {
  if (typeof value !== 'object' || value === null) return ofScalar(value as Json)
  if (isExpr(value)) return ofExpr(value, shaping, BLANK)
  if (isRegion(value)) return step.inner.find(({ region }) => region === value)?.content ?? 0
  if (Array.isArray(value)) {
    let list = value.length
    for (const item of value) list = mix(list, ofValue(item, step, shaping))
    return list
  }
  let record = 1
  for (const [key, field] of Object.entries(value))
    if (field !== undefined) record = add(record, mix(mixText(key), ofValue(field, step, shaping)))
  return record
}

const ofScalar = (value: Json): Mixed => (typeof value === 'string' ? mixText(value) : mix(2, mixText(String(value))))

const EMPTY = mixText('{}')

function ofData(value: Json, { callees, side }: Shaping): Mixed {
  if (isEmpty(value)) return EMPTY
  return mixText(canonicalJson(withTokens(value, callees, side)))
}

function isEmpty(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  for (const _ in value) return false
  return true
}

/** The functions that a source or a service names, as what they are. */
export function withTokens(value: Json, callees: Callees, side: Side): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  const record = value as { readonly [key: string]: Json | undefined }
  if (record.kind === 'function') {
    const key = typeof record.fn === 'string' ? 'fn' : 'task'
    return { ...record, [key]: callees.token(side, String(record[key])) }
  }
  return Object.fromEntries(
    Object.entries(record).map(([key, field]) => [
      key,
      field === undefined ? undefined : withTokens(field, callees, side),
    ]),
  )
}

const BLANK = (): Mixed => 0

const KIND = {
  literal: mixText('literal'),
  node: mixText('node'),
  param: mixText('param'),
  record: mixText('record'),
  list: mixText('list'),
  apply: mixText('apply'),
  resource: mixText('resource'),
} as const

/** `token`: what stands for a step. */
function ofExpr(expr: Expr, shaping: Shaping, token: (id: string, up: number) => Mixed): Mixed {
  const kind = KIND[expr.kind]
  switch (expr.kind) {
    case 'literal':
      return mix(
        kind,
        typeof expr.value === 'object' ? mix(3, mixText(canonicalJson(expr.value))) : ofScalar(expr.value),
      )
    case 'node':
      return ofPath(mix(kind, token(expr.node, expr.up)), expr.path)
    case 'param':
      return ofPath(mix(mix(kind, expr.up), mixText(expr.param)), expr.path)
    case 'record': {
      let record = kind
      for (const name in expr.fields)
        record = add(record, mix(mixText(name), ofExpr(expr.fields[name] as Expr, shaping, token)))
      return record
    }
    case 'list':
      return ofExprs(kind, expr.items, shaping, token)
    case 'apply':
      return ofPath(
        ofExprs(mix(kind, mixText(shaping.callees.pureToken(shaping.side, expr.fn))), expr.args, shaping, token),
        expr.path,
      )
    case 'resource':
      return mix(kind, mixText(canonicalJson(expr.resource as unknown as Json)))
  }
}

function ofExprs(
  start: Mixed,
  exprs: readonly Expr[],
  shaping: Shaping,
  token: (id: string, up: number) => Mixed,
): Mixed {
  let list = start
  for (const expr of exprs) list = mix(list, ofExpr(expr, shaping, token))
  return list
}

function ofPath(start: Mixed, path: Path): Mixed {
  let all = start
  for (const key of path) all = mix(all, ofScalar(key))
  return all
}
