/** A live workflow goes on where a step has failed: what does not hang on it is brought up to date all the same. */
import type { Graph, Node, Region } from '../core/index.ts'

/** `onFailure: 'finish'` for the workflow and those that it calls, unless they say otherwise. */
export const finishing = (graph: Graph): Graph => ({ ...graph, root: finishingRegion(graph.root) })

const finishingRegion = (region: Region): Region => ({
  ...region,
  onFailure: region.onFailure ?? 'finish',
  nodes: region.nodes.map(finishingNode),
})

const finishingNode = (node: Node): Node =>
  node.kind === 'call' && node.recurs === undefined ? { ...node, body: finishingRegion(node.body) } : node
