/**
 * Where each box of a drawing goes. Regions are laid out from the inside out: what holds others becomes a box of the size
 * of its inside. Edges never cross a region's border (a ref leaves a region only as its result), so this is exact, and
 * much faster than laying out nested boxes at once. What does cross borders is drawn over it: ./links.ts.
 */
import { Graph as Layered, layout } from '@dagrejs/dagre'
import type { DrawnEdge, DrawnNode, DrawnRegion } from './drawn.ts'
import { widthOf } from '../render/text.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

/** Coordinates are those of the region around; a region's own origin is its top left corner. */
export interface PlacedRegion extends Box {
  readonly region: DrawnRegion
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

export interface PlacedEdge {
  readonly points: readonly Point[]
  readonly label?: string
}

export interface PlacedNode extends Box {
  readonly node: DrawnNode
  readonly regions: readonly PlacedRegion[]
}

export const NODE_HEIGHT = 44
const NODE_WIDTH_MIN = 96
const NODE_WIDTH_MAX = 240
/** What holds others may be wider for its own text, since it is wide anyway. */
const HOLDER_WIDTH_MAX = 340
/** Of the title of a box that holds others; with a note it has two lines. */
const TITLE_HEIGHT = 34
/** Of a branch's label. */
export const LABEL_HEIGHT = 22
const PADDING = 16
/** Of a place of a net: a circle with its name below. */
export const PLACE_RADIUS = 14
const PLACE_HEIGHT = 2 * PLACE_RADIUS + 18
/** Right of a loop's body, for the way back. */
export const LOOP_ROOM = 26
const GAP_X = 28
const GAP_Y = 40
/** Average width of a column of the 13 px font. */
export const COLUMN_WIDTH = 7.4
/** Of the 11 px font. */
export const NOTE_COLUMN_WIDTH = 6.3
/** Between the body of an attempt and what rescues it, for the arrow. */
const RESCUE_GAP = 44
/** Left of a name is the kind's sign. */
export const NAME_X = 36
/**
 * Boxes plus bends (an edge bends once a layer that it crosses). Beyond this, crossing minimisation takes minutes and no
 * eye follows the edges anyway; a grid in order of depth takes no time.
 */
const LAYERED_COST_MAX = 1_500
/** Beyond this the ranking with the shortest edges takes seconds (16 s for 1,000 nodes in 20 layers), the simpler one does not. */
const SIMPLEX_NODES_MAX = 150

export function placeRegion(region: DrawnRegion): PlacedRegion {
  if (region.nodes.length === 0 && region.label !== '') return placeEmpty(region)
  const nodes = region.nodes.map(placeNode)
  const depths = depthsOf(nodes, region.edges)
  const bends = region.edges.reduce(
    (sum, { from, to }) => sum + Math.max(0, (depths.get(to) ?? 0) - (depths.get(from) ?? 0) - 1),
    0,
  )
  const laid =
    nodes.length + bends <= LAYERED_COST_MAX
      ? placeLayered(nodes, region.edges)
      : placeInRows(nodes, region.edges, depths)
  return { ...laid, region, x: 0, y: 0 }
}

/** A node's size, with its regions side by side inside; its place comes later. */
function placeNode(node: DrawnNode): PlacedNode {
  if (node.kind === 'place') return placePlace(node)
  const text = Math.max(widthOf(node.name) * COLUMN_WIDTH, widthOf(node.note) * NOTE_COLUMN_WIDTH) + NAME_X + PADDING
  const most = node.regions.length === 0 ? NODE_WIDTH_MAX : HOLDER_WIDTH_MAX
  const width = Math.ceil(Math.min(most, Math.max(NODE_WIDTH_MIN, text)))
  if (node.regions.length === 0) return { node, regions: [], x: 0, y: 0, width, height: NODE_HEIGHT }
  let x = PADDING
  const regions = node.regions.map(region => {
    const placed = placeRegion(region)
    const inner = Math.max(placed.width, labelWidth(region))
    const moved = { ...placed, width: inner, x, y: titleHeight(node) + (region.label ? LABEL_HEIGHT : 0) }
    x += inner + (node.kind === 'attempt' ? RESCUE_GAP : PADDING)
    return moved
  })
  x += (node.kind === 'loop' ? LOOP_ROOM : 0) - (node.kind === 'attempt' ? RESCUE_GAP - PADDING : 0)
  const height = Math.max(...regions.map(region => region.y + region.height)) + PADDING
  return { node, regions, x: 0, y: 0, width: Math.max(width, x), height }
}

export const titleHeight = ({ note }: DrawnNode): number => (note === '' ? TITLE_HEIGHT : NODE_HEIGHT)

function placePlace(node: DrawnNode): PlacedNode {
  const text = Math.min(NODE_WIDTH_MAX, widthOf(node.name) * NOTE_COLUMN_WIDTH + 8)
  return { node, regions: [], x: 0, y: 0, width: Math.ceil(Math.max(2 * PLACE_RADIUS, text)), height: PLACE_HEIGHT }
}

/** A way without steps is as large as its label. */
const placeEmpty = (region: DrawnRegion): PlacedRegion => ({
  region,
  nodes: [],
  edges: [],
  x: 0,
  y: 0,
  width: labelWidth(region),
  height: 8,
})

const labelWidth = ({ label }: DrawnRegion): number =>
  label === '' ? 0 : Math.min(NODE_WIDTH_MAX, Math.max(32, widthOf(label) * NOTE_COLUMN_WIDTH + 4))

const placedEdge = (points: readonly Point[], label: string | undefined): PlacedEdge =>
  label === undefined ? { points } : { points, label }

type Laid = Pick<PlacedRegion, 'nodes' | 'edges' | 'width' | 'height'>

function placeLayered(nodes: readonly PlacedNode[], edges: readonly DrawnEdge[]): Laid {
  const graph = new Layered({ multigraph: false, compound: false })
  graph.setGraph({
    rankdir: 'TB',
    nodesep: GAP_X,
    ranksep: GAP_Y,
    ranker: nodes.length <= SIMPLEX_NODES_MAX ? 'network-simplex' : 'longest-path',
  })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { node, width, height } of nodes) graph.setNode(node.key, { width, height })
  for (const { from, to } of edges) graph.setEdge(from, to)
  layout(graph)
  const size = graph.graph()
  return {
    nodes: nodes.map(placed => {
      const { x = 0, y = 0 } = graph.node(placed.node.key)
      return { ...placed, x: x - placed.width / 2, y: y - placed.height / 2 }
    }),
    edges: edges.map(({ from, to, label }) => placedEdge(graph.edge(from, to).points ?? [], label)),
    width: size.width ?? 0,
    height: size.height ?? 0,
  }
}

/** Rows by depth, each as wide as about the square root of the whole: for graphs that no eye follows edge by edge. */
function placeInRows(nodes: readonly PlacedNode[], edges: readonly DrawnEdge[], depths: Depths): Laid {
  const rows = rowsByDepth(nodes, depths)
  const widths = rows.map(row => row.reduce((sum, node) => sum + node.width + GAP_X, -GAP_X))
  const width = Math.max(...widths)
  const placed = new Map<string, PlacedNode>()
  let y = 0
  for (const [index, row] of rows.entries()) {
    let x = (width - (widths[index] ?? 0)) / 2
    for (const node of row) {
      placed.set(node.node.key, { ...node, x, y })
      x += node.width + GAP_X
    }
    y += Math.max(...row.map(node => node.height)) + GAP_Y
  }
  return {
    nodes: [...placed.values()],
    edges: edges.map(edge => placedEdge(straight(placed, edge), edge.label)),
    width,
    height: y - GAP_Y,
  }
}

function rowsByDepth(nodes: readonly PlacedNode[], depths: Depths): readonly (readonly PlacedNode[])[] {
  const perRow = Math.max(6, Math.ceil(Math.sqrt(nodes.length)))
  const rows: PlacedNode[][] = []
  const levels = new Map<number, PlacedNode[]>()
  for (const node of nodes) {
    const depth = depths.get(node.node.key) ?? 0
    const level = levels.get(depth)
    if (level) level.push(node)
    else levels.set(depth, [node])
  }
  for (const depth of [...levels.keys()].sort((a, b) => a - b)) {
    const level = levels.get(depth) ?? []
    for (let index = 0; index < level.length; index += perRow) rows.push(level.slice(index, index + perRow))
  }
  return rows
}

type Depths = ReadonlyMap<string, number>

/** Longest way from a node that waits for nobody; nodes on a cycle (which the validator refuses) stay at 0. */
function depthsOf(nodes: readonly PlacedNode[], edges: readonly DrawnEdge[]): Depths {
  const followers = new Map<string, string[]>()
  const missing = new Map<string, number>()
  for (const { from, to } of edges) {
    missing.set(to, (missing.get(to) ?? 0) + 1)
    const list = followers.get(from)
    if (list) list.push(to)
    else followers.set(from, [to])
  }
  const depths = new Map<string, number>()
  const ready = nodes.map(node => node.node.key).filter(key => !missing.has(key))
  for (const key of ready) {
    for (const follower of followers.get(key) ?? []) {
      depths.set(follower, Math.max(depths.get(follower) ?? 0, (depths.get(key) ?? 0) + 1))
      const left = (missing.get(follower) ?? 0) - 1
      missing.set(follower, left)
      if (left === 0) ready.push(follower)
    }
  }
  return depths
}

function straight(placed: ReadonlyMap<string, PlacedNode>, { from, to }: DrawnEdge): readonly Point[] {
  const tail = placed.get(from)
  const head = placed.get(to)
  if (!tail || !head) return []
  return [
    { x: tail.x + tail.width / 2, y: tail.y + tail.height },
    { x: head.x + head.width / 2, y: head.y },
  ]
}
