/**
 * One file put in its place: written beside it, checked, and renamed, so that its name never stands for half of it. It is a
 * reflink or a copy, never a link: who writes to it changes nothing else.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, constants, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashFile } from '../store/blobs.ts'
import type { Blobs } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { inside } from './paths.ts'
import { NOW_BYTES_MAX } from './stamps.ts'

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
  // A blob cannot be written to; what a user gets can.
  const mode = executable ? 0o755 : 0o644
  try {
    if (filling.kind === 'bytes') {
      await write(fresh, filling.bytes)
    } else {
      const from = filling.kind === 'blob' ? await filling.blobs.file(filling.hash) : filling.path
      await copyFile(from, fresh, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      if ((await hashFile(fresh)).hash !== filling.hash) {
        rmSync(fresh)
        return 'damaged'
      }
    }
    chmodSync(fresh, mode)
    renameSync(fresh, path)
    return 'placed'
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}

/** What is small is written in this thread: that takes less than waiting for another one, and there may be thousands. */
async function write(path: string, bytes: string | Uint8Array): Promise<void> {
  if (bytes.length <= NOW_BYTES_MAX) writeFileSync(path, bytes, { flag: 'wx' })
  else await writeFile(path, bytes, { flag: 'wx' })
}

/**
 * Makes a folder below `root`, of folders only: what is written into it stays there, whatever links somebody has put in the way.
 * `remove`: they are removed, and so are files; else the path of the first of them is given, and nothing more is made.
 */
export function solidFolder(root: string, path: string, obstacles: 'remove' | 'leave'): string | undefined {
  const rest = inside(root, path)
  if (rest === undefined) throw new Error(`defect: ${path} is not in ${root}`)
  mkdirSync(root, { recursive: true })
  let at = root
  for (const name of rest === '' ? [] : rest.split('/')) {
    at = join(at, name)
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (stats?.isDirectory()) continue
    if (stats && obstacles === 'leave') return at
    if (stats) rmSync(at)
    // Somebody else may make it meanwhile; then it is a folder all the same.
    mkdirSync(at, { recursive: true })
  }
  return undefined
}
