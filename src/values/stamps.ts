/**
 * Hashes of files and folders by their stamps, so that nothing is read again that has not changed: one for all who ask in a
 * process, kept between processes in one file of the store.
 *
 * A stamp is modification time, change time, size and inode. Times are doubles in milliseconds as Node gives them: good to
 * a quarter of a microsecond, finer than any kernel's clock of files, and far cheaper than bigints. The hash of a folder is
 * that of the names and kinds in it, not of what these hold.
 *
 *   P1. A hash is given for a stamp only if any later change would have given another stamp. A file that was changed so
 *       shortly before it was read that it could change once more within one tick of its clock is not remembered (git
 *       calls that racy), nor is one whose times lie in the future.
 *   P2. A hash is that of a file that did not change while it was read.
 *   P3. A file of stamps that is damaged, older or foreign is an empty one; it is replaced whole or not at all.
 */
import { hash, createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { limit } from './limit.ts'

/** What a file held when it was hashed. */
export interface Content {
  readonly hash: Hash
  readonly sizeBytes: number
}

/** What `fs.Stats` has, too. */
export interface Stamp {
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly size: number
  readonly ino: number
}

export interface Stamped extends Stamp {
  readonly hash: Hash
}

/** As `fs.Stats` has it; in words of our own, since users' programs compile against this without the types of Node. */
export interface FileStats extends Stamp {
  isFile(): boolean
  isDirectory(): boolean
}

/** As `fs.Dirent` has it. */
export interface Listed {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** Times with a part below a millisecond come from a clock of nanoseconds, which Linux sets each tick: 10 ms at most. */
const FINE_MS = 20
/** The coarsest clock of a file system that Tutti expects (FAT has two seconds, others one). */
const COARSE_MS = 2_000
/** At the bound those go that were read longest ago: what is needed is hashed again. Some 300 bytes each. */
const STAMPS_MAX = 200_000
/** Files up to this size are read at once, in the thread that asks: that is faster than waiting for another one. */
export const NOW_BYTES_MAX = 256 * 1024
/** Larger files that are read at once. */
const READS_MAX = 8
const TRIES_MAX = 5
/** What a process that ends spends on the next one. */
const SETTLE_MS = 30
/** Between two tries, for who is just writing the file. */
const PAUSE_MS = 20

export class Stamps {
  readonly #known = new Map<string, Stamped>()
  /** Read too early to be trusted; `settle` reads them once more. */
  readonly #racy = new Map<string, Stamp>()
  readonly #turn = limit(READS_MAX)
  #changed = false

  constructor(entries: Iterable<readonly [path: string, stamped: Stamped]> = []) {
    for (const [path, stamped] of entries) this.#known.set(path, stamped)
  }

  /** The hash for a stamp that has been seen before; nothing is read. */
  known(path: string, stamp: Stamp): Hash | undefined {
    const seen = this.#known.get(path)
    return seen !== undefined && isSame(seen, stamp) ? seen.hash : undefined
  }

  /** The stamp and hash that were seen last, and may be outdated. */
  get(path: string): Stamped | undefined {
    return this.#known.get(path)
  }

  /** `lookedAtMs`: from before the content was read. A racy stamp is not taken, and forgets the one before it. */
  remember(path: string, stamp: Stamp, hash: Hash, lookedAtMs: number): void {
    this.#changed = true
    this.#known.delete(path)
    this.#racy.delete(path)
    const { mtimeMs, ctimeMs, size, ino } = stamp
    if (isRacy(stamp, lookedAtMs)) this.#racy.set(path, { mtimeMs, ctimeMs, size, ino })
    else this.#known.set(path, { mtimeMs, ctimeMs, size, ino, hash })
    for (const each of [this.#known, this.#racy]) if (each.size > STAMPS_MAX) each.delete(firstOf(each))
  }

  /** Rejects as `stat` and `open` do (EISDIR for a folder); refuses with SOURCE_CHANGING. Follows links. */
  async hashOf(path: string, stats: FileStats = statSync(path)): Promise<Content> {
    for (let tries = 1; ; tries++) {
      const found = this.#found(path, stats) ?? (await this.#look(path, stats))
      if (found) return found
      if (tries >= TRIES_MAX) refuseChanging(path)
      await pause(PAUSE_MS)
      stats = statSync(path)
    }
  }

  /** As `hashOf`, in this thread: for files of which one knows that they are small. */
  hashNow(path: string, stats: FileStats = statSync(path)): Content {
    return this.#found(path, stats) ?? this.#readNow(path, stats, hashOpen)
  }

  /** The content itself with its hash, of a small file. */
  readNow(path: string, stats: FileStats): Content & { readonly bytes: Uint8Array } {
    let bytes: Uint8Array = EMPTY
    const content = this.#readNow(path, stats, file => {
      bytes = readFileSync(file)
      return hash('sha256', bytes, 'hex')
    })
    return { ...content, bytes }
  }

  /** Of a file its hash, of a folder that of its listing; null: nothing is there. In this thread. */
  lookNow(path: string): Hash | null {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return null
    return stats.isDirectory() ? this.listNow(path, stats) : this.hashNow(path, stats).hash
  }

  /** Hash of the names and kinds in a folder. Throws as `stat` and `readdir` do (ENOTDIR). */
  listNow(path: string, stats: FileStats = statSync(path)): Hash {
    return this.known(path, stats) ?? this.readListNow(path, stats).hash
  }

  /** The names themselves, in the order of their code units, with their hash. */
  readListNow(path: string, stats: FileStats): { readonly names: readonly Listed[]; readonly hash: Hash } {
    for (let tries = 1; ; tries++) {
      const lookedAtMs = Date.now()
      const names = readdirSync(path, { withFileTypes: true }).sort(byName)
      const after = statSync(path)
      if (isSame(stats, after)) {
        const hash = hashNames(names)
        this.remember(path, after, hash, lookedAtMs)
        return { names, hash }
      }
      if (tries >= TRIES_MAX) refuseChanging(path)
      stats = after
    }
  }

  /**
   * Reads again what was read too early, where enough time has passed, as far as it gets in `budgetMs`: the next process need
   * not. Gives how many remain.
   */
  settle(budgetMs = Number.POSITIVE_INFINITY): number {
    const nowMs = Date.now()
    const untilMs = performance.now() + budgetMs
    for (const [path, stamp] of [...this.#racy]) {
      if (performance.now() >= untilMs) break
      if (!isRacy(stamp, nowMs)) this.#settleOne(path)
    }
    return this.#racy.size
  }

  entries(): IterableIterator<[path: string, stamped: Stamped]> {
    return this.#known.entries()
  }

  /** Whether there is something to save. */
  get isChanged(): boolean {
    return this.#changed
  }

  saved(): void {
    this.#changed = false
  }

  #settleOne(path: string): void {
    this.#racy.delete(path)
    try {
      const stats = statSync(path)
      if (stats.isDirectory()) this.listNow(path, stats)
      else if (stats.size <= NOW_BYTES_MAX) this.hashNow(path, stats)
    } catch {
      // It is gone, or at work: whoever asks for it next is told.
    }
  }

  #found(path: string, stats: FileStats): Content | undefined {
    if (!stats.isFile()) throw notAFile(path, stats)
    const known = this.known(path, stats)
    return known === undefined ? undefined : { hash: known, sizeBytes: stats.size }
  }

  /** undefined: it changed meanwhile. */
  async #look(path: string, stats: FileStats): Promise<Content | undefined> {
    return stats.size <= NOW_BYTES_MAX ? this.#tryNow(path, stats, hashOpen) : this.#turn(() => this.#tryLong(path))
  }

  #readNow(path: string, stats: FileStats, read: Reader): Content {
    for (let tries = 1; ; tries++) {
      const content = this.#tryNow(path, stats, read)
      if (content) return content
      if (tries >= TRIES_MAX) refuseChanging(path)
      stats = statSync(path)
    }
  }

  #tryNow(path: string, stats: FileStats, read: Reader): Content | undefined {
    const lookedAtMs = Date.now()
    const file = openSync(path, 'r')
    try {
      const hash = read(file, stats.size)
      return this.#unchanged(path, [stats, fstatSync(file)], hash, lookedAtMs)
    } finally {
      closeSync(file)
    }
  }

  async #tryLong(path: string): Promise<Content | undefined> {
    const lookedAtMs = Date.now()
    const file = await open(path, 'r')
    try {
      const before = await file.stat()
      const sum = createHash('sha256')
      for await (const chunk of createReadStream('', { fd: file, autoClose: false, highWaterMark: NOW_BYTES_MAX }))
        sum.update(chunk)
      return this.#unchanged(path, [before, await file.stat()], sum.digest('hex'), lookedAtMs)
    } finally {
      await file.close()
    }
  }

  #unchanged(
    path: string,
    [before, after]: readonly [FileStats, FileStats],
    hash: Hash,
    lookedAtMs: number,
  ): Content | undefined {
    if (!isSame(before, after)) return undefined
    this.remember(path, after, hash, lookedAtMs)
    return { hash, sizeBytes: after.size }
  }
}

/** The hash of what an open file holds. */
type Reader = (file: number, sizeBytes: number) => Hash

const EMPTY = Buffer.alloc(0)

const isSame = (a: Stamp, b: Stamp): boolean =>
  a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino

/** Whether what has this stamp could have changed after it was looked at, and still have it. */
export function isRacy({ mtimeMs, ctimeMs }: Stamp, lookedAtMs: number): boolean {
  const isFine = mtimeMs % 1 !== 0 || ctimeMs % 1 !== 0
  return Math.max(mtimeMs, ctimeMs) > lookedAtMs - (isFine ? FINE_MS : COARSE_MS)
}

const firstOf = (map: ReadonlyMap<string, unknown>): string => map.keys().next().value ?? ''

const buffer = Buffer.allocUnsafeSlow(NOW_BYTES_MAX)

function hashOpen(file: number, sizeBytes: number): Hash {
  const first = readSync(file, buffer, 0, buffer.length, null)
  // The usual small file: all of it is there, and what a second read would find, the second stat tells.
  if (first === sizeBytes && first < buffer.length) return hash('sha256', buffer.subarray(0, first), 'hex')
  const sum = createHash('sha256')
  for (let length = first; length > 0; length = readSync(file, buffer, 0, buffer.length, null))
    sum.update(buffer.subarray(0, length))
  return sum.digest('hex')
}

const byName = (a: Listed, b: Listed): number => (a.name < b.name ? -1 : 1)

const hashNames = (names: readonly Listed[]): Hash =>
  hash('sha256', names.map(each => `${each.name}\0${kindOf(each)}`).join('\0'), 'hex')

const kindOf = (name: Listed): string =>
  name.isFile() ? 'f' : name.isDirectory() ? 'd' : name.isSymbolicLink() ? 'l' : 'o'

/** As the system calls it. */
const IS_FOLDER = 'EISDIR'
const IS_DEVICE = 'EINVAL'

const notAFile = (path: string, stats: FileStats): Error =>
  Object.assign(new Error(`${path} is not a file`), { code: stats.isDirectory() ? IS_FOLDER : IS_DEVICE })

function refuseChanging(path: string): never {
  refuse('SOURCE_CHANGING', `${path} changes while it is read`, {
    hint: 'Let whoever writes it finish first; keep logs and databases that are in use out of the globs.',
  })
}

/** Of each store that is open in this process, by its folder. */
const ofStores = new Map<string, Stamps>()

const fileIn = (storeFolder: string): string => join(storeFolder, 'fresh', 'stamps')

/** The stamps of a store: the same for all who ask in this process, read from its folder at first. */
export function stampsOf(storeFolder: string): Stamps {
  const found = ofStores.get(storeFolder) ?? loadStamps(fileIn(storeFolder))
  ofStores.set(storeFolder, found)
  return found
}

/**
 * Writes them into the store's folder when there is anything new. Another process's are replaced, and what cannot be written is
 * let be: they are a cache.
 */
export function saveStampsOf(storeFolder: string): void {
  const stamps = ofStores.get(storeFolder)
  if (!stamps?.isChanged) return
  stamps.settle(SETTLE_MS)
  try {
    saveStamps(stamps, fileIn(storeFolder))
  } catch {
    // A full disk, a folder that may not be written: the next process reads what this one has read.
  }
}

const MAGIC = 'tutti stamps 1\n'
const DIGEST_BYTES = 32
/** Four doubles and a hash. */
const ROW_BYTES = 4 * 8 + 32

/** Empty when there is none, or it is not what was written. */
export function loadStamps(file: string): Stamps {
  try {
    return new Stamps(unpacked(readFileSync(file)))
  } catch {
    return new Stamps()
  }
}

/** Throws what the disk says. */
export function saveStamps(stamps: Stamps, file: string): void {
  const fresh = `${file}.${randomUUID()}`
  mkdirSync(dirname(file), { recursive: true })
  try {
    writeFileSync(fresh, packed([...stamps.entries()]))
    renameSync(fresh, file)
    stamps.saved()
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** magic, digest of the rest, count; a row of numbers and hash for each; the paths. */
function packed(entries: readonly (readonly [path: string, stamped: Stamped])[]): Buffer {
  const paths = Buffer.from(entries.map(([path]) => path).join('\0'))
  const head = MAGIC.length + DIGEST_BYTES
  const bytes = Buffer.alloc(head + 4 + entries.length * ROW_BYTES + paths.length)
  bytes.write(MAGIC)
  bytes.writeUInt32LE(entries.length, head)
  let at = head + 4
  for (const [, { mtimeMs, ctimeMs, size, ino, hash }] of entries) {
    for (const number of [mtimeMs, ctimeMs, size, ino]) at = bytes.writeDoubleLE(number, at)
    at += bytes.write(hash, at, 'hex')
  }
  paths.copy(bytes, at)
  bytes.write(digestOf(bytes), MAGIC.length, 'hex')
  return bytes
}

function* unpacked(bytes: Buffer): Generator<readonly [path: string, stamped: Stamped]> {
  const head = MAGIC.length + DIGEST_BYTES
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return
  if (bytes.toString('hex', MAGIC.length, head) !== digestOf(bytes)) return
  const count = bytes.readUInt32LE(head)
  const paths = count === 0 ? [] : bytes.toString('utf8', head + 4 + count * ROW_BYTES).split('\0')
  for (const [index, path] of paths.entries()) {
    const at = head + 4 + index * ROW_BYTES
    const [mtimeMs, ctimeMs, size, ino] = [0, 8, 16, 24].map(offset => bytes.readDoubleLE(at + offset)) as [
      number,
      number,
      number,
      number,
    ]
    yield [path, { mtimeMs, ctimeMs, size, ino, hash: bytes.toString('hex', at + 32, at + 64) }]
  }
}

const digestOf = (bytes: Buffer): Hash => hash('sha256', bytes.subarray(MAGIC.length + DIGEST_BYTES), 'hex')
