/**
 * Which siblings a step uses and comes after, found once for all runs and scopes of a region, so that who goes back through a
 * run need not look at the graph: most steps use nothing else.
 */
import { kindExpressions } from '../../core/graph/dependencies.ts'
import { type Node, type Region, regionsOf } from '../../core/graph/graph.ts'
import { roleOf } from './role.ts'

/** Numbers from `start[p]` up to `start[p + 1]` of the list are the row of the node at place p: places, too. */
export interface Rows {
  readonly start: readonly number[]
  readonly list: readonly number[]
}

/** By place of a node in its region. */
export interface Siblings {
  /** Those whose whole values it looks at. */
  readonly uses: Rows
  /** Whether these are all that it looks at: no field of what holds others, no variable, no calls of its own. */
  readonly isPlain: readonly boolean[]
  /** Those that it comes after without data and that may act on the world. */
  readonly after: Rows
}

export const NO_SIBLINGS: Siblings = { uses: { start: [0], list: [] }, isPlain: [], after: { start: [0], list: [] } }

const known = new WeakMap<Region, Siblings>()

export function siblingsIn(region: Region): Siblings {
  const found = known.get(region)
  if (found) return found
  const { nodes } = region
  const places = new Map<string, number>()
  for (let place = 0; place < nodes.length; place++) places.set(nodes[place]!.id, place)
  const used = nodes.map(node => usesOf(node, region, places))
  const siblings = {
    uses: rowsOf(used.map(row => row ?? NO_PLACES)),
    isPlain: used.map(row => row !== undefined),
    after: rowsOf(nodes.map(node => actsBefore(node, region, places))),
  }
  known.set(region, siblings)
  return siblings
}

const NO_PLACES: readonly number[] = []

function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const start = [0]
  const list: number[] = []
  for (const row of rows) {
    for (const place of row) list.push(place)
    start.push(list.length)
  }
  return { start, list }
}

/** Undefined where it looks at more than whole siblings. */
function usesOf(node: Node, { nodes }: Region, places: ReadonlyMap<string, number>): readonly number[] | undefined {
  if (node.kind === 'flow' || node.policy.env) return undefined
  const found: number[] = []
  for (const expr of kindExpressions(node)) {
    if (expr.kind === 'literal') continue
    if (expr.kind !== 'node' || expr.up !== 0) return undefined
    const place = places.get(expr.node)
    if (place === undefined) return undefined
    // What does something itself gives one whole, parts of it too.
    if (expr.path.length > 0 && roleOf(nodes[place]!) === 'holder') return undefined
    found.push(place)
  }
  return found
}

function actsBefore({ after }: Node, { nodes }: Region, places: ReadonlyMap<string, number>): readonly number[] {
  if (after.length === 0) return NO_PLACES
  const found: number[] = []
  for (const id of after) {
    const place = places.get(id)
    if (place !== undefined && mayAct(nodes[place]!)) found.push(place)
  }
  return found
}

/** Whether anything in a step may act on the world. */
function mayAct(node: Node): boolean {
  if (roleOf(node) === 'work') return node.kind !== 'task' && node.kind !== 'source'
  if (node.kind === 'call' && node.recurs !== undefined) return true
  return regionsOf(node).some(([, region]) => mayActIn(region))
}

const acting = new WeakMap<Region, boolean>()

function mayActIn(region: Region): boolean {
  const found = acting.get(region) ?? region.nodes.some(mayAct)
  acting.set(region, found)
  return found
}
