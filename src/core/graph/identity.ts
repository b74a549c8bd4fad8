/** The hash of a graph: of its canonical JSON without positions (G4), so that moving text changes nothing. */
import { canonicalJson, type Json } from '../../util/json.ts'
import { type Hash, hashText } from '../../util/hash.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Graph, Node, Region } from './graph.ts'
import type { Property } from './property.ts'

export const graphHash = (graph: Graph): Hash => hashText(canonicalGraph(graph))
export const regionHash = (region: Region): Hash => hashText(canonicalRegion(region))

/** The canonical text of a graph, positions left out. */
export const canonicalGraph = (graph: Graph): string => canonicalJson(asJson(bareGraph(graph)))

/** The graph without positions, its fields in the order that they had. */
export const bareGraph = (graph: Graph): Graph => ({ ...graph, root: bareRegion(graph.root) })

/** The canonical text of a region, positions left out: its bytes have the region's hash. */
export const canonicalRegion = (region: Region): string => canonicalJson(asJson(bareRegion(region)))

/** A graph is plain JSON by its type, which an interface cannot say. */
const asJson = (value: object): Json => value as Json

const bareRegion = (region: Region): Region => ({
  ...region,
  nodes: region.nodes.map(bareNode),
  ...(region.properties ? { properties: region.properties.map(bareProperty) } : {}),
})

const bareProperty = ({ at, ...property }: Property): Property => property

const bareRegions = (regions: { readonly [label: string]: Region }): { readonly [label: string]: Region } =>
  Object.fromEntries(Object.entries(regions).map(([label, region]) => [label, bareRegion(region)]))

/** The same fields with bare regions; nothing is added where there was none. */
const bareBody = <T extends { readonly body: Region }>(part: T): T => ({ ...part, body: bareRegion(part.body) })

const bareOtherwise = <T extends { readonly otherwise?: Region }>(node: T): T =>
  node.otherwise ? { ...node, otherwise: bareRegion(node.otherwise) } : node

/** Only nodes and properties have positions: a field that a user named `at` stays. */
function bareNode({ at, ...node }: Node): Node {
  const bare = bareKind(node)
  return bare.undo ? { ...bare, undo: bareBody(bare.undo) } : bare
}

function bareKind(node: Node): Node {
  switch (node.kind) {
    case 'when':
      return { ...node, then: bareRegion(node.then), otherwise: bareRegion(node.otherwise) }
    case 'match':
      return bareOtherwise({ ...node, arms: bareRegions(node.arms) })
    case 'any':
      return bareOtherwise({
        ...node,
        arms: Object.fromEntries(Object.entries(node.arms).map(([label, arm]) => [label, bareBody(arm)])),
      })
    case 'each':
    case 'call':
    case 'loop':
    case 'scope':
      return bareBody(node)
    case 'race':
    case 'some':
      return { ...node, arms: bareRegions(node.arms) }
    case 'attempt': {
      const { finalizer, ...rest } = node
      const bare = { ...bareBody(rest), handlers: node.handlers.map(bareBody) }
      return finalizer ? { ...bare, finalizer: bareRegion(finalizer) } : bare
    }
    case 'net':
      return { ...node, transitions: node.transitions.map(bareBody) }
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
      return node
    default:
      return unreachable(node)
  }
}
