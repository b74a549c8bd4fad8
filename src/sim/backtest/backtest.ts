/**
 * `backtest(workflow, …)`: what past runs would have come to in another version of their workflow. Their recorded outcomes
 * are replayed through its graph on a virtual clock; nothing is executed, and nothing is written.
 */
import { compile, type Event, type Region, type RunStatus } from '../../core/index.ts'
import type { WorkflowDefinition } from '../../dsl/definition.ts'
import type { AnyWorkflow } from '../../run/embed.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { decodeGraph, loadRegion } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import { openStore, type RunRow, type Store } from '../../store/index.ts'
import type { Renames } from '../../store/store.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { type Hash, hashBytes } from '../../util/hash.ts'
import type { Environment } from '../../values/index.ts'
import { type Mocks, newMockBook } from '../mocks.ts'
import { runnableOf } from '../simulate.ts'
import { newArguments } from './arguments.ts'
import { givenTo } from './given.ts'
import { type Ids, idsOf, type Renamed } from './ids.ts'
import { keptValues, shadowed } from './kept.ts'
import { newPastProgram, type Past, type PastProgram, readPast } from './past.ts'
import { type ReplayStage, replayPast } from './replay.ts'
import { parseSelection, type Selected, selectRuns, type Selection } from './select.ts'
import { type Verdict, verdictOf } from './verdict.ts'

export interface BacktestOptions {
  /** A folder, or a store that is open already. Default: `.tutti` in the current folder. */
  readonly store?: string | Store
  /** `last:100` (default), `all`, `from:2030-01-01`, `status:failed`, or ids of runs. */
  readonly runs?: string | readonly string[]
  /** Steps that were renamed: what they were called, and what they are called now. */
  readonly renamed?: Renamed
  /** Values for steps of which there is no record; as for `simulate`. */
  readonly mocks?: Mocks
  /** Folder where relative paths start. Default: the current one. */
  readonly cwd?: string
}

/** What became of one past run. */
export interface BacktestRun {
  readonly run: string
  /** How it ended. */
  readonly status: RunStatus
  readonly createdAtMs: number
  readonly verdict: Verdict | RefusedRun
}

/** It cannot be replayed at all: it has other parameters, or its record cannot be read. */
export interface RefusedRun {
  readonly kind: 'refused'
  readonly code: string
  readonly message: string
}

export interface Backtest {
  /** Newest first. */
  readonly runs: readonly BacktestRun[]
  /** Runs that have not ended: they were passed over. */
  readonly live: number
}

/**
 * Replays what past runs recorded through another version of their workflow.
 *
 *     const { runs } = await backtest(release, { store: '.tutti', runs: 'last:500' })
 *     const others = runs.filter(({ verdict }) => verdict.kind === 'differs')
 *
 * A run is `same`, `differs` (in what, and where first), `unknown` (a step has no record), or `refused`. Refuses with
 * NOT_A_WORKFLOW, RUN_UNKNOWN, NO_RUNS, BAD_SELECTION and what opening a store may refuse.
 */
export async function backtest(workflow: AnyWorkflow, options: BacktestOptions = {}): Promise<Backtest> {
  const runnable = runnableOf(workflow, options.cwd)
  const { store: given = '.tutti' } = options
  const store = typeof given === 'object' ? given : await openStore(given)
  try {
    const selection: Selection =
      typeof options.runs === 'object'
        ? { kind: 'runs', runs: options.runs }
        : parseSelection(options.runs ?? 'last:100')
    const selected = selectRuns(store, selection, row => row.workflow === runnable.name)
    const runs: BacktestRun[] = []
    for await (const each of backtestRuns(runnable, {
      store,
      selected,
      ...(options.mocks === undefined ? {} : { mocks: options.mocks }),
      renamedOf: () => options.renamed ?? {},
    }))
      runs.push(each)
    return { runs, live: selected.live }
  } finally {
    if (store !== given) await store.close()
  }
}

export interface BacktestRunsOptions extends Pick<BacktestOptions, 'mocks'> {
  /** Steps that have other names than in the version that a run had. */
  readonly renamedOf?: (row: RunRow) => Renamed
  readonly store: Store
  readonly selected: Selected
  /** Pure functions of the bundle that a run had; absent: they are taken to be as they are. */
  readonly pastCode?: (row: RunRow) => Promise<Environment['pure']>
}

/** One after the other. The new graph is compiled once, a past one once for all runs that had it. */
export async function* backtestRuns(runnable: Runnable, options: BacktestRunsOptions): AsyncIterable<BacktestRun> {
  const bench = newBench(runnable, options)
  for (const row of options.selected.rows)
    yield {
      run: row.run,
      status: row.status as RunStatus, // only ended ones are selected
      createdAtMs: row.createdAtMs,
      verdict: await verdictOn(bench, row),
    }
}

interface Bench {
  readonly runnable: Runnable
  readonly options: BacktestRunsOptions
  readonly stage: Pick<ReplayStage, 'runnable' | 'program' | 'library' | 'traced' | 'evaluation' | 'blobs' | 'book'>
  /** A recorded value that could not be read: no failure of the step that wanted it. */
  readonly broken: { error: unknown }
  readonly ids: Map<Renamed, Ids>
  /** By the hash of the graph. */
  readonly programs: Map<Hash, PastProgram>
  /** By the hash of the bundle. */
  readonly codes: Map<Hash, Promise<Environment['pure']>>
  readonly bundle: Hash
}

function newBench(runnable: Runnable, options: BacktestRunsOptions): Bench {
  const { store } = options
  const blobs = shadowed(store.blobs)
  const values = keptValues(store, blobs, runnable)
  const library = new Map<Hash, Region>()
  const broken: Bench['broken'] = { error: undefined }
  const evaluation: Evaluation = {
    values,
    environment: {
      load: async (ref, path) => {
        try {
          return await values.decode(ref, path)
        } catch (error) {
          broken.error ??= error
          throw error
        }
      },
      loadNow: (ref, path) => values.decodeNow(ref, path),
      pure: name => runnable.bindings.pure.get(name) ?? refuse('TASK_UNKNOWN', `The workflow has no function ${name}`),
      resource: ({ kind }) => refuse('RESOURCE_OUTSIDE_STEP', `The ${kind} can only be used by a step`),
    },
  }
  return {
    runnable,
    options,
    stage: {
      runnable,
      library,
      program: compile(runnable.graph, library),
      traced: new Map<WorkflowDefinition, Region>(),
      evaluation,
      blobs,
      book: newMockBook(options.mocks ?? {}),
    },
    broken,
    ids: new Map(),
    programs: new Map(),
    codes: new Map(),
    bundle: runnable.bundle ? hashBytes(runnable.bundle) : '',
  }
}

async function verdictOn(bench: Bench, row: RunRow): Promise<Verdict | RefusedRun> {
  try {
    const past = await pastOf(bench, row)
    if ('kind' in past) return past
    return await replayed(bench, row, past)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const [first] = error.diagnostics
    return { kind: 'refused', code: first?.code ?? 'RUN_DAMAGED', message: first?.message ?? error.message }
  }
}

async function pastOf(bench: Bench, row: RunRow): Promise<Past | RefusedRun> {
  const { store } = bench.options
  const program = bench.programs.get(row.graph) ?? newPastProgram(decodeGraph(await store.blobs.get(row.graph)))
  bench.programs.set(row.graph, program)
  const events: Event[] = []
  for await (const { event } of store.read({ run: row.run })) {
    if ('call' in event && event.call) await loadRegion(store, program.library, event.call.target)
    events.push(event)
  }
  const past = foldedOf(program, row.run, events)
  if (!past) return { kind: 'refused', code: 'RUN_UNREADABLE', message: 'its log cannot be read with its own graph' }
  if (past.diverged) return { kind: 'refused', code: 'RUN_DIVERGED', message: 'it ended because a flow had diverged' }
  return past
}

/** What the engine cannot have written is a defect of the log, not of this process. */
function foldedOf(program: PastProgram, run: string, events: readonly Event[]): Past | undefined {
  try {
    return readPast(program, run, events)
  } catch {
    return undefined
  }
}

async function replayed(bench: Bench, row: RunRow, past: Past): Promise<Verdict | RefusedRun> {
  bench.broken.error = undefined
  const { stage, runnable, options } = bench
  const { values, environment } = stage.evaluation
  const given = await givenTo(runnable, past, values)
  if (given.kind === 'refused') return given
  const ids = idsFor(bench, row)
  const { pastCode } = options
  const isSameCode = pastCode === undefined || row.bundle === bench.bundle || row.bundle === ''
  const result = await replayPast(past, {
    ...stage,
    ids,
    args: given.args,
    deadlineAtMs: deadlineOf(past, runnable),
    arguments: newArguments({
      values,
      environment,
      then: isSameCode ? 'same' : () => codeOf(bench, row, pastCode),
    }),
  })
  if (bench.broken.error !== undefined) throw bench.broken.error
  return verdictOf({ past, graph: runnable.graph, ids, values }, result)
}

/** A run that was moved knows its steps by other ids than its version has. */
function idsFor({ options, ids }: Bench, row: RunRow): Ids {
  const { renames } = row
  const renamed = options.renamedOf?.(row) ?? NOT_RENAMED
  if (renames) return idsOf({ ...renamed, ...movedNames(renames, renamed) })
  const known = ids.get(renamed) ?? idsOf(renamed)
  ids.set(renamed, known)
  return known
}

function codeOf(bench: Bench, row: RunRow, open: NonNullable<BacktestRunsOptions['pastCode']>) {
  const known = bench.codes.get(row.bundle) ?? open(row)
  bench.codes.set(row.bundle, known)
  return known
}

/** The version's own, unless the run was given another. */
function deadlineOf({ deadlineAtMs, started, graph }: Past, runnable: Runnable): number | undefined {
  const own = graph.deadlineMs === undefined ? undefined : started.atMs + graph.deadlineMs
  if (deadlineAtMs !== own || deadlineAtMs === undefined) return deadlineAtMs
  return runnable.graph.deadlineMs === undefined ? undefined : started.atMs + runnable.graph.deadlineMs
}

const NOT_RENAMED: Renamed = {}

/** From the run's own paths, by way of those of its version. */
const movedNames = (renames: Renames, renamed: Renamed): Renamed =>
  Object.fromEntries(Object.keys(renames).map(path => [pathInRun(path, renames), renamed[path] ?? path]))

/** `path` as the version has it; each of its steps may have another id in the run. */
function pathInRun(path: string, renames: Renames): string {
  const parts = path.split('/')
  return parts
    .map((part, index) => {
      const [, node = part, mark = ''] = /^([^.[]+)(.*)$/.exec(part) ?? []
      const around = parts.slice(0, index)
      return (renames[[...around, node].join('/')] ?? node) + mark
    })
    .join('/')
}
