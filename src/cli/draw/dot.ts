/**
 * A graph in the language of Graphviz. Every name is a quoted string, so no name can break out of it.
 * A step that holds others is a cluster; its arrows end at its first inner node and are cut at the cluster's border.
 */
import type { Graph, NodeKind } from '../../core/graph/graph.ts'
import { drawnRegion, type DrawnEdge, type DrawnNode, type DrawnRegion } from './drawn.ts'
import { plain } from '../render/text.ts'

const SHAPES: Partial<Record<NodeKind, string>> = {
  effect: 'box3d',
  source: 'note',
  flow: 'component',
  wait: 'hexagon',
  service: 'cylinder',
  when: 'diamond',
  match: 'diamond',
  each: 'folder',
  call: 'tab',
}

export function graphDot(graph: Graph): string {
  const root = drawnRegion(graph.root)
  return [
    `digraph ${quoted(graph.name)} {`,
    '  compound=true',
    '  rankdir=TB',
    '  node [shape=box, style=rounded, fontname="sans-serif"]',
    '  edge [arrowsize=0.7]',
    ...regionLines(root, '  '),
    '}',
    '',
  ].join('\n')
}

function regionLines(region: DrawnRegion, indent: string): readonly string[] {
  const byKey = new Map(region.nodes.map(node => [node.key, node]))
  return [
    ...region.nodes.flatMap(node => nodeLines(node, indent)),
    ...region.edges.map(edge => edgeLine(edge, byKey, indent)),
  ]
}

function nodeLines(node: DrawnNode, indent: string): readonly string[] {
  if (node.regions.length === 0) {
    const label = node.note ? `${node.name}\n${node.note}` : node.name
    return [
      `${indent}${quoted(node.key)} [label=${quoted(label)}, shape=${SHAPES[node.kind] ?? 'box'}, tooltip=${quoted(node.kind)}]`,
    ]
  }
  return [
    `${indent}subgraph ${quoted(`cluster_${node.key}`)} {`,
    `${indent}  label=${quoted(`${node.kind} ${node.name}${node.note ? `\n${node.note}` : ''}`)}`,
    `${indent}  style=rounded`,
    ...node.regions.flatMap(region => clusterLines(region, `${indent}  `)),
    `${indent}}`,
  ]
}

function clusterLines(region: DrawnRegion, indent: string): readonly string[] {
  if (!region.label) return regionLines(region, indent)
  return [
    `${indent}subgraph ${quoted(`cluster_${region.key}`)} {`,
    `${indent}  label=${quoted(region.label)}`,
    `${indent}  style="rounded,dashed"`,
    ...regionLines(region, `${indent}  `),
    `${indent}}`,
  ]
}

function edgeLine({ from, to }: DrawnEdge, byKey: ReadonlyMap<string, DrawnNode>, indent: string): string {
  const tail = byKey.get(from)
  const head = byKey.get(to)
  const borders = [
    ...(tail && isCluster(tail) ? [`ltail=${quoted(`cluster_${from}`)}`] : []),
    ...(head && isCluster(head) ? [`lhead=${quoted(`cluster_${to}`)}`] : []),
  ]
  return `${indent}${quoted(anchor(tail) ?? from)} -> ${quoted(anchor(head) ?? to)}${borders.length > 0 ? ` [${borders.join(', ')}]` : ''}`
}

const isCluster = (node: DrawnNode): boolean => node.regions.length > 0

/** Graphviz draws edges between nodes only: the first leaf inside stands for a cluster. */
function anchor(node: DrawnNode | undefined): string | undefined {
  if (!node) return undefined
  return anchor(node.regions[0]?.nodes[0]) ?? node.key
}

/** A double-quoted string of DOT: only quotes and backslashes need an escape; line breaks in labels are `\n`. */
const quoted = (text: string): string =>
  `"${text.split('\n').map(plain).join('\n').replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
