/**
 * The steps of a region as sequences and parallels. Where the graph is neither, a step waits for more than it must: all of
 * what could begin together is awaited before the rest goes on; what does not hang together never waits for one another.
 */
import { dependenciesOf } from '../../../core/graph/dependencies.ts'
import type { Node, Region } from '../../../core/graph/graph.ts'

export type Plan =
  | { readonly kind: 'step'; readonly node: Node }
  | { readonly kind: 'parallel'; readonly parts: readonly Sequence[] }

export type Sequence = readonly Plan[]

export function planOf(region: Region): Sequence {
  const ids = new Set(region.nodes.map(({ id }) => id))
  const needs = new Map(region.nodes.map(node => [node.id, dependenciesOf(node).filter(id => ids.has(id))]))
  return sequence(region.nodes, needs)
}

export const nodesOf = (plans: Sequence): readonly Node[] =>
  plans.flatMap(plan => (plan.kind === 'step' ? [plan.node] : plan.parts.flatMap(nodesOf)))

type Needs = ReadonlyMap<string, readonly string[]>

function sequence(nodes: readonly Node[], needs: Needs): Sequence {
  const plans: Plan[] = []
  let left = nodes
  while (left.length > 0) {
    const parts = connected(left, needs)
    if (parts.length > 1) {
      plans.push({ kind: 'parallel', parts: parts.map(part => sequence(part, needs)) })
      return plans
    }
    const open = new Set(left.map(({ id }) => id))
    const first = left.filter(node => !needs.get(node.id)?.some(id => open.has(id)))
    plans.push(together(first))
    left = left.filter(node => !first.includes(node))
  }
  return plans
}

function together(nodes: readonly Node[]): Plan {
  const plans = nodes.map(node => ({ kind: 'step' as const, node }))
  const [only] = plans
  return plans.length === 1 && only ? only : { kind: 'parallel', parts: plans.map(plan => [plan]) }
}

/** Groups that no dependency joins, each in the order of the list. */
function connected(nodes: readonly Node[], needs: Needs): readonly (readonly Node[])[] {
  const leader = new Map(nodes.map(({ id }) => [id, id]))
  const find = (id: string): string => {
    let top = id
    for (let next = leader.get(top); next !== undefined && next !== top; next = leader.get(top)) top = next
    return top
  }
  for (const { id } of nodes)
    for (const need of needs.get(id) ?? []) if (leader.has(need)) leader.set(find(id), find(need))
  const groups = new Map<string, Node[]>()
  for (const node of nodes) {
    const group = groups.get(find(node.id))
    if (group) group.push(node)
    else groups.set(find(node.id), [node])
  }
  return [...groups.values()]
}
