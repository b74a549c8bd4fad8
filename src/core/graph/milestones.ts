/** Milestones: a scope that is entered only while a sibling has not begun. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { dependenciesOf } from './dependencies.ts'
import type { Node, Region } from './graph.ts'
import { dangling, problem } from './problem.ts'

type Gated = Extract<Node, { kind: 'scope' }> & { readonly until: string }

export function checkMilestones(region: Region, found: Diagnostic[]): void {
  const gated = region.nodes.filter(isGated)
  if (gated.length === 0) return
  const nodes = new Map(region.nodes.map(node => [node.id, node]))
  for (const node of gated) {
    const end = nodes.get(node.until)
    if (!end) found.push(dangling(node, `the step ${node.until}`))
    else if (comesAfter(nodes, node, end)) found.push(closed(node, `waits for ${end.name}, which ends it`))
    else if (isEndedByItself(nodes, node)) found.push(closed(node, 'ends, over others, with itself'))
  }
}

const isGated = (node: Node): node is Gated => node.kind === 'scope' && node.until !== undefined

const closed = (node: Node, what: string): Diagnostic =>
  problem('MILESTONE_CLOSED', node, `${node.name} ${what}: it could never be entered`, 'Let it end with a later step.')

/** Whether `node` waits for `other`, directly or over others. */
function comesAfter(nodes: ReadonlyMap<string, Node>, node: Node, other: Node): boolean {
  const seen = new Set<string>()
  const pending: Node[] = [node]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next.id)) continue
    seen.add(next.id)
    for (const id of dependenciesOf(next)) {
      if (id === other.id) return true
      const before = nodes.get(id)
      if (before) pending.push(before)
    }
  }
  return false
}

/** A chain of milestones, each ended by the next, that leads back. */
function isEndedByItself(nodes: ReadonlyMap<string, Node>, node: Gated): boolean {
  const seen = new Set<string>()
  let next = nodes.get(node.until)
  while (next && isGated(next) && !seen.has(next.id)) {
    if (next === node) return true
    seen.add(next.id)
    next = nodes.get(next.until)
  }
  return next === node
}
