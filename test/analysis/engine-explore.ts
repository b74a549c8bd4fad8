/**
 * The engine as the judge of the analysis: every state that it can come to in a free world, breadth first, and what can be said
 * of them all. Knows nothing of the nets that the analysis makes.
 */
import {
  compile,
  emptyState,
  type Graph,
  type Input,
  type Node,
  type Note,
  restoreSnapshot,
  type State,
  takeSnapshot,
} from '../../src/core/index.ts'
import { type NetState, NONE, ScopeStatus, Status, unitOf } from '../../src/core/engine/state.ts'
import { beginning, faultsOf, inputsTo, LATE, submit, type World } from './engine-world.ts'
import { keyOf, openSteps } from './engine-key.ts'
import { nodesByPath, ownerOf, pathOf } from './engine-paths.ts'

export type Explored =
  | {
      readonly kind: 'explored'
      readonly states: number
      /** Nothing can happen any more, and the run has not ended: the shortest way there. */
      readonly stuck: Way | undefined
      /** The end cannot be reached any more unless something fails, though something can happen. */
      readonly endless: Way | undefined
      /** Steps of the graph, by path, that begin in no run. */
      readonly dead: readonly string[]
      /** Nodes `net` that can get stuck, or go round within one event, and such that can have more tokens than the one on their end: which is no fault. */
      readonly netsStuck: ReadonlyMap<string, Way>
      readonly netsImproper: ReadonlyMap<string, Way>
    }
  | { readonly kind: 'too-large'; readonly states: number }

export interface Way {
  readonly inputs: readonly Input[]
  /** Steps that are open there. */
  readonly open: readonly string[]
}

interface Search {
  readonly graph: Graph
  readonly nodes: ReadonlyMap<string, Node>
  readonly before: number[]
  readonly by: Input[]
  readonly begun: Set<string>
  readonly netsStuck: Map<string, Way>
  readonly netsImproper: Map<string, Way>
}

export interface ExploreLimits {
  readonly statesMax: number
  /** Default: the one in which most can happen. */
  readonly world?: World
}

export function exploreEngine(
  graph: Graph,
  { statesMax, world = LATE }: ExploreLimits = { statesMax: 4_000 },
): Explored {
  const program = compile(graph)
  const faults = faultsOf(graph)
  const search: Search = {
    graph,
    nodes: nodesByPath(graph),
    before: [NONE],
    by: [beginning(graph)],
    begun: new Set(),
    netsStuck: new Map(),
    netsImproper: new Map(),
  }
  const first = emptyState(program)
  const indices = new Map<string, number>()
  const pending: State[] = []
  const next: number[][] = []
  const ended: number[] = []
  let stuck: Way | undefined

  const reach = (state: State, from: number, input: Input): void => {
    const key = keyOf(state)
    const known = indices.get(key)
    const index = known ?? pending.length
    if (from !== NONE && !isFailure(input)) next[from]!.push(index)
    if (known !== undefined) return
    indices.set(key, index)
    search.before[index] = from
    search.by[index] = input
    pending.push(state)
    next.push([])
  }

  note(search, first, NONE, beginning(graph))
  reach(first, NONE, beginning(graph))
  for (let at = 0; at < pending.length; at++) {
    if (pending.length > statesMax) return { kind: 'too-large', states: pending.length }
    const state = pending[at]!
    if (state.phase.kind === 'ended') {
      ended.push(at)
      continue
    }
    const inputs = inputsTo(state, faults, world)
    const snapshot = takeSnapshot(state)
    if (inputs.length === 0) stuck ??= wayTo(search, at, state)
    for (const input of inputs) {
      const after = restoreSnapshot(program, snapshot)
      if (note(search, after, at, input)) reach(after, at, input)
    }
    // What has been expanded is not needed any more; a way is told by its inputs.
    pending[at] = first
  }
  const lost = unreaching(next, ended)
  const endless = lost === undefined || stuck ? undefined : { inputs: inputsOf(search, lost), open: [] }
  return {
    kind: 'explored',
    states: pending.length,
    stuck,
    endless,
    dead: [...search.nodes.keys()].filter(path => !search.begun.has(path)),
    netsStuck: search.netsStuck,
    netsImproper: search.netsImproper,
  }
}

/** Nobody can count on it, so nothing may need it to come to its end. */
function isFailure(input: Input): boolean {
  if (input.kind === 'attempt.finished') return input.outcome.kind === 'failed'
  return 'result' in input && input.result.kind === 'failed'
}

/** The first state from which none of `goals` can be reached. */
function unreaching(next: readonly (readonly number[])[], goals: readonly number[]): number | undefined {
  const before: number[][] = next.map(() => [])
  next.forEach((after, from) => {
    for (const to of after) before[to]!.push(from)
  })
  const reaching = new Uint8Array(next.length)
  const pending = [...goals]
  for (const goal of goals) reaching[goal] = 1
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const from of before[at]!) {
      if (reaching[from] === 1) continue
      reaching[from] = 1
      pending.push(from)
    }
  }
  const lost = reaching.indexOf(0)
  return lost < 0 ? undefined : lost
}

function inputsOf({ before, by }: Search, index: number): readonly Input[] {
  const found: Input[] = []
  for (let at = index; at !== NONE; at = before[at]!) found.push(by[at]!)
  return found.reverse()
}

const wayTo = (search: Search, index: number, state: State): Way => ({
  inputs: inputsOf(search, index),
  open: openSteps(state),
})

/** It can go no further, or goes on for ever within one event. */
const isNetFault = (code: string | undefined): boolean => code === 'NET_STUCK' || code === 'NET_ENDLESS'

/** Lets the input happen and notes what begins and what becomes of nets; false when it was refused. */
function note(search: Search, state: State, from: number, input: Input): boolean {
  const notes: Note[] = []
  const playing = netsIn(state).map(({ step, net, node }) => ({ step, node, last: lastMarking(node, net) }))
  if (!submit(state, input, notes)) return false
  const { graph, begun, nodes } = search
  const way = (): Way => ({ inputs: [...(from === NONE ? [] : inputsOf(search, from)), input], open: openSteps(state) })
  for (const each of notes) {
    if (each.kind === 'entered' && each.scope !== '') begun.add(pathOf(graph, ownerOf(each.scope)))
    if (each.kind !== 'rested') continue
    const path = pathOf(graph, each.step)
    if (hasBegun(nodes.get(path), each.how)) begun.add(path)
    if (each.how === 'failed' && isNetFault(each.fault?.code) && each.fault?.step === each.step)
      keep(search.netsStuck, path, way)
    const last = playing.find(({ step }) => step === each.step)
    if (each.how === 'passed' && last?.last && isImproper(last.node, last.last)) keep(search.netsImproper, path, way)
  }
  for (const { step, node, net } of netsIn(state))
    if (isImproper(node, net.marking, net.open)) keep(search.netsImproper, pathOf(graph, step), way)
  for (const step of begunSteps(state)) begun.add(pathOf(graph, step))
  return true
}

function keep(ways: Map<string, Way>, path: string, way: () => Way): void {
  if (!ways.has(path)) ways.set(path, way())
}

/** Whether a step that has come to rest so has begun before. A milestone that was passed over has passed and never begun. */
function hasBegun(node: Node | undefined, how: Extract<Note, { kind: 'rested' }>['how']): boolean {
  if (node?.kind === 'scope' && node.until !== undefined) return false
  return how === 'passed' || how === 'lingers'
}

type NetNode = Extract<Node, { kind: 'net' }>

interface Playing {
  readonly step: string
  readonly node: NetNode
  readonly net: NetState
}

function netsIn(state: State): readonly Playing[] {
  const found: Playing[] = []
  if (state.groups.size === 0) return found
  eachStep(state, (step, node, row) => {
    const net = state.groups.get(row)
    if (node.kind === 'net' && net?.kind === 'net') found.push({ step, node, net })
  })
  return found
}

/** The marking once the only firing that goes on has ended; undefined while there are several. */
function lastMarking(node: NetNode, { marking, found, open }: NetState): readonly number[] | undefined {
  if (open > 1) return undefined
  const [path = ''] = found.keys()
  const fired = node.transitions.find(({ id }) => path.replace(/(\[\d+\])?\/$/, '').endsWith(`.${id}`))
  return node.places.map(
    (place, index) => marking[index]! + (fired?.produces.filter(each => each === place).length ?? 0),
  )
}

/** The end is marked, and it is not all. */
function isImproper(node: NetNode, marking: readonly number[], open = 0): boolean {
  const end = marking[node.places.indexOf(node.end)]!
  return end > 0 && (open > 0 || marking.reduce((sum, tokens) => sum + tokens, 0) > 1)
}

const BEGUN: ReadonlySet<number> = new Set([
  Status.waiting,
  Status.running,
  Status.evaluating,
  Status.spawned,
  Status.draining,
  Status.sleeping,
  Status.backingOff,
  Status.parked,
  Status.lingering,
])

function begunSteps(state: State): readonly string[] {
  const found: string[] = []
  eachStep(state, (step, _node, row) => {
    if (BEGUN.has(state.steps.status[row]!)) found.push(step)
  })
  return found
}

function eachStep(state: State, visit: (step: string, node: Node, row: number) => void): void {
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    const first = state.scopes.step[scope]!
    for (const [index, node] of unitOf(state, scope).region.nodes.entries())
      visit((state.scopes.path[scope] ?? '') + node.id, node, first + index)
  }
}
