/**
 * Who comes before and after whom in a graph. b comes after a when it depends on it, directly or over others; when it stands in
 * something that does; and after what stands in something on which it depends. What holds a step is neither before nor after it.
 *
 * Each step has a beginning and an end: an end leads to the beginnings of those that depend on it, the beginning of what holds
 * others to theirs, and their ends to its end.
 */
import { asText, type Database, textColumn } from '../../store/database.ts'
import type { Link } from '../query.ts'

export interface Neighbours {
  /** Keys of the steps that lie that way from any of `keys`. */
  of(keys: ReadonlySet<string>, link: Pick<Link, 'towards' | 'reach'>): ReadonlySet<string>
}

interface Row {
  readonly index: number
  readonly parent: number | undefined
}

/** `graph`: its id in the index. */
export function neighboursIn(database: Database, graph: number): Neighbours {
  const rows = database
    .prepare(`SELECT id, ${textColumn('key')}, parent FROM node WHERE graph = ? ORDER BY id`)
    .all([graph])
  const keys = rows.map(([, key]) => asText(key))
  const byId = new Map(
    rows.map(([id, , parent], index) => [Number(id), { index, parent: parent === null ? undefined : Number(parent) }]),
  )
  const byKey = new Map(keys.map((key, index) => [key, index]))
  const edges = database
    .prepare('SELECT a, b FROM edge WHERE a IN (SELECT id FROM node WHERE graph = ?)')
    .all([graph])
    .flatMap(([a, b]): readonly (readonly [number, number])[] => {
      const [from, to] = [byId.get(Number(a)), byId.get(Number(b))]
      return from && to ? [[from.index, to.index]] : []
    })
  const forward = arcsOf([...byId.values()], edges, byId)
  const backward = reversed(forward)
  const direct = {
    downstream: listsOf(keys.length, edges),
    upstream: listsOf(
      keys.length,
      edges.map(([a, b]) => [b, a]),
    ),
  }
  const known = new Map<string, ReadonlySet<string>>()

  /** `towards` as the link says it is seen from the other side: what is upstream of the target is where we come from. */
  const compute = (
    from: readonly number[],
    { towards, reach }: Pick<Link, 'towards' | 'reach'>,
  ): ReadonlySet<string> => {
    const way = towards === 'upstream' ? 'downstream' : 'upstream'
    if (reach === 'direct') return new Set(from.flatMap(index => direct[way][index]!.map(each => keys[each]!)))
    const [arcs, leaving, arriving] = way === 'downstream' ? [forward, 1, 0] : [backward, 0, 1]
    const seen = closure(
      arcs,
      from.map(index => 2 * index + leaving),
    )
    return new Set(keys.filter((_, index) => seen[2 * index + arriving] === 1))
  }

  return {
    of: (from, link) => {
      const indices = [...from].flatMap(key => byKey.get(key) ?? []).sort((a, b) => a - b)
      const name = `${link.towards} ${link.reach} ${indices.join(' ')}`
      const before = known.get(name)
      if (before) return before
      const found = compute(indices, link)
      known.set(name, found)
      return found
    },
  }
}

/** Over beginnings (even) and ends (odd). */
function arcsOf(
  rows: readonly Row[],
  edges: readonly (readonly [number, number])[],
  byId: ReadonlyMap<number, Row>,
): readonly (readonly number[])[] {
  const arcs: number[][] = Array.from({ length: rows.length * 2 }, () => [])
  for (const { index, parent } of rows) {
    arcs[2 * index]!.push(2 * index + 1)
    const holder = parent === undefined ? undefined : byId.get(parent)?.index
    if (holder === undefined) continue
    arcs[2 * holder]!.push(2 * index)
    arcs[2 * index + 1]!.push(2 * holder + 1)
  }
  for (const [a, b] of edges) arcs[2 * a + 1]!.push(2 * b)
  return arcs
}

function reversed(arcs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const back: number[][] = arcs.map(() => [])
  for (const [from, tos] of arcs.entries()) for (const to of tos) back[to]!.push(from)
  return back
}

function listsOf(count: number, edges: readonly (readonly [number, number])[]): readonly (readonly number[])[] {
  const lists: number[][] = Array.from({ length: count }, () => [])
  for (const [a, b] of edges) lists[a]!.push(b)
  return lists
}

/** What is reached over one arc or more. */
function closure(arcs: readonly (readonly number[])[], from: readonly number[]): Uint8Array {
  const seen = new Uint8Array(arcs.length)
  const queue = [...from]
  while (queue.length > 0)
    for (const to of arcs[queue.pop()!]!) {
      if (seen[to]) continue
      seen[to] = 1
      queue.push(to)
    }
  return seen
}
