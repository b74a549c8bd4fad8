/** `run(workflow, …)`: Tutti inside any program or test, without the loader. Names are given or derived. */
import { join } from 'node:path'
import type { Event, Fault, RunStatus } from '../core/index.ts'
import { definitionOf } from '../dsl/definition.ts'
import type { Out } from '../dsl/types.ts'
import { observe } from '../observe/index.ts'
import { type Durability, openStore, type Store } from '../store/index.ts'
import { refuse } from '../util/diagnostic.ts'
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
import { embeddedRunnable, type Runnable } from './runnable.ts'

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
  | { readonly kind: 'paused'; readonly run: string }

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
  const args = await checkArguments(definition, options.args ?? {})
  return withStore(options, cwd, async store => {
    const local = openLocal(store, {
      cwd,
      configurations: runnable.configurations,
      ...(options.slots === undefined ? {} : { slots: options.slots }),
    })
    local.register(runnable)
    const launched = await begin(local, runnable, options.id ?? newRunId(definition.name), args)
    return (await followed(local, launched, options)) as RunResult<ResultOf<W>>
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

async function begin(
  local: Local,
  runnable: Runnable,
  id: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Launched> {
  const { store } = local.shell
  const row = store.runs.get(id)
  if (!row) return startRun(local, runnable, id, args)
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
  return end.kind === 'paused' ? { kind: 'paused', run: session.run } : resultOf(launched)
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
