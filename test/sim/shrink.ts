/** Makes a failing case smaller as long as it fails in the same way: fewer faults, less chance, fewer nodes, plainer nodes. */
import type { Expr, Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { regionsOf } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { type Case, failureOf } from './check.ts'

/** Other orders of the same happenings that are tried for a smaller graph. */
const SCHEDULES = 4

/** Repeats until nothing gets smaller, or `tries` are used up. */
export const shrink = (of: Case, kind: string, tries = 6_000): Case =>
  shrinkBy(of, SMALLER, candidate => failureOf(candidate)?.kind === kind, tries)

/** The same for cases that have more to be left out. */
export function shrinkBy<C extends Case>(
  of: C,
  ways: readonly ((of: C) => Iterable<C>)[],
  stillFails: (candidate: C) => boolean,
  tries: number,
): C {
  let best = of
  let left = tries
  const fails = (candidate: C): boolean => left-- > 0 && stillFails(candidate)
  for (let again = true; again && left > 0; ) {
    again = false
    for (const attempt of ways) {
      for (const candidate of attempt(best)) {
        if (left <= 0) return best
        if (!fails(candidate)) continue
        best = candidate
        again = true
        break
      }
    }
  }
  return best
}

function* fewerFaults<C extends Case>(of: C): Generator<C> {
  yield { ...of, faults: [] }
  for (let drop = 0; drop < of.faults.length; drop++)
    yield { ...of, faults: of.faults.filter((_, index) => index !== drop) }
}

function* lessChance<C extends Case>(of: C): Generator<C> {
  const { knobs, behaviour } = of
  if (behaviour.failOneIn > 0) yield { ...of, behaviour: { ...behaviour, failOneIn: 0 } }
  for (const name of ['lost', 'twice', 'slow', 'known', 'early'] as const)
    if (knobs[name] > 0) yield { ...of, knobs: { ...knobs, [name]: 0 } }
  const choices = Math.min(knobs.choices, 1 << 10)
  if (choices > 0)
    for (const fewer of [0, choices >> 1, choices - 1]) yield { ...of, knobs: { ...knobs, choices: fewer } }
}

function* smallerGraphs<C extends Case>(of: C): Generator<C> {
  for (const graph of graphs(of.graph)) {
    if (validateGraph(graph).length > 0) continue
    for (let schedule = 0; schedule < SCHEDULES; schedule++) yield { ...of, graph, schedule: of.schedule + schedule }
  }
}

export const SMALLER = [fewerFaults, lessChance, smallerGraphs] as const

type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }
type DraftRegion = Draft<Region>

/** Each differs from the graph by one thing left out; the greatest first. */
function* graphs(graph: Graph): Generator<Graph> {
  const count = allRegions(graph).length
  for (let at = 0; at < count; at++) {
    const size = allRegions(graph)[at]!.nodes.length
    if (size > 1) yield edited(graph, at, region => void dropAll(region))
    for (let index = size - 1; index >= 0; index--) {
      yield edited(graph, at, region => dropNode(region, index))
      for (const inner of regionsOf(allRegions(graph)[at]!.nodes[index]!))
        if (inner[1].nodes.length > 0) yield edited(graph, at, region => lift(region, index, inner[0]))
    }
  }
  if (graph.deadlineMs !== undefined) yield { ...graph, deadlineMs: undefined }
  for (let at = 0; at < count; at++) {
    const { nodes, onFailure } = allRegions(graph)[at]!
    if (onFailure) yield edited(graph, at, region => void delete region.onFailure)
    yield edited(graph, at, region => void (region.result = NOTHING))
    for (const [index, node] of nodes.entries())
      for (const plain of plainer(node)) yield edited(graph, at, region => void (region.nodes[index] = plain))
  }
}

const NOTHING: Expr = { kind: 'literal', value: 0 }

/** The regions of a graph, in an order that a copy of it has, too. */
function allRegions(graph: Graph): Region[] {
  const found: Region[] = []
  const visit = (region: Region): void => {
    found.push(region)
    for (const node of region.nodes) for (const [, inner] of regionsOf(node)) visit(inner)
  }
  visit(graph.root)
  return found
}

function edited(graph: Graph, at: number, edit: (region: DraftRegion) => void): Graph {
  const copy = JSON.parse(JSON.stringify(graph)) as Graph
  const region = allRegions(copy)[at] as DraftRegion
  edit(region)
  return copy
}

function dropAll(region: DraftRegion): void {
  for (let index = region.nodes.length - 1; index >= 0; index--) dropNode(region, index)
}

function dropNode(region: DraftRegion, index: number): void {
  const [dropped] = region.nodes.splice(index, 1)
  if (dropped) forget(region, dropped.id)
}

/** Nothing in the region names the node any more. */
function forget(region: DraftRegion, id: string): void {
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    const fields = value as { [name: string]: unknown }
    if (fields['kind'] === 'node' && fields['node'] === id && fields['up'] === depth) {
      for (const name of Object.keys(fields)) delete fields[name]
      Object.assign(fields, NOTHING)
    }
    if (fields['until'] === id && depth === 0) delete fields['until']
    for (const [name, inner] of Object.entries(fields)) {
      const isInner = typeof inner === 'object' && inner !== null && 'nodes' in inner && 'params' in inner
      const inside = name === 'key' || name === 'guard' || (name === 'condition' && fields['kind'] === 'loop')
      visit(inner, depth + (isInner || inside ? 1 : 0))
    }
  }
  for (const node of region.nodes) {
    const draft = node as Draft<Node>
    draft.after = node.after.filter(each => each !== id)
    visit(node, 0)
  }
  visit(region.result, 0)
}

/** The nodes of an inner region stand in place of the node around them. */
function lift(region: DraftRegion, index: number, label: string): void {
  const owner = region.nodes[index]!
  const [, inner] = regionsOf(owner).find(([each]) => each === label)!
  const lifted = inner.nodes.map(node => JSON.parse(JSON.stringify(node)) as Node)
  const taken = new Set(region.nodes.map(({ id }) => id))
  if (lifted.some(({ id }) => taken.has(id) && id !== owner.id)) {
    // Names that clash get a letter; what names them is looked for in the lifted nodes only.
    const text = JSON.stringify(lifted)
      .replaceAll(/"(id|name|node|task)":"(n\d+x*)"/g, '"$1":"$2x"')
      .replaceAll(/"after":\["(n\d+x*)"\]/g, '"after":["$1x"]')
    lifted.splice(0, lifted.length, ...(JSON.parse(text) as Node[]))
  }
  region.nodes.splice(index, 1, ...lifted)
  forget(region, owner.id)
}

/** The node with one thing less. */
function* plainer(node: Node): Generator<Node> {
  if (node.undo) yield { ...node, undo: undefined }
  if (node.after.length > 0) yield { ...node, after: [] }
  const { policy } = node
  for (const name of Object.keys(policy)) yield { ...node, policy: { ...policy, [name]: undefined } }
  for (const name of OPTIONAL)
    if (name in node && node[name as keyof Node] !== undefined) yield { ...node, [name]: undefined } as Node
  if ('args' in node && Array.isArray(node.args) && node.args.length > 0) yield { ...node, args: [] } as Node
  for (const name of EXPRESSIONS) {
    const expr = node[name as keyof Node] as Expr | undefined
    if (expr && expr.kind !== 'literal') yield { ...node, [name]: NOTHING } as Node
  }
  if (node.kind === 'attempt' && node.handlers.length > 0) yield { ...node, handlers: node.handlers.slice(0, -1) }
  if (node.kind === 'race' || node.kind === 'some' || node.kind === 'any' || node.kind === 'match') {
    const labels = Object.keys(node.arms)
    if (labels.length > 1) {
      const { [labels.at(-1)!]: _, ...arms } = node.arms as { readonly [label: string]: Region }
      yield { ...node, arms } as Node
    }
  }
}
const OPTIONAL = [
  'finalizer',
  'otherwise',
  'key',
  'concurrency',
  'batch',
  'tolerate',
  'until',
  'more',
  'limit',
  'join',
] as const
const EXPRESSIONS = ['condition', 'value', 'items', 'init'] as const
