/**
 * One file put in its place: written beside it, checked, and renamed, so that its name never stands for half of it. It is a
 * reflink or a copy, never a link: who writes to it changes nothing else.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashFile } from '../store/blobs.ts'
import type { Blobs } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { inside } from './paths.ts'

/** What the file is to hold. */
export type Filling =
  | { readonly kind: 'blob'; readonly hash: Hash; readonly blobs: Pick<Blobs, 'file'> }
  | { readonly kind: 'copy'; readonly path: string; readonly hash: Hash }
  | { readonly kind: 'bytes'; readonly bytes: string | Uint8Array }

export interface Placing {
  readonly executable?: boolean
  /** Where it is written first, on the same disk; its own folder unless given. */
  readonly beside?: string
}

/**
 * `damaged`: the content is not what its hash says, and nothing was placed. Rejects as the file system does, and as `Blobs.file`
 * does when there is no such blob. The folder must be there.
 */
export async function placeFile(
  path: string,
  filling: Filling,
  { executable = false, beside = dirname(path) }: Placing = {},
): Promise<'placed' | 'damaged'> {
  const fresh = join(beside, `.${randomUUID()}.tmp`)
  try {
    if (filling.kind === 'bytes') await writeFile(fresh, filling.bytes, { flag: 'wx' })
    else {
      const from = filling.kind === 'blob' ? await filling.blobs.file(filling.hash) : filling.path
      await copyFile(from, fresh, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      if ((await hashFile(fresh)).hash !== filling.hash) return 'damaged'
    }
    // A blob cannot be written to; what a user gets can.
    await chmod(fresh, executable ? 0o755 : 0o644)
    await rename(fresh, path)
    return 'placed'
  } finally {
    await rm(fresh, { force: true })
  }
}

/**
 * Makes a folder below `root`, of folders only: what is written into it stays there, whatever links somebody has put in the way.
 * `remove`: they are removed, and so are files; else the path of the first of them is given, and nothing more is made.
 */
export async function solidFolder(
  root: string,
  path: string,
  obstacles: 'remove' | 'leave',
): Promise<string | undefined> {
  const rest = inside(root, path)
  if (rest === undefined) throw new Error(`defect: ${path} is not in ${root}`)
  await mkdir(root, { recursive: true })
  let at = root
  for (const name of rest === '' ? [] : rest.split('/')) {
    at = join(at, name)
    const stats = await lstat(at).catch(() => undefined)
    if (stats?.isDirectory()) continue
    if (stats && obstacles === 'leave') return at
    if (stats) await rm(at)
    await mkdir(at).catch(async error => {
      // Somebody else has made it meanwhile.
      if (!(await lstat(at)).isDirectory()) throw error
    })
  }
  return undefined
}
