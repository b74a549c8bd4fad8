/**
 * A part of a graph: the steps that are asked for (`--only`), or that changed files reach (`--since`), and all that they need.
 * Calls of workflows are narrowed to what is wanted of them; other regions stay whole.
 */
import {
  dependenciesOf,
  type Expr,
  type Graph,
  type Node,
  regionsOf,
  type Region,
  resultDependencies,
  usedParams,
} from '../core/index.ts'
import { refuse } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import { nearestName } from '../util/nearest.ts'

/**
 * The graph with the named steps and all that they wait for. A name is an id or a display name; `ci/test` goes into a call of
 * a workflow, `*` stands for any name, and `**` for any number of them: `ap*` or `**` before a name.
 */
export function onlySteps(graph: Graph, names: readonly string[]): Graph {
  return narrowedTo(
    graph,
    names.flatMap(name => pathsOf(graph.root, name.split('/'), name)),
  )
}

/** Ids of a step from the outermost call on. */
export type IdPath = readonly string[]

/** The graph with the steps at these places and all that they wait for. What lies in another region than a call's takes it whole. */
export const narrowedTo = (graph: Graph, paths: readonly IdPath[]): Graph => ({
  ...graph,
  root: narrowed(graph.root, paths, 'wanted'),
})

/** `keeps`: whether what the region gives is what is wanted of it, or what it gave before. */
function narrowed(region: Region, paths: readonly IdPath[], keeps: 'wanted' | 'result'): Region {
  const wanted = groupByHead(paths)
  const byId = new Map(region.nodes.map(node => [node.id, node]))
  const kept = new Map<string, Node>()
  const needed = new Set(keeps === 'result' ? resultDependencies(region) : [])
  const pending = [...wanted.keys(), ...needed]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = byId.get(id)
    if (!node) continue
    const part = partOf(node, wanted.get(id), needed.has(id))
    kept.set(id, part)
    for (const dependency of needsOf(part)) {
      // What was wanted in part, and is found to be needed, comes once more.
      if (needed.has(dependency)) continue
      needed.add(dependency)
      pending.push(dependency)
    }
  }
  const nodes = region.nodes.flatMap(({ id }) => kept.get(id) ?? [])
  return { ...region, nodes, result: keeps === 'result' ? region.result : recordOf([...wanted.keys()]) }
}

/** A node as far as it is wanted: without rests, or with an empty one, it is the whole. */
function partOf(node: Node, rests: readonly IdPath[] | undefined, isNeeded: boolean): Node {
  if (!rests || rests.some(rest => rest.length === 0) || node.kind !== 'call' || isEnteredAgain(node.body)) return node
  if (isNeeded) return { ...node, body: narrowed(node.body, rests, 'result') }
  const body = narrowed(node.body, rests, 'wanted')
  const used = usedParams(body)
  const args = Object.entries(node.args).map(([name, arg]) => [name, used.has(name) ? arg : NOTHING] as const)
  return { ...node, args: Object.fromEntries(args), body }
}

/** For a parameter that nobody looks at any more: what would have given it need not run. */
const NOTHING: Expr = { kind: 'literal', value: toTagged(undefined) }

function groupByHead(paths: readonly IdPath[]): ReadonlyMap<string, readonly IdPath[]> {
  const groups = new Map<string, IdPath[]>()
  for (const [head, ...rest] of paths) if (head !== undefined) groups.set(head, [...(groups.get(head) ?? []), rest])
  return groups
}

/** A region that a call inside of it enters again gives what it gives there, too. */
const isEnteredAgain = (region: Region): boolean =>
  region.nodes.some(node =>
    node.kind === 'call' && node.recurs !== undefined
      ? true
      : regionsOf(node).some(([, inner]) => isEnteredAgain(inner)),
  )

/** What would dangle without it is needed, too. */
const needsOf = (node: Node): readonly string[] => [
  ...dependenciesOf(node),
  ...(node.kind === 'cancel' && node.target.up === 0 ? [node.target.node] : []),
  ...(node.kind === 'scope' && node.until !== undefined ? [node.until] : []),
]

const recordOf = (ids: readonly string[]): Expr => ({
  kind: 'record',
  fields: Object.fromEntries(ids.map(node => [node, { kind: 'node', node, up: 0, path: [] }])),
})

/** Refuses with STEP_UNKNOWN when there is none. */
function pathsOf(region: Region, pattern: readonly string[], name: string): readonly IdPath[] {
  const found = matching(region, pattern)
  return found.length > 0 ? found : unknownStep(region, pattern, name)
}

function matching(region: Region, [head = '', ...rest]: readonly string[]): readonly IdPath[] {
  if (head === '**') {
    // What a step holds belongs to it: below the first steps there is nothing more to name.
    if (rest.length === 0) return region.nodes.map(({ id }) => [id])
    const deeper = region.nodes.flatMap(node => (node.kind === 'call' ? prefixed(node, ['**', ...rest]) : []))
    return [...matching(region, rest), ...deeper]
  }
  const nodes = nodesCalled(region, head)
  if (rest.length === 0) return nodes.map(({ id }) => [id])
  return nodes.flatMap(node => (node.kind === 'call' ? prefixed(node, rest) : []))
}

const prefixed = (node: Extract<Node, { kind: 'call' }>, rest: readonly string[]): readonly IdPath[] =>
  matching(node.body, rest).map(path => [node.id, ...path])

function nodesCalled(region: Region, name: string): readonly Node[] {
  if (!name.includes('*')) {
    const node = region.nodes.find(each => each.id === name) ?? region.nodes.find(each => each.name === name)
    return node ? [node] : []
  }
  const pattern = new RegExp(`^${name.split('*').map(escaped).join('.*')}$`)
  return region.nodes.filter(node => pattern.test(node.id) || pattern.test(node.name))
}

const escaped = (text: string): string => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')

function unknownStep(region: Region, pattern: readonly string[], name: string): never {
  // Where the way ends: the names that there are say what was meant.
  let at = region
  for (const part of pattern.slice(0, -1)) {
    const [node] = nodesCalled(at, part)
    if (node?.kind !== 'call') break
    at = node.body
  }
  const known = at.nodes.flatMap(node => [node.id, node.name])
  const near = nearestName(pattern.at(-1) ?? name, known) ?? nearestName(pattern[0] ?? name, known)
  refuse('STEP_UNKNOWN', `There is no step ${name}`, {
    hint: near
      ? `Did you mean ${near}?`
      : `The steps: ${[...new Set(at.nodes.map(node => node.name))].slice(0, 20).join(', ')}.`,
  })
}
