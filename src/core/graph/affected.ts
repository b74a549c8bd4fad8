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
import { dependenciesOf, insideExpressions, kindExpressions } from './dependencies.ts'
import { type Expr, type Graph, type Node, type Path, type Region, regionsOf } from './graph.ts'

/** A node and the regions that it stands in. */
export interface PlacedNode {
  /** As step ids have it; `tests[*]/triage` for all items of an each. */
  readonly path: string
  /** The same with the nodes' names. */
  readonly shown: string
  /** Ids of the nodes around it from the outermost on, and its own. */
  readonly ids: readonly string[]
  readonly node: Node
}

export interface Affected extends PlacedNode {
  /** Path of the affected step that it hangs on; undefined for what was changed itself. */
  readonly from: string | undefined
}

/** Every node, in the order of the graph; what is inside of one comes after it. Bodies of undos are left out. */
export function* placedNodes(region: Region, around: Around = ROOT): Generator<PlacedNode> {
  for (const node of region.nodes) {
    const placed = placeIn(around, node)
    yield placed
    for (const [label, inner] of ownRegions(node)) yield* placedNodes(inner, insideOf(placed, label))
  }
}

/** The steps that do something (no calls, branches and the like, which only hold others), in the order of the graph. */
export function affectedBy(
  { root }: Pick<Graph, 'root'>,
  isChanged: (step: PlacedNode) => boolean,
): readonly Affected[] {
  const walk: Walk = { isChanged, frames: new Map(), forced: new Map(), found: [], grown: true, again: 'no' }
  let passes = 0
  // What comes back by a loop or a recursion is met one pass later.
  for (; walk.grown && (passes === 0 || walk.again !== 'no'); passes++) {
    walk.grown = false
    visitRegion(walk, root, frameAt(walk, '', undefined, root), ROOT)
  }
  return passes === 1 ? walk.found : [...inList(walk, root, ROOT)]
}

/** What was found in a region, in the order of the list. */
function* inList(walk: Walk, { nodes }: Region, around: Around): Generator<Affected> {
  const frame = walk.frames.get(around.path)
  for (let place = 0; place < nodes.length; place++) {
    const node = nodes[place]!
    const found = frame?.found[place]
    if (found) yield found
    if (isLeaf(node)) continue
    const step = placeIn(around, node)
    for (const [label, region] of ownRegions(node)) yield* inList(walk, region, insideOf(step, label))
  }
}

/** Whether a node only holds others. */
export const holdsOthers = (node: Node): boolean => !isLeaf(node) && ownRegions(node).length > 0

const LEAVES: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'cancel', 'service'])
const isLeaf = ({ kind }: Node): boolean => LEAVES.has(kind)

const NO_REGIONS: readonly (readonly [label: string, region: Region])[] = []
const ownRegions = (node: Node): readonly (readonly [label: string, region: Region])[] =>
  isLeaf(node) ? NO_REGIONS : regionsOf(node).filter(([, region]) => region !== node.undo?.body)

interface Around {
  readonly path: string
  readonly shown: string
  readonly ids: readonly string[]
}
const ROOT: Around = { path: '', shown: '', ids: [] }

const placeIn = (around: Around, node: Node): PlacedNode => ({
  path: around.path + node.id,
  shown: around.shown + node.name,
  ids: around.ids.concat(node.id),
  node,
})

function insideOf({ path, shown, ids, node }: PlacedNode, label: string): Around {
  const mark = node.kind === 'call' ? '/' : node.kind === 'each' ? '[*]/' : `.${label}/`
  return { path: path + mark, shown: shown + mark, ids }
}

/** What of a value may differ: all of it, or some fields; with the path of the step that makes it so. */
type Change =
  | { readonly kind: 'all'; readonly from: string }
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, string> }

/** One region, as far as it is known. */
interface Frame {
  readonly outer: Frame | undefined
  /** Of the nodes by id: their places in the list. */
  readonly places: ReadonlyMap<string, number>
  readonly params: Map<string, Change>
  /** By place. */
  readonly values: (Change | undefined)[]
  /** By place: what comes after it hangs on this step. */
  readonly acted: (string | undefined)[]
  /** By place: the step itself, when it is affected. */
  readonly found: (Affected | undefined)[]
  result: Change | undefined
  /** The place of the node that is looked at. */
  at: number
}

interface Walk {
  readonly isChanged: (step: PlacedNode) => boolean
  readonly frames: Map<string, Frame>
  /** By the path of a node: the step by which everything inside of it is affected. */
  readonly forced: Map<string, string>
  /** In the order of finding. */
  readonly found: Affected[]
  /** Whether this pass has found anything new. */
  grown: boolean
  /** Whether what is found late may reach what was looked at early; `sorted`: because the list is in no order of use. */
  again: 'no' | 'yes' | 'sorted'
}

/** The first affected step in something, and the first that acts on the world. */
interface Touched {
  readonly any: string | undefined
  readonly acting: string | undefined
}

function frameAt({ frames }: Walk, path: string, outer: Frame | undefined, region: Region): Frame {
  const known = frames.get(path)
  if (known) return known
  const places = new Map<string, number>()
  for (let at = 0; at < region.nodes.length; at++) places.set(region.nodes[at]!.id, at)
  const frame: Frame = { outer, places, params: new Map(), values: [], acted: [], found: [], result: undefined, at: 0 }
  frames.set(path, frame)
  return frame
}

/** `forced`: the step by which all in here is affected. */
function visitRegion(walk: Walk, region: Region, frame: Frame, around: Around, forced?: string): Touched {
  let [any, acting]: [string | undefined, string | undefined] = [undefined, undefined]
  const order = walk.again === 'sorted' ? inOrder(region) : undefined
  for (let index = 0; index < region.nodes.length; index++) {
    frame.at = order ? order[index]! : index
    const node = region.nodes[frame.at]!
    const step = placeIn(around, node)
    const touched =
      node.kind === 'call' || holdsOthers(node)
        ? visitHolder(walk, frame, step, forced)
        : visitStep(walk, frame, step, forced)
    any ??= touched.any
    acting ??= touched.acting
  }
  frame.at = region.nodes.length
  const result = changeOf(walk, frame, region.result)
  if (result) frame.result = grow(walk, frame.result, result)
  return any === undefined ? UNTOUCHED : { any, acting }
}

const orders = new WeakMap<Region, Uint32Array>()

/** Places in the list, each after those that it uses. By hand, not by recursion: a chain may be as long as a graph. */
function inOrder(region: Region): Uint32Array {
  const known = orders.get(region)
  if (known) return known
  const { nodes } = region
  const places = new Map(nodes.map(({ id }, place) => [id, place]))
  const order = new Uint32Array(nodes.length)
  const seen = new Uint8Array(nodes.length)
  let end = 0
  const pending: { readonly place: number; readonly before: Iterator<string> }[] = []
  const visit = (place: number): void => {
    seen[place] = 1
    pending.push({ place, before: dependenciesOf(nodes[place]!)[Symbol.iterator]() })
  }
  for (let root = 0; root < nodes.length; root++) {
    if (seen[root] === 0) visit(root)
    for (let top = pending.at(-1); top; top = pending.at(-1)) {
      const next = top.before.next()
      const place = next.done ? undefined : places.get(next.value)
      if (place !== undefined && seen[place] === 0) visit(place)
      if (!next.done) continue
      order[end++] = top.place
      pending.pop()
    }
  }
  orders.set(region, order)
  return order
}

const firstOf = (touched: readonly Touched[]): Touched => ({
  any: touched.find(({ any }) => any !== undefined)?.any,
  acting: touched.find(({ acting }) => acting !== undefined)?.acting,
})

/** A step that does something itself. */
function visitStep(walk: Walk, frame: Frame, step: PlacedNode, forced: string | undefined): Touched {
  const { node, path } = step
  const known = frame.found[frame.at]
  if (!known) {
    const isOrigin = walk.isChanged(step)
    const from = isOrigin ? undefined : (forced ?? ownCause(walk, frame, node))
    if (!isOrigin && from === undefined) return UNTOUCHED
    const { shown, ids } = step
    const found: Affected = { path, shown, ids, node, from }
    frame.found[frame.at] = found
    walk.found.push(found)
    frame.values[frame.at] = { kind: 'all', from: path }
    walk.grown = true
  }
  const acting = node.kind === 'task' || node.kind === 'source' ? undefined : path
  return noted(walk, frame, { any: path, acting })
}

/** A call, a choice, a loop: hands on what goes into it, and gives what comes out of it. */
function visitHolder(walk: Walk, frame: Frame, step: PlacedNode, forced: string | undefined): Touched {
  const { node, path } = step
  const isEntry = node.kind === 'call' || node.kind === 'loop'
  // What enters a call or a loop is told apart by parameter; what is chosen by, or counted, reaches all inside.
  const cause =
    forced ?? walk.forced.get(path) ?? (isEntry ? causeBefore(walk, frame, node) : ownCause(walk, frame, node))
  const inside = insidesOf(walk, frame, step)
  const own = frame.at
  const touched = firstOf(inside.map(each => visitRegion(walk, each.region, each.frame, each.around, cause)))
  if (node.kind === 'attempt' && touched.any !== undefined)
    for (const { label, frame: inner } of inside)
      if (label !== 'body') comeBack(walk, inner, 'error', { kind: 'all', from: touched.any })
  if (node.kind === 'loop' && inside[0]?.frame.result) comesBack(walk)
  const later = inside.length > 0 ? decidedInside(walk, node, inside, touched) : undefined
  if (later !== undefined && !walk.forced.has(path)) {
    walk.forced.set(path, later)
    walk.grown = true
    comesBack(walk)
  }
  const change = valueChange(walk, frame, node, { inside, cause: cause ?? later, touched })
  if (change) frame.values[own] = grow(walk, frame.values[own], change)
  return noted(walk, frame, touched)
}

function noted(walk: Walk, frame: Frame, touched: Touched): Touched {
  if (touched.acting !== undefined && frame.acted[frame.at] === undefined) {
    frame.acted[frame.at] = touched.acting
    walk.grown = true
  }
  return touched
}

/** Something that was looked at before may hang on what is found now. */
function comesBack(walk: Walk): void {
  if (walk.again === 'no') walk.again = 'yes'
}

const UNTOUCHED: Touched = { any: undefined, acting: undefined }

interface InsideOf {
  readonly label: string
  readonly region: Region
  readonly around: Around
  readonly frame: Frame
}

/** The regions of a node, with what their parameters are now. */
function insidesOf(walk: Walk, frame: Frame, step: PlacedNode): readonly InsideOf[] {
  const { node } = step
  if (node.kind === 'call' && node.recurs !== undefined) {
    comesBack(walk)
    enter(walk, frameUp(frame, node.recurs), node.args, frame)
    return []
  }
  const inside = ownRegions(node).map(([label, region]) => {
    const around = insideOf(step, label)
    return { label, region, around, frame: frameAt(walk, around.path, frame, region) }
  })
  for (const each of inside) {
    if (node.kind === 'call') enter(walk, each.frame, node.args, frame)
    if (node.kind !== 'loop') continue
    enter(walk, each.frame, { state: node.init }, frame)
    if (each.frame.result) become(walk, each.frame, 'state', each.frame.result)
  }
  return inside
}

/** Arguments become parameters. */
function enter(walk: Walk, inner: Frame | undefined, args: { readonly [param: string]: Expr }, frame: Frame): void {
  for (const [param, arg] of Object.entries(args)) {
    const change = changeOf(walk, frame, arg)
    if (inner && change) become(walk, inner, param, change)
  }
}

const become = (walk: Walk, frame: Frame, param: string, change: Change): void =>
  void frame.params.set(param, grow(walk, frame.params.get(param), change))

function comeBack(walk: Walk, frame: Frame, param: string, change: Change): void {
  const before = frame.params.get(param)
  become(walk, frame, param, change)
  if (frame.params.get(param) !== before) comesBack(walk)
}

/** The step by which what is inside of a node may be entered otherwise, as its own inside tells. */
function decidedInside(walk: Walk, node: Node, inside: readonly InsideOf[], touched: Touched): string | undefined {
  // Which transition fires when is not told by the net's text.
  if (node.kind === 'net') return touched.any
  return firstFrom(
    insideExpressions(node).map(({ expr, region }) => {
      const frame = inside.find(each => each.region === region)?.frame
      return frame && changeOf(walk, frame, expr)
    }),
  )
}

function ownCause(walk: Walk, frame: Frame, node: Node): string | undefined {
  for (const expr of kindExpressions(node)) {
    const change = changeOf(walk, frame, expr)
    if (change) return fromOf(change)
  }
  return causeBefore(walk, frame, node)
}

/** A1: what acts on the world hands on more than its value. */
function causeBefore(walk: Walk, frame: Frame, { after }: Node): string | undefined {
  for (const id of after) {
    const place = nodeIn(walk, frame, id)
    if (place !== undefined && frame.acted[place] !== undefined) return frame.acted[place]
  }
  return undefined
}

/** Of a node of a region; what it gives is known, unless the list is in no order of use. */
function nodeIn(walk: Walk, frame: Frame, id: string): number | undefined {
  const place = frame.places.get(id)
  if (place !== undefined && walk.again !== 'sorted' && place >= frame.at) {
    walk.again = 'sorted'
    walk.grown = true
  }
  return place
}

interface Holder {
  readonly inside: readonly InsideOf[]
  readonly cause: string | undefined
  readonly touched: Touched
}

function valueChange(walk: Walk, frame: Frame, node: Node, { inside, cause, touched }: Holder): Change | undefined {
  if (cause !== undefined) return { kind: 'all', from: cause }
  const results = inside.map(each => each.frame.result)
  switch (node.kind) {
    case 'call':
      return node.recurs === undefined ? results[0] : frameUp(frame, node.recurs)?.result
    case 'scope':
      return results[0]
    case 'when':
    case 'match':
      return results.reduce<Change | undefined>(
        (sum, each) => (sum && each ? joined(sum, each) : (sum ?? each)),
        undefined,
      )
    case 'any':
      return fieldsOf(inside.map(({ label, frame: { result } }) => [label, result]))
    case 'each':
      return whole(firstFrom(results))
    case 'loop':
      return whole(firstFrom([changeOf(walk, frame, node.init), ...results]))
    // Who is first, and who fails, may differ with anything inside.
    case 'race':
    case 'some':
    case 'attempt':
    case 'net':
      return whole(touched.any)
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

function changeOf(walk: Walk, frame: Frame, expr: Expr): Change | undefined {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return undefined
    case 'node': {
      const around = frameUp(frame, expr.up)
      const place = around && nodeIn(walk, around, expr.node)
      return place === undefined ? undefined : at(around?.values[place], expr.path)
    }
    case 'param':
      return at(frameUp(frame, expr.up)?.params.get(expr.param), expr.path)
    case 'record':
      return fieldsOf(Object.entries(expr.fields).map(([name, field]) => [name, changeOf(walk, frame, field)]))
    case 'list':
      return whole(firstFrom(expr.items.map(item => changeOf(walk, frame, item))))
    case 'apply':
      return whole(firstFrom(expr.args.map(arg => changeOf(walk, frame, arg))))
    default:
      return unreachable(expr)
  }
}

function frameUp(frame: Frame, up: number): Frame | undefined {
  let found: Frame | undefined = frame
  for (let count = 0; count < up; count++) found = found?.outer
  return found
}

function at(change: Change | undefined, [key]: Path): Change | undefined {
  if (change?.kind !== 'fields' || key === undefined) return change
  return whole(change.fields.get(String(key)))
}

const whole = (from: string | undefined): Change | undefined => (from === undefined ? undefined : { kind: 'all', from })

function fieldsOf(fields: readonly (readonly [string, Change | undefined])[]): Change | undefined {
  const changed = fields.flatMap(([name, change]) => (change ? [[name, fromOf(change)] as const] : []))
  return changed.length > 0 ? { kind: 'fields', fields: new Map(changed) } : undefined
}

function firstFrom(changes: readonly (Change | undefined)[]): string | undefined {
  const first = changes.find(change => change !== undefined)
  return first && fromOf(first)
}

const fromOf = (change: Change): string => (change.kind === 'all' ? change.from : [...change.fields.values()][0]!)

function grow(walk: Walk, before: Change | undefined, more: Change): Change {
  const after = before ? joined(before, more) : more
  if (after !== before) walk.grown = true
  return after
}

/** The first one itself when the second adds nothing. */
function joined(before: Change, more: Change): Change {
  if (before.kind === 'all' || more.kind === 'all') return before.kind === 'all' ? before : more
  const added = [...more.fields].filter(([name]) => !before.fields.has(name))
  return added.length === 0 ? before : { kind: 'fields', fields: new Map([...before.fields, ...added]) }
}
