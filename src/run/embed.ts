/** `run(workflow, …)`: Tutti inside any program or test, without the loader. Names are given or derived. */
import { isAbsolute, join } from 'node:path'
import type { Event, Fault, RunStatus, Wait } from '../core/index.ts'
import { definitionOf } from '../dsl/definition.ts'
import type { Out } from '../dsl/types.ts'
import { observe } from '../observe/index.ts'
import { type Durability, openStore, type Store } from '../store/index.ts'
import { reapOrphans } from '../services/index.ts'
import { refuse } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { decodeFault } from '../values/index.ts'
import { checkArguments } from './arguments.ts'
import {
  argumentsHash,
  boundArguments,
  decodeGraph,
  isSameGraph,
  type Launched,
  resumeRun,
  startRun,
  valuesOf,
} from './launch.ts'
import { type Local, openLocal } from './local.ts'
import { newRunId } from './run-id.ts'
import { embeddedRunnable, refuseMissing, type Runnable } from './runnable.ts'

export interface RunOptions<A> {
  /** Arguments by the names of the parameters. */
  readonly args?: A
  /** A folder, or a store that is open already. Default: `.tutti` in the current folder. */
  readonly store?: string | Store
  readonly durability?: Durability
  /** The same id and arguments give the same run: it is resumed, or its result is given again. Default: a new one. */
  readonly id?: string
  /** Attempts in flight at a time. Default 256. */
  readonly slots?: number
  /** Folder where relative paths start. Default: the current one. */
  readonly cwd?: string
  /** Of the whole run, from its start: then it ends timed-out. Instead of the workflow's own. */
  readonly deadline?: Duration
  /**
   * When nothing is left but waiting for signals and timers: 'wait' for them (default), or 'pause', which stays resumable. A
   * run in which only parked steps are left is paused in any case.
   */
  readonly whenIdle?: 'wait' | 'pause'
  /** Pauses the run, which stays resumable. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: Event) => void
}

/** Outcomes of users' work are data; only what is wrong with the call itself is thrown, as a `Refusal`. */
export type RunResult<T> =
  | { readonly kind: 'ended'; readonly run: string; readonly status: 'succeeded'; readonly output: T }
  | {
      readonly kind: 'ended'
      readonly run: string
      readonly status: Exclude<RunStatus, 'succeeded'>
      readonly fault: Fault
      readonly error: unknown
    }
  /** `waiting`: what for, when that is why. */
  | { readonly kind: 'paused'; readonly run: string; readonly waiting: readonly Wait[] }

/** What `run` takes: what `workflow` or `flow` gave. Its result's type is that of the ref that a call gives. */
// biome-ignore lint/suspicious/noExplicitAny: the parameters' types are those of the workflow, whatever they are.
export type AnyWorkflow = (...args: any[]) => unknown
export type ResultOf<W extends AnyWorkflow> = Out<ReturnType<W>>

export async function run<W extends AnyWorkflow>(
  workflow: W,
  options: RunOptions<Readonly<Record<string, unknown>>> = {},
): Promise<RunResult<ResultOf<W>>> {
  const definition = definitionOf(workflow)
  if (!definition || !('body' in definition))
    return refuse('NOT_A_WORKFLOW', 'run() takes what workflow() or flow() gave', {
      hint: 'Wrap the tasks in a workflow.',
    })
  const cwd = options.cwd ?? process.cwd()
  const runnable = embeddedRunnable(definition, cwd)
  refuseMissing(runnable)
  const args = await checkArguments(definition, options.args ?? {})
  return withStore(options, cwd, async store => {
    if (isAbsolute(store.path)) await reapOrphans(store.path)
    const local = openLocal(store, {
      cwd,
      configurations: runnable.configurations,
      ...(options.slots === undefined ? {} : { slots: options.slots }),
      ...(options.whenIdle === undefined ? {} : { whenIdle: options.whenIdle }),
    })
    local.register(runnable)
    const deadlineMs = options.deadline === undefined ? undefined : durationMs(options.deadline)
    try {
      const launched = await begin(local, runnable, { id: options.id ?? newRunId(definition.name), args, deadlineMs })
      return (await followed(local, launched, options)) as RunResult<ResultOf<W>>
    } finally {
      await local.close()
    }
  })
}

async function withStore<T>(
  { store, durability }: Pick<RunOptions<never>, 'store' | 'durability'>,
  cwd: string,
  body: (store: Store) => Promise<T>,
): Promise<T> {
  if (typeof store === 'object') return body(store)
  const opened = await openStore(store ?? join(cwd, '.tutti'), durability === undefined ? {} : { durability })
  try {
    return await body(opened)
  } finally {
    await opened.close()
  }
}

interface Beginning {
  readonly id: string
  readonly args: Readonly<Record<string, unknown>>
  readonly deadlineMs: number | undefined
}

async function begin(local: Local, runnable: Runnable, { id, args, deadlineMs }: Beginning): Promise<Launched> {
  const { store, clock } = local.shell
  const row = store.runs.get(id)
  const deadline = deadlineMs === undefined ? {} : { deadlineAtMs: clock.now() + deadlineMs }
  if (!row) return startRun(local, runnable, id, args, deadline)
  const bound = await boundArguments(valuesOf(store, runnable), runnable.graph, args)
  if (row.args !== argumentsHash(bound))
    refuse('RUN_EXISTS', `There is a run ${id} with other arguments`, { hint: 'Choose another id.' })
  if (!isSameGraph(decodeGraph(await store.blobs.get(row.graph)), runnable.graph)) {
    refuse('GRAPH_CHANGED', `Run ${id} began with another graph of ${runnable.definition.name}`, {
      hint: 'Choose another id, or run the program that it began with.',
    })
  }
  return resumeRun(local, runnable, row)
}

async function followed(
  local: Local,
  launched: Launched,
  options: Pick<RunOptions<never>, 'onEvent' | 'signal'>,
): Promise<RunResult<unknown>> {
  const { session } = launched
  const { store } = local.shell
  const observation =
    options.onEvent && observe(store, { from: 1, run: session.run }, ({ event }) => options.onEvent?.(event))
  const pause = (): void => void session.pause()
  options.signal?.addEventListener('abort', pause, { once: true })
  if (options.signal?.aborted) pause()
  const end = await session.ended
  options.signal?.removeEventListener('abort', pause)
  await observation?.stop()
  if (end.kind === 'broken') throw end.error
  return end.kind === 'paused' ? { kind: 'paused', run: session.run, waiting: end.waiting ?? [] } : resultOf(launched)
}

async function resultOf({ session, values }: Launched): Promise<RunResult<unknown>> {
  const { phase } = session.state
  if (phase.kind !== 'ended') throw new Error('defect: the run has not ended')
  if (phase.status === 'succeeded')
    return {
      kind: 'ended',
      run: session.run,
      status: 'succeeded',
      output: phase.output && (await values.decode(phase.output)),
    }
  const fault = phase.fault ?? { code: 'FAILED', message: 'the run failed' }
  return { kind: 'ended', run: session.run, status: phase.status, fault, error: await decodeFault(fault, values) }
}
