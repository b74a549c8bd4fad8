/** Executors in other threads and processes, and `tutti worker`: the side that is given only bundle and blobs. */
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { workerData } from 'node:worker_threads'
import {
  type Attempt,
  type Executor,
  type Middleware,
  onion,
  type Pool,
  processes,
  see,
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
import { findSight, traced, type Tracer } from '../sight/strace.ts'
import { openWindow } from '../sight/window.ts'
import { openBlobs, type Store } from '../store/index.ts'
import { baseOf } from '../values/index.ts'
import { hashBytes } from '../util/hash.ts'
import { type Diagnostic, refuse } from '../util/diagnostic.ts'
import { openKept } from './file.ts'

/** All that a worker is given, beside the attempts. */
interface WorkerPlan {
  readonly store: string
  readonly file: string
  readonly cwd: string
  readonly graph: string
  readonly bundle: string
  readonly workflow: string
  /** Set when the worker is watched: the log of what it does, and whose part in it is told. */
  readonly sight?: { readonly log: string; readonly sees: Sees }
}

/** What is watched: attempts whose task says so, or all. */
type Sees = 'inferred' | 'all'

export interface Executors {
  readonly byName: { readonly thread: Executor; readonly process: Executor }
  /** Runs in workers that are watched what is to be seen. Where nothing can be watched: runs it as it is, and says so. */
  readonly watch: Middleware
  close(): Promise<void>
}

/** Workers are started when the first attempt wants one. */
export function executorsFor(store: Store, runnable: Runnable, sees: Sees = 'inferred'): Executors {
  const open: Pool[] = []
  const logs = lazyFolder('tutti-sight-')
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
  const command = (given: WorkerPlan) => [process.execPath, entry(), 'worker', JSON.stringify(given)] as const
  const watched = (tracer: Tracer): Pool => {
    let workers = 0
    const start = () => {
      const log = join(logs.path(), String(++workers))
      const [file, ...args] = command({ ...plan(), sight: { log, sees } })
      const seen = traced(tracer, { file, args, cwd: process.cwd(), env: process.env }, { log, argv: 'unseen' })
      return [seen.file, ...seen.args] as const
    }
    return processes({ command: start })
  }
  return {
    watch: watchBy(
      attempt => isSeen(sees, attempt) && !isFlow(runnable, attempt),
      async () => {
        const sight = await findSight()
        return sight.kind === 'ready' ? { ...sight, executor: lazily(() => watched(sight.tracer)) } : sight
      },
    ),
    byName: {
      thread: lazily(() => threads({ entry: pathToFileURL(entry()), data: plan() })),
      process: lazily(() => processes({ command: command(plan()) })),
    },
    close: async () => {
      await Promise.all(open.map(pool => pool.close()))
      logs.remove()
    },
  }
}

function lazyFolder(prefix: string): { path(): string; remove(): void } {
  let made: string | undefined
  return {
    path: () => (made ??= mkdtempSync(join(realpathSync(tmpdir()), prefix))),
    remove: () => {
      if (made !== undefined) rmSync(made, { recursive: true, force: true })
    },
  }
}

type Watching =
  | { readonly kind: 'ready'; readonly executor: Executor }
  | { readonly kind: 'blocked'; readonly problem: Diagnostic }

function watchBy(isWatched: (attempt: Attempt) => boolean, look: () => Promise<Watching>): Middleware {
  let looked: Promise<Watching> | undefined
  let isTold = false
  return next => (attempt, signal, reports) => {
    if (!isWatched(attempt)) return next(attempt, signal, reports)
    looked ??= look()
    return looked.then(watching => {
      if (watching.kind === 'ready') return watching.executor(attempt, signal, reports)
      const { message, hint } = watching.problem
      if (!isTold)
        reports.line('stderr', `warning: INPUTS_UNSEEN: ${message}; results with inferred inputs are not kept. ${hint}`)
      isTold = true
      return next(attempt, signal, reports)
    })
  }
}

const isSeen = (sees: Sees, { policy, work }: Attempt): boolean =>
  (work.kind === 'task' || work.kind === 'effect') && (sees === 'all' || policy.inputs?.kind === 'inferred')

/** Its body is only run where its run is; what it calls is watched. */
const isFlow = ({ bindings }: Runnable, { work }: Attempt): boolean =>
  work.kind === 'task' && bindings.definitions.get(work.task)?.kind === 'flow'

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
  const { sight } = plan
  const inner =
    sight &&
    see({
      window: openWindow(sight.log, { cwd: plan.cwd }),
      sees: attempt => isSeen(sight.sees, attempt),
      store: plan.store,
      program: dirname(entry()),
    })
  const names = executorBindings(bindings, () =>
    refuse('FLOW_ELSEWHERE', 'A flow runs in the process that owns its run', { hint: "Leave executor: 'inline'." }),
  )
  return onion({
    open: async () => names,
    blobs,
    values: valueOptions(configurations, { cwd: plan.cwd, base: baseOf(plan.store, plan.cwd) }),
    use: (_, task) => usesFor(configurations, definition, bindings.definitions.get(task)),
    ...(inner ? { inner } : {}),
  })
}
