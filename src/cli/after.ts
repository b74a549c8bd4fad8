/** Which steps of a graph can only begin when another one has ended: by data or by `.after`, of themselves or of what is around them. */
import { dependenciesOf, type Graph, regionsOf } from '../core/index.ts'
import type { Node, Region } from '../core/graph/graph.ts'

/** Nodes from the outermost on, each with the region that it stands in. */
type Way = readonly { readonly region: Region; readonly node: Node }[]

/** By the names of their nodes: a name may be that of several steps, then all of them must come after. */
export function orderOf({ root }: Pick<Graph, 'root'>): (step: string, other: string) => boolean {
  const ways = new Map<string, Way[]>()
  const visit = (region: Region, around: Way): void => {
    for (const node of region.nodes) {
      const way = [...around, { region, node }]
      ways.set(node.name, [...(ways.get(node.name) ?? []), way])
      for (const [, inner] of regionsOf(node)) visit(inner, way)
    }
  }
  visit(root, [])
  return (step, other) => {
    const others = ways.get(other) ?? []
    const own = ways.get(step) ?? []
    return own.length > 0 && others.length > 0 && own.every(way => others.every(each => isAfter(way, each)))
  }
}

/** Where their ways part, the one must depend on the other. */
function isAfter(step: Way, other: Way): boolean {
  const at = step.findIndex(({ node }, index) => node !== other[index]?.node)
  const [mine, theirs] = [step[at], other[at]]
  return mine !== undefined && theirs !== undefined && mine.region === theirs.region && dependsOn(mine, theirs.node)
}

function dependsOn({ region, node }: Way[number], wanted: Node): boolean {
  const byId = new Map(region.nodes.map(each => [each.id, each]))
  const seen = new Set<string>()
  const visit = (each: Node): boolean =>
    dependenciesOf(each).some(id => {
      if (id === wanted.id) return true
      if (seen.has(id)) return false
      seen.add(id)
      const next = byId.get(id)
      return next !== undefined && visit(next)
    })
  return visit(node)
}
