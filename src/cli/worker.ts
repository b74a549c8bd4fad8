/** Executors in other threads and processes, and `tutti worker`: the side that is given only bundle and blobs. */
import { existsSync, realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { workerData } from 'node:worker_threads'
import {
  type Executor,
  onion,
  type Pool,
  processes,
  serveAttempts,
  stdioChannel,
  threadChannel,
  threads,
  usesFor,
  valueOptions,
} from '../exec/index.ts'
import { executorBindings } from '../run/bindings.ts'
import { decodeGraph, encodeGraph, recordedReads } from '../run/launch.ts'
import type { Runnable } from '../run/runnable.ts'
import { openBlobs, type Store } from '../store/index.ts'
import { hashBytes } from '../util/hash.ts'
import { refuse } from '../util/diagnostic.ts'
import { openKept } from './file.ts'

/** All that a worker is given, beside the attempts. */
interface WorkerPlan {
  readonly store: string
import { baseOf } from '../values/index.ts'
  readonly file: string
  readonly cwd: string
  readonly graph: string
  readonly bundle: string
  readonly workflow: string
}

export interface Executors {
  readonly byName: { readonly thread: Executor; readonly process: Executor }
  close(): Promise<void>
}

/** Workers are started when the first attempt wants one. */
export function executorsFor(store: Store, runnable: Runnable): Executors {
  const open: Pool[] = []
  const lazily = (make: () => Pool): Executor => {
    let pool: Pool | undefined
    return (attempt, signal, reports) => {
      if (!pool) open.push((pool = make()))
      return pool.execute(attempt, signal, reports)
    }
  }
  // Hashing waits until a worker is wanted: most runs want none.
  const plan = (): WorkerPlan => ({
    store: store.path,
    file: runnable.file,
    cwd: runnable.cwd,
    graph: hashBytes(encodeGraph(runnable.graph)),
    bundle: hashBytes(runnable.bundle ?? new Uint8Array()),
    workflow: runnable.name,
  })
  return {
    byName: {
      thread: lazily(() => threads({ entry: pathToFileURL(entry()), data: plan() })),
      process: lazily(() => processes({ command: [process.execPath, entry(), 'worker', JSON.stringify(plan())] })),
    },
    close: async () => {
      await Promise.all(open.map(pool => pool.close()))
    },
  }
}

/** The command line's own file: `npx` starts it by a link. */
export const entry = (): string => realpathSync(process.argv[1] ?? '')

export const serveThread = (): Promise<void> => serveAttempts(threadChannel(), executorOf(workerData as WorkerPlan))
export function serveProcess(text: string): Promise<void> {
  const plan = JSON.parse(text) as WorkerPlan
  enterFolder(plan.cwd)
  return serveAttempts(stdioChannel(), executorOf(plan))
}

/** Tasks expect the folder of their file, wherever the user stands; a run whose folder has gone stays where it is. */
export function enterFolder(dir: string): void {
  if (existsSync(dir)) process.chdir(dir)
}

/** The bundle is opened once, before the first attempt; why it could not be is the fault of every attempt. */
function executorOf(plan: WorkerPlan): Executor {
  const opened = openPlan(plan).catch(error =>
    onion({ open: () => Promise.reject(error), blobs: openBlobs(plan.store, 'full'), values: { cwd: plan.cwd } }),
  )
  return async (attempt, signal, reports) => (await opened)(attempt, signal, reports)
}

async function openPlan(plan: WorkerPlan): Promise<Executor> {
  const blobs = openBlobs(plan.store, 'full')
  const kept = decodeGraph(await blobs.get(plan.graph))
  const file = await openKept(await blobs.get(plan.bundle), plan.file, await recordedReads(blobs, kept), plan.cwd)
  const { bindings, configurations, definition } = file.runnable(plan.workflow)
  // What only a flow calls is in no graph.
  for (const [address, each] of file.definitions) bindings.definitions.set(address, each)
  const names = executorBindings(bindings, () =>
    refuse('FLOW_ELSEWHERE', 'A flow runs in the process that owns its run', { hint: "Leave executor: 'inline'." }),
  )
  return onion({
    open: async () => names,
    blobs,
    values: valueOptions(configurations, { cwd: plan.cwd, base: baseOf(plan.store, plan.cwd) }),
    use: (_, task) => usesFor(configurations, definition, bindings.definitions.get(task)),
  })
}
