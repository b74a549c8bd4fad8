/**
 * Where a past attempt runs again: a fresh folder that stands for the project's, so that nothing of the user's is written to.
 *
 * It holds a copy of the project as it is today, since tasks read more than they declare (a tsconfig.json, a data file).
 * What the attempt was given is put over it as it was then: outputs of other steps come from the store, sources from the
 * project when they still have their content. `node_modules` are links, as copying them would take minutes.
 */
import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, mkdtemp, readdir, readlink, realpath, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Bound } from '../../core/index.ts'
import { hashFile } from '../../store/blobs.ts'
import type { Hash } from '../../util/hash.ts'
import { baseOf } from '../../values/base.ts'
import { inside } from '../../values/paths.ts'
import { resourcesIn } from '../../values/bound-resources.ts'

/** Beyond these a project is copied in part only, what lies near its top first. */
const ENTRIES_MAX = 10_000
const BYTES_MAX = 256 * 2 ** 20
const NEVER_COPIED: ReadonlySet<string> = new Set(['.git', '.tutti'])
/** Of a workplace: one may lie in the project, and must not be copied into itself. */
const PREFIX = 'tutti-debug-'

export interface Workplace {
  /** Stands for the project's folder. */
  readonly folder: string
  /** For values that the attempt makes: they do not go into the store. */
  readonly valuesFolder: string
  /** Files and folders that were not copied. */
  readonly leftOut: number
}

/** `projectFolder` may have gone. `storeFolder` is not copied. `dir`: where the step works, seen from the project. */
export async function openWorkplace(projectFolder: string, storeFolder: string, dir = ''): Promise<Workplace> {
  const top = await newFolder()
  const folder = join(top, 'project', ...foldersAround(projectFolder, [baseOf(storeFolder, projectFolder), dir]))
  await mkdir(folder, { recursive: true })
  let leftOut = await copyProject(projectFolder, folder, storeFolder)
  if (inside(projectFolder, dir) === undefined) {
    await mkdir(resolve(folder, dir), { recursive: true })
    leftOut += await copyProject(resolve(projectFolder, dir), resolve(folder, dir), storeFolder)
  }
  const shared = await nearestModules(dirname(projectFolder))
  if (shared !== undefined) await symlink(shared, join(top, 'node_modules'))
  return { folder, valuesFolder: join(top, 'values'), leftOut }
}

/** As many of the folders that the project lies in as the paths lead up: what they mean is then in the workplace, too. */
function foldersAround(projectFolder: string, paths: readonly string[]): readonly string[] {
  const ups = paths.map(
    path => relative(projectFolder, resolve(projectFolder, path)).match(/\.\.(?=[/\\]|$)/g)?.length ?? 0,
  )
  const up = Math.max(...ups)
  return up === 0 ? [] : projectFolder.split(sep).slice(-up)
}

/** The project itself, for who asks for it; only values go elsewhere. */
export const projectAsWorkplace = async (projectFolder: string): Promise<Workplace> => ({
  folder: projectFolder,
  valuesFolder: join(await newFolder(), 'values'),
  leftOut: 0,
})

const newFolder = async (): Promise<string> => mkdtemp(join(await realpath(tmpdir()), PREFIX))

/** The outputs that an attempt is to write begin empty, whatever is there today. */
export async function clearOutputs(folder: string, args: readonly Bound[]): Promise<void> {
  for (const resource of args.flatMap(resourcesIn)) {
    if (resource.kind !== 'output') continue
    const path = resolve(folder, resource.path)
    if (inside(resolve(folder, resource.dir ?? ''), path)) await rm(path, { recursive: true, force: true })
  }
}

/** A source that an attempt was given: named by its path in the project, known by its content. */
export interface Source {
  readonly path: string
  readonly hash: Hash
}

/** Puts a source where the attempt looks for it; whether it has the content that it had then. */
export async function bringSource(
  { projectFolder, folder }: { readonly projectFolder: string; readonly folder: string },
  { path, hash }: Source,
): Promise<'as it was' | 'changed' | 'gone'> {
  const target = resolve(folder, path)
  // Beside the project is beside its copy, where that is still ours.
  if (folder !== projectFolder && inside(dirname(folder), target) !== undefined) {
    await mkdir(dirname(target), { recursive: true })
    await copyFile(resolve(projectFolder, path), target, constants.COPYFILE_FICLONE).catch(ignoreMissing)
  }
  try {
    return (await hashFile(target)).hash === hash ? 'as it was' : 'changed'
  } catch {
    return 'gone'
  }
}

/** Breadth first, so that what is left out of a huge project lies deep. Gives the number of what was left out. */
async function copyProject(from: string, to: string, storeFolder: string): Promise<number> {
  const budget = { entries: ENTRIES_MAX, bytes: BYTES_MAX }
  let leftOut = 0
  const folders = ['']
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const { name } of await readdir(join(from, folder), { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, name)
      if (NEVER_COPIED.has(name) || name.startsWith(PREFIX) || join(from, path) === storeFolder) continue
      const copied = await copyEntry({ from, to, path }, budget)
      if (copied === 'folder') folders.push(path)
      if (copied === 'nothing') leftOut += 1
    }
  }
  return leftOut
}

interface Budget {
  entries: number
  bytes: number
}

/** A folder is made, and what is in it still to be copied. */
async function copyEntry(
  { from, to, path }: { readonly from: string; readonly to: string; readonly path: string },
  budget: Budget,
): Promise<'folder' | 'whole' | 'nothing'> {
  const [source, target] = [join(from, path), join(to, path)]
  if (budget.entries < 1) return 'nothing'
  budget.entries -= 1
  try {
    const link = basename(path) === 'node_modules' ? await realpath(source) : await innerLink(from, path)
    if (link !== undefined) {
      await symlink(link, target)
      return 'whole'
    }
    if ((await lstat(source)).isDirectory()) {
      await mkdir(target)
      return 'folder'
    }
    const stats = await stat(source)
    if (!stats.isFile() || budget.bytes < stats.size) return 'nothing'
    budget.bytes -= stats.size
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    return 'whole'
  } catch {
    // Gone meanwhile, not readable, or a link that leads nowhere.
    return 'nothing'
  }
}

/** The target of a link that stays inside of the project: any other one would let the attempt write out of its copy. */
async function innerLink(root: string, path: string): Promise<string | undefined> {
  if (!(await lstat(join(root, path))).isSymbolicLink()) return undefined
  const target = await readlink(join(root, path))
  const leads = isAbsolute(target) ? undefined : inside(root, resolve(root, dirname(path), target))
  return leads === undefined ? undefined : target
}

/** Packages may be installed in a folder above. */
async function nearestModules(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await realpath(join(at, 'node_modules')).catch(() => undefined)
    if (found !== undefined) return found
    if (relative(dirname(at), at) === '') return undefined
  }
}

function ignoreMissing(): void {
  // What is not there is told by whoever looks for it.
}
