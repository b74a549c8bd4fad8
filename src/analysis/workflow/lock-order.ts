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
  /** Steps that hold a lock of a circle while the next one is wanted inside, and those that want it. */
  readonly taking: ReadonlySet<Node>
  /** The steps that make one shortest circle: who holds a lock, and who wants the next one inside. Undefined where there is none. */
  readonly shortest: ReadonlySet<Node> | undefined
  itemsOf(node: Extract<Node, { kind: 'each' }>): number
}

/** By the lock that is held, and the one that is wanted: the first who does so. */
type Orders = Map<string, Map<string, Witness>>

type Witness = readonly [holder: Node, wanting: Node]

interface Held {
  readonly name: string
  readonly holder: Node
}

export function lockOrdersOf(root: Region): LockOrders {
  const orders: Orders = new Map()
  collect(root, [], { note: noteIn(orders), regionsOf })
  const circular = onCircles(orders)
  const shown: Orders = new Map()
  if (circular.size > 0) collect(root, [], { note: noteIn(shown), regionsOf: ownRegionsOf })
  return {
    circular,
    withoutUndos: onCircles(shown),
    taking: circular.size === 0 ? new Set() : takingOn(root, orders),
    shortest: shortestCircle(shown),
    itemsOf: node => {
      if (circular.size === 0) return 1
      const inside: Orders = new Map()
      collect(node.body, [], { note: noteIn(inside), regionsOf })
      const held = [...inside.keys()].filter(name => circular.has(name))
      return Math.max(1, held.length)
    },
  }
}

interface Walk {
  readonly note: (held: Held, wanted: readonly [name: string, by: Node]) => void
  readonly regionsOf: (node: Node) => readonly (readonly [label: string, region: Region])[]
}

/** `held`: by what is around the region. */
function collect(region: Region, held: readonly Held[], walk: Walk): void {
  for (const node of region.nodes) {
    const wanted = (node.policy.locks ?? []).flatMap(({ name, of }) => (of === 'run' ? [name] : []))
    for (const outer of held) for (const name of wanted) walk.note(outer, [name, node])
    const inside = wanted.length > 0 ? [...held, ...wanted.map(name => ({ name, holder: node }))] : held
    // What is undone has come to rest, and holds nothing any more.
    for (const [, inner] of walk.regionsOf(node)) collect(inner, inner === node.undo?.body ? held : inside, walk)
  }
}

const noteIn =
  (orders: Orders): Walk['note'] =>
  ({ name: outer, holder }, [inner, wanting]) => {
    const after = orders.get(outer) ?? new Map<string, Witness>()
    orders.set(outer, after)
    if (!after.has(inner)) after.set(inner, [holder, wanting])
  }

function takingOn(root: Region, orders: Orders): ReadonlySet<Node> {
  const found = new Set<Node>()
  const isOnCircle = remembered((from: string, to: string) => reaches(orders, from, to))
  const note: Walk['note'] = ({ name, holder }, [inner, wanting]) => {
    if (isOnCircle(inner, name)) found.add(holder).add(wanting)
  }
  collect(root, [], { note, regionsOf: ownRegionsOf })
  return found
}

function remembered(ask: (from: string, to: string) => boolean): (from: string, to: string) => boolean {
  const answers = new Map<string, Map<string, boolean>>()
  return (from, to) => {
    const of = answers.get(from) ?? new Map<string, boolean>()
    answers.set(from, of)
    const known = of.get(to)
    if (known !== undefined) return known
    const answer = ask(from, to)
    of.set(to, answer)
    return answer
  }
}

function shortestCircle(orders: Orders): ReadonlySet<Node> | undefined {
  let best: readonly string[] | undefined
  for (const name of orders.keys()) {
    const circle = circleThrough(orders, name)
    if (circle && (!best || circle.length < best.length)) best = circle
  }
  return best && new Set(best.flatMap((name, at) => orders.get(name)?.get(best[(at + 1) % best.length]!) ?? []))
}

/** The locks on a shortest way from one back to itself. */
function circleThrough(orders: Orders, start: string): readonly string[] | undefined {
  const before = new Map<string, string>()
  const pending = [start]
  for (let at = 0; at < pending.length; at++)
    for (const next of orders.get(pending[at]!)?.keys() ?? []) {
      if (next === start) {
        const circle = [pending[at]!]
        while (circle[0] !== start) circle.unshift(before.get(circle[0]!)!)
        return circle
      }
      if (before.has(next)) continue
      before.set(next, pending[at]!)
      pending.push(next)
    }
  return undefined
}

/** Those that can be reached from themselves. There are few locks: a walk from each. */
function onCircles(orders: Orders): ReadonlySet<string> {
  return new Set([...orders.keys()].filter(name => reaches(orders, name, name)))
}

function reaches(orders: Orders, from: string, to: string): boolean {
  const seen = new Set<string>()
  const pending = [...(orders.get(from)?.keys() ?? [])]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === to) return true
    if (seen.has(next)) continue
    seen.add(next)
    pending.push(...(orders.get(next)?.keys() ?? []))
  }
  return false
}
