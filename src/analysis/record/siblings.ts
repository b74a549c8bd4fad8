/** Which siblings a step is called with, found once for all runs and scopes of a region: most steps use nothing else. */
import { kindExpressions } from '../../core/graph/dependencies.ts'
import type { Node, Region } from '../../core/graph/graph.ts'

/** By place of a node in its region: the places of what it is called with; undefined where that is more than siblings. */
export type Siblings = readonly (readonly number[] | undefined)[]

const known = new WeakMap<Region, Siblings>()

export function siblingsIn(region: Region): Siblings {
  const found = known.get(region)
  if (found) return found
  const places = new Map<string, number>()
  for (let place = 0; place < region.nodes.length; place++) places.set(region.nodes[place]!.id, place)
  const siblings = region.nodes.map(node => siblingsOf(node, places))
  known.set(region, siblings)
  return siblings
}

function siblingsOf(node: Node, places: ReadonlyMap<string, number>): readonly number[] | undefined {
  const found: number[] = []
  for (const expr of kindExpressions(node)) {
    if (expr.kind === 'literal') continue
    if (expr.kind !== 'node' || expr.up !== 0) return undefined
    const place = places.get(expr.node)
    if (place === undefined) return undefined
    found.push(place)
  }
  return found
}
