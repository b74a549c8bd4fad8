/** A graph that is being edited: a copy that may be written, its regions with what is around them, and its references. */
import { type Expr, type Graph, type Node, type Region, regionsOf } from '../../../src/core/graph/graph.ts'

export type Draft<T> = T extends readonly (infer U)[]
  ? Draft<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T
export type DraftGraph = Draft<Graph>
export type DraftRegion = Draft<Region>
export type DraftNode = Draft<Node>
export type DraftExpr = Draft<Expr>
type ReferenceExpr = Extract<DraftExpr, { kind: 'node' | 'param' }>

/** Of plain JSON. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf) as T
  const copy: { [name: string]: unknown } = {}
  for (const name of Object.keys(value)) copy[name] = copyOf((value as { readonly [name: string]: unknown })[name])
  return copy as T
}

/** A region where it stands. */
export interface Site {
  /** Ids and labels on the way to it, as paths of steps have them. */
  readonly path: string
  readonly region: DraftRegion
  readonly owner: DraftNode | undefined
  /** The site of the owner. */
  readonly around: Site | undefined
  /** Of an undo, or inside one. */
  readonly undoes: boolean
}

/** Every region of the graph, outer ones first. */
export function sitesOf(graph: DraftGraph): readonly Site[] {
  const found: Site[] = []
  const visit = (site: Site): void => {
    found.push(site)
    for (const node of site.region.nodes)
      for (const [label, region] of regionsOf(node as Node))
        visit({
          path: `${site.path}${node.id}${markOf(node, label)}`,
          region: region as DraftRegion,
          owner: node,
          around: site,
          undoes: site.undoes || label === 'undo',
        })
  }
  visit({ path: '', region: graph.root, owner: undefined, around: undefined, undoes: false })
  return found
}

function markOf({ kind }: DraftNode, label: string): string {
  if (label !== 'body') return `.${label}/`
  return kind === 'call' ? '/' : kind === 'each' ? '[*]/' : '.body/'
}

/** A node where it stands; `name` is its path. */
export interface Spot {
  readonly site: Site
  readonly node: DraftNode
  readonly name: string
}

export const spotsOf = (graph: DraftGraph): readonly Spot[] =>
  sitesOf(graph).flatMap(site => site.region.nodes.map(node => ({ site, node, name: site.path + node.id })))

/** Expressions that look from inside a region of their node. */
const isInside = (kind: unknown, field: string): boolean =>
  (kind === 'each' && field === 'key') || (kind === 'loop' && field === 'condition') || field === 'guard'

const isRegion = (value: object): value is DraftRegion => 'nodes' in value && 'params' in value

interface Visitor {
  /** `depth`: regions between the reference and where the walk began. */
  readonly reference: (expr: ReferenceExpr, depth: number) => void
  readonly node?: (node: DraftNode, depth: number) => void
}

/** Visits the references and the nodes in a node, an expression or a list of them; `depth` is 0 at its own region. */
export function walk(value: unknown, visitor: Visitor, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  const fields = value as { readonly [name: string]: unknown }
  if (fields['kind'] === 'literal') return
  if ((fields['kind'] === 'node' || fields['kind'] === 'param') && 'up' in fields)
    return visitor.reference(value as ReferenceExpr, depth)
  if ('policy' in fields) visitor.node?.(value as DraftNode, depth)
  for (const [name, inner] of Object.entries(fields)) {
    const deeper =
      (typeof inner === 'object' && inner !== null && isRegion(inner)) || isInside(fields['kind'], name) ? 1 : 0
    walk(inner, visitor, depth + deeper)
  }
}

export function become(expr: DraftExpr, other: DraftExpr): void {
  const fields = expr as unknown as { [name: string]: unknown }
  for (const name of Object.keys(fields)) delete fields[name]
  Object.assign(fields, copyOf(other))
}

/** Every reference of the region to its node `id`, itself and from inside. */
export function referencesTo(region: DraftRegion, id: string): readonly Extract<DraftExpr, { kind: 'node' }>[] {
  const found: Extract<DraftExpr, { kind: 'node' }>[] = []
  const reference = (expr: ReferenceExpr, depth: number): void => {
    if (expr.kind === 'node' && expr.node === id && expr.up === depth) found.push(expr)
  }
  for (const node of region.nodes) walk(node, { reference })
  walk(region.result, { reference })
  return found
}

/** Whatever names the node beside its references: order, gates, what cancels it. */
export function renameMentions(region: DraftRegion, id: string, to: string): void {
  for (const node of region.nodes) {
    node.after = node.after.map(each => (each === id ? to : each))
    if (node.kind === 'scope' && node.until === id) node.until = to
    walk(node, {
      reference: () => {},
      node: (inner, depth) => {
        if (inner.kind === 'cancel' && inner.target.node === id && inner.target.up === depth) inner.target.node = to
      },
    })
  }
}

/** What looks out of the node's own region looks `by` regions further out. */
export function shiftOut(node: DraftNode, by: 1 | -1): void {
  const shift = (at: { up: number }, depth: number, from: number): void => {
    if (at.up - depth >= from) at.up += by
  }
  const from = by === 1 ? 0 : 1
  walk(node, {
    reference: (expr, depth) => shift(expr, depth, from),
    node: (inner, depth) => {
      if (inner.kind === 'cancel') shift(inner.target, depth, from)
      if (inner.kind === 'call' && inner.recurs !== undefined && inner.recurs - depth >= from) inner.recurs += by
    },
  })
}

export const ref = (node: string, up = 0): DraftExpr => ({ kind: 'node', node, up, path: [] })
export const literal = (value: number): DraftExpr => ({ kind: 'literal', value })

/** A name that no node of the region has. */
export function freeId(region: DraftRegion, wish: number): string {
  const taken = new Set(region.nodes.map(({ id }) => id))
  for (let number = 100 + wish; ; number++) if (!taken.has(`n${number}`)) return `n${number}`
}
