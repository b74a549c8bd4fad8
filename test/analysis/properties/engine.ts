/** The engine's word on properties: all that it can do in a free world, step by step, and what of a property is true of that. */
import {
  compile,
  emptyState,
  type Graph,
  type Note,
  type PlacedProperty,
  restoreSnapshot,
  type State,
  takeSnapshot,
} from '../../../src/core/index.ts'
import { idOf, placeAt, ScopeStatus, Status, unitOf } from '../../../src/core/engine/state.ts'
import { keyOf } from '../engine-key.ts'
import { ownerOf, pathOf } from '../engine-paths.ts'
import { beginning, faultsOf, inputsTo, LATE, submit } from '../engine-world.ts'
import { afterEvents, type Happening, type History, isOwedForEver, isOwing, START } from './history.ts'

/** What a step does, by the path of the graph. */
interface Happened {
  readonly path: string
  readonly what: 'begins' | 'done'
}

interface Edge {
  readonly to: number
  readonly happened: readonly Happened[]
}

/** All that the engine can do. */
export interface Doings {
  readonly first: readonly Happened[]
  readonly edges: readonly (readonly Edge[])[]
  /** By state, the paths of the instances that run, one entry each. */
  readonly running: readonly (readonly string[])[]
  readonly ended: readonly ('succeeded' | 'failed' | '')[]
}

export function doingsOf(graph: Graph, statesMax: number): Doings | undefined {
  const program = compile(graph)
  const faults = faultsOf(graph)
  const known = new Map<string, number>()
  const pending: State[] = []
  const edges: Edge[][] = []
  const running: (readonly string[])[] = []
  const ended: Doings['ended'][number][] = []
  const reach = (state: State): number => {
    const key = keyOf(state)
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, pending.length)
    edges.push([])
    running.push([...begunIn(state).keys()].map(step => pathOf(graph, step)))
    ended.push(state.phase.kind !== 'ended' ? '' : state.phase.status === 'succeeded' ? 'succeeded' : 'failed')
    return pending.push(state) - 1
  }
  const initial = emptyState(program)
  const notes: Note[] = []
  submit(initial, beginning(graph), notes)
  const first = happenedIn(graph, new Map(), initial, notes)
  reach(initial)
  for (let at = 0; at < pending.length; at++) {
    if (pending.length > statesMax) return undefined
    const state = pending[at]!
    if (state.phase.kind === 'ended') continue
    const before = begunIn(state)
    const snapshot = takeSnapshot(state)
    for (const input of inputsTo(state, faults, LATE)) {
      const after = restoreSnapshot(program, snapshot)
      const notes: Note[] = []
      if (submit(after, input, notes))
        edges[at]!.push({ to: reach(after), happened: happenedIn(graph, before, after, notes) })
    }
  }
  return { first, edges, running, ended }
}

/** Steps that go on, with their status. */
function begunIn(state: State): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    const count = unitOf(state, scope).region.nodes.length
    for (let node = 0; node < count; node++) {
      const place = placeAt(state, scope, node)
      const status = state.steps.status[place.row]!
      // Before its first attempt it only waits for a slot.
      const isBegun = status === Status.waiting ? state.steps.attempt[place.row]! > 0 : BEGUN.has(status)
      if (isBegun) found.set(idOf(state, place), status)
    }
  }
  return found
}

const BEGUN: ReadonlySet<number> = new Set([
  Status.running,
  Status.evaluating,
  Status.spawned,
  Status.draining,
  Status.sleeping,
  Status.backingOff,
  Status.parked,
  Status.lingering,
])

function happenedIn(
  graph: Graph,
  before: ReadonlyMap<string, number>,
  after: State,
  notes: readonly Note[],
): readonly Happened[] {
  const begun = new Set(before.keys())
  const found: Happened[] = []
  const begin = (step: string): void => {
    if (begun.has(step)) return
    begun.add(step)
    found.push({ path: pathOf(graph, step), what: 'begins' })
  }
  for (const note of notes) {
    if (note.kind === 'entered' && note.scope !== '' && !note.scope.includes('.undo')) begin(ownerOf(note.scope))
    if (note.kind !== 'rested' || (note.how !== 'passed' && note.how !== 'lingers')) continue
    if (before.get(note.step) === Status.lingering) continue
    begin(note.step)
    found.push({ path: pathOf(graph, note.step), what: 'done' })
  }
  for (const step of begunIn(after).keys()) begin(step)
  return found
}

/** What the engine says of one property. */
export function engineSays(
  { first, edges, running, ended }: Doings,
  { property, meant }: PlacedProperty,
): 'holds' | 'violated' {
  const [a, b] = meant.map(paths => new Set(paths))
  const states: { readonly at: number; readonly history: History }[] = []
  const known = new Map<string, number>()
  const next: number[][] = []
  const reach = (at: number, history: History): number => {
    const seen = look(running[at]!, history)
    const key = `${at} ${JSON.stringify(seen)}`
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, states.length)
    next.push([])
    return states.push({ at, history: seen }) - 1
  }
  const passing = (happened: readonly Happened[], history: History): History =>
    happened.reduce((sum, each) => afterEvents(property, sum, happeningOf(each)), history)
  reach(0, passing(first, START))
  for (let index = 0; index < states.length; index++) {
    const { at, history } = states[index]!
    for (const { to, happened } of edges[at]!) {
      let after = passing(happened, history)
      if (ended[to] === 'succeeded') after = afterEvents(property, after, new Set(['succeeds']))
      if (ended[to] === 'failed') after = afterEvents(property, after, new Set(['fails']))
      next[index]!.push(reach(to, after))
    }
  }
  const isBroken = states.some(({ history }) => history.broken)
  if (property.kind === 'reachable') return isBroken ? 'holds' : 'violated'
  const owed = states.map(({ history }) => isOwing(property, history))
  return isBroken || isOwedForEver(owed, next) ? 'violated' : 'holds'

  function happeningOf({ path, what }: Happened): ReadonlySet<Happening> {
    const found = new Set<Happening>()
    if (a?.has(path)) found.add(what === 'begins' ? 'aBegins' : 'aDone')
    if (b?.has(path)) found.add(what === 'begins' ? 'bBegins' : 'bDone')
    return found
  }

  function look(paths: readonly string[], history: History): History {
    if (property.kind === 'atMost')
      return paths.filter(path => a?.has(path)).length > property.count ? { ...history, broken: true } : history
    if (property.kind !== 'never') return history
    const isBoth = paths.some((one, left) =>
      paths.some((other, right) => left !== right && a?.has(one) && b?.has(other)),
    )
    return isBoth ? { ...history, broken: true } : history
  }
}
