/** Where the steps of a graph stand: each under the name that ids of its instances have without their keys. */
import { escapeKey } from '../../core/engine/step-id.ts'
import { type Node, type Region, regionsOf } from '../../core/graph/graph.ts'

export interface Placed {
  /** `tests/triage`, `gate.then/ship`: a step id without the keys of items, calls and turns. */
  readonly key: string
  /** Names instead of ids: `tests[*]/triage`. */
  readonly path: string
  /** Ids of the nodes around it from the outermost on, and its own. */
  readonly ids: readonly string[]
  readonly node: Node
  /** Key of what holds it; what undoes a step is held by nobody, since it comes when all is over. */
  readonly holder: string | undefined
}

/** Every node, in the order of the graph, what is inside of one after it; bodies of undos included. */
export function* placedIn(region: Region, around: Around = ROOT): Generator<Placed> {
  for (const node of region.nodes) {
    const placed: Placed = {
      key: around.key + node.id,
      path: around.path + node.name,
      ids: [...around.ids, node.id],
      node,
      holder: around.holder,
    }
    yield placed
    for (const [label, inner] of regionsOf(node)) yield* placedIn(inner, insideOf(placed, label, inner))
  }
}

type Around = Pick<Placed, 'key' | 'path' | 'ids' | 'holder'>
const ROOT: Around = { key: '', path: '', ids: [], holder: undefined }

function insideOf({ key, path, ids, node }: Placed, label: string, region: Region): Around {
  if (node.kind === 'call' && region === node.body) return { key: `${key}/`, path: `${path}/`, ids, holder: key }
  if ((node.kind === 'each' || node.kind === 'loop') && region === node.body)
    return { key: `${key}/`, path: `${path}[*]/`, ids, holder: key }
  const holder = region === node.undo?.body ? undefined : key
  return { key: `${key}.${escapeKey(label)}/`, path: `${path}.${label}/`, ids, holder }
}
