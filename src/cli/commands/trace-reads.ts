/**
 * `tutti trace-reads`: runs a workflow with every step in a process that is watched, takes nothing from other runs, and
 * says which files steps read and write without declaring it.
 */
import { join } from 'node:path'
import type { Middleware } from '../../exec/index.ts'
import { checkArguments } from '../../run/arguments.ts'
import { startRun } from '../../run/launch.ts'
import { openLocal } from '../../run/local.ts'
import { newRunId } from '../../run/run-id.ts'
import type { Runnable } from '../../run/runnable.ts'
import { onlySteps } from '../../run/selection.ts'
import { findSight } from '../../sight/strace.ts'
import type { Store } from '../../store/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import { newFollowing } from '../follow.ts'
import { mustBeBound } from '../bound.ts'
import type { Io } from '../io.ts'
import { openLogFile } from '../log-file.ts'
import { moduleCache } from '../module-cache.ts'
import { readArguments } from '../parameters.ts'
import { placeIn } from '../place.ts'
import { renderUndeclared } from '../render/undeclared.ts'
import { openNewStore, type StoreFlags, storeFolder } from '../store.ts'
import { newUndeclareds, type Undeclared, type Undeclareds } from '../undeclared.ts'
import { enterFolder, executorsFor } from '../worker.ts'
import { readWords } from './words.ts'

export interface TraceReadsFlags extends StoreFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly only?: readonly string[]
  readonly concurrency?: number
  readonly json?: boolean
  readonly check?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export async function traceReadsCommand(io: Io, words: readonly string[], flags: TraceReadsFlags): Promise<number> {
  const sight = await findSight()
  if (sight.kind === 'blocked') throw new Refusal(sight.problem)
  const { file, workflow } = readWords(io, words)
  const cache = moduleCache(join(storeFolder(io, flags, file), 'cache'))
  const loaded = await loadFile(file, io.cwd, { cache, reading: io.reading })
  const whole = loaded.runnable(chooseWorkflow(loaded, workflow))
  const args = await checkArguments(
    whole.definition,
    await readArguments(whole.definition, flags.param ?? [], flags.input),
  )
  const runnable = flags.only && flags.only.length > 0 ? { ...whole, graph: onlySteps(whole.graph, flags.only) } : whole
  const undeclareds = newUndeclareds(runnable.graph, runnable.cwd)
  const store = await openNewStore(io, flags, file)
  try {
    const code = await runWatched(io, { store, runnable, args, undeclareds }, flags)
    return report(io, undeclareds.list(), { runnable, flags, code })
  } finally {
    cache.flush()
    await store.close()
  }
}

interface Watched {
  readonly store: Store
  readonly runnable: Runnable
  readonly args: Readonly<Record<string, unknown>>
  readonly undeclareds: Undeclareds
}

/** The run's own exit code. Its result is not what was asked for, and is not printed. */
async function runWatched(
  io: Io,
  { store, runnable, args, undeclareds }: Watched,
  flags: TraceReadsFlags,
): Promise<number> {
  const log = openLogFile(store.path)
  const { quiet, verbose } = flags
  const following = newFollowing(
    { ...io, out: () => undefined },
    { ...(quiet === undefined ? {} : { quiet }), ...(verbose === undefined ? {} : { verbose }) },
  )
  const executors = executorsFor(store, runnable, 'all')
  const local = openLocal(store, {
    cwd: runnable.cwd,
    configurations: runnable.configurations,
    ...(flags.concurrency === undefined ? {} : { slots: flags.concurrency }),
    executors: executors.byName,
    watch: next => noting(undeclareds)(executors.watch(next)),
    onLine: line => {
      log.add(line)
      following.onLine(line)
    },
  })
  local.register(runnable)
  enterFolder(runnable.cwd)
  try {
    mustBeBound(io, runnable)
    const launched = await startRun(local, runnable, newRunId(runnable.definition.name), args)
    const end = await following.follow(local, launched, runnable, store.head())
    // Its runs are nobody else's: they are kept (whenAsked).
    return end.kind === 'exit' ? end.code : EXIT.interrupted
  } finally {
    log.flush()
    await executors.close()
    await local.close()
  }
}

const noting =
  (undeclareds: Undeclareds): Middleware =>
  next =>
  (attempt, signal, reports) =>
    next(attempt, signal, {
      ...reports,
      saw: access => {
        undeclareds.saw(attempt, access)
        reports.saw(access)
      },
    })

interface Report {
  readonly runnable: Runnable
  readonly flags: TraceReadsFlags
  /** Of the run. */
  readonly code: number
}

function report(io: Io, found: readonly Undeclared[], { runnable, flags, code }: Report): number {
  const place = placeIn(runnable.cwd, io.cwd)
  const placed = found.map(each => ({ ...each, at: each.at && place(each.at) }))
  if (flags.json) for (const each of placed) io.out(`${JSON.stringify(each)}\n`)
  else io.out(renderUndeclared(placed, io.outScreen))
  if (code !== EXIT.succeeded) return code
  return flags.check && found.length > 0 ? EXIT.failed : EXIT.succeeded
}
