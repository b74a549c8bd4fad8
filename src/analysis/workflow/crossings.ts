/** What in a graph crosses regions: which steps a `cancel` withdraws, and which end a milestone, by region. */
import { type Graph, type Node, type Region, regionsOf } from '../../core/index.ts'
import { lockOrdersOf } from './lock-order.ts'

export type Dependents = 'skip' | 'run'

export interface Crossings {
  cancelledIn(region: Region): ReadonlyMap<string, ReadonlySet<Dependents>>
  milestonesOf(region: Region): readonly string[]
  /** How many items of an each the net has side by side. */
  itemsOf(node: Extract<Node, { kind: 'each' }>): number
}

const NOBODY: ReadonlyMap<string, ReadonlySet<Dependents>> = new Map()

/** `itemsMin`: of each `each`, though its locks need no more than one. */
export function crossingsOf({ root }: Pick<Graph, 'root'>, itemsMin = 1): Crossings {
  const orders = lockOrdersOf(root)
  const cancelled = new Map<Region, Map<string, Set<Dependents>>>()
  const visit = (around: readonly Region[]): void => {
    for (const node of around[0]!.nodes) {
      if (node.kind === 'cancel') {
        const target = around[node.target.up]
        if (target) note(cancelled, target, node.target.node, node.dependents)
      }
      for (const [, region] of regionsOf(node)) visit([region, ...around])
    }
  }
  visit([root])
  return {
    cancelledIn: region => cancelled.get(region) ?? NOBODY,
    itemsOf: node => Math.max(itemsMin, Math.min(node.concurrency ?? Number.POSITIVE_INFINITY, orders.itemsOf(node))),
    milestonesOf: region => [
      ...new Set(region.nodes.flatMap(node => (node.kind === 'scope' && node.until !== undefined ? [node.until] : []))),
    ],
  }
}

function note(
  cancelled: Map<Region, Map<string, Set<Dependents>>>,
  region: Region,
  id: string,
  dependents: Dependents,
): void {
  const steps = cancelled.get(region) ?? new Map<string, Set<Dependents>>()
  cancelled.set(region, steps)
  steps.set(id, new Set([...(steps.get(id) ?? []), dependents]))
}
