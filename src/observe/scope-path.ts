/** Which region a scope path leads to: reads one segment of an id against the region that its node stands in. */
import { escapeKey } from '../core/engine/step-id.ts'
import { type Node, type Region, regionsOf, regionUnder } from '../core/graph/graph.ts'

export type Segment =
  /** The body of a call, or of another node with one body and no mark. */
  | { readonly kind: 'body'; readonly node: Node; readonly region?: Region }
  /** `turn`: how often it was entered before, of a region that is entered again. */
  | {
      readonly kind: 'branch'
      readonly node: Node
      readonly label: string
      readonly turn: number
      readonly region: Region
    }
  | {
      readonly kind: 'keyed'
      readonly nodeId: string
      readonly key: string
      readonly node?: Node
      readonly region?: Region
    }
  | { readonly kind: 'unknown'; readonly nodeId: string; readonly label: string }

/** Reads `tests[a.ts]`, `gate.then`, `guard.body[1]` or `ci`. `region` is the one around it, when that is known. */
export function readSegment(text: string, region: Region | undefined): Segment {
  const bracket = text.endsWith(']') ? text.lastIndexOf('[') : -1
  if (bracket >= 0) {
    const nodeId = text.slice(0, bracket)
    const key = text.slice(bracket + 1, -1)
    const node = nodeIn(region, nodeId)
    const again = node ? undefined : readBranch(nodeId, region, Number(key))
    return again ?? { kind: 'keyed', nodeId, key: unescapeKey(key), node, region: node && bodyOf(node) }
  }
  const node = nodeIn(region, text)
  if (node) return { kind: 'body', node, region: bodyOf(node) }
  return readBranch(text, region, 0) ?? { kind: 'unknown', nodeId: text, label: '' }
}

/** Ids and labels may both contain dots: the node and its label decide where one ends. */
function readBranch(text: string, region: Region | undefined, turn: number): Segment | undefined {
  for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
    const node = nodeIn(region, text.slice(0, dot))
    const found = node && branchesOf(node).get(text.slice(dot + 1))
    if (node && found) return { kind: 'branch', node, label: found[0], turn, region: found[1] }
  }
  return undefined
}

const branches = new WeakMap<Node, ReadonlyMap<string, readonly [label: string, region: Region]>>()

/** By label as paths have it: a net has as many as it has transitions. */
function branchesOf(node: Node): ReadonlyMap<string, readonly [label: string, region: Region]> {
  const known = branches.get(node)
  if (known) return known
  const made = new Map(regionsOf(node).map(branch => [escapeKey(branch[0]), branch] as const))
  branches.set(node, made)
  return made
}

const bodyOf = (node: Node): Region | undefined => regionUnder(node, 'body')

const byId = new WeakMap<Region, ReadonlyMap<string, Node>>()

/** The node with this id, in constant time: regions may be wide and are asked once an event. */
export function nodeIn(region: Region | undefined, id: string): Node | undefined {
  if (!region) return undefined
  const known = byId.get(region)
  if (known) return known.get(id)
  const index = new Map(region.nodes.map(node => [node.id, node]))
  byId.set(region, index)
  return index.get(id)
}

/** The key as the user gave it; a long one stays shortened. Broken escapes stay as they are. */
function unescapeKey(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
