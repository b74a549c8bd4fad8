/**
 * Bytes by their SHA-256, as read-only files `blobs/ab/cdef…`. A file gets its name only when it is whole: written beside,
 * synced (FULL), renamed, and the folders synced that its name stands in. A name that exists is not written again, unless
 * what it names is not what it should be, only touched, which tells gc that somebody is about to name it in an event.
 *
 * Under NORMAL small content is written in the thread that asks: that takes microseconds, and waiting for another thread
 * takes longer. Under FULL it is not: where files are synced, making one may have to wait for the disk.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants, createReadStream, mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { access, copyFile, type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { refusingLater, systemCode } from './fault.ts'
import type { Blobs, Durability } from './store.ts'

/** A blob that was touched since is not touched again: gc spares what is much younger than its grace period. */
const TOUCH_MS = 5 * 60_000

/** By then whoever made a file or folder has synced its name, or is dead. */
const YOUNG_MS = 60_000
/** Content up to this size is written in the thread that asks. */
const SMALL_BYTES_MAX = 256 * 1024
/** How many hashes an opening remembers, so that equal values are not read again: a few MB. */
const KNOWN_MAX = 20_000

/** What a blob is to hold. */
interface Content {
  readonly write: (path: string) => Promise<void>
  /** Whether the file holds it: one that was damaged is made anew by whoever makes its value again. */
  readonly isIn: (path: string) => Promise<boolean>
}

export const blobFolder = (storeFolder: string): string => join(storeFolder, 'blobs')
export const blobPath = (storeFolder: string, hash: Hash): string =>
  join(blobFolder(storeFolder), hash.slice(0, 2), hash.slice(2))

/** The blobs of a store alone, without its database: what a worker in another process is given. */
export const openBlobFolder = (storeFolder: string, durability: Durability = 'full'): Blobs =>
  openBlobs(storeFolder, durability)

export function openBlobs(storeFolder: string, durability: Durability): Blobs {
  const incoming = join(blobFolder(storeFolder), 'incoming')
  /** Two puts of one content at a time are one. */
  const underway = new Map<Hash, Promise<void>>()
  let count = 0
  // One folder may be open several times in one process.
  const opening = randomBytes(6).toString('hex')
  const temporary = (): string => join(incoming, `${process.pid}-${opening}-${(count += 1)}`)

  const move = durability === 'normal' ? async (from: string, to: string) => renameSync(from, to) : rename

  /** What this opening has put or found, and made durable. */
  const known = new Set<Hash>()
  const keep = async (hash: Hash, content: Content): Promise<void> => {
    const path = blobPath(storeFolder, hash)
    const age = ageOf(path)
    if (age !== undefined && (known.has(hash) || (await content.isIn(path)))) {
      // Another process may have just given it its name, and not yet synced that.
      if (!known.has(hash) && age < YOUNG_MS) await syncNames(path)
      return remember(hash)
    }
    const from = temporary()
    try {
      mkdirSync(incoming, { recursive: true })
      await content.write(from)
      const isNewShelf = mkdirSync(dirname(path), { recursive: true }) !== undefined
      await move(from, path)
      await (isNewShelf || !shelves.has(dirname(path)) ? syncNames(path) : syncNames(path, 'shelf'))
      remember(hash)
    } catch (error) {
      await rm(from, { force: true })
      throw error
    }
  }
  const remember = (hash: Hash): void => {
    if (known.size >= KNOWN_MAX) known.clear()
    known.add(hash)
  }
  /** Folders whose own names are known to be durable: once for each opening, since another process may have made them. */
  const shelves = new Set<string>()
  const syncNames = async (path: string, which: 'all' | 'shelf' = 'all'): Promise<void> => {
    if (durability !== 'full') return
    const shelf = dirname(path)
    await syncFolders(which === 'shelf' ? [shelf] : [shelf, blobFolder(storeFolder), storeFolder])
    shelves.add(shelf)
  }
  const keepOnce = (hash: Hash, content: Content): Promise<void> => {
    const existing = underway.get(hash)
    if (existing) return existing
    const work = refusingLater(storeFolder, () => keep(hash, content)).finally(() => underway.delete(hash))
    underway.set(hash, work)
    return work
  }

  return {
    put: async bytes => {
      const hash = createHash('sha256').update(bytes).digest('hex')
      await keepOnce(hash, {
        write: path =>
          durability === 'normal' && bytes.length <= SMALL_BYTES_MAX
            ? writeSmall(path, bytes)
            : writeNew(path, durability, file => file.writeFile(bytes)),
        isIn: async path => bytes.length === (await stat(path)).size && (await readFile(path)).equals(bytes),
      })
      return hash
    },
    putFile: async source => {
      // Copied first, then hashed: the source may change meanwhile, the copy cannot.
      const copy = temporary()
      await mkdir(incoming, { recursive: true })
      try {
        await copyIn(source, copy, storeFolder)
        const { hash, sizeBytes } = await hashFile(copy)
        await keepOnce(hash, {
          write: path => adopt(copy, path, durability),
          isIn: async path => sizeBytes === (await stat(path)).size && (await hashFile(path)).hash === hash,
        })
        return { hash, sizeBytes }
      } finally {
        await rm(copy, { force: true })
      }
    },
    get: async hash => {
      const bytes = await readFile(blobPath(storeFolder, checkedHash(hash))).catch(error => missing(hash, error))
      if (createHash('sha256').update(bytes).digest('hex') !== hash) damaged(hash)
      return bytes
    },
    has: async hash => {
      const path = blobPath(storeFolder, checkedHash(hash))
      const age = ageOf(path)
      if (age !== undefined && age < YOUNG_MS && !known.has(hash)) await syncNames(path)
      return age !== undefined
    },
    file: async hash => {
      const path = blobPath(storeFolder, checkedHash(hash))
      await access(path).catch(error => missing(hash, error))
      return path
    },
  }
}

/** Streams a file through SHA-256. */
export async function hashFile(path: string): Promise<{ readonly hash: Hash; readonly sizeBytes: number }> {
  const sum = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path)) {
    sum.update(chunk)
    sizeBytes += chunk.length
  }
  return { hash: sum.digest('hex'), sizeBytes }
}

/** How long ago it was made or touched, in ms; `undefined`: it is not there. If it is, its time says that it was asked for. */
function ageOf(path: string): number | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return undefined
    const nowMs = Date.now()
    if (nowMs - stats.mtimeMs > TOUCH_MS) utimesSync(path, new Date(), new Date())
    return nowMs - stats.ctimeMs
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function writeSmall(path: string, bytes: Uint8Array): Promise<void> {
  writeFileSync(path, bytes, { flag: 'wx', mode: 0o444 })
}

async function writeNew(
  path: string,
  durability: Durability,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx', 0o444)
  try {
    await write(file)
    if (durability === 'full') await file.datasync()
  } finally {
    await file.close()
  }
}

/** By reflink where the file system can: then it costs no space and no time. */
async function copyIn(source: string, copy: string, storeFolder: string): Promise<void> {
  // What the user's file refuses is told as it is; only what the store's disk refuses is the store's.
  await access(source, constants.R_OK)
  await refusingLater(storeFolder, () => copyFile(source, copy, constants.COPYFILE_FICLONE))
}

async function adopt(copy: string, path: string, durability: Durability): Promise<void> {
  const file = await open(copy, 'r')
  try {
    await file.chmod(0o444)
    if (durability === 'full') await file.datasync()
  } finally {
    await file.close()
  }
  await rename(copy, path)
}

async function syncFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  }
}

/** An address comes from events and from users' commands: only what looks like one becomes a path. */
function checkedHash(hash: Hash): Hash {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash
  refuse('BLOB_MISSING', `'${hash}' is not the address of a value`)
}

function missing(hash: Hash, error: unknown): never {
  if (systemCode(error) !== 'ENOENT') throw error
  refuse('BLOB_MISSING', `the value ${hash} is not in the store`, {
    hint: 'It was removed from the folder by hand, or by a gc; run the step that made it again (`tutti redrive --from STEP`).',
  })
}

function damaged(hash: Hash): never {
  refuse('BLOB_DAMAGED', `the value ${hash} in the store is not what was written`, {
    hint: 'Run `tutti doctor`, then run the step that made it again (`tutti redrive --from STEP`).',
  })
}
