/** What in a graph crosses regions: which steps a `cancel` withdraws, and which end a milestone, by region. */
import { type Graph, type Node, type Region, regionsOf } from '../../core/index.ts'
import { type LockOrders, lockOrdersOf } from './lock-order.ts'
import { isAsked, ownRegionsOf } from './may-exit.ts'

export type Dependents = 'skip' | 'run'

export interface Crossings {
  cancelledIn(region: Region): ReadonlyMap<string, ReadonlySet<Dependents>>
  milestonesOf(region: Region): readonly string[]
  /** Whether the step has parts of its own in the net; else it is one thing that ends somehow. */
  hasParts(node: Node): boolean
  hasLock(name: string, of: 'run' | 'region'): boolean
  /** How many items of an each the net has side by side. */
  itemsOf(node: Extract<Node, { kind: 'each' }>): number
}

const NOBODY: ReadonlyMap<string, ReadonlySet<Dependents>> = new Map()

/** `all`: every step and lock. `crossing`: those that soundness can hang on, with what they stand in. */
export type Detail = 'all' | 'crossing'

export interface CrossingOptions {
  readonly detail: Detail
  /** Of each `each`, though its locks need no more than one. */
  readonly itemsMin: number
}

export function crossingsOf({ root }: Pick<Graph, 'root'>, { detail, itemsMin }: CrossingOptions): Crossings {
  const orders = lockOrdersOf(root)
  const crossing = detail === 'all' ? undefined : crossingSteps(root, orders)
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
    hasParts: node => crossing === undefined || crossing.has(node),
    hasLock: (name, of) => crossing === undefined || (of === 'run' && orders.circular.has(name)),
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

/** Steps that may wait for another scope, be ended by one, or be dead; and all that they stand in. */
export function crossingSteps(root: Region, { circular }: LockOrders): ReadonlySet<Node> {
  const found = new Set<Node>()
  const visit = (region: Region): boolean => {
    let any = false
    for (const node of region.nodes) {
      let isFound = crosses(node, circular)
      for (const [, inner] of ownRegionsOf(node)) if (visit(inner)) isFound = true
      if (!isFound) continue
      found.add(node)
      any = true
    }
    return any
  }
  visit(root)
  return found
}

function crosses(node: Node, circular: ReadonlySet<string>): boolean {
  if ((node.policy.locks ?? []).some(({ name, of }) => of === 'run' && circular.has(name))) return true
  switch (node.kind) {
    case 'cancel':
    case 'net':
      return true
    case 'scope':
      return node.until !== undefined
    case 'attempt':
      return node.handlers.some((_, index) => !isAsked(node, index))
    default:
      return false
  }
}
