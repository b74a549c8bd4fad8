/** For commands that run nothing: the workflow that `tutti run` with the same words would take, of its file or of a version. */
import { join } from 'node:path'
import type { Runnable } from '../../run/runnable.ts'
import { mustBeNamed, readTarget } from '../commands/words.ts'
import { chooseWorkflow, loadFile, type WorkflowFile } from '../file.ts'
import type { Io } from '../io.ts'
import { moduleCache } from '../module-cache.ts'
import { storeFolder, type StoreFlags, withStoreIfThere } from '../store.ts'
import { lineOf } from './line.ts'
import { type MeantVersion, pinOf, versionMeant } from './meant.ts'
import { openVersion } from './open.ts'

export interface LoadedTarget {
  /** As the user named it. */
  readonly file: string
  readonly runnable: Runnable
  /** All that its file defines. */
  readonly definitions: WorkflowFile['definitions']
}

type Taken = Omit<LoadedTarget, 'file'>

export async function loadTarget(io: Io, words: readonly string[], flags: StoreFlags = {}): Promise<LoadedTarget> {
  const target = readTarget(io, words)
  const { file } = target
  const folder = storeFolder(io, flags, file)
  const fromStore = await withStoreIfThere(folder, async store => {
    const open = async ({ row, note }: MeantVersion): Promise<Taken> => {
      if (note !== undefined) io.err(`${note}\n`)
      const opened = await openVersion(io, store, row)
      return { runnable: opened.runnable, definitions: opened.file.definitions }
    }
    const meant = await versionMeant(io, store, target)
    if (meant) return open(meant)
    const written = await ofFile()
    const isOpen = target.workflow === undefined && target.which === undefined
    const pinned = isOpen ? pinOf(store, lineOf(store.path, written.runnable.file, written.runnable.name)) : undefined
    return pinned ? open(pinned) : written
  })
  if (!fromStore) await versionMeant(io, undefined, target)
  return { file, ...(fromStore ?? (await ofFile())) }

  async function ofFile(): Promise<Taken> {
    mustBeNamed(io, target)
    const loaded = await loadFile(file, io.cwd, {
      cache: moduleCache(join(folder, 'cache')),
      reading: io.reading,
    })
    return { runnable: loaded.runnable(chooseWorkflow(loaded, target.workflow)), definitions: loaded.definitions }
  }
}
