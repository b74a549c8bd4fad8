/** What a drawing of a graph shows: boxes in boxes, and an arrow from each step to those that wait for it. */
import { dependenciesOf } from '../../core/graph/dependencies.ts'
import { regionsOf, type Node, type NodeKind, type Region } from '../../core/graph/graph.ts'

export interface DrawnNode {
  /** Unique in the whole drawing. */
  readonly key: string
  readonly name: string
  readonly kind: NodeKind
  /** A second line: what the step reads, repeats or chooses by. */
  readonly note: string
  readonly regions: readonly DrawnRegion[]
}

export interface DrawnRegion {
  readonly key: string
  /** `then`, an arm's label; empty where a node has one region only. */
  readonly label: string
  readonly nodes: readonly DrawnNode[]
  readonly edges: readonly DrawnEdge[]
}

/** Keys of two nodes of the same region. */
export interface DrawnEdge {
  readonly from: string
  readonly to: string
}

export function drawnRegion(region: Region, key = '', label = ''): DrawnRegion {
  const known = new Set(region.nodes.map(node => node.id))
  const edges = region.nodes.flatMap(node =>
    // What the validator would refuse (a dangling or a looping edge) is left out: a drawing helps to find it.
    dependenciesOf(node)
      .filter(id => known.has(id) && id !== node.id)
      .map(id => ({ from: `${key}${id}`, to: `${key}${node.id}` })),
  )
  return { key, label, nodes: region.nodes.map(node => drawnNode(node, key)), edges }
}

function drawnNode(node: Node, prefix: string): DrawnNode {
  const key = `${prefix}${node.id}`
  const regions = regionsOf(node)
  const drawn = regions
    .filter(([, region]) => region.nodes.length > 0)
    .map(([label, region]) =>
      drawnRegion(region, `${key}.${label}/`, regions.length === 1 && label === 'body' ? '' : label),
    )
  return { key, name: node.name, kind: node.kind, note: noteOf(node), regions: drawn }
}

function noteOf(node: Node): string {
  switch (node.kind) {
    case 'source':
      return sourceNote(node.source)
    case 'call':
      return node.workflow === node.name ? '' : node.workflow
    case 'task':
    case 'effect':
      return node.task === node.name ? '' : node.task
    case 'match':
      return node.by ? `by ${node.by}` : ''
    case 'wait':
      return node.on.kind === 'signal' ? `signal ${node.on.signal}` : 'timer'
    case 'each':
      return node.concurrency === undefined ? '' : `at most ${node.concurrency} at once`
    case 'some':
      return `${node.count} of ${node.arms.length}`
    case 'loop':
      return node.test
    case 'flow':
    case 'when':
    case 'any':
    case 'race':
    case 'attempt':
    case 'scope':
    case 'service':
    case 'net':
      return ''
  }
}

function sourceNote(source: Extract<Node, { kind: 'source' }>['source']): string {
  switch (source.kind) {
    case 'files':
      return source.globs.join(', ')
    case 'file':
      return source.path
    case 'env':
      return `$${source.name}`
  }
}
