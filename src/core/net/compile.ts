/** Region -> Net, in two passes: count the arcs, then fill the rows. O(nodes + edges), no array of arrays. */
import { dependenciesOf } from '../graph/dependencies.ts'
import { type Node, type Region, regionsOf } from '../graph/graph.ts'
import { BEGIN, END, EXIT, FINISH, type Net, ROLES, type RoleKind, runningPlace, START } from './net.ts'

/**
 * The net of one scope of `region`. The region has passed the validator: ids are unique and dependencies have no cycle.
 * Every dependency is one edge; so is the way from `begin` to a node that waits for nobody, and from a node that nobody
 * waits for to `end`.
 */
export function compileRegion(region: Region): Net {
  const arcs = isVoidable(region) ? voidableArcs(region) : plainArcs(region)
  const transitionCount = arcs.roles.length
  const [preStart, pre] = rows(arcs.inputs, transitionCount)
  const [postStart, post] = rows(arcs.outputs, transitionCount)
  const [consumerStart, consumers] = rows(flipped(arcs.inputs), arcs.placeCount)
  return {
    placeCount: arcs.placeCount,
    transitionCount,
    preStart,
    pre,
    postStart,
    post,
    consumerStart,
    consumers,
    roles: Uint8Array.from(arcs.roles),
    owners: Int32Array.from(arcs.owners),
    openOf: Uint32Array.from(arcs.openOf),
    isVoidable: arcs.isVoidable,
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Whether a node may go on running after it has passed. */
export function lingers(node: DistributiveOmit<Node, 'policy' | 'undo'>): boolean {
  switch (node.kind) {
    case 'scope':
      return node.join === 'detached'
    case 'some':
      return node.rest === 'detach'
    case 'each':
      return node.until?.rest === 'detach'
    default:
      return false
  }
}

/** Whether a step of the region may be given up while the others go on. */
const isVoidable = (region: Region): boolean => region.onFailure === 'finish' || holdsSkipInto(region, 0)

/** Whether a `cancel` somewhere below withdraws a step of the region that is `depth` regions up. */
const holdsSkipInto = (region: Region, depth: number): boolean =>
  region.nodes.some(
    node =>
      (node.kind === 'cancel' && node.dependents === 'skip' && node.target.up === depth) ||
      regionsOf(node).some(([, nested]) => holdsSkipInto(nested, depth + 1)),
  )

/** Pairs (from, to), flat: even positions are the row, odd ones its entry. */
type Pairs = number[]

interface Arcs {
  readonly isVoidable: boolean
  placeCount: number
  /** (transition, place it consumes from) */
  readonly inputs: Pairs
  /** (transition, place it produces on) */
  readonly outputs: Pairs
  readonly roles: number[]
  readonly owners: number[]
  readonly openOf: number[]
}

const ROLE_INDEX = Object.fromEntries(ROLES.map((role, index) => [role, index])) as { readonly [K in RoleKind]: number }

function newArcs(region: Region, voidable: boolean): Arcs {
  const arcs: Arcs = {
    isVoidable: voidable,
    placeCount: 3 + region.nodes.length,
    inputs: [],
    outputs: [],
    roles: [],
    owners: [],
    openOf: [],
  }
  addTransition(arcs, 'begin', -1)
  addTransition(arcs, 'end', -1)
  arcs.inputs.push(BEGIN, START)
  return arcs
}

function addTransition(arcs: Arcs, role: RoleKind, owner: number): number {
  arcs.roles.push(ROLE_INDEX[role])
  arcs.owners.push(owner)
  return arcs.roles.length - 1
}

/** For each node the indices of those that it waits for, and which nodes somebody waits for. */
function edgesOf(region: Region): { readonly before: readonly (readonly number[])[]; readonly isAwaited: Uint8Array } {
  const indexOf = new Map(region.nodes.map((node, index) => [node.id, index]))
  const isAwaited = new Uint8Array(region.nodes.length)
  const before = region.nodes.map(node =>
    dependenciesOf(node).map(id => {
      const source = indexOf.get(id) ?? 0
      isAwaited[source] = 1
      return source
    }),
  )
  return { before, isAwaited }
}

function plainArcs(region: Region): Arcs {
  const arcs = newArcs(region, false)
  const { inputs, outputs } = arcs
  const { before, isAwaited } = edgesOf(region)
  outputs.push(FINISH, END)
  const connect = (from: number, to: number): void => {
    const place = arcs.placeCount++
    outputs.push(from, place)
    inputs.push(to, place)
  }

  region.nodes.forEach((node, index) => {
    const open = addTransition(arcs, 'open', index)
    const pass = addTransition(arcs, 'pass', index)
    const fail = addTransition(arcs, 'fail', index)
    arcs.openOf.push(open)
    inputs.push(pass, runningPlace(index), fail, runningPlace(index))
    outputs.push(open, runningPlace(index), fail, EXIT)
    if (lingers(node)) {
      const drain = addTransition(arcs, 'drain', index)
      const spill = addTransition(arcs, 'spill', index)
      const lingering = arcs.placeCount++
      outputs.push(pass, lingering, spill, EXIT)
      inputs.push(drain, lingering, spill, lingering)
      connect(drain, FINISH)
    }
  })
  before.forEach((sources, index) => {
    const open = arcs.openOf[index]!
    if (sources.length === 0) connect(BEGIN, open)
    for (const source of sources) connect(arcs.openOf[source]! + 1, open)
  })
  if (region.nodes.length === 0) connect(BEGIN, FINISH)
  isAwaited.forEach((awaited, index) => {
    if (awaited === 0) connect(arcs.openOf[index]! + 1, FINISH)
  })
  return arcs
}

/** The two places of an edge in a voidable net. */
interface Edge {
  readonly ok: number
  readonly void: number
}

function voidableArcs(region: Region): Arcs {
  const arcs = newArcs(region, true)
  const { inputs, outputs } = arcs
  const { before, isAwaited } = edgesOf(region)
  const newEdge = (): Edge => {
    const ok = arcs.placeCount
    arcs.placeCount += 2
    return { ok, void: ok + 1 }
  }
  const finishes = region.onFailure === 'finish'
  const toEnd: Edge[] = []

  region.nodes.forEach((node, index) => {
    const open = addTransition(arcs, 'open', index)
    const pass = addTransition(arcs, 'pass', index)
    const fail = addTransition(arcs, 'fail', index)
    const withdrawn = addTransition(arcs, 'void', index)
    addTransition(arcs, 'skip', index)
    arcs.openOf.push(open)
    for (const ending of [pass, fail, withdrawn]) inputs.push(ending, runningPlace(index))
    outputs.push(open, runningPlace(index))
    if (!finishes) outputs.push(fail, EXIT)
    if (lingers(node)) {
      const drain = addTransition(arcs, 'drain', index)
      const spill = addTransition(arcs, 'spill', index)
      const lingering = arcs.placeCount++
      const edge = newEdge()
      toEnd.push(edge)
      outputs.push(pass, lingering, drain, edge.ok, spill, finishes ? edge.void : EXIT)
      inputs.push(drain, lingering, spill, lingering)
      // Withdrawn or failed before it has passed, nothing lingers; its edge must come all the same.
      outputs.push(withdrawn, edge.void, open + 4, edge.void)
      if (finishes) outputs.push(fail, edge.void)
    }
  })

  /** Node `source` says on the edge how it ended. */
  const fill = (source: number, edge: Edge): void => {
    const open = arcs.openOf[source]!
    outputs.push(open + 1, edge.ok, open + 3, edge.void, open + 4, edge.void)
    if (finishes) outputs.push(open + 2, edge.void)
  }
  /** One edge for many: ok when all are. */
  const joined = (edges: readonly Edge[]): Edge =>
    edges.reduce((sum, next) => {
      const both = newEdge()
      const pairs = [
        [sum.ok, next.ok, both.ok],
        [sum.ok, next.void, both.void],
        [sum.void, next.ok, both.void],
        [sum.void, next.void, both.void],
      ] as const
      for (const [left, right, out] of pairs) {
        const join = addTransition(arcs, 'join', -1)
        inputs.push(join, left, join, right)
        outputs.push(join, out)
      }
      return both
    })

  before.forEach((sources, index) => {
    const open = arcs.openOf[index]!
    const edges = sources.length === 0 ? [newEdge()] : sources.map(() => newEdge())
    if (sources.length === 0) outputs.push(BEGIN, edges[0]!.ok)
    for (const [at, source] of sources.entries()) fill(source, edges[at]!)
    const edge = joined(edges)
    inputs.push(open, edge.ok, open + 4, edge.void)
  })
  isAwaited.forEach((awaited, index) => {
    if (awaited !== 0) return
    const edge = newEdge()
    fill(index, edge)
    toEnd.push(edge)
  })
  if (toEnd.length === 0) {
    const edge = newEdge()
    outputs.push(BEGIN, edge.ok)
    toEnd.push(edge)
  }
  const last = joined(toEnd)
  const endVoid = addTransition(arcs, 'end-void', -1)
  const endFailed = addTransition(arcs, 'end-failed', -1)
  inputs.push(FINISH, last.ok, endVoid, last.void, endFailed, last.void)
  outputs.push(FINISH, END, endVoid, END, endFailed, EXIT)
  return arcs
}

function flipped(pairs: Pairs): Pairs {
  const result: Pairs = new Array(pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    result[i] = pairs[i + 1] ?? 0
    result[i + 1] = pairs[i] ?? 0
  }
  return result
}

function rows(pairs: Pairs, rowCount: number): readonly [start: Uint32Array, entries: Uint32Array] {
  const start = new Uint32Array(rowCount + 1)
  for (let i = 0; i < pairs.length; i += 2) start[(pairs[i] ?? 0) + 1]! += 1
  for (let row = 0; row < rowCount; row++) start[row + 1]! += start[row]!
  const next = start.slice()
  const entries = new Uint32Array(pairs.length / 2)
  for (let i = 0; i < pairs.length; i += 2) entries[next[pairs[i] ?? 0]!++] = pairs[i + 1] ?? 0
  return [start, entries]
}
