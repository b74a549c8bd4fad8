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
  /** Equal numbers: equal content (shapes.ts), or matched to one another. */
  content: number
  /** Of its own text, references blank. */
  shape: number
}

export type Carries = 'value' | 'order'

/** `where`: the field that mentions it; the same text for equal fields of equal steps. */
export interface Mention {
  readonly from: Step | undefined
  readonly to: Step
  readonly where: string
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
  content: number
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
  const place: Place = { region, owner, label, key, steps, byId, pair: undefined, content: 0 }
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

function mentionAll(place: Place): void {
  for (const step of place.steps) {
    const { node } = step
    const inside = insidePlaces(step)
    // Until it is known to carry a value, it is order alone.
    for (const id of node.after) mention(step, place, step, { node: id, up: 0 }, 'after', 'order')
    for (const [field, value] of Object.entries(node))
      if (!NO_FIELD.has(field)) mentionIn(step, place, value, field, inside)
  }
  const { owner } = place
  eachNodeRef(place.region.result, 'result', (ref, where) => mention(owner, place, undefined, ref, where, 'value'))
}

const NO_FIELD: ReadonlySet<string> = new Set(['id', 'name', 'at', 'after', 'kind', 'policy', 'executor', 'source'])
/** A user's own data. */
const SCHEMAS: ReadonlySet<string> = new Set(['on.type', 'more.type'])

/** The expressions in a field, however deep they stand in it; regions are looked at by themselves. */
function mentionIn(step: Step, place: Place, value: unknown, where: string, inside: ReadonlyMap<Expr, Place>): void {
  if (typeof value !== 'object' || value === null || SCHEMAS.has(where)) return
  if (isExpr(value)) {
    const seen = inside.get(value)
    if (seen) eachNodeRef(value, where, (ref, at) => mention(step, seen, undefined, ref, at, 'value'))
    else eachNodeRef(value, where, (ref, at) => mention(step, place, step, ref, at, 'value'))
  } else if (!isRegion(value)) {
    for (const [key, inner] of Object.entries(value)) mentionIn(step, place, inner, `${where}.${key}`, inside)
  }
}

/** Expressions that are seen from inside a region of the step. */
export function insidePlaces({ node, inner }: Step): ReadonlyMap<Expr, Place> {
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

/** `at`: from where it is seen; `own`: the step itself where it is seen from beside it. */
function mention(
  step: Step | undefined,
  at: Place,
  own: Step | undefined,
  { node, up }: { readonly node: string; readonly up: number },
  where: string,
  carries: Carries,
): void {
  const found = meant(at, node, up)
  if (!found) return
  const { to } = found
  const by = found.by ?? own
  if (by === to) return
  if (step && step !== to && to.place.owner !== step && step.edges.get(to) !== 'value') step.edges.set(to, carries)
  // From inside of another step it does not matter where: what is there is part of that step's shape.
  const made: Mention = { from: by, to, where: by === step && found.by === undefined ? where : INSIDE }
  if (by) by.mentions.push(made)
  to.mentioned.push(by ? made : { ...made, where })
}

export const INSIDE = 'inside'

function eachNodeRef(
  expr: Expr,
  where: string,
  visit: (ref: Extract<Expr, { kind: 'node' }>, where: string) => void,
): void {
  switch (expr.kind) {
    case 'node':
      return visit(expr, where)
    case 'record':
      for (const name in expr.fields) eachNodeRef(expr.fields[name] as Expr, `${where}.${name}`, visit)
      return
    case 'list':
      for (let at = 0; at < expr.items.length; at++) eachNodeRef(expr.items[at] as Expr, `${where}.${at}`, visit)
      return
    case 'apply':
      for (let at = 0; at < expr.args.length; at++) eachNodeRef(expr.args[at] as Expr, `${where}.${at}`, visit)
      return
    case 'param':
    case 'literal':
    case 'resource':
      return
  }
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
