/**
 * What steps look like apart from their names: equal numbers for equal content, so that steps can be found again by it.
 *
 *   S1. Ids, names, positions and the order of nodes are in no content; what a step refers to is in it by that step's content,
 *       or, once that is matched, by its pair.
 *   S2. What is nested counts whole, except for what it refers to beyond the region in question.
 */
import type { Expr } from '../core/graph/graph.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { Callees, Side } from './callees.ts'
import { isExpr, isRegion, type Mention, type Place, type Places, type Step } from './places.ts'

/** Numbers for texts: the same for the same. */
export interface Numbers {
  readonly of: (text: string) => number
  readonly fresh: () => number
}

export function newNumbers(): Numbers {
  const known = new Map<string, number>()
  let last = 0
  const fresh = (): number => ++last
  return {
    fresh,
    of(text) {
      const found = known.get(text)
      if (found !== undefined) return found
      const made = fresh()
      known.set(text, made)
      return made
    },
  }
}

export interface Shaping {
  readonly numbers: Numbers
  readonly callees: Callees
  readonly side: Side
}

/** Gives every step and region its content, inner ones first. */
export function shapeAll({ places }: Places, shaping: Shaping): void {
  for (let at = places.length - 1; at >= 0; at--) {
    const place = places[at]!
    for (const step of place.steps) step.shape = shaping.numbers.of(textOf(step, shaping))
    shapePlace(place, shaping)
  }
}

/** Once more for one region, after some of it has been matched. */
export function shapePlace(place: Place, shaping: Shaping): void {
  for (const step of inOrder(place.steps)) if (!step.pair) step.content = contentOf(step, shaping.numbers)
  place.content = placeContent(place, shaping)
}

function contentOf(step: Step, numbers: Numbers): number {
  if (step.mentions.length === 0) return step.shape
  const tokens = step.mentions.map(tokenOf)
  return numbers.of(`${step.shape};${tokens.length > 1 ? tokens.sort().join() : tokens[0]}`)
}

const tokenOf = ({ to, where }: Mention): string => `${where}=${to.content}`

function placeContent({ region, steps, byId }: Place, shaping: Shaping): number {
  const inside = steps.map(({ content }) => content).sort((a, b) => a - b)
  const params = region.params.join()
  const result = exprText(region.result, shaping, (id, up) => (up === 0 ? (byId.get(id)?.content ?? 0) : 0))
  return shaping.numbers.of(`{${params};${region.onFailure ?? ''};${inside.join()};${result}}`)
}

/** Dependencies first (G3: there are no cycles; where a graph has one all the same, what is on it comes last). */
export function inOrder(steps: readonly Step[]): readonly Step[] {
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
      if (left > 0) missing.set(from, left)
      else {
        missing.delete(from)
        ready.push(from)
      }
    }
  return missing.size === 0 ? ready : [...ready, ...missing.keys()]
}

/** `after`: its references are mentions. The workflow's name of a call: its body says all. */
const LEFT_OUT: ReadonlySet<string> = new Set(['id', 'name', 'at', 'after', 'workflow'])

function textOf(step: Step, shaping: Shaping): string {
  const { node } = step
  let text = ''
  for (const key of Object.keys(node).sort()) {
    if (LEFT_OUT.has(key)) continue
    const value: unknown = node[key as keyof typeof node]
    if (value === undefined) continue
    text += `${key}:${CALLEES.has(key) ? shaping.callees.token(shaping.side, String(value)) : valueText(key, value, step, shaping)};`
  }
  return text
}

const CALLEES: ReadonlySet<string> = new Set(['task', 'flow'])

function valueText(key: string, value: unknown, step: Step, shaping: Shaping): string {
  if (typeof value !== 'object' || value === null)
    return key === 'until' && typeof value === 'string' ? '*' : JSON.stringify(value)
  if (isExpr(value)) return exprText(value, shaping, BLANK)
  if (isRegion(value)) return `${step.inner.find(({ region }) => region === value)?.content ?? ''}`
  if (key === 'target') return '*'
  if (OPAQUE.has(key)) return dataText(value as Json, shaping)
  if (Array.isArray(value)) return `[${value.map(item => valueText('', item, step, shaping)).join()}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields
    .map(([name, field]) => `${JSON.stringify(name)}:${valueText('', field, step, shaping)}`)
    .sort()
    .join()}}`
}

/** Without expressions; functions may be named in them. */
const OPAQUE: ReadonlySet<string> = new Set(['policy', 'source', 'service', 'more'])

const dataText = (value: Json, shaping: Shaping): string =>
  canonicalJson(withTokens(value, shaping.callees, shaping.side))

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

const BLANK = (): number => 0

/** `token`: what stands for a step. */
function exprText(expr: Expr, shaping: Shaping, token: (id: string, up: number) => number): string {
  switch (expr.kind) {
    case 'literal':
      return `=${canonicalJson(expr.value)}`
    case 'node':
      return `*${token(expr.node, expr.up)}${pathText(expr.path)}`
    case 'param':
      return `$${expr.up}.${expr.param}${pathText(expr.path)}`
    case 'record': {
      const names = Object.keys(expr.fields).sort()
      return `{${names.map(name => `${JSON.stringify(name)}:${exprText(expr.fields[name] as Expr, shaping, token)}`).join()}}`
    }
    case 'list':
      return `[${expr.items.map(item => exprText(item, shaping, token)).join()}]`
    case 'apply': {
      const args = expr.args.map(arg => exprText(arg, shaping, token)).join()
      return `${shaping.callees.pureToken(shaping.side, expr.fn)}(${args})${pathText(expr.path)}`
    }
    case 'resource':
      return `!${canonicalJson(expr.resource as unknown as Json)}`
  }
}

const pathText = (path: readonly (string | number)[]): string => (path.length === 0 ? '' : JSON.stringify(path))
