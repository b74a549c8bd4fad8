/** `tutti run`: a new run, or the one that has the same id and input. */
import { join } from 'node:path'
import { checkArguments } from '../../run/arguments.ts'
import { argumentsHash, boundArguments, startRun, valuesOf } from '../../run/launch.ts'
import { checkRunId, newRunId } from '../../run/run-id.ts'
import type { Runnable } from '../../run/runnable.ts'
import { onlySteps } from '../../run/selection.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { stampsOf } from '../../values/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { readArguments } from '../parameters.ts'
import { newMemo } from '../manifest.ts'
import { moduleCache } from '../module-cache.ts'
import { openNewStore, storeFolder } from '../store.ts'
import { detach } from './detach.ts'
import { drive } from './drive.ts'
import { resumeRow } from './resume.ts'
import { showEnd } from './show-end.ts'
import type { RunFlags } from './run-flags.ts'
import { readWords } from './words.ts'

export async function runCommand(io: Io, words: readonly string[], flags: RunFlags): Promise<number> {
  const { file, workflow } = readWords(io, words)
  if (flags.detach) return detach(io, file, workflow, flags)
  const cache = moduleCache(join(storeFolder(io, flags, file), 'cache'))
  const loaded = await loadFile(file, io.cwd, cache)
  const name = chooseWorkflow(loaded, workflow)
  const whole = loaded.runnable(name)
  const args = await checkArguments(
    whole.definition,
    await readArguments(whole.definition, flags.param ?? [], flags.input),
  )
  const named = flags.only && flags.only.length > 0 ? { ...whole, graph: onlySteps(whole.graph, flags.only) } : whole
  const store = await openNewStore(io, flags, file)
  try {
    const runnable = await sinceRef(io, flags, { runnable: named, modules: loaded.built.files, store })
    if (!runnable) return EXIT.succeeded
    const id =
      flags.id === undefined ? newRunId(name === 'default' ? runnable.definition.name : name) : checkRunId(flags.id)
    const row = flags.id === undefined ? undefined : store.runs.get(id)
    if (row) return await again(io, store, runnable, row, args, flags)
    const memo = newMemo(io, {
      storeFolder: storeFolder(io, flags, file),
      stamps: stampsOf(store.path),
      dir: loaded.dir,
      built: loaded.built,
      reads: whole.graph.reads,
    })
    return await drive(io, store, runnable, memo ? { ...flags, memo } : flags, local =>
      startRun(local, runnable, id, args, { ...deadlineOf(flags), fresh: freshOf(flags) }),
    )
  } finally {
    cache.flush()
    await store.close()
  }
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
