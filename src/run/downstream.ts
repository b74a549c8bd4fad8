/** Which steps follow from others: what a redrive from a step must do again. */
import { dependenciesOf, type Graph, type Node, type Region, regionsOf, type StepId } from '../core/index.ts'

/** Whether a step is one of `from`, lies inside one, or depends on one in whatever region both are. */
export function follower(graph: Graph, from: readonly StepId[]): (step: StepId) => boolean {
  if (from.length === 0) return () => false
  const origins = from.map(split)
  const dependents = remembered(dependentsOf)
  return step => {
    const segments = split(step)
    return origins.some(origin => follows(graph.root, { origin, step: segments, dependents }))
  }
}

type Dependents = (region: Region, node: string) => ReadonlySet<string>

/** A run has many steps of few nodes. */
function remembered(dependents: Dependents): Dependents {
  const known = new Map<Region, Map<string, ReadonlySet<string>>>()
  return (region, node) => {
    const ofRegion = known.get(region) ?? new Map<string, ReadonlySet<string>>()
    known.set(region, ofRegion)
    const found = ofRegion.get(node) ?? dependents(region, node)
    ofRegion.set(node, found)
    return found
  }
}

/** The node of a step; undefined inside of a flow, whose graph is not known. */
export function nodeOfStep(graph: Graph, step: StepId): Node | undefined {
  let region: Region | undefined = graph.root
  const segments = split(step)
  for (const segment of segments.slice(0, -1)) region = region && nestedRegion(region, segment)
  return region?.nodes.find(each => each.id === segments.at(-1)?.node)
}

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

interface Pair {
  readonly origin: readonly Segment[]
  readonly step: readonly Segment[]
  readonly dependents: Dependents
}

function follows(region: Region, { origin, step, dependents }: Pair): boolean {
  const [from, ...originRest] = origin
  const [to, ...stepRest] = step
  if (!from || !to) return true
  if (from.node !== to.node) return dependents(region, from.node).has(to.node)
  if (originRest.length === 0) return from.mark === '' || from.mark === to.mark
  if (from.mark !== to.mark) return isLater(region, from, to)
  const nested = nestedRegion(region, from)
  // Inside a flow's call the graph is not known: what came after it may hang on it.
  return nested ? follows(nested, { origin: originRest, step: stepRest, dependents }) : true
}

/** Whether one instance of a node's regions comes after another one, and so hangs on it. */
function isLater(region: Region, from: Segment, to: Segment): boolean {
  const kind = region.nodes.find(each => each.id === from.node)?.kind
  switch (kind) {
    case 'loop':
      return turnOf(to) > turnOf(from)
    case 'attempt':
      return partOf(to) > partOf(from) || (partOf(to) === partOf(from) && turnOf(to) > turnOf(from))
    // In what order transitions have fired is not told by their names.
    case 'net':
      return true
    default:
      return false
  }
}

/** `[3]`, `.body[3]`; without one, the first. */
const turnOf = ({ mark }: Segment): number => Number(/\[(\d+)\]$/.exec(mark)?.[1] ?? 0)

/** Body, then handlers, then `finally`. */
const partOf = ({ mark }: Segment): number => (mark.startsWith('.finally') ? 2 : mark.startsWith('.catch') ? 1 : 0)

function nestedRegion(region: Region, { node, mark }: Segment): Region | undefined {
  const found: Node | undefined = region.nodes.find(each => each.id === node)
  if (!found) return undefined
  const label = mark.startsWith('.') ? decodeURIComponent(mark.slice(1).replace(/\[\d+\]$/, '')) : 'body'
  return regionsOf(found).find(([each]) => each === label)?.[1]
}

/** All nodes of the region that wait for `node`, directly or not. */
function dependentsOf(region: Region, node: string): ReadonlySet<string> {
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
