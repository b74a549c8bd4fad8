/** Counting: how much work a region holds, and how many steps and scopes are in which state. */
import type { Node, Region } from '../core/graph/graph.ts'
import { type Counts, isWork, type StateKind } from './run-view.ts'

export type Tally = { -readonly [field in keyof Counts]: Counts[field] }

export const tally = (total = 0): Tally => ({
  total,
  waiting: total,
  awaiting: 0,
  running: 0,
  retrying: 0,
  parked: 0,
  succeeded: 0,
  known: 0,
  skipped: 0,
  failed: 0,
  cancelled: 0,
})

export function shift(counts: Tally, from: StateKind, to: StateKind): void {
  counts[from]--
  counts[to]++
}

export function add(counts: Tally, count: number): void {
  counts.total += count
  counts.waiting += count
}

const sizes = new WeakMap<Region, number>()

/** How much work a region holds for sure: branches, items and turns count when they are chosen, listed and begun. */
export function sizeOf(region: Region | undefined): number {
  if (!region) return 0
  const known = sizes.get(region)
  if (known !== undefined) return known
  const size = region.nodes.reduce(
    (sum, node) => sum + (isWork(node.kind) ? 1 : sureRegions(node).reduce((inner, each) => inner + sizeOf(each), 0)),
    0,
  )
  sizes.set(region, size)
  return size
}

/** The regions that begin whenever the node does, once each. */
export function sureRegions(node: Node): readonly Region[] {
  switch (node.kind) {
    case 'call':
      return node.recurs === undefined ? [node.body] : []
    case 'scope':
      return node.until === undefined ? [node.body] : []
    case 'attempt':
      return [node.body]
    case 'race':
    case 'some':
      return Object.values(node.arms)
    default:
      return []
  }
}
