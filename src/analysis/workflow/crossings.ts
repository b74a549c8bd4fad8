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
  /** Whether its locks are shown. */
  hasLocks(node: Node): boolean
  /** How many items of an each the net has side by side. */
  itemsOf(node: Extract<Node, { kind: 'each' }>): number
}

const NO_STEPS: ReadonlySet<Node> = new Set()
const NOBODY: ReadonlyMap<string, ReadonlySet<Dependents>> = new Map()

/**
 * `all`: every step and lock. `crossing`: those that soundness can hang on, with what they stand in. `circle`: of these only
 * the steps of one shortest circle of locks; the others come to an end somehow.
 */
export type Detail = 'all' | 'crossing' | 'circle'

export interface CrossingOptions {
  readonly detail: Detail
  /** Of each `each`, though its locks need no more than one. */
  readonly itemsMin: number
}

export function crossingsOf({ root }: Pick<Graph, 'root'>, { detail, itemsMin }: CrossingOptions): Crossings {
  const orders = lockOrdersOf(root)
  const taking = detail === 'circle' ? (orders.shortest ?? NO_STEPS) : orders.taking
  const crossing =
    detail === 'all' ? undefined : holding(root, node => taking.has(node) || (detail === 'crossing' && crosses(node)))
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
    // What stands around a circle of locks may keep it from closing by a lock that lies on none.
    hasLocks: node => crossing === undefined || crossing.has(node),
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

/** Whether soundness can hang on more than the structure. */
export const hasCrossings = (root: Region, { taking }: LockOrders): boolean =>
  holding(root, node => taking.has(node) || crosses(node)).size > 0

/** Steps that are so, and all that they stand in. */
function holding(root: Region, isOne: (node: Node) => boolean): ReadonlySet<Node> {
  const found = new Set<Node>()
  const visit = (region: Region): boolean => {
    let any = false
    for (const node of region.nodes) {
      let isFound = isOne(node)
      for (const dead of neverAsked(node)) found.add(dead)
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

/** Steps of handlers that nothing can call: they are dead, and have to be seen to be so. */
const neverAsked = (node: Node): readonly Node[] =>
  node.kind === 'attempt' ? node.handlers.flatMap(({ body }, index) => (isAsked(node, index) ? [] : body.nodes)) : []

/** What may be ended by another scope, be dead, or never end. */
function crosses(node: Node): boolean {
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
