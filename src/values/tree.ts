/**
 * Files and folders as content: captured, and restored. The content of small text files stands in the shape itself, so that
 * it is as durable as the event that names it, and costs no file and no sync of its own; all else goes into blobs.
 *
 *   T1. A restored path equals what was captured: names, bytes, executable bits, links, empty folders; nothing more.
 *   T2. What is already right is not written again.
 *   T3. No restored file shares its bytes with the store by a link: it is a reflink or a copy, and moved in place whole.
 *   T4. A link inside of a folder stays inside of it; one that leads out is refused when it is captured.
 */
import { isUtf8 } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import {
  chmodSync,
  constants,
  createReadStream,
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { chmod, copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Blobs } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { limit, slices } from './limit.ts'
import { errorCode, inside } from './paths.ts'
import { NOW_BYTES_MAX, type Stamps } from './stamps.ts'

export type Shape =
  | ({ readonly kind: 'file' } & FileShape)
  /** In the order of their paths, so that a folder stands before what is in it. */
  | { readonly kind: 'tree'; readonly entries: readonly Entry[] }

/** `path` is relative to the tree, with `/`. */
export type Entry =
  | ({ readonly kind: 'file'; readonly path: string } & FileShape)
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'dir'; readonly path: string }

interface FileShape {
  readonly hash: Hash
  readonly sizeBytes: number
  readonly executable: boolean
  /** The content; absent: it is a blob. */
  readonly text?: string
  /** Of a path that is a link itself (`libz.so`): where it leads, to the content above. */
  readonly link?: string
}

/** Files that are written at once. */
const FILES_MAX = 16
/** Longer text is a blob of its own, and so is what is not UTF-8. */
const TEXT_BYTES_MAX = 1_024
/** Of all small files of one tree; if they have more, each is a blob. */
const TREE_TEXT_BYTES_MAX = 4 * 2 ** 20

/** Throws when content must not be kept. */
export type Inspect = (bytes: Uint8Array, what: string) => void

export interface TreesOptions {
  readonly blobs: Blobs
  readonly stamps: Stamps
  /** Asked before content stands in a shape; blobs are inspected where they are put. */
  readonly inspect?: Inspect
}

export class Trees {
  readonly #blobs: Blobs
  readonly #stamps: Stamps
  readonly #inspect: Inspect | undefined
  /** Restores of one path go one after the other. */
  readonly #busy = new Map<string, Promise<void>>()
  readonly #turn = limit(FILES_MAX)

  constructor({ blobs, stamps, inspect }: TreesOptions) {
    this.#blobs = blobs
    this.#stamps = stamps
    this.#inspect = inspect
  }

  /**
   * A small text file at once. Refuses with OUTPUT_MISSING, OUTPUT_UNREADABLE, TREE_LINK_OUTSIDE, TREE_UNKEEPABLE and
   * SOURCE_CHANGING; `shown` is what they call the path.
   */
  capture(path: string, shown: string): Shape | Promise<Shape> {
    try {
      const own = lstatSync(path)
      const stats = own.isSymbolicLink() ? statSync(path) : own
      if (!stats.isFile()) return stats.isDirectory() ? this.#captureTree(path, shown) : refuseKind(shown)
      const file = this.#captureFile(path, stats, TEXT_BYTES_MAX)
      const link = stats === own ? {} : { link: linkTarget(path) }
      return file instanceof Promise
        ? file.then(
            content => ({ kind: 'file', ...content, ...link }),
            problem => refuseUnreadable(problem, shown),
          )
        : { kind: 'file', ...file, ...link }
    } catch (problem) {
      return refuseUnreadable(problem, shown)
    }
  }

  /** Whether `path` is what `shape` says, without writing. At once unless a large file must be read. */
  isRight(path: string, shape: Shape): boolean | Promise<boolean> {
    return shape.kind === 'file' ? this.#isFileRight(path, shape) : this.#isTreeRight(path, shape.entries)
  }

  /** Makes `path` what `shape` says. Refuses with BLOB_MISSING and BLOB_DAMAGED. */
  restore(path: string, shape: Shape): Promise<void> {
    const before = this.#busy.get(path)
    if (before === undefined && this.isRight(path, shape) === true) return Promise.resolve()
    const done = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => (shape.kind === 'file' ? this.#restoreFile(path, shape) : this.#restoreTree(path, shape.entries)))
    this.#busy.set(path, done)
    const forget = (): void => void (this.#busy.get(path) === done && this.#busy.delete(path))
    done.then(forget, forget)
    return done
  }

  async #captureTree(root: string, shown: string): Promise<Shape> {
    const found: (Entry | Found)[] = []
    const rest = slices()
    try {
      await walk(root, '', async (path, name) => {
        found.push(entryOf(root, path, name, shown))
        await rest()
      })
      const small = found.reduce((sum, each) => sum + (isSmall(each) ? each.stats.size : 0), 0)
      const textMax = small <= TREE_TEXT_BYTES_MAX ? TEXT_BYTES_MAX : 0
      const entries: (Entry | Promise<Entry>)[] = []
      for (const each of found) {
        entries.push(isFound(each) ? this.#captureEntry(root, each, textMax) : each)
        await rest()
      }
      return { kind: 'tree', entries: (await Promise.all(entries)).sort(byPath) }
    } catch (problem) {
      return refuseUnreadable(problem, shown)
    }
  }

  #captureEntry(root: string, { path, stats }: Found, textMax: number): Entry | Promise<Entry> {
    const file = this.#captureFile(join(root, path), stats, textMax)
    if (!(file instanceof Promise)) return { kind: 'file', path, ...file }
    // What is refused after another one has been is nobody's to hear.
    file.catch(() => undefined)
    return file.then(content => ({ kind: 'file', path, ...content }))
  }

  #captureFile(path: string, stats: Stats, textMax: number): FileShape | Promise<FileShape> {
    const executable = isExecutable(stats)
    if (stats.size > textMax) return this.#turn(() => this.#keep(path, stats))
    const { hash, sizeBytes, bytes } = this.#stamps.readNow(path, stats)
    // It may have grown since.
    if (bytes.length > textMax || !isUtf8(bytes)) return this.#putBytes(bytes, { hash, sizeBytes, executable })
    this.#inspect?.(bytes, `The file ${path}`)
    return {
      hash,
      sizeBytes,
      executable,
      text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    }
  }

  async #putBytes(bytes: Uint8Array, file: FileShape): Promise<FileShape> {
    await this.#blobs.put(bytes)
    return file
  }

  async #keep(path: string, stats: Stats): Promise<FileShape> {
    const executable = isExecutable(stats)
    const seen = this.#stamps.known(path, stats)
    if (seen !== undefined && (await this.#blobs.has(seen))) return { hash: seen, sizeBytes: stats.size, executable }
    if (stats.size <= NOW_BYTES_MAX) {
      const { hash, sizeBytes, bytes } = this.#stamps.readNow(path, stats)
      return this.#putBytes(bytes, { hash, sizeBytes, executable })
    }
    const lookedAtMs = Date.now()
    const { hash, sizeBytes } = await this.#blobs.putFile(path)
    const after = statSync(path)
    if (after.mtimeMs === stats.mtimeMs && after.ctimeMs === stats.ctimeMs && after.size === sizeBytes)
      this.#stamps.remember(path, after, hash, lookedAtMs)
    return { hash, sizeBytes, executable }
  }

  async #restoreTree(root: string, entries: readonly Entry[]): Promise<void> {
    const wanted = new Map(entries.map(entry => [entry.path, entry]))
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) removeForeign(root, '', wanted)
    else rmSync(root, { force: true })
    mkdirSync(root, { recursive: true })
    const rest = slices()
    const writing: Promise<void>[] = []
    for (const entry of entries) {
      const work = this.#restoreEntry(join(root, entry.path), entry)
      // The first refusal is the one that is told.
      work?.catch(() => undefined)
      if (work) writing.push(work)
      await rest()
    }
    await Promise.all(writing)
  }

  #restoreEntry(path: string, entry: Entry): Promise<void> | undefined {
    switch (entry.kind) {
      case 'dir':
        mkdirSync(path, { recursive: true })
        return undefined
      case 'link':
        if (linkTarget(path) === entry.target) return undefined
        rmSync(path, { force: true })
        symlinkSync(entry.target, path)
        return undefined
      case 'file': {
        const right = this.#isFileRight(path, entry)
        return right === true ? undefined : this.#turn(() => this.#restoreFile(path, entry))
      }
    }
  }

  async #restoreFile(path: string, file: FileShape): Promise<void> {
    const present = presentStats(path, file)
    if (present && (await this.#hasContent(path, present, file))) {
      if (isExecutable(present) !== file.executable) await chmod(path, modeOf(file))
      return
    }
    if (present?.isDirectory()) await rm(path, { recursive: true })
    mkdirSync(dirname(path), { recursive: true })
    if (file.link !== undefined && (await this.#restoreLink(path, file.link, file))) return
    const fresh = `${path}.${randomUUID()}.tmp`
    const lookedAtMs = Date.now()
    try {
      if (file.text !== undefined) writeNow(fresh, file.text, file)
      else if (file.sizeBytes <= NOW_BYTES_MAX) writeNow(fresh, await this.#blobs.get(file.hash), file)
      else await this.#copyBlob(file, fresh)
      await rename(fresh, path)
    } catch (problem) {
      rmSync(fresh, { force: true })
      throw problem
    }
    // Racy, so it is settled later; a file that another one has written meanwhile has another size, or is hashed then.
    this.#stamps.remember(path, lstatSync(path), file.hash, lookedAtMs)
  }

  /** Only to what was there when it was captured; else its content is put in its place. */
  async #restoreLink(path: string, target: string, file: FileShape): Promise<boolean> {
    const aim = resolve(dirname(path), target)
    const stats = statSync(aim, { throwIfNoEntry: false })
    if (stats === undefined || !(await this.#hasContent(aim, stats, file))) return false
    rmSync(path, { force: true })
    symlinkSync(target, path)
    return true
  }

  async #copyBlob(file: FileShape, fresh: string): Promise<void> {
    await copyFile(await this.#blobs.file(file.hash), fresh, constants.COPYFILE_FICLONE)
    // The store's file cannot be written to; the user's can.
    chmodSync(fresh, modeOf(file))
    if ((await hashFile(fresh)) !== file.hash) refuseDamaged(file.hash)
  }

  #isFileRight(path: string, file: FileShape): boolean | Promise<boolean> {
    const stats = presentStats(path, file)
    if (stats === undefined || isExecutable(stats) !== file.executable) return false
    return this.#hasContent(path, stats, file)
  }

  #hasContent(path: string, stats: Stats, file: FileShape): boolean | Promise<boolean> {
    if (!stats.isFile() || stats.size !== file.sizeBytes) return false
    const known = this.#stamps.known(path, stats)
    if (known !== undefined) return known === file.hash
    // Who cannot read it, or finds it changing, has not what was captured.
    const wrong = (): boolean => false
    if (stats.size > NOW_BYTES_MAX)
      return this.#stamps.hashOf(path, stats).then(({ hash }) => hash === file.hash, wrong)
    try {
      return this.#stamps.hashNow(path, stats).hash === file.hash
    } catch {
      return wrong()
    }
  }

  #isTreeRight(root: string, entries: readonly Entry[]): boolean | Promise<boolean> {
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory() || !hasNames(root, entries)) return false
    const later: Promise<boolean>[] = []
    for (const entry of entries) {
      const right = this.#isEntryRight(join(root, entry.path), entry)
      if (right === false) return false
      if (right !== true) later.push(right)
    }
    return later.length === 0 ? true : Promise.all(later).then(rights => rights.every(Boolean))
  }

  #isEntryRight(path: string, entry: Entry): boolean | Promise<boolean> {
    switch (entry.kind) {
      case 'dir':
        // Its name and kind have been looked at.
        return true
      case 'link':
        return linkTarget(path) === entry.target
      case 'file':
        return this.#isFileRight(path, entry)
    }
  }
}

/** A file whose content is not known yet. */
interface Found {
  readonly path: string
  readonly stats: Stats
}

/** Of what a path leads to, where it is the link that was captured. */
const presentStats = (path: string, { link }: FileShape): Stats | undefined =>
  link !== undefined && linkTarget(path) === link
    ? statSync(path, { throwIfNoEntry: false })
    : lstatSync(path, { throwIfNoEntry: false })

const isFound = (each: Entry | Found): each is Found => 'stats' in each
const isSmall = (each: Entry | Found): each is Found => isFound(each) && each.stats.size <= TEXT_BYTES_MAX

function entryOf(root: string, path: string, name: Dirent, shown: string): Entry | Found {
  if (name.isDirectory()) return { kind: 'dir', path }
  if (name.isSymbolicLink()) return captureLink(root, path, shown)
  if (!name.isFile()) refuseKind(`${shown}/${path}`)
  return { path, stats: lstatSync(join(root, path)) }
}

async function walk(root: string, folder: string, visit: (path: string, name: Dirent) => Promise<void>): Promise<void> {
  for (const name of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${name.name}` : name.name
    await visit(path, name)
    if (name.isDirectory()) await walk(root, path, visit)
  }
}

type EntryKind = Entry['kind'] | 'other'

const kindOf = (name: Dirent): EntryKind =>
  name.isDirectory() ? 'dir' : name.isSymbolicLink() ? 'link' : name.isFile() ? 'file' : 'other'

/** Whether a folder has these entries, of these kinds, and no other. */
function hasNames(root: string, entries: readonly Entry[]): boolean {
  const wanted = new Map(entries.map(entry => [entry.path, entry.kind]))
  let count = 0
  const isWanted = (folder: string): boolean =>
    readdirSync(join(root, folder), { withFileTypes: true }).every(name => {
      const path = folder ? `${folder}/${name.name}` : name.name
      const kind = kindOf(name)
      count += 1
      return wanted.get(path) === kind && (kind !== 'dir' || isWanted(path))
    })
  try {
    return isWanted('') && count === entries.length
  } catch {
    // A folder that cannot be read, or went meanwhile.
    return false
  }
}

/** Removes what is not wanted at all, or is of another kind: what remains can be completed in place. */
function removeForeign(root: string, folder: string, wanted: ReadonlyMap<string, Entry>): void {
  for (const name of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${name.name}` : name.name
    const kind = kindOf(name)
    if (wanted.get(path)?.kind !== kind) rmSync(join(root, path), { recursive: true, force: true })
    else if (kind === 'dir') removeForeign(root, path, wanted)
  }
}

function captureLink(root: string, path: string, shown: string): Entry {
  const target = readlinkSync(join(root, path))
  const leads = target.startsWith('/') ? undefined : inside(root, resolve(root, dirname(path), target))
  if (leads !== undefined) return { kind: 'link', path, target }
  refuse('TREE_LINK_OUTSIDE', `${shown}/${path} is a link to ${target}, which is outside of ${shown}`, {
    hint: 'Copy the file into the folder, or make the link relative and inside of it.',
  })
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

async function hashFile(path: string): Promise<Hash> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(path), sum)
  return sum.digest('hex')
}

/** With the mode that it has in the end, whatever the process's mask is. */
function writeNow(path: string, content: string | Uint8Array, file: FileShape): void {
  writeFileSync(path, content, { flag: 'wx' })
  chmodSync(path, modeOf(file))
}

const modeOf = ({ executable }: FileShape): number => (executable ? 0o755 : 0o644)
const byPath = (a: Entry, b: Entry): number => (a.path < b.path ? -1 : 1)
const isExecutable = (stats: Stats): boolean => (stats.mode & 0o100) !== 0

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
