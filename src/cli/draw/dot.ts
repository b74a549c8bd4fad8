/**
 * A graph in the language of Graphviz. Every name is a quoted string, so no name can break out of it.
 * A step that holds others is a cluster; its arrows end at its first inner node and are cut at the cluster's border.
 */
import type { Graph } from '../../core/graph/graph.ts'
import { plain } from '../render/text.ts'
import { type DrawnEdge, type DrawnKind, type DrawnLink, type DrawnNode, type DrawnRegion, drawingOf } from './drawn.ts'

const SHAPES: Partial<Record<DrawnKind, string>> = {
  effect: 'box3d',
  source: 'note',
  flow: 'component',
  timer: 'hexagon',
  signal: 'hexagon',
  cancel: 'octagon',
  recursion: 'tab',
  place: 'circle',
  service: 'cylinder',
  when: 'diamond',
  match: 'diamond',
  each: 'folder',
  call: 'tab',
}

export function graphDot(graph: Graph): string {
  const { root, links } = drawingOf(graph.root)
  const byKey = new Map<string, DrawnNode>()
  collect(root, byKey)
  return [
    `digraph ${quoted(graph.name)} {`,
    '  compound=true',
    '  rankdir=TB',
    '  node [shape=box, style=rounded, fontname="sans-serif"]',
    '  edge [arrowsize=0.7]',
    ...regionLines(root, '  ', byKey),
    ...links.flatMap(link => linkLines(link, byKey)),
    '}',
    '',
  ].join('\n')
}

type ByKey = ReadonlyMap<string, DrawnNode>

function collect(region: DrawnRegion, byKey: Map<string, DrawnNode>): void {
  for (const node of region.nodes) {
    byKey.set(node.key, node)
    for (const inner of node.regions) collect(inner, byKey)
  }
}

const regionLines = (region: DrawnRegion, indent: string, byKey: ByKey): readonly string[] => [
  ...region.nodes.flatMap(node => nodeLines(node, indent, byKey)),
  ...region.edges.map(edge => edgeLine(edge, byKey, indent)),
]

function nodeLines(node: DrawnNode, indent: string, byKey: ByKey): readonly string[] {
  const inner = node.regions.filter(region => region.nodes.length > 0)
  if (inner.length === 0) return [`${indent}${quoted(node.key)} [${leafAttributes(node)}]`]
  return [
    `${indent}subgraph ${quoted(`cluster_${node.key}`)} {`,
    `${indent}  label=${quoted(`${node.kind} ${node.name}${node.note ? `\n${node.note}` : ''}`)}`,
    `${indent}  style=${node.look === 'detached' ? '"rounded,dashed"' : 'rounded'}`,
    ...inner.flatMap(region => clusterLines(region, `${indent}  `, byKey)),
    ...(node.kind === 'loop' ? wayBackLines(inner, `${indent}  `) : []),
    `${indent}}`,
  ]
}

function leafAttributes(node: DrawnNode): string {
  const label = node.note ? `${node.name}\n${node.note}` : node.name
  const shape = node.look?.includes('last') ? 'doublecircle' : (SHAPES[node.kind] ?? 'box')
  const token = node.look?.includes('marked') ? ', penwidth=2' : ''
  return `label=${quoted(label)}, shape=${shape}${token}, tooltip=${quoted(node.kind)}`
}

function clusterLines(region: DrawnRegion, indent: string, byKey: ByKey): readonly string[] {
  if (!region.label) return regionLines(region, indent, byKey)
  return [
    `${indent}subgraph ${quoted(`cluster_${region.key}`)} {`,
    `${indent}  label=${quoted(region.label)}`,
    `${indent}  style="rounded,dashed"`,
    ...regionLines(region, `${indent}  `, byKey),
    `${indent}}`,
  ]
}

/** From the end of a loop's body to its beginning. */
function wayBackLines([body]: readonly DrawnRegion[], indent: string): readonly string[] {
  const [first, last] = [anchor(body?.nodes[0]), anchor(body?.nodes.at(-1))]
  return first === undefined || last === undefined
    ? []
    : [`${indent}${quoted(last)} -> ${quoted(first)} [label="again", style=dashed, constraint=false]`]
}

function edgeLine({ from, to, label }: DrawnEdge, byKey: ByKey, indent: string): string {
  const attributes = [
    ...bordersOf(byKey.get(from), byKey.get(to)),
    ...(label === undefined ? [] : [`label=${quoted(label)}`]),
  ]
  return `${indent}${ends(from, to, byKey)}${attributes.length > 0 ? ` [${attributes.join(', ')}]` : ''}`
}

const LINK_LOOKS: Readonly<Record<DrawnLink['kind'], string>> = {
  cancels: 'style=dashed, arrowhead=tee, label="cancels"',
  waits: 'style=bold, label="waits for"',
  recurs: 'style=dotted, label="again"',
  before: 'style=dotted, arrowhead=open, label="only before"',
}

/** Graphviz has no box for the workflow itself: what leads back to it ends at its first step. */
function linkLines({ kind, from, to }: DrawnLink, byKey: ByKey): readonly string[] {
  const target = to === '' ? [...byKey.keys()][0] : to
  if (target === undefined) return []
  const attributes = [LINK_LOOKS[kind], 'constraint=false', ...bordersOf(byKey.get(from), byKey.get(to))]
  return [`  ${ends(from, target, byKey)} [${attributes.join(', ')}]`]
}

const ends = (from: string, to: string, byKey: ByKey): string =>
  `${quoted(anchor(byKey.get(from)) ?? from)} -> ${quoted(anchor(byKey.get(to)) ?? to)}`

const bordersOf = (tail: DrawnNode | undefined, head: DrawnNode | undefined): readonly string[] => [
  ...(tail && isCluster(tail) ? [`ltail=${quoted(`cluster_${tail.key}`)}`] : []),
  ...(head && isCluster(head) ? [`lhead=${quoted(`cluster_${head.key}`)}`] : []),
]

const isCluster = (node: DrawnNode): boolean => node.regions.some(region => region.nodes.length > 0)

/** Graphviz draws edges between nodes only: the first leaf inside stands for a cluster. */
function anchor(node: DrawnNode | undefined): string | undefined {
  if (!node) return undefined
  return anchor(node.regions.find(region => region.nodes.length > 0)?.nodes[0]) ?? node.key
}

/** A double-quoted string of DOT: only quotes and backslashes need an escape; line breaks in labels are `\n`. */
const quoted = (text: string): string =>
  `"${text.split('\n').map(plain).join('\n').replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
