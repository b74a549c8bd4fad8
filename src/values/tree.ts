/**
 * Files and folders as content: captured into blobs, and restored from them.
 *
 *   T1. A restored path equals what was captured: names, bytes, executable bits, links, empty folders; nothing more.
 *   T2. What is already right is not written again.
 *   T3. No restored file shares its bytes with the store by a link: it is a reflink or a copy, and moved in place whole.
 *   T4. A link inside of a folder stays inside of it; one that leads out is refused when it is captured.
 */
import { constants, createReadStream, type BigIntStats } from 'node:fs'
import { createHash, randomUUID } from 'node:crypto'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Blobs } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { limit } from './limit.ts'
import { errorCode, inside } from './paths.ts'

export type Shape =
  | { readonly kind: 'file'; readonly hash: Hash; readonly sizeBytes: number; readonly executable: boolean }
  /** In the order of their paths, so that a folder stands before what is in it. */
  | { readonly kind: 'tree'; readonly entries: readonly Entry[] }

/** `path` is relative to the tree, with `/`. */
export type Entry =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly hash: Hash
      readonly sizeBytes: number
      readonly executable: boolean
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'dir'; readonly path: string }

type FileEntry = Extract<Entry, { kind: 'file' }>

/** Files that are read or written at once. */
const FILES_MAX = 16
/** Coarsest clock of a file system that Tutti expects: a file changed more recently may change again within one stamp. */
const RACY_NS = 2_000_000_000n

/** Some 300 bytes each. At the bound all are forgotten: what is needed is hashed again. */
const STAMPS_MAX = 100_000

/** Hashes of files by their stamps, so that a folder that several steps read is hashed once in a process. */
export class Trees {
  readonly #blobs: Blobs
  readonly #stamps = new Map<string, { readonly stamp: string; readonly hash: Hash }>()
  /** Restores of one path go one after the other. */
  readonly #busy = new Map<string, Promise<void>>()
  readonly #turn = limit(FILES_MAX)

  constructor(blobs: Blobs) {
    this.#blobs = blobs
  }

  /** Refuses with OUTPUT_MISSING, OUTPUT_UNREADABLE, TREE_LINK_OUTSIDE and TREE_UNKEEPABLE; `shown` is what they call the path. */
  async capture(path: string, shown: string): Promise<Shape> {
    try {
      const stats = await stat(path, { bigint: true })
      if (stats.isFile()) return { kind: 'file', ...(await this.#keep(path, stats)) }
      if (stats.isDirectory()) return { kind: 'tree', entries: (await this.#walk(path, '', shown)).sort(byPath) }
    } catch (problem) {
      refuseUnreadable(problem, shown)
    }
    return refuseKind(shown)
  }

  /** Makes `path` what `shape` says. Refuses with BLOB_MISSING and BLOB_DAMAGED. */
  restore(path: string, shape: Shape): Promise<void> {
    const before = this.#busy.get(path) ?? Promise.resolve()
    const done = before
      .catch(() => undefined)
      .then(() => (shape.kind === 'file' ? this.#restoreFile(path, shape) : this.#restoreTree(path, shape.entries)))
    this.#busy.set(path, done)
    const forget = (): void => void (this.#busy.get(path) === done && this.#busy.delete(path))
    done.then(forget, forget)
    return done
  }

  async #walk(root: string, folder: string, shown: string): Promise<Entry[]> {
    const names = await this.#turn(() => readdir(join(root, folder), { withFileTypes: true }))
    const found = await Promise.all(
      names.map(async (name): Promise<Entry[]> => {
        const path = folder ? `${folder}/${name.name}` : name.name
        if (name.isDirectory()) return [{ kind: 'dir', path }, ...(await this.#walk(root, path, shown))]
        if (name.isSymbolicLink()) return [await captureLink(root, path, shown)]
        if (!name.isFile()) return refuseKind(`${shown}/${path}`)
        return [await this.#turn(async () => ({ kind: 'file', path, ...(await this.#keep(join(root, path))) }))]
      }),
    )
    return found.flat()
  }

  async #keep(path: string, known?: BigIntStats): Promise<Omit<FileEntry, 'kind' | 'path'>> {
    const stats = known ?? (await lstat(path, { bigint: true }))
    const executable = isExecutable(stats)
    const seen = this.#known(path, stats)
    if (seen !== undefined && (await this.#blobs.has(seen)))
      return { hash: seen, sizeBytes: Number(stats.size), executable }
    const { hash, sizeBytes } = await this.#blobs.putFile(path)
    this.#remember(path, stats, hash)
    return { hash, sizeBytes, executable }
  }

  async #restoreTree(root: string, entries: readonly Entry[]): Promise<void> {
    const wanted = new Map(entries.map(entry => [entry.path, entry]))
    if ((await statOrNothing(root, stat))?.isDirectory()) await removeForeign(root, '', wanted)
    else await rm(root, { force: true })
    await mkdir(root, { recursive: true })
    for (const entry of entries) if (entry.kind === 'dir') await mkdir(join(root, entry.path), { recursive: true })
    await Promise.all(entries.map(entry => this.#turn(() => this.#restoreEntry(join(root, entry.path), entry))))
  }

  async #restoreEntry(path: string, entry: Entry): Promise<void> {
    switch (entry.kind) {
      case 'dir':
        return
      case 'link':
        if ((await readlink(path).catch(() => undefined)) === entry.target) return
        await rm(path, { force: true })
        return symlink(entry.target, path)
      case 'file':
        return this.#restoreFile(path, entry)
    }
  }

  async #restoreFile(path: string, file: Omit<FileEntry, 'kind' | 'path'>): Promise<void> {
    const present = await statOrNothing(path, lstat)
    if (present && (await this.#isRight(path, present, file))) return
    if (present?.isDirectory()) await rm(path, { recursive: true })
    await mkdir(dirname(path), { recursive: true })
    const fresh = `${path}.${randomUUID()}.tmp`
    try {
      await copyFile(await this.#blobs.file(file.hash), fresh, constants.COPYFILE_FICLONE)
      // The store's file cannot be written to; the user's can.
      await chmod(fresh, file.executable ? 0o755 : 0o644)
      if ((await hashFile(fresh)) !== file.hash) refuseDamaged(file.hash)
      await rename(fresh, path)
    } finally {
      await rm(fresh, { force: true })
    }
  }

  async #isRight(path: string, stats: BigIntStats, file: Omit<FileEntry, 'kind' | 'path'>): Promise<boolean> {
    if (!stats.isFile() || stats.size !== BigInt(file.sizeBytes)) return false
    const known = this.#known(path, stats)
    const hash = known ?? (await hashFile(path))
    if (known === undefined) this.#remember(path, stats, hash)
    if (hash !== file.hash) return false
    if (isExecutable(stats) !== file.executable) await chmod(path, file.executable ? 0o755 : 0o644)
    return true
  }

  #known(path: string, stats: BigIntStats): Hash | undefined {
    const seen = this.#stamps.get(path)
    return seen?.stamp === stampOf(stats) ? seen.hash : undefined
  }

  #remember(path: string, stats: BigIntStats, hash: Hash): void {
    const racy = BigInt(Date.now()) * 1_000_000n - stats.ctimeNs < RACY_NS
    if (racy) return
    if (this.#stamps.size >= STAMPS_MAX) this.#stamps.clear()
    this.#stamps.set(path, { stamp: stampOf(stats), hash })
  }
}

/** SHA-256 of a file's content, streamed. */
export async function hashFile(path: string): Promise<Hash> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Removes what is not wanted at all, or is of another kind: what remains can be completed in place. */
async function removeForeign(root: string, folder: string, wanted: ReadonlyMap<string, Entry>): Promise<void> {
  for (const name of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${name.name}` : name.name
    const kind = name.isDirectory() ? 'dir' : name.isSymbolicLink() ? 'link' : name.isFile() ? 'file' : 'other'
    if (wanted.get(path)?.kind !== kind) await rm(join(root, path), { recursive: true, force: true })
    else if (kind === 'dir') await removeForeign(root, path, wanted)
  }
}

async function captureLink(root: string, path: string, shown: string): Promise<Entry> {
  const target = await readlink(join(root, path))
  const leads = target.startsWith('/') ? undefined : inside(root, resolve(root, dirname(path), target))
  if (leads !== undefined) return { kind: 'link', path, target }
  refuse('TREE_LINK_OUTSIDE', `${shown}/${path} is a link to ${target}, which is outside of ${shown}`, {
    hint: 'Copy the file into the folder, or make the link relative and inside of it.',
  })
}

async function statOrNothing(
  path: string,
  look: (path: string, options: { bigint: true }) => Promise<BigIntStats>,
): Promise<BigIntStats | undefined> {
  try {
    return await look(path, { bigint: true })
  } catch (problem) {
    if (errorCode(problem) === 'ENOENT' || errorCode(problem) === 'ENOTDIR') return undefined
    throw problem
  }
}

const byPath = (a: Entry, b: Entry): number => (a.path < b.path ? -1 : 1)
const isExecutable = (stats: BigIntStats): boolean => (stats.mode & 0o100n) !== 0n
const stampOf = (stats: BigIntStats): string =>
  `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`

function refuseUnreadable(problem: unknown, shown: string): never {
  const code = errorCode(problem)
  if (code === 'ENOENT')
    refuse('OUTPUT_MISSING', `${shown} is to be kept, but it does not exist`, {
      hint: 'Write it before you return it.',
    })
  if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP')
    refuse('OUTPUT_UNREADABLE', `${shown} cannot be read (${code})`, {
      hint: 'Make the file and its folders readable.',
    })
  throw problem
}

function refuseKind(shown: string): never {
  refuse('TREE_UNKEEPABLE', `${shown} is neither a file, a folder nor a link, so it cannot be kept`, {
    hint: 'Remove sockets, pipes and devices from it.',
  })
}

function refuseDamaged(hash: Hash): never {
  refuse('BLOB_DAMAGED', `The stored content ${hash} has been changed on disk`, {
    hint: 'Run the step that made it again.',
  })
}
