/** Past runs in a store in memory, from what a simulation of them recorded. */
import { canonicalRegion, type Event } from '../../../src/core/index.ts'
import type { WorkflowDefinition } from '../../../src/dsl/definition.ts'
import { traceCalled } from '../../../src/dsl/workflow.ts'
import { encodeGraph } from '../../../src/run/launch.ts'
import type { Runnable } from '../../../src/run/runnable.ts'
import { backtestRuns, type BacktestRun, type BacktestRunsOptions } from '../../../src/sim/backtest/backtest.ts'
import { parseSelection, selectRuns } from '../../../src/sim/backtest/select.ts'
import { memoryStore } from '../../../src/store/memory.ts'
import type { Renames, RunRow, Store } from '../../../src/store/store.ts'

export interface Recording {
  readonly runnable: Runnable
  readonly run: string
  readonly log: readonly Event[]
  /** Workflows that its flows call. */
  readonly called?: readonly WorkflowDefinition[]
  /** Of a run that was moved: see RunRow. */
  readonly renames?: Renames
}

export async function storeOf(recordings: readonly Recording[]): Promise<Store> {
  const store = memoryStore()
  for (const recording of recordings) await record(store, recording)
  return store
}

async function record(store: Store, { runnable, run, log, called = [], renames }: Recording): Promise<void> {
  const graph = await store.blobs.put(encodeGraph(runnable.graph))
  for (const each of called)
    await store.blobs.put(new TextEncoder().encode(canonicalRegion(traceCalled(each, runnable.bindings))))
  const taken = store.leases.acquire(run)
  if (taken.kind !== 'acquired') throw new Error(`${run} is held`)
  const [first, last] = [log[0], log.at(-1)]
  const row: Omit<RunRow, 'lastSeq'> = {
    run,
    workflow: runnable.name,
    file: runnable.file,
    graph,
    bundle: '',
    args: '',
    status: last?.kind === 'run.ended' ? last.status : 'paused',
    createdAtMs: first?.atMs ?? 0,
    updatedAtMs: last?.atMs ?? 0,
    ...(renames ? { renames } : {}),
  }
  const events = log.map((event): Event => (event.kind === 'run.started' ? { ...event, run } : event))
  await store.append([{ lease: taken.lease, events, row }])
  store.leases.release(taken.lease)
}

export async function replayedBy(
  runnable: Runnable,
  store: Store,
  options: Omit<BacktestRunsOptions, 'store' | 'selected'> & { readonly runs?: string } = {},
): Promise<readonly BacktestRun[]> {
  const { runs = 'all', ...rest } = options
  const selected = selectRuns(store, parseSelection(runs), () => true)
  const found: BacktestRun[] = []
  for await (const each of backtestRuns(runnable, { ...rest, store, selected })) found.push(each)
  return found
}
