/**
 * What may come out differently when something does: follows values through a graph, field by field where a result is a
 * record, into regions and out of them. Pure: runs nothing, and knows no value.
 *
 *   A1. A step is affected when an argument of it may differ, when it may not be entered or not as often, or when it comes
 *       after (`.after`) an affected step that acts on the world. Mere order after a task hands nothing on.
 *   A2. It errs on the side of too much: a choice that may fall differently affects all that is inside of it.
 *   A3. Each affected step but the origins names the affected step that it hangs on.
 *   A4. One pass, in the order of the list, where nothing comes back (no loop, recursion, handler, free-form net, key) and each
 *       step is listed after those that it uses; else passes in an order that has it so, until nothing new is found.
 */
import { unreachable } from '../../util/unreachable.ts'
import { type Change, changeAt, fieldsOf, firstOf, joined, stepOf } from './change.ts'
import { insideExpressions, kindExpressions } from './dependencies.ts'
import type { Expr, Graph, Node } from './graph.ts'
import { orderOfUse } from './order.ts'
import { type Outline, outlineOf, type PlacedNode, type PlacedRegion, regionUp } from './placed.ts'

export interface Affected extends PlacedNode {
  /** Path of the affected step that it hangs on; undefined for what was changed itself. */
  readonly from: string | undefined
}

/** The steps that do something (no calls, branches and the like, which only hold others), in the order of the graph. */
export function affectedBy(graph: Pick<Graph, 'root'>, isChanged: (step: PlacedNode) => boolean): readonly Affected[] {
  const walk = newWalk(outlineOf(graph), isChanged)
  // What comes back by a loop or a recursion is met one pass later.
  for (let passes = 0; walk.grown && (passes === 0 || walk.again !== 'no'); passes++) {
    walk.grown = false
    visitRegion(walk, walk.outline.root, undefined)
  }
  return foundBy(walk)
}

/** Steps and regions by their numbers in the outline. */
interface Walk {
  readonly outline: Outline
  readonly isChanged: (step: PlacedNode) => boolean
  /** Of affected steps, the one that it hangs on. */
  readonly causes: (number | 'origin' | undefined)[]
  /** By step. */
  readonly values: (Change | undefined)[]
  /** By step: what comes after it hangs on this step. */
  readonly acted: (number | undefined)[]
  /** By step: the step by which everything inside of it is affected. */
  readonly forced: (number | undefined)[]
  /** By region. */
  readonly params: (Map<string, Change> | undefined)[]
  /** By region. */
  readonly results: (Change | undefined)[]
  /** By region: the step that is looked at. */
  readonly at: Int32Array
  /** Whether this pass has found anything new. */
  grown: boolean
  /** Whether what is found late may reach what was looked at early; `sorted`: because the list is in no order of use. */
  again: 'no' | 'yes' | 'sorted'
}

/** Behind the last step of a region. */
const END = 0x7fff_ffff

function newWalk(outline: Outline, isChanged: Walk['isChanged']): Walk {
  const { placed, regions } = outline
  return {
    outline,
    isChanged,
    causes: new Array(placed.length).fill(undefined),
    values: new Array(placed.length).fill(undefined),
    acted: new Array(placed.length).fill(undefined),
    forced: new Array(placed.length).fill(undefined),
    params: new Array(regions.length).fill(undefined),
    results: new Array(regions.length).fill(undefined),
    at: new Int32Array(regions.length),
    grown: true,
    again: 'no',
  }
}

function foundBy({ outline: { placed }, causes }: Walk): readonly Affected[] {
  const found: Affected[] = []
  for (let step = 0; step < causes.length; step++) {
    const cause = causes[step]
    if (cause === undefined) continue
    const { path, shown, ids, node } = placed[step]!
    found.push({ path, shown, ids, node, from: cause === 'origin' ? undefined : placed[cause]!.path })
  }
  return found
}

/** The first affected step in something, and the first that acts on the world. */
interface Touched {
  readonly any: number | undefined
  readonly acting: number | undefined
}

const UNTOUCHED: Touched = { any: undefined, acting: undefined }

/** `forced`: the step by which all in here is affected. */
function visitRegion(walk: Walk, around: PlacedRegion, forced: number | undefined): Touched {
  let [any, acting]: [number | undefined, number | undefined] = [undefined, undefined]
  const { steps, region, number } = around
  const order = walk.again === 'sorted' ? orderOfUse(region) : undefined
  for (let index = 0; index < steps.length; index++) {
    const step = steps[order ? order[index]! : index]!
    walk.at[number] = step
    if (walk.outline.inside[step]!.length > 0) {
      const touched = visitHolder(walk, around, step, forced)
      any ??= touched.any
      acting ??= touched.acting
      if (touched.acting !== undefined) noteActing(walk, step, touched.acting)
    } else if (visitStep(walk, around, step, forced)) {
      any ??= step
      if (walk.outline.isActing[step] === 0) continue
      acting ??= step
      noteActing(walk, step, step)
    }
  }
  walk.at[number] = END
  const result = changeOf(walk, around, region.result)
  if (result !== undefined) walk.results[number] = grow(walk, walk.results[number], result)
  return any === undefined ? UNTOUCHED : { any, acting }
}

/** What comes after a step hangs on what acts in it. */
function noteActing(walk: Walk, step: number, acting: number): void {
  if (walk.acted[step] !== undefined) return
  walk.acted[step] = acting
  walk.grown = true
}

/** A step that does something itself: whether it is affected. */
function visitStep(walk: Walk, around: PlacedRegion, step: number, forced: number | undefined): boolean {
  if (walk.causes[step] !== undefined) return true
  const isOrigin = walk.isChanged(walk.outline.placed[step]!)
  const cause = isOrigin ? 'origin' : (forced ?? ownCause(walk, around, step))
  if (cause === undefined) return false
  walk.causes[step] = cause
  walk.values[step] = step
  walk.grown = true
  return true
}

/** A call, a choice, a loop: hands on what goes into it, and gives what comes out of it. */
function visitHolder(walk: Walk, around: PlacedRegion, step: number, forced: number | undefined): Touched {
  const { node } = walk.outline.placed[step]!
  const isEntry = node.kind === 'call' || node.kind === 'loop'
  // What enters a call or a loop is told apart by parameter; what is chosen by, or counted, reaches all inside.
  const cause = forced ?? walk.forced[step] ?? (isEntry ? causeBefore(walk, step) : ownCause(walk, around, step))
  const inside = enteredFrom(walk, around, step)
  const touched = visitAll(walk, inside, cause)
  if (node.kind === 'attempt' && touched.any !== undefined)
    for (const each of inside) if (each.label !== 'body') comeBack(walk, each, 'error', touched.any)
  if (node.kind === 'loop' && inside[0] && walk.results[inside[0].number] !== undefined) comesBack(walk)
  const later = inside.length > 0 ? decidedInside(walk, node, inside, touched) : undefined
  if (later !== undefined && walk.forced[step] === undefined) {
    walk.forced[step] = later
    walk.grown = true
    comesBack(walk)
  }
  const change = cause ?? later ?? valueChange(walk, around, node, { inside, touched })
  if (change !== undefined) walk.values[step] = grow(walk, walk.values[step], change)
  return touched
}

function visitAll(walk: Walk, inside: readonly PlacedRegion[], cause: number | undefined): Touched {
  let [any, acting]: [number | undefined, number | undefined] = [undefined, undefined]
  for (const each of inside) {
    const touched = visitRegion(walk, each, cause)
    any ??= touched.any
    acting ??= touched.acting
  }
  return any === undefined ? UNTOUCHED : { any, acting }
}

/** Something that was looked at before may hang on what is found now. */
function comesBack(walk: Walk): void {
  if (walk.again === 'no') walk.again = 'yes'
}

/** The regions that a node enters, after their parameters have become what they are now. */
function enteredFrom(walk: Walk, around: PlacedRegion, step: number): readonly PlacedRegion[] {
  const { node } = walk.outline.placed[step]!
  const inside = walk.outline.inside[step]!
  if (node.kind === 'call') {
    const isAgain = node.recurs !== undefined
    if (isAgain) comesBack(walk)
    enter(walk, isAgain ? regionUp(around, node.recurs) : inside[0], node.args, around)
    return isAgain ? [] : inside
  }
  if (node.kind === 'loop') {
    const body = inside[0]!
    enter(walk, body, { state: node.init }, around)
    const state = walk.results[body.number]
    if (state !== undefined) become(walk, body, 'state', state)
  }
  if (node.kind === 'net' && node.init) carry(walk, node.init, inside, around)
  return inside
}

/** What any firing gives may be the state that another one finds. */
function carry(walk: Walk, init: Expr, inside: readonly PlacedRegion[], around: PlacedRegion): void {
  const given = firstOf(inside.map(region => walk.results[region.number]))
  for (const region of inside) {
    enter(walk, region, { state: init }, around)
    if (given !== undefined) become(walk, region, 'state', given)
  }
}

/** Arguments become parameters. */
function enter(
  walk: Walk,
  inner: PlacedRegion | undefined,
  args: { readonly [param: string]: Expr },
  around: PlacedRegion,
): void {
  for (const [param, arg] of Object.entries(args)) {
    const change = changeOf(walk, around, arg)
    if (inner && change !== undefined) become(walk, inner, param, change)
  }
}

function become(walk: Walk, { number }: PlacedRegion, param: string, change: Change): void {
  const params = walk.params[number] ?? new Map<string, Change>()
  walk.params[number] = params.set(param, grow(walk, params.get(param), change))
}

function comeBack(walk: Walk, region: PlacedRegion, param: string, change: Change): void {
  const before = walk.params[region.number]?.get(param)
  become(walk, region, param, change)
  if (walk.params[region.number]?.get(param) !== before) comesBack(walk)
}

/** The step by which what is inside of a node may be entered otherwise, as its own inside tells. */
function decidedInside(walk: Walk, node: Node, inside: readonly PlacedRegion[], touched: Touched): number | undefined {
  // Which transition fires when is not told by the net's text.
  if (node.kind === 'net') return touched.any
  return firstOf(
    insideExpressions(node).map(({ expr, region }) => {
      const seen = inside.find(each => each.region === region)
      return seen && changeOf(walk, seen, expr)
    }),
  )
}

function ownCause(walk: Walk, around: PlacedRegion, step: number): number | undefined {
  const { isPlain, placed } = walk.outline
  if (isPlain[step] === 1) return causeInUse(walk, step) ?? causeBefore(walk, step)
  for (const expr of kindExpressions(placed[step]!.node)) {
    const change = changeOf(walk, around, expr)
    if (change !== undefined) return stepOf(change)
  }
  return causeBefore(walk, step)
}

function causeInUse(walk: Walk, step: number): number | undefined {
  const { start, list } = walk.outline.uses
  for (let at = start[step]!; at < start[step + 1]!; at++) {
    const change = givenBy(walk, list[at]!)
    if (change !== undefined) return stepOf(change)
  }
  return undefined
}

/** A1: what acts on the world hands on more than its value. */
function causeBefore(walk: Walk, step: number): number | undefined {
  const { start, list } = walk.outline.after
  for (let at = start[step]!; at < start[step + 1]!; at++) {
    expectKnown(walk, list[at]!)
    const acting = walk.acted[list[at]!]
    if (acting !== undefined) return acting
  }
  return undefined
}

function givenBy(walk: Walk, step: number): Change | undefined {
  expectKnown(walk, step)
  return walk.values[step]
}

/** What a step gives is known when it is used, unless the list is in no order of use. */
function expectKnown(walk: Walk, step: number): void {
  if (step < walk.at[walk.outline.regionOf[step]!]! || walk.again === 'sorted') return
  walk.again = 'sorted'
  walk.grown = true
}

interface Holder {
  readonly inside: readonly PlacedRegion[]
  readonly touched: Touched
}

function valueChange(walk: Walk, around: PlacedRegion, node: Node, { inside, touched }: Holder): Change | undefined {
  const resultOf = (region: PlacedRegion | undefined): Change | undefined => region && walk.results[region.number]
  switch (node.kind) {
    case 'call':
      return resultOf(node.recurs === undefined ? inside[0] : regionUp(around, node.recurs))
    case 'scope':
      return resultOf(inside[0])
    case 'when':
    case 'match':
      return inside.reduce<Change | undefined>((sum, each) => either(sum, resultOf(each)), undefined)
    case 'any':
      return fieldsOf(inside.map(each => [each.label, resultOf(each)]))
    case 'each':
      return firstOf(inside.map(resultOf))
    case 'loop':
      return firstOf([changeOf(walk, around, node.init), ...inside.map(resultOf)])
    // Who is first, and who fails, may differ with anything inside.
    case 'race':
    case 'some':
    case 'attempt':
      return touched.any
    case 'net':
      return touched.any ?? (node.init && changeOf(walk, around, node.init))
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
      return undefined
    default:
      return unreachable(node)
  }
}

function changeOf(walk: Walk, around: PlacedRegion, expr: Expr): Change | undefined {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return undefined
    case 'node': {
      const step = regionUp(around, expr.up)?.stepOf.get(expr.node)
      return step === undefined ? undefined : changeAt(givenBy(walk, step), expr.path)
    }
    case 'param': {
      const region = regionUp(around, expr.up)
      return region && changeAt(walk.params[region.number]?.get(expr.param), expr.path)
    }
    case 'record':
      return fieldsOf(Object.entries(expr.fields).map(([name, field]) => [name, changeOf(walk, around, field)]))
    case 'list':
      return firstOf(expr.items.map(item => changeOf(walk, around, item)))
    case 'apply':
      return firstOf(expr.args.map(arg => changeOf(walk, around, arg)))
    default:
      return unreachable(expr)
  }
}

const either = (one: Change | undefined, other: Change | undefined): Change | undefined =>
  one !== undefined && other !== undefined ? joined(one, other) : (one ?? other)

function grow(walk: Walk, before: Change | undefined, more: Change): Change {
  const after = before === undefined ? more : joined(before, more)
  if (after !== before) walk.grown = true
  return after
}
