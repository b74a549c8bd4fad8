/** `tutti run`: a new run, or the one that has the same id and input. */
import { join } from 'node:path'
import { checkArguments } from '../../run/arguments.ts'
import { argumentsHash, boundArguments, startRun, valuesOf } from '../../run/launch.ts'
import { checkRunId, newRunId } from '../../run/run-id.ts'
import type { Runnable } from '../../run/runnable.ts'
import { onlySteps } from '../../run/selection.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { type Seen, stampsOf } from '../../values/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import { EXIT } from '../exit.ts'
import type { Built } from '../../loader/index.ts'
import { lookAt } from '../check/look.ts'
import { chooseWorkflow, loadFile, type WorkflowFile } from '../file.ts'
import { mustBeBound, sayBound } from '../bound.ts'
import { type Io, usage } from '../io.ts'
import { readArguments } from '../parameters.ts'
import { newMemo } from '../manifest.ts'
import { moduleCache } from '../module-cache.ts'
import { hasStore, openNewStore, storeFolder } from '../store.ts'
import { seenCurrent } from '../versions/current-file.ts'
import { lineOf } from '../versions/line.ts'
import { type MeantVersion, pinOf, versionLike, versionMeant } from '../versions/meant.ts'
import { detach } from './detach.ts'
import { drive } from './drive.ts'
import { resumeRow } from './resume.ts'
import { showEnd } from './show-end.ts'
import type { RunFlags } from './run-flags.ts'
import { mustBeNamed, readTarget, type Target } from './words.ts'

export async function runCommand(io: Io, words: readonly string[], flags: RunFlags): Promise<number> {
  const target = readTarget(io, words)
  const folder = storeFolder(io, flags, target.file)
  const cache = moduleCache(join(folder, 'cache'))
  let store = hasStore(folder) ? await openNewStore(io, flags, target.file) : undefined
  try {
    const current = seenCurrent(folder, stampsOf(folder))
    const meant = await versionMeant(io, store, target)
    const chosen =
      meant && store
        ? await fromVersion(io, store, meant, flags, cache)
        : await fromFile(io, store, target, flags, cache)
    mustBeBound(io, chosen.whole)
    const args = await checkArguments(
      chosen.whole.definition,
      await readArguments(chosen.whole.definition, flags.param ?? [], flags.input),
    )
    store ??= await openNewStore(io, flags, target.file)
    if (flags.detach) return await detach(io, store, chosen.whole, flags)
    const selected = narrowedBy(chosen.whole, flags)
    const runnable = await sinceRef(io, flags, { runnable: selected, modules: chosen.built?.files ?? [], store })
    if (!runnable) return EXIT.succeeded
    return await launch(
      io,
      store,
      { ...chosen, runnable: await published(io, store, chosen, runnable, flags), args, current },
      flags,
    )
  } finally {
    cache.flush()
    await store?.close()
  }
}

interface Chosen {
  /** Before steps are selected. */
  readonly whole: Runnable
  /** Of a file; a version is made of what the store has. */
  readonly built?: Built
  readonly file?: WorkflowFile & { readonly built: Built }
}

type Cache = ReturnType<typeof moduleCache>

async function fromVersion(
  io: Io,
  store: Store,
  { row, note }: MeantVersion,
  flags: RunFlags,
  cache: Cache,
): Promise<Chosen> {
  if (note !== undefined && !flags.quiet) io.err(`${note}\n`)
  if (flags.publish) throw usage('--publish publishes a file, and this is a version', 'Leave out --publish.')
  const { openVersion, withSources } = await import('../versions/taken.ts')
  const opened = await openVersion(io, store, row, cache)
  if (flags.sources !== 'then') return { whole: opened.runnable }
  return { whole: await withSources(io, store, opened) }
}

async function fromFile(
  io: Io,
  store: Store | undefined,
  target: Target,
  flags: RunFlags,
  cache: Cache,
): Promise<Chosen> {
  const { file, workflow, which } = target
  mustBeNamed(io, target)
  const loaded = await loadFile(file, io.cwd, { cache, reading: io.reading })
  const name = chooseWorkflow(loaded, workflow)
  const whole = loaded.runnable(name)
  if (!flags.quiet) sayBound(io, loaded, whole)
  const pinned =
    store && workflow === undefined && which === undefined
      ? pinOf(store, lineOf(store.path, whole.file, name))
      : undefined
  if (store && pinned) return fromVersion(io, store, pinned, flags, cache)
  if (flags.sources === 'then')
    throw usage('--sources then is for a published version', `For example tutti run ${name}@1.0.0 --sources then`)
  await lookAt(io, whole)
  return { whole, built: loaded.built, file: loaded }
}

const narrowedBy = (whole: Runnable, { only }: RunFlags): Runnable =>
  only && only.length > 0 ? { ...whole, graph: onlySteps(whole.graph, only) } : whole

/** The version that the run is pinned to, if its code is published, or is to be. */
async function published(
  io: Io,
  store: Store,
  { whole, file }: Chosen,
  runnable: Runnable,
  flags: RunFlags,
): Promise<Runnable> {
  if (!file) return runnable
  if (flags.publish) {
    const { publishForRun } = await import('../versions/taken.ts')
    return { ...runnable, version: await publishForRun(io, store, { file, runnable: whole, message: flags.message }) }
  }
  const version = versionLike(store, whole)
  return version === undefined ? runnable : { ...runnable, version }
}

interface Launching extends Chosen {
  readonly runnable: Runnable
  readonly args: Readonly<Record<string, unknown>>
  readonly current: Seen
}

async function launch(
  io: Io,
  store: Store,
  { whole, built, runnable, args, current }: Launching,
  flags: RunFlags,
): Promise<number> {
  const { name, definition } = runnable
  const id = flags.id === undefined ? newRunId(name === 'default' ? definition.name : name) : checkRunId(flags.id)
  const row = flags.id === undefined ? undefined : store.runs.get(id)
  if (row) return again(io, store, runnable, row, args, flags)
  const memo =
    built &&
    newMemo(io, {
      storeFolder: store.path,
      stamps: stampsOf(store.path),
      dir: whole.cwd,
      built,
      reads: whole.graph.reads,
      current,
    })
  return drive(io, store, runnable, memo ? { ...flags, memo } : flags, local =>
    startRun(local, runnable, id, args, { ...deadlineOf(flags), fresh: freshOf(flags) }),
  )
}

async function sinceRef(
  io: Io,
  { since, quiet = false }: RunFlags,
  given: { readonly runnable: Runnable; readonly modules: readonly string[]; readonly store: Store },
): Promise<Runnable | undefined> {
  if (since === undefined) return given.runnable
  return (await import('./since.ts')).selectSince(io, { ...given, ref: since, quiet })
}

const freshOf = ({ fresh, freshStep }: RunFlags): readonly string[] => (fresh ? ['*'] : (freshStep ?? []))

/** From now on: what loading the file took is not the run's. */
const deadlineOf = ({ deadline }: RunFlags): { readonly deadlineAtMs?: number } =>
  deadline === undefined ? {} : { deadlineAtMs: Date.now() + durationMs(deadline) }

/** The same id and input: that run, resumed when it has not ended. */
async function again(
  io: Io,
  store: Store,
  runnable: Runnable,
  row: RunRow,
  args: Readonly<Record<string, unknown>>,
  flags: RunFlags,
): Promise<number> {
  const bound = await boundArguments(valuesOf(store, runnable), runnable.graph, args)
  if (row.workflow !== runnable.name || row.args !== argumentsHash(bound)) {
    return refuse('RUN_EXISTS', `There is a run ${row.run} of ${row.workflow} with other input`, {
      hint: 'Choose another --id, or give the same input to get that run.',
    })
  }
  if (row.endedAtMs === undefined) return resumeRow(io, store, row, { ...flags, latest: false })
  return showEnd(io, store, row, flags)
}
