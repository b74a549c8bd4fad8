/** Steps of a region that wait for one another in a circle (G3). */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { dependenciesOf } from './dependencies.ts'
import type { Node, Region } from './graph.ts'
import { problem } from './problem.ts'

/** Kahn's algorithm: what is left when nothing can go first lies on a cycle or behind one. What is missing is no cycle. */
export function checkCycles(region: Region, found: Diagnostic[]): void {
  const nodes = new Map(region.nodes.map(node => [node.id, node]))
  const before = new Map(region.nodes.map(node => [node.id, dependenciesOf(node).filter(id => nodes.has(id))]))
  const waiting = waitingForEver(before)
  for (const cycle of cyclesIn(waiting, id => (before.get(id) ?? []).find(each => waiting.has(each)))) {
    const members = cycle.flatMap(id => nodes.get(id) ?? [])
    if (members[0]) found.push(cycleProblem(members[0], members))
  }
}

/** Nodes that no order can place. */
function waitingForEver(before: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const after = new Map<string, string[]>()
  const counts = new Map<string, number>()
  for (const [id, dependencies] of before) {
    counts.set(id, dependencies.length)
    for (const dependency of dependencies) {
      const list = after.get(dependency)
      if (list) list.push(id)
      else after.set(dependency, [id])
    }
  }
  const ready = [...counts].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    counts.delete(id)
    for (const next of after.get(id) ?? []) {
      const count = (counts.get(next) ?? 0) - 1
      counts.set(next, count)
      if (count === 0) ready.push(next)
    }
  }
  return new Set(counts.keys())
}

/** Every node has one `next`: following it from anywhere ends in a cycle; each is found once. */
function cyclesIn(
  nodes: ReadonlySet<string>,
  next: (id: string) => string | undefined,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  const trailOf = new Map<string, number>()
  let trail = 0
  for (const start of nodes) {
    const seen: string[] = []
    let id: string | undefined = start
    for (; id !== undefined && !trailOf.has(id); id = next(id)) {
      trailOf.set(id, trail)
      seen.push(id)
    }
    if (id !== undefined && trailOf.get(id) === trail) cycles.push(seen.slice(seen.indexOf(id)))
    trail += 1
  }
  return cycles
}

/** A message names so many steps of a cycle at most. */
const NAMES_MAX = 10

function cycleProblem(first: Node, members: readonly Node[]): Diagnostic {
  const names = members.slice(0, NAMES_MAX).map(node => node.name)
  const shown = [
    ...names,
    ...(members.length > NAMES_MAX ? [`${members.length - NAMES_MAX} more steps`] : []),
    first.name,
  ]
  return {
    ...problem(
      'GRAPH_CYCLE',
      first,
      `Steps wait for one another in a circle: ${shown.join(' waits for ')}`,
      'Take one of the .after() away.',
    ),
    related: members
      .slice(1, NAMES_MAX)
      .map(node => ({ message: `${node.name} is part of it`, ...(node.at ? { at: node.at } : {}) })),
  }
}
