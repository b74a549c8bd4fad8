/**
 * In which order locks are wanted while others are held: the only way in which steps can wait for one another in a circle.
 *
 * A step takes all its locks at once, so it holds one while another is waited for only when that happens inside of it. Let
 * `a -> b` mean: some step holds `a`, and in there a step wants `b`. In a circle of waiting each holder waits for something
 * inside of it, which waits for a lock that the next one holds: so the circle is one of `->` as well. Where `->` has none,
 * locks cannot lock anybody up.
 *
 * Locks of a region are no part of it: who waits for one and who holds it stand in the same scope, so whatever waits for the
 * one waits for the other, too.
 *
 * How many items of an `each` must be looked at: each item in a circle holds a lock that no other holds, so as many as there
 * are locks on circles that are held inside the body while another is wanted there; else one, for what it wants itself.
 */
import type { Node, Region } from '../../core/index.ts'
import { regionsOf } from '../../core/index.ts'
import { ownRegionsOf } from './may-exit.ts'

export interface LockOrders {
  /** Locks that lie on a circle. */
  readonly circular: ReadonlySet<string>
  /** The same without what undoing wants, which the net does not show. */
  readonly withoutUndos: ReadonlySet<string>
  itemsOf(node: Extract<Node, { kind: 'each' }>): number
}

type Orders = Map<string, Set<string>>

export function lockOrdersOf(root: Region): LockOrders {
  const orders: Orders = new Map()
  collect(root, [], { orders, regionsOf })
  const circular = onCircles(orders)
  const shown: Orders = new Map()
  if (circular.size > 0) collect(root, [], { orders: shown, regionsOf: ownRegionsOf })
  return {
    circular,
    withoutUndos: onCircles(shown),
    itemsOf: node => {
      if (circular.size === 0) return 1
      const inside: Orders = new Map()
      collect(node.body, [], { orders: inside, regionsOf })
      const held = [...inside.keys()].filter(name => circular.has(name))
      return Math.max(1, held.length)
    },
  }
}

interface Walk {
  readonly orders: Orders
  readonly regionsOf: (node: Node) => readonly (readonly [label: string, region: Region])[]
}

/** `held`: by what is around the region. */
function collect(region: Region, held: readonly string[], walk: Walk): void {
  for (const node of region.nodes) {
    const wanted = (node.policy.locks ?? []).flatMap(({ name, of }) => (of === 'run' ? [name] : []))
    for (const outer of held) for (const name of wanted) note(walk.orders, outer, name)
    const inside = wanted.length > 0 ? [...held, ...wanted] : held
    // What is undone has come to rest, and holds nothing any more.
    for (const [, inner] of walk.regionsOf(node)) collect(inner, inner === node.undo?.body ? held : inside, walk)
  }
}

function note(orders: Orders, outer: string, inner: string): void {
  const after = orders.get(outer)
  if (after) after.add(inner)
  else orders.set(outer, new Set([inner]))
}

/** Those that can be reached from themselves. There are few locks: a walk from each. */
function onCircles(orders: Orders): ReadonlySet<string> {
  return new Set([...orders.keys()].filter(name => reaches(orders, name, name)))
}

function reaches(orders: Orders, from: string, to: string): boolean {
  const seen = new Set<string>()
  const pending = [...(orders.get(from) ?? [])]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === to) return true
    if (seen.has(next)) continue
    seen.add(next)
    pending.push(...(orders.get(next) ?? []))
  }
  return false
}
