/** Which steps follow from others: what a redrive from a step must do again. */
import { dependenciesOf, type Graph, type Node, type Region, regionsOf, type StepId } from '../core/index.ts'

/** Whether `step` is one of `from`, lies inside one, or depends on one in whatever region both are. */
export const followsFrom = (graph: Graph, from: readonly StepId[], step: StepId): boolean =>
  from.some(origin => follows(graph.root, split(origin), split(step)))

interface Segment {
  readonly node: string
  /** Branch or key: what makes two instances of one region different. */
  readonly mark: string
}

function split(step: StepId): readonly Segment[] {
  return step.split('/').map(part => {
    const end = part.search(/[.[]/)
    return end < 0 ? { node: part, mark: '' } : { node: part.slice(0, end), mark: part.slice(end) }
  })
}

function follows(region: Region, origin: readonly Segment[], step: readonly Segment[]): boolean {
  const [from, ...originRest] = origin
  const [to, ...stepRest] = step
  if (!from || !to) return true
  if (from.node !== to.node) return dependents(region, from.node).has(to.node)
  if (originRest.length === 0) return from.mark === '' || from.mark === to.mark
  if (from.mark !== to.mark) return false
  const nested = nestedRegion(region, from)
  // Inside a flow's call the graph is not known: what came after it may hang on it.
  return nested ? follows(nested, originRest, stepRest) : true
}

function nestedRegion(region: Region, { node, mark }: Segment): Region | undefined {
  const found: Node | undefined = region.nodes.find(each => each.id === node)
  if (!found) return undefined
  const regions = regionsOf(found)
  const label = mark.startsWith('.') ? decodeURIComponent(mark.slice(1)) : 'body'
  return regions.find(([each]) => each === label)?.[1]
}

/** All nodes of the region that wait for `node`, directly or not. */
function dependents(region: Region, node: string): ReadonlySet<string> {
  const found = new Set<string>([node])
  for (let grown = true; grown; ) {
    grown = false
    for (const each of region.nodes) {
      if (found.has(each.id) || !dependenciesOf(each).some(id => found.has(id))) continue
      found.add(each.id)
      grown = true
    }
  }
  found.delete(node)
  return found
}
