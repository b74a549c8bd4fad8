/** `--only`: the part of a graph that some steps need, themselves included. */
import { dependenciesOf, type Expr, type Graph, type Node, type Region } from '../core/index.ts'
import { refuse } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'

/** The graph with the named steps and all that they wait for. A name is an id or a display name; `ci/test` goes into a workflow call. */
export function onlySteps(graph: Graph, names: readonly string[]): Graph {
  return {
    ...graph,
    root: onlyIn(
      graph.root,
      names.map(name => name.split('/')),
      names,
    ),
  }
}

function onlyIn(region: Region, paths: readonly (readonly string[])[], names: readonly string[]): Region {
  const inner = new Map<string, (readonly string[])[]>()
  const wanted = paths.map(([head = '', ...rest], index) => {
    const node = region.nodes.find(each => each.id === head) ?? region.nodes.find(each => each.name === head)
    if (!node || (rest.length > 0 && node.kind !== 'call')) return unknownStep(region, names[index] ?? head)
    if (rest.length > 0) inner.set(node.id, [...(inner.get(node.id) ?? []), rest])
    return node.id
  })
  const kept = closure(region, wanted)
  const nodes = region.nodes
    .filter(node => kept.has(node.id))
    .map(node => narrowed(node, inner.get(node.id), wanted, names))
  return { ...region, nodes, result: resultOf(wanted) }
}

/** A call is narrowed only when nothing else hangs on its whole result. */
function narrowed(
  node: Node,
  paths: readonly (readonly string[])[] | undefined,
  wanted: readonly string[],
  names: readonly string[],
): Node {
  if (!paths || node.kind !== 'call' || wanted.filter(id => id === node.id).length !== paths.length) return node
  return { ...node, body: onlyIn(node.body, paths, names) }
}

const resultOf = (wanted: readonly string[]): Expr => ({
  kind: 'record',
  fields: Object.fromEntries(wanted.map(node => [node, { kind: 'node', node, up: 0, path: [] }])),
})

function closure(region: Region, wanted: readonly string[]): ReadonlySet<string> {
  const byId = new Map(region.nodes.map(node => [node.id, node]))
  const kept = new Set<string>()
  const pending = [...wanted]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = byId.get(id)
    if (!node || kept.has(id)) continue
    kept.add(id)
    pending.push(...dependenciesOf(node))
  }
  return kept
}

function unknownStep(region: Region, name: string): never {
  const known = region.nodes.flatMap(node => [node.id, node.name])
  const near = nearestName(name, known)
  refuse('STEP_UNKNOWN', `There is no step ${name}`, {
    hint: near
      ? `Did you mean ${near}?`
      : `The steps: ${[...new Set(region.nodes.map(node => node.name))].slice(0, 20).join(', ')}.`,
  })
}
