/**
 * A graph as matching and comparing see it: every step and region an object that knows where it stands, with references
 * resolved to the steps that they mean.
 *
 *   L1. Nothing here recurses over regions: a graph may be nested as deep as it likes.
 *   L2. A reference is kept once at the step that makes it (an edge), and once at the sibling of its target that the step
 *       stands in or is (a mention): the sum of both grows with the text, not with its depth.
 */
import { insideExpressions } from '../core/graph/dependencies.ts'
import { type Expr, type Node, type Region, regionsOf } from '../core/graph/graph.ts'
import type { StepName } from './change.ts'
import { type Mixed, mix, mixText } from './mix.ts'

export interface Step {
  readonly node: Node
  readonly place: Place
  readonly inner: readonly Place[]
  /** References to siblings, by this step itself or by what stands inside of it. */
  readonly mentions: Mention[]
  /** The other way round; `undefined`: the result of the region. */
  readonly mentioned: Mention[]
  /** What must come first, wherever it stands. */
  readonly edges: Map<Step, Carries>
  pair: Step | undefined
  /** Equal: equal content (shapes.ts), or matched to one another. */
  content: Mixed
  /** Of its own text, references blank. */
  shape: Mixed
  /** Who takes what it gives, and who takes that (match.ts). */
  down: Mixed
  /** Of what it is called after, without the count, and its kind. */
  readonly stem: Mixed
  /** Of the variable that holds it; 0 where it is called after its definition alone. */
  readonly given: Mixed
}

export type Carries = 'value' | 'order'

/** `where`: the field that mentions it; the same text for equal fields of equal steps. */
export interface Mention {
  readonly from: Step | undefined
  readonly to: Step
  readonly where: Mixed
}

/** A region, and which part of which step it is. */
export interface Place {
  readonly region: Region
  readonly owner: Step | undefined
  /** As paths have it. */
  readonly label: string
  /** What tells it from the other regions of its step when the step changes: a handler keeps it when another comes first. */
  readonly key: string
  readonly steps: readonly Step[]
  readonly byId: ReadonlyMap<string, Step>
  pair: Place | undefined
  content: Mixed
  /** Dependencies first; filled in when it is asked for. */
  ordered: readonly Step[] | undefined
}

export interface Places {
  readonly root: Place
  /** Outer before inner. */
  readonly places: readonly Place[]
  /** In the order of the graph: what is inside of a step comes after it. */
  readonly steps: readonly Step[]
}

export function placesOf(region: Region): Places {
  const root = placeOf(region, undefined, '', '')
  const places: Place[] = [root]
  const steps: Step[] = []
  const pending: Step[] = [...root.steps].reverse()
  for (let step = pending.pop(); step; step = pending.pop()) {
    steps.push(step)
    const inner = innerPlaces(step)
    ;(step.inner as Place[]).push(...inner)
    places.push(...inner)
    for (let at = inner.length - 1; at >= 0; at--)
      for (let index = inner[at]!.steps.length - 1; index >= 0; index--) pending.push(inner[at]!.steps[index]!)
  }
  for (const place of places) mentionAll(place)
  return { root, places, steps }
}

function placeOf(region: Region, owner: Step | undefined, label: string, key: string): Place {
  const steps: Step[] = []
  const byId = new Map<string, Step>()
  const place: Place = { region, owner, label, key, steps, byId, pair: undefined, content: 0, ordered: undefined }
  for (const node of region.nodes) {
    const step: Step = {
      node,
      place,
      inner: [],
      mentions: [],
      mentioned: [],
      edges: new Map(),
      pair: undefined,
      content: 0,
      shape: 0,
      down: 0,
      stem: mix(mixText(stemOf(node.id)), mixText(node.kind)),
      given: node.name === node.id || stemOf(node.name) === stemOf(node.id) ? 0 : mixText(node.name),
    }
    steps.push(step)
    byId.set(node.id, step)
  }
  return place
}

function innerPlaces(step: Step): readonly Place[] {
  const { node } = step
  const keys = node.kind === 'attempt' ? handlerKeys(node) : []
  return regionsOf(node).map(([label, region]) => {
    const handler = node.kind === 'attempt' ? node.handlers.findIndex(({ body }) => body === region) : -1
    return placeOf(region, step, label, handler === -1 ? label : `handlers.${keys[handler]}`)
  })
}

/** A handler is known by its errors; several of the same, by their order. */
export function handlerKeys({ handlers }: Extract<Node, { kind: 'attempt' }>): readonly string[] {
  const counts = new Map<string, number>()
  return handlers.map(({ errors }) => {
    const key = errors.length === 0 ? '*' : errors.join('|')
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count === 1 ? key : `${key}~${count}`
  })
}

/** The step that `id` means `up` regions up from `place`, and the sibling of it that `place` is inside of, if it is in one. */
function meant(place: Place, id: string, up: number): { readonly to: Step; readonly by: Step | undefined } | undefined {
  let by: Step | undefined
  let at: Place | undefined = place
  for (let hop = 0; hop < up && at; hop++) {
    by = at.owner
    at = at.owner?.place
  }
  const to = at?.byId.get(id)
  return to && { to, by }
}

export const stepAt = (place: Place, id: string, up: number): Step | undefined => meant(place, id, up)?.to

export function placeUp(place: Place, up: number): Place | undefined {
  let at: Place | undefined = place
  for (let hop = 0; hop < up && at; hop++) at = at.owner?.place
  return at
}

/** Of a name that several have: without its count. */
export function stemOf(id: string): string {
  const at = id.lastIndexOf('~')
  return at > 0 && /^\d+$/.test(id.slice(at + 1)) ? id.slice(0, at) : id
}

/** An expression, as seen from `at`, that belongs to `step`; `own`: the step itself where it is seen from beside it. */
interface Seen {
  readonly step: Step | undefined
  readonly own: Step | undefined
  readonly at: Place
}

function mentionAll(place: Place): void {
  for (const step of place.steps) {
    const seen: Seen = { step, own: step, at: place }
    // Until it is known to carry a value, it is order alone.
    for (const id of step.node.after) mention(seen, id, 0, AFTER, 'order')
    const inside = insidePlaces(step)
    const node = step.node as unknown as { readonly [key: string]: unknown }
    for (const field in node) if (!NO_FIELD.has(field)) mentionIn(seen, node[field], mixText(field), field, inside)
  }
  mentionExpr({ step: place.owner, own: undefined, at: place }, place.region.result, RESULT)
}

const AFTER = mixText('after')
const RESULT = mixText('result')
/** From inside of another step it does not matter where: what is there is part of that step's shape. */
const INSIDE = mixText('inside')

const NO_FIELD: ReadonlySet<string> = new Set([
  'id',
  'name',
  'at',
  'after',
  'kind',
  'policy',
  'executor',
  'source',
  'service',
  'more',
  'task',
  'flow',
  'dir',
])

/** The expressions in a field, however deep they stand in it; regions are looked at by themselves. */
function mentionIn(seen: Seen, value: unknown, where: Mixed, key: string, inside: ReadonlyMap<Expr, Place>): void {
  // A type is a user's own data, where it is that of a signal.
  if (typeof value !== 'object' || value === null || (key === 'type' && seen.step?.node.kind === 'wait')) return
  if (isExpr(value)) {
    const at = inside.get(value)
    mentionExpr(at ? { step: seen.step, own: undefined, at } : seen, value, where)
  } else if (!isRegion(value)) {
    for (const name in value)
      mentionIn(seen, (value as { readonly [key: string]: unknown })[name], mix(where, mixText(name)), name, inside)
  }
}

/** Expressions that are seen from inside a region of the step. */
export function insidePlaces({ node, inner }: Step): ReadonlyMap<Expr, Place> {
  if (inner.length === 0) return NOWHERE
  const found = insideExpressions(node)
  if (found.length === 0) return NOWHERE
  return new Map(
    found.flatMap(({ expr, region }) => {
      const place = inner.find(each => each.region === region)
      return place ? [[expr, place] as const] : []
    }),
  )
}

const NOWHERE: ReadonlyMap<Expr, Place> = new Map()

function mentionExpr(seen: Seen, expr: Expr, where: Mixed): void {
  switch (expr.kind) {
    case 'node':
      return mention(seen, expr.node, expr.up, where, 'value')
    case 'record':
      for (const name in expr.fields) mentionExpr(seen, expr.fields[name] as Expr, mix(where, mixText(name)))
      return
    case 'list':
      return mentionExprs(seen, expr.items, where)
    case 'apply':
      return mentionExprs(seen, expr.args, where)
    case 'param':
    case 'literal':
    case 'resource':
      return
  }
}

function mentionExprs(seen: Seen, exprs: readonly Expr[], where: Mixed): void {
  for (let at = 0; at < exprs.length; at++) mentionExpr(seen, exprs[at] as Expr, mix(where, at))
}

function mention({ step, own, at }: Seen, id: string, up: number, where: Mixed, carries: Carries): void {
  const found = meant(at, id, up)
  if (!found) return
  const { to } = found
  const by = found.by ?? own
  // What its own undoing keeps of it.
  if (by === to) return
  if (step && step !== to && to.place.owner !== step && step.edges.get(to) !== 'value') step.edges.set(to, carries)
  const made: Mention = { from: by, to, where: found.by ? INSIDE : where }
  by?.mentions.push(made)
  to.mentioned.push(made)
}

const EXPRS: ReadonlySet<unknown> = new Set<Expr['kind']>([
  'literal',
  'node',
  'param',
  'record',
  'list',
  'apply',
  'resource',
])

/** Nothing else in a graph has these kinds; a user's own data stands in literals, defaults and types alone. */
export const isExpr = (value: object): value is Expr => 'kind' in value && EXPRS.has(value.kind)

export const isRegion = (value: object): value is Region =>
  'nodes' in value && Array.isArray(value.nodes) && 'params' in value && 'result' in value

export function nameOf(step: Step): StepName {
  const marks: string[] = []
  const path: string[] = []
  const shown: string[] = []
  for (let at: Step | undefined = step; at; at = at.place.owner) {
    path.push(at.node.id)
    shown.push(at.node.name)
    marks.push(markOf(at.place))
  }
  const joined = (parts: readonly string[]): string =>
    parts
      .map((part, index) => marks[index] + part)
      .reverse()
      .join('')
  return { path: joined(path), shown: joined(shown) }
}

/** As step ids have it. */
function markOf({ owner, label }: Place): string {
  if (!owner) return ''
  const { kind } = owner.node
  return label !== 'body' ? `.${label}/` : kind === 'call' ? '/' : kind === 'each' ? '[*]/' : '.body/'
}
