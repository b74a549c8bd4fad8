/**
 * Starting, resuming and redriving runs in a shell. All three are one thing, `run(graph, known outcomes)`: a fresh run knows
 * nothing, a resumed one what is in its log, a redriven one that minus what it is told to do again.
 */
import {
  type Bound,
  compile,
  emptyState,
  flowRecords,
  type Graph,
  graphHash,
  type Node,
  outstanding,
  type Region,
  type State,
  type StepId,
} from '../core/index.ts'
import type { Executor } from '../exec/attempt.ts'
import { valueOptions } from '../exec/configure.ts'
import type { Blobs, Lease, RunRow, Store } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import { hashText } from '../util/hash.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import { baseOf, type ValueStore, valueStore } from '../values/index.ts'
import { follower } from './downstream.ts'
import { forcedBy, freshnessOf, type Reuse } from './fresh.ts'
import type { Evaluation } from './evaluate/evaluation.ts'
import type { Desk } from './flow-desk.ts'
import { type KnownOutcomes, NOTHING_KNOWN } from './known.ts'
import { newReceiver } from './letters.ts'
import { encodeGraph } from './kept-graph.ts'
import { knownOf, recollect, recover, snapshotTaker } from './recover.ts'
import type { Prospect } from './prospect.ts'
import { hasServices, reviveServices } from './revive.ts'
import type { Runnable } from './runnable.ts'
import { type Line, newSession, type Session, type SessionEnd, type SessionOptions } from './session.ts'
import type { Shell } from './shell.ts'

export interface Launcher {
  readonly shell: Shell
  readonly desk: Desk
  readonly executor: Executor
  /** Under which the executor opens a runnable's bundle. */
  bundleId(runnable: Runnable): string
  readonly onLine: (line: Line) => void
  /** The run is over in this process: what was kept for it may go. */
  readonly over?: (run: string) => void
  /** See SessionOptions. */
  readonly whenIdle: SessionOptions['whenIdle']
  readonly whenAsked: SessionOptions['whenAsked']
  /** Absent: nothing is taken from other runs. */
  readonly reuse?: Reuse
  /** What a run of it expects of its steps. */
  prospect(runnable: Runnable): Prospect
}

export interface Launched {
  readonly session: Session
  readonly values: ValueStore
  readonly row: Omit<RunRow, 'lastSeq'>
}

export interface StartOptions {
  /** Instead of the graph's own deadline. */
  readonly deadlineAtMs?: number
  /** Steps that take no result from other runs, by id or display name; `*`: all. */
  readonly fresh?: readonly string[]
}

/** Begins a run. The arguments have been checked. */
export async function startRun(
  launcher: Launcher,
  runnable: Runnable,
  run: string,
  args: Readonly<Record<string, unknown>>,
  options: StartOptions = {},
): Promise<Launched> {
  const { store, clock } = launcher.shell
  const values = valuesOf(store, runnable, launcher.reuse)
  const bound = await boundArguments(values, runnable.graph, args)
  // At once: each put waits for the disk. What an event names is there before it.
  const [graph, bundle] = await Promise.all([
    store.blobs.put(encodeGraph(runnable.graph)),
    runnable.bundle ? store.blobs.put(runnable.bundle) : '',
    ...[...runnable.readContents.values()].map(bytes => store.blobs.put(bytes)),
  ])
  const lease = acquire(store, run)
  const atMs = clock.now()
  const row: Omit<RunRow, 'lastSeq'> = {
    run,
    workflow: runnable.name,
    file: runnable.file,
    graph,
    bundle,
    ...(runnable.version === undefined ? {} : { version: runnable.version }),
    args: argumentsHash(bound),
    status: 'running',
    createdAtMs: atMs,
    updatedAtMs: atMs,
  }
  const library = new Map<string, Region>()
  const state = emptyState(compile(runnable.graph, library))
  const launched = attach(launcher, runnable, {
    state,
    lease,
    row,
    values,
    library,
    known: NOTHING_KNOWN,
    isForced: forcedBy(options.fresh ?? []),
  })
  const deadlineAtMs =
    options.deadlineAtMs ?? (runnable.graph.deadlineMs === undefined ? undefined : atMs + runnable.graph.deadlineMs)
  launched.session.submit({
    kind: 'run.requested',
    run,
    graph,
    ...(bundle ? { bundle } : {}),
    args: bound,
    ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }),
    ...(options.fresh === undefined || options.fresh.length === 0 ? {} : { fresh: options.fresh }),
    atMs,
  })
  return launched
}

/** Goes on with a run that has not ended. `runnable` has the graph that the run began with. `nothing`: only to cancel it. */
export async function resumeRun(
  launcher: Launcher,
  runnable: Runnable,
  row: RunRow,
  owed: 'owed' | 'nothing' = 'owed',
): Promise<Launched> {
  const { store } = launcher.shell
  const lease = acquire(store, row.run)
  const values = valuesOf(store, runnable, launcher.reuse)
  const past = { store, row, graph: runnable.graph }
  const { state, library, known } = await releasedOnFailure(store, lease, async () => {
    const recovered = await recover(past)
    return { ...recovered, known: await knownOf(past, recovered.state, values) }
  })
  const launched = attach(launcher, runnable, {
    state,
    lease,
    row,
    values,
    library,
    known,
    isForced: forcedIn(runnable.graph, state),
  })
  if (owed === 'nothing') launched.session.begin([])
  else if (!hasServices(runnable.graph, library)) launched.session.begin(outstanding(state))
  else void revived(launcher, runnable, launched)
  return launched
}

/** What cannot be started again breaks the session, which stays resumable. */
async function revived(launcher: Launcher, runnable: Runnable, { session }: Launched): Promise<void> {
  const { shell, executor, onLine } = launcher
  const { run, state } = session
  const arrived = session.expect()
  const over = new AbortController()
  void session.ended.then(() => over.abort(new Error('the run is over')))
  try {
    await reviveServices({
      store: shell.store,
      state,
      executor,
      bundleId: launcher.bundleId(runnable),
      cwd: runnable.cwd,
      signal: over.signal,
      reportsOf: (step, attempt) => ({
        line: (stream, text) => onLine({ run, step, attempt, stream, text, atMs: shell.clock.now() }),
        record: () => undefined,
        alive: () => undefined,
        saw: () => undefined,
      }),
    })
    session.begin(outstanding(state))
  } catch (error) {
    session.fail(error)
  } finally {
    arrived()
  }
}

/** Runs an ended run again, keeping what succeeded but for `from` and all that follows from it, and forgetting `accept`. */
export async function redriveRun(
  launcher: Launcher,
  runnable: Runnable,
  row: RunRow,
  options: { readonly from: readonly StepId[]; readonly accept: readonly StepId[] },
): Promise<Launched> {
  const { store, clock } = launcher.shell
  const lease = acquire(store, row.run)
  const values = valuesOf(store, runnable, launcher.reuse)
  const past = { store, row, graph: runnable.graph }
  const { state, library, known } = await releasedOnFailure(store, lease, async () => {
    const recovered = await recover(past)
    return { ...recovered, known: await recollect(past, values, options) }
  })
  const launched = attach(launcher, runnable, {
    state,
    lease,
    row: { ...row, status: 'running', updatedAtMs: clock.now(), endedAtMs: undefined },
    values,
    library,
    known,
    isForced: follower(runnable.graph, options.from),
  })
  launched.session.submit({ kind: 'redrive.requested', from: options.from, accept: options.accept, atMs: clock.now() })
  // What came before anybody waited for it still does.
  for (const { signal, value } of known.signals.kept)
    launched.session.submit({ kind: 'signal.sent', signal, value, atMs: clock.now() })
  return launched
}

interface Attachment {
  readonly state: State
  readonly lease: Lease
  readonly row: Omit<RunRow, 'lastSeq'>
  readonly values: ValueStore
  readonly library: Map<string, Region>
  readonly known: KnownOutcomes
  /** Steps that take nothing from other runs. */
  readonly isForced: (step: StepId, node: Node) => boolean
}

function attach(launcher: Launcher, runnable: Runnable, attachment: Attachment): Launched {
  const { shell, desk } = launcher
  const { state, lease, row, values, library, known } = attachment
  const evaluation: Evaluation = {
    values,
    environment: {
      load: (ref, path) => values.decode(ref, path),
      loadNow: (ref, path) => values.decodeNow(ref, path),
      pure: name =>
        runnable.bindings.pure.get(name) ??
        refuse('TASK_UNKNOWN', `The file has no function ${name} any more`, { hint: 'Start a new run.' }),
      resource: resource =>
        refuse(
          'RESOURCE_OUTSIDE_STEP',
          `The ${resource.kind} ${resource.kind === 'output' ? resource.path : resource.name} can only be used by a step`,
          { hint: 'Pass it to a task.' },
        ),
    },
  }
  const { store, clock } = shell
  const freshness =
    launcher.reuse &&
    freshnessOf({
      store,
      runnable,
      run: lease.run,
      values,
      evaluation,
      reuse: launcher.reuse,
      isForced: attachment.isForced,
      now: clock.now,
    })
  const session = newSession({
    state,
    lease,
    row,
    bundleId: launcher.bundleId(runnable),
    executor: launcher.executor,
    evaluation,
    scheduler: shell.scheduler,
    prospect: launcher.prospect(runnable),
    clock: shell.clock,
    known: known.outcome,
    knownSignals: step => known.signals.added.get(step) ?? [],
    whenIdle: launcher.whenIdle,
    whenAsked: launcher.whenAsked,
    cwd: runnable.cwd,
    worker: lease.owner,
    wake: shell.wake,
    onLine: launcher.onLine,
    flows: desk.deskOf(lease.run),
    afterCommit: snapshotTaker(shell.store, row, state),
    ...(freshness
      ? { reuse: { freshness, ...(launcher.reuse?.looked ? { looked: launcher.reuse.looked } : {}) } }
      : {}),
  })
  const warn = (step: StepId, text: string): void =>
    launcher.onLine({ run: lease.run, step, attempt: 0, stream: 'stderr', text, atMs: shell.clock.now() })
  desk.add(lease.run, {
    session,
    records: step => flowRecords(session.state, step),
    evaluation,
    bindings: runnable.bindings,
    past: known.calls,
    library,
    traced: new Map(),
    blobs: shell.store.blobs,
    clock: shell.clock,
    warn,
  })
  const { bindings } = runnable
  shell.add(session, newReceiver({ session, values, bindings, now: shell.clock.now, warn: text => warn('', text) }))
  void session.ended.then(end => {
    desk.remove(lease.run)
    launcher.over?.(lease.run)
    release(shell.store, lease, end.kind)
  })
  return { session, values, row }
}

/** What the run was told to do afresh when it began, or when it was last driven again. */
function forcedIn(graph: Graph, { afresh }: State): Attachment['isForced'] {
  const [named, follows] = [forcedBy(afresh.names), follower(graph, afresh.from)]
  return (step, node) => named(step, node) || follows(step)
}

function acquire(store: Store, run: string): Lease {
  const taken = store.leases.acquire(run)
  if (taken.kind === 'acquired') return taken.lease
  refuse('RUN_OWNED', `Run ${run} is being run by another process (${taken.owner})`, {
    hint: `Wait for it, or cancel it with tutti cancel ${run}.`,
  })
}

/** A run that could not be taken up is free for others, and for another try. */
async function releasedOnFailure<T>(store: Store, lease: Lease, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    release(store, lease, 'broken')
    throw error
  }
}

/** Whose lease was lost has nothing to release; the store does nothing then. */
function release(store: Store, lease: Lease, after: SessionEnd['kind']): void {
  try {
    store.leases.release(lease)
  } catch (error) {
    // A store that has refused an append may refuse this too; the first error is the one to tell, and leases end by themselves.
    if (after !== 'broken') throw error
  }
}

export const valuesOf = (
  store: Store,
  runnable: Pick<Runnable, 'cwd'> & Partial<Pick<Runnable, 'configurations'>>,
  reuse?: Pick<Reuse, 'stamps'>,
): ValueStore =>
  valueStore(store.blobs, {
    ...valueOptions(runnable.configurations ?? [], { cwd: runnable.cwd, base: baseOf(store.path, runnable.cwd) }),
    ...(reuse ? { stamps: reuse.stamps } : {}),
  })

/** Fields stay in the order in which they were written: a resumed run must give a record the same bytes. */
export { decodeGraph, encodeGraph, loadRegion } from './kept-graph.ts'

/** What a run recorded of its file's surroundings: with it, a trace comes out as it did. */
export async function recordedReads(blobs: Blobs, graph: Graph): Promise<RecordedReads> {
  const contents = new Map<string, Uint8Array>()
  for (const read of graph.reads)
    if (read.kind !== 'env' && read.hash !== null) contents.set(read.hash, await blobs.get(read.hash))
  return { reads: graph.reads, contents }
}

export interface RecordedReads {
  readonly reads: Graph['reads']
  /** By hash. */
  readonly contents: ReadonlyMap<string, Uint8Array>
}

/** Whether today's graph means the same as the one that was kept. */
export const isSameGraph = (a: Graph, b: Graph): boolean => graphHash(a) === graphHash(b)

export async function boundArguments(
  values: ValueStore,
  graph: Graph,
  args: Readonly<Record<string, unknown>>,
): Promise<Record<string, Bound>> {
  const bound: Record<string, Bound> = {}
  for (const { name } of graph.params) {
    bound[name] = {
      kind: 'value',
      value: await values.encode(args[name], { task: graph.name, root: `parameter ${name}` }),
      path: [],
    }
  }
  return bound
}

export const argumentsHash = (bound: Readonly<Record<string, Bound>>): string =>
  hashText(canonicalJson(bound as unknown as Json))
