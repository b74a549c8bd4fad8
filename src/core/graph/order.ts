/** An order of the steps of a region in which each comes after those that it uses, in whatever order they are listed. */
import { dependenciesOf } from './dependencies.ts'
import type { Region } from './graph.ts'

const orders = new WeakMap<Region, Uint32Array>()

/** Places in the list, each after those that it uses. By hand, not by recursion: a chain may be as long as a graph. */
export function orderOfUse(region: Region): Uint32Array {
  const known = orders.get(region)
  if (known) return known
  const { nodes } = region
  const places = new Map(nodes.map(({ id }, place) => [id, place]))
  const order = new Uint32Array(nodes.length)
  const seen = new Uint8Array(nodes.length)
  let end = 0
  const pending: { readonly place: number; readonly before: Iterator<string> }[] = []
  const visit = (place: number): void => {
    seen[place] = 1
    pending.push({ place, before: dependenciesOf(nodes[place]!)[Symbol.iterator]() })
  }
  for (let root = 0; root < nodes.length; root++) {
    if (seen[root] === 0) visit(root)
    for (let top = pending.at(-1); top; top = pending.at(-1)) {
      const next = top.before.next()
      const place = next.done ? undefined : places.get(next.value)
      if (place !== undefined && seen[place] === 0) visit(place)
      if (!next.done) continue
      order[end++] = top.place
      pending.pop()
    }
  }
  orders.set(region, order)
  return order
}
