/**
 * A run's state and what it already knows, from its log. A run that was moved is folded with the graph that it has now; its
 * earlier lives, which may have been those of others, only tell what they knew.
 */
import { deserialize, serialize } from 'node:v8'
import {
  apply,
  compile,
  emptyState,
  type Event,
  type Graph,
  heir,
  inherit,
  newHeritage,
  newLogFold,
  type Note,
  type Region,
  restoreSnapshot,
  type Snapshot,
  type State,
  takeSnapshot,
} from '../core/index.ts'
import type { RunRow, Store } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import type { ValueStore } from '../values/index.ts'
import { decodeGraph, loadRegion } from './kept-graph.ts'
import { type Forgetting, type KnownOutcomes, newRecollection, NOTHING_KNOWN } from './known.ts'

/** A snapshot after so many events bounds what a recovery folds. */
const SNAPSHOT_EVENTS = 50_000

export interface Recovered {
  readonly state: State
  readonly library: Map<string, Region>
}

/** `graph`: as the row names it. */
export interface Past {
  readonly store: Store
  readonly row: Pick<RunRow, 'run' | 'graph'>
  readonly graph: Graph
}

/** A state as it is kept: of what graph, since a run that was moved meanwhile is another one. */
interface KeptState {
  readonly graph: Hash
  readonly snapshot: Snapshot
}

export function snapshotTaker(store: Store, { run, graph }: Past['row'], state: State): () => void {
  let next = state.eventCount + SNAPSHOT_EVENTS
  return () => {
    if (state.eventCount < next) return
    next = state.eventCount + SNAPSHOT_EVENTS
    store.snapshots.put(run, store.head(), encodeState({ graph, snapshot: takeSnapshot(state) }))
  }
}

export const encodeState = (kept: KeptState): Uint8Array => serialize(kept)

/** Folds the run's log, from its newest snapshot on: a run of a million events is recovered in the time of the last ones. */
export async function recover({ store, row, graph }: Past): Promise<Recovered> {
  const library = new Map<string, Region>()
  const program = compile(graph, library)
  const kept = keptState(store, row)
  if (!kept) return fromItsBeginning(store, row, library, newLogFold(program))
  for (const unit of kept.snapshot.units) if (unit.kind === 'call') await loadRegion(store, library, unit.target)
  const state = restoreSnapshot(program, kept.snapshot)
  for await (const { event } of store.read({ run: row.run, from: kept.seq + 1 })) {
    await loadCalled(store, library, event)
    apply(state, event)
  }
  return { state, library }
}

async function fromItsBeginning(
  store: Store,
  { run }: Past['row'],
  library: Map<string, Region>,
  fold: ReturnType<typeof newLogFold>,
): Promise<Recovered> {
  for await (const { event } of store.read({ run, from: 1 })) {
    await loadCalled(store, library, event)
    fold.add(event)
  }
  return { state: fold.state(), library }
}

function keptState(store: Store, { run, graph }: Past['row']): (KeptState & { readonly seq: number }) | undefined {
  const latest = store.snapshots.latest(run)
  // Written by `snapshotTaker`, and its digest was right.
  const kept = latest && (deserialize(latest.bytes) as KeptState)
  return latest && kept && kept.graph === graph ? { ...kept, seq: latest.seq } : undefined
}

const loadCalled = async (store: Store, library: Map<string, Region>, event: Event): Promise<void> => {
  if ('call' in event && event.call) await loadRegion(store, library, event.call.target)
}

/** What the run may still answer from before its last redrive. A run that was never redriven has it all in its state. */
export async function knownOf(past: Past, state: State, values: ValueStore): Promise<KnownOutcomes> {
  const wasRedriven = state.attemptBase > 0
  return wasRedriven ? recollect(past, values, 'before the last redrive') : NOTHING_KNOWN
}

/** Reads the whole log once more: what follows from an event (who lost a race) is told by folding it only. */
export async function recollect(
  past: Past,
  values: ValueStore,
  until: Forgetting | 'before the last redrive',
): Promise<KnownOutcomes> {
  const { store, row } = past
  const lives = await graphsOfLives(past)
  const library = new Map<string, Region>()
  const programs = lives.map(graph => compile(graph, library))
  const recollection = newRecollection(lives[0]!, await values.encode(undefined, { task: row.run }))
  const heritage = newHeritage()
  let life = 0
  let state = emptyState(programs[0]!)
  let before = NOTHING_KNOWN
  for await (const { event } of store.read({ run: row.run })) {
    await loadCalled(store, library, event)
    const notes: Note[] = []
    if (event.kind === 'run.redriven') {
      if (until === 'before the last redrive') before = recollection.known(event)
      life += 1
      state = heir(programs[life]!, heritage)
    }
    inherit(heritage, event)
    apply(state, event, notes)
    recollection.add(event, notes)
    if (event.kind === 'run.redriven') recollection.live(lives[life]!)
  }
  return until === 'before the last redrive' ? before : recollection.known(until)
}

/** The graph of each life of the run: the last one that it was moved to while it lived. */
async function graphsOfLives({ store, row, graph }: Past): Promise<readonly Graph[]> {
  const lives: Hash[] = []
  for await (const { event } of store.read({ run: row.run })) {
    if (event.kind === 'run.started') lives.push(event.graph)
    else if (event.kind === 'run.redriven') lives.push(lives.at(-1) ?? row.graph)
    else if (event.kind === 'run.moved') lives[lives.length - 1] = event.graph
  }
  const known = new Map<Hash, Graph>([[row.graph, graph]])
  for (const hash of lives) if (!known.has(hash)) known.set(hash, decodeGraph(await store.blobs.get(hash)))
  return lives.length === 0 ? [graph] : lives.map(hash => known.get(hash)!)
}
