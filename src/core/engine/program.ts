/** A graph made ready to be played: its regions numbered, each with its net. Nested regions are compiled when first entered. */
import { canonicalJson, type Json } from '../../util/json.ts'
import { type Expr, type Graph, type Node, type Region, regionUnder } from '../graph/graph.ts'
import { compileRegion, lingers } from '../net/compile.ts'
import type { Net } from '../net/net.ts'
import type { FlowCall, Library } from './protocol.ts'

export interface Program {
  readonly graph: Graph
  /** Sub-workflows that flows of this run have called, by the hash of their region. Grows while a flow runs. */
  readonly library: Library
  readonly root: Unit
  readonly units: Unit[]
  /** Units of flows' calls, by their shape. */
  readonly calls: Map<string, Unit>
}

/** One region of the program. */
export interface Unit {
  readonly index: number
  readonly region: Region
  readonly net: Net
  readonly nodeIndex: ReadonlyMap<string, number>
  readonly paramIndex: ReadonlyMap<string, number>
  /** 1 for a node that has nothing beside its kind: no deadline, lock, undo, gate; it does not linger. The usual case. */
  readonly isPlain: Uint8Array
  /** Milestones: the scopes that are entered only while a sibling has not begun. */
  readonly gated: readonly number[]
  /** `node index/label` -> unit, filled on first use. */
  readonly nested: Map<string, Unit>
  /** How to find this unit again from a snapshot. */
  readonly origin: UnitOrigin
}

export type UnitOrigin =
  | { readonly kind: 'root' }
  | { readonly kind: 'nested'; readonly parent: number; readonly node: number; readonly label: string }
  | { readonly kind: 'call'; readonly target: FlowCall['target']; readonly argCount: number }

export function compile(graph: Graph, library: Library = new Map()): Program {
  const units: Unit[] = []
  return { graph, library, units, calls: new Map(), root: addUnit(units, graph.root, { kind: 'root' }) }
}

/** The unit of one of a node's regions. */
export function nestedUnit(program: Program, parent: Unit, node: number, label: string): Unit {
  const name = `${node}/${label}`
  const known = parent.nested.get(name)
  if (known) return known
  const owner = nodeAt(parent, node)
  if (label === 'body' && owner.kind === 'call' && owner.recurs !== undefined)
    return enclosingUnit(program, parent, owner.recurs)
  const found = regionUnder(owner, label)
  if (!found) throw new Error(`defect: ${parent.region.nodes[node]?.id} has no region ${label}`)
  const unit = addUnit(program.units, found, { kind: 'nested', parent: parent.index, node, label })
  parent.nested.set(name, unit)
  return unit
}

/** The unit of the region that is `up` regions around `unit`: what a call that recurs enters again. */
function enclosingUnit(program: Program, unit: Unit, up: number): Unit {
  let found = unit
  for (let i = 0; i < up; i++) {
    const outer = found.origin.kind === 'nested' ? program.units[found.origin.parent] : undefined
    if (!outer) throw new Error('defect: a call recurs into a region that is not around it')
    found = outer
  }
  return found
}

/** The unit that a flow's call enters: one node whose arguments are the parameters, or a called workflow's region. */
export function callUnit(program: Program, call: Pick<FlowCall, 'target'>, argCount: number): Unit {
  const { target } = call
  const shape =
    target.kind === 'workflow'
      ? target.region
      : `${argCount}:${canonicalJson({ ...target.node, at: undefined } as unknown as Json)}`
  const known = program.calls.get(shape)
  if (known) return known
  const unit = addUnit(
    program.units,
    target.kind === 'workflow' ? libraryRegion(program, target.region) : singleNodeRegion(target, argCount),
    {
      kind: 'call',
      target,
      argCount,
    },
  )
  program.calls.set(shape, unit)
  return unit
}

/** The id that a flow's call to a definition has in its own scope. */
export const CALLED_NODE = 'step'

function singleNodeRegion(target: Exclude<FlowCall['target'], { kind: 'workflow' }>, argCount: number): Region {
  const params = Array.from({ length: argCount }, (_, index) => String(index))
  const args = params.map(param => ({ kind: 'param', param, up: 0, path: [] }) as const)
  const { name, policy, at } = target.node
  const common = { id: CALLED_NODE, name, after: [], policy, at }
  const node: Node =
    target.kind === 'wait'
      ? { ...common, kind: 'wait', on: waitFor(target.node.on, args[0]) }
      : target.node.kind === 'flow'
        ? { ...common, kind: 'flow', flow: target.node.task, args }
        : { ...common, kind: target.node.kind, task: target.node.task, executor: target.node.executor, args }
  return { params, nodes: [node], result: { kind: 'node', node: CALLED_NODE, up: 0, path: [] } }
}

/** The instant of a flow's wait is the call's argument. */
function waitFor(on: WaitOn, arg: Expr | undefined): WaitOn {
  if (!arg || on.kind === 'signal') return on
  return on.kind === 'timer' ? { kind: 'timer', duration: arg } : { kind: 'instant', instant: arg }
}

type WaitOn = Extract<Node, { kind: 'wait' }>['on']

function libraryRegion(program: Program, hash: string): Region {
  const region = program.library.get(hash)
  if (!region) throw new Error(`defect: the run's library lacks the workflow ${hash}`)
  return region
}

function addUnit(units: Unit[], region: Region, origin: UnitOrigin): Unit {
  const unit: Unit = {
    index: units.length,
    region,
    net: compileRegion(region),
    nodeIndex: new Map(region.nodes.map((node, index) => [node.id, index])),
    paramIndex: new Map(region.params.map((param, index) => [param, index])),
    isPlain: Uint8Array.from(region.nodes, node => (isPlain(node) ? 1 : 0)),
    gated: region.nodes.flatMap((node, index) => (node.kind === 'scope' && node.until !== undefined ? [index] : [])),
    nested: new Map(),
    origin,
  }
  units.push(unit)
  return unit
}

function isPlain({ policy, undo, ...node }: Node): boolean {
  if (undo || policy.deadlineMs !== undefined || policy.locks || lingers(node)) return false
  return node.kind !== 'wait' && node.kind !== 'cancel' && (node.kind !== 'scope' || node.until === undefined)
}

export function nodeAt(unit: Unit, index: number): Node {
  const node = unit.region.nodes[index]
  if (!node) throw new Error(`defect: no node ${index} in unit ${unit.index}`)
  return node
}
