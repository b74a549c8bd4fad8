/** What a fuzz run was made of: sizes, kinds, faults and ends, counted, so that "random" can be looked at. */
import { type Graph, type NodeKind, type Region, regionsOf } from '../../src/core/graph/graph.ts'
import type { Case } from './check.ts'
import { FAULT_KINDS } from './faults.ts'
import { KINDS } from './generate.ts'
import type { World } from './world.ts'

/** Counts that can be added up over threads. */
export interface Census {
  graphs: number
  nodes: number[]
  depths: number[]
  events: number[]
  /** Graphs that have the kind. */
  kinds: { [kind: string]: number }
  /** Runs to which the fault has happened. */
  faults: { [kind: string]: number }
  ends: { [status: string]: number }
}

export const newCensus = (): Census => ({
  graphs: 0,
  nodes: [],
  depths: [],
  events: [],
  kinds: {},
  faults: {},
  ends: {},
})

export function count(census: Census, { graph }: Case, world: World): void {
  const { nodes, depth, kinds } = sizeOf(graph)
  census.graphs += 1
  census.nodes.push(nodes)
  census.depths.push(depth)
  census.events.push(world.log.length)
  for (const kind of kinds) add(census.kinds, kind)
  for (const kind of new Set(world.happened.map(fault => fault.kind))) add(census.faults, kind)
  if (world.state.phase.kind === 'ended') add(census.ends, world.state.phase.status)
}

export function sum(into: Census, other: Census): void {
  into.graphs += other.graphs
  for (const name of ['nodes', 'depths', 'events'] as const) for (const each of other[name]) into[name].push(each)
  for (const name of ['kinds', 'faults', 'ends'] as const)
    for (const [kind, many] of Object.entries(other[name])) add(into[name], kind, many)
}

const add = (counts: { [name: string]: number }, name: string, many = 1): void =>
  void (counts[name] = (counts[name] ?? 0) + many)

/** `depth`: regions around the deepest node, its own included. */
export function sizeOf(graph: Graph): {
  readonly nodes: number
  readonly depth: number
  readonly kinds: ReadonlySet<NodeKind>
} {
  const kinds = new Set<NodeKind>()
  let [nodes, deepest] = [0, 0]
  const visit = (region: Region, depth: number): void => {
    for (const node of region.nodes) {
      nodes += 1
      deepest = Math.max(deepest, depth)
      kinds.add(node.kind)
      for (const [, inner] of regionsOf(node)) visit(inner, depth + 1)
    }
  }
  visit(graph.root, 1)
  return { nodes, depth: deepest, kinds }
}

export function showCensus({ graphs, nodes, depths, events, kinds, faults, ends }: Census): string {
  const share = (many = 0): string => `${Math.round((many / graphs) * 100)}%`
  const list = (names: readonly string[], counts: { readonly [name: string]: number }): string =>
    names.map(name => `${name} ${share(counts[name])}`).join(', ')
  return [
    `nodes    ${spread(nodes)}`,
    `depth    ${spread(depths)}`,
    `events   ${spread(events)}`,
    `kinds    ${list(KINDS, kinds)} of graphs`,
    `faults   ${list(FAULT_KINDS, faults)} of runs`,
    `ends     ${list(Object.keys(ends).sort(), ends)}`,
  ].join('\n')
}

export const quantile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))] ?? 0

const spread = (numbers: readonly number[]): string =>
  `${quantile(numbers, 0)} to ${quantile(numbers, 1)}, median ${quantile(numbers, 0.5)}, of ten nine at most ${quantile(numbers, 0.9)}`
