/** The hash of a graph: of its canonical JSON without positions (G4), so that moving text changes nothing. */
import { canonicalJson, type Json } from '../../util/json.ts'
import { type Hash, hashText } from '../../util/hash.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Graph, Node, Region } from './graph.ts'

export const graphHash = (graph: Graph): Hash => hashText(canonicalGraph(graph))
export const regionHash = (region: Region): Hash => hashText(canonicalRegion(region))

/** The canonical text of a graph, positions left out. */
export const canonicalGraph = (graph: Graph): string =>
  canonicalJson(asJson({ ...graph, root: bareRegion(graph.root) }))

/** The canonical text of a region, positions left out: its bytes have the region's hash. */
export const canonicalRegion = (region: Region): string => canonicalJson(asJson(bareRegion(region)))

/** A graph is plain JSON by its type, which an interface cannot say. */
const asJson = (value: object): Json => value as Json

const bareRegion = (region: Region): Region => ({ ...region, nodes: region.nodes.map(bareNode) })

const bareRegions = (regions: { readonly [label: string]: Region }): { readonly [label: string]: Region } =>
  Object.fromEntries(Object.entries(regions).map(([label, region]) => [label, bareRegion(region)]))

const bareIf = (region: Region | undefined): Region | undefined => region && bareRegion(region)

/** Only nodes have positions: a field that a user named `at` stays. */
function bareNode({ at, ...node }: Node): Node {
  switch (node.kind) {
    case 'when':
      return { ...node, then: bareRegion(node.then), otherwise: bareRegion(node.otherwise) }
    case 'match':
      return { ...node, arms: bareRegions(node.arms), otherwise: bareIf(node.otherwise) }
    case 'each':
    case 'call':
    case 'loop':
    case 'scope':
      return { ...node, body: bareRegion(node.body) }
    case 'any':
      return { ...node, arms: node.arms.map(arm => ({ ...arm, body: bareRegion(arm.body) })) }
    case 'race':
      return { ...node, arms: bareRegions(node.arms) }
    case 'some':
      return { ...node, arms: node.arms.map(bareRegion) }
    case 'attempt':
      return { ...node, body: bareRegion(node.body), handler: bareIf(node.handler), finalizer: bareIf(node.finalizer) }
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'service':
    case 'net':
      return node
    default:
      return unreachable(node)
  }
}
