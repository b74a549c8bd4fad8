/**
 * Who waits for whom in a region, without the steps that only take time: in a scope that nothing interrupts, a step that has
 * no parts and that nobody withdraws begins and ends whatever the others do, so what waits for it waits for what it waited for.
 *
 * O(edges * kept / 32): for each step, as bits, the kept ones that come before it.
 */
import { dependenciesOf, type Node } from '../../core/index.ts'

export interface WaitingOrder {
  readonly nodes: readonly Node[]
  /** For each node the indices of those that it waits for. */
  readonly before: readonly (readonly number[])[]
  readonly isAwaited: Uint8Array
}

export function waitingOrder(nodes: readonly Node[], isKept: (node: Node) => boolean): WaitingOrder {
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]))
  const direct = nodes.map(node => dependenciesOf(node).map(id => indexOf.get(id) ?? 0))
  const kept = nodes.filter(isKept)
  return kept.length === nodes.length ? ordered(nodes, direct) : ordered(kept, reduced(nodes, direct, isKept))
}

function ordered(nodes: readonly Node[], before: readonly (readonly number[])[]): WaitingOrder {
  const isAwaited = new Uint8Array(nodes.length)
  for (const sources of before) for (const source of sources) isAwaited[source] = 1
  return { nodes, before, isAwaited }
}

function reduced(
  nodes: readonly Node[],
  direct: readonly (readonly number[])[],
  isKept: (node: Node) => boolean,
): readonly (readonly number[])[] {
  let count = 0
  const keptIndex = nodes.map(node => (isKept(node) ? count++ : -1))
  const words = Math.ceil(count / 32)
  /** All kept ones that come before a step; of a kept one, itself as well. */
  const upTo = new Uint32Array(nodes.length * words)
  const before: (readonly number[])[] = []
  for (const index of topologically(direct)) {
    const own = index * words
    for (const source of direct[index]!)
      for (let word = 0; word < words; word++) upTo[own + word]! |= upTo[source * words + word]!
    const kept = keptIndex[index]!
    if (kept < 0) continue
    before[kept] = bitsOf(upTo.subarray(own, own + words))
    upTo[own + (kept >> 5)]! |= 1 << (kept & 31)
  }
  return before.map((sources, kept) => nearest(sources, before, kept))
}

/** Without those that come before another of them anyway. */
function nearest(sources: readonly number[], before: readonly (readonly number[])[], kept: number): readonly number[] {
  const further = new Set(sources.flatMap(source => (source === kept ? [] : before[source]!)))
  return sources.filter(source => !further.has(source))
}

function bitsOf(bits: Uint32Array): readonly number[] {
  const found: number[] = []
  bits.forEach((word, at) => {
    for (let rest = word; rest !== 0; rest &= rest - 1) found.push(at * 32 + 31 - Math.clz32(rest & -rest))
  })
  return found
}

function topologically(before: readonly (readonly number[])[]): readonly number[] {
  const after: number[][] = before.map(() => [])
  const missing = before.map(sources => sources.length)
  before.forEach((sources, index) => {
    for (const source of sources) after[source]!.push(index)
  })
  const order = missing.flatMap((count, index) => (count === 0 ? [index] : []))
  for (let at = 0; at < order.length; at++)
    for (const next of after[order[at]!]!) {
      missing[next]! -= 1
      if (missing[next] === 0) order.push(next)
    }
  return order
}
