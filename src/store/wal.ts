/**
 * The sync of SQLite's write-ahead log, which makes a commit survive power loss, done by us instead of SQLite.
 *
 * SQLite runs with synchronous=NORMAL: it keeps the order that a recovery needs (log before database), and syncs only at
 * checkpoints. Under FULL we sync the log's file after each commit of events and before its acknowledgement. That is one
 * `fdatasync`, where SQLite's own FULL does an `fsync`, which also waits for the file's times: measured 225 against 274 µs a
 * commit where a raw fdatasync took 200. On macOS, Node syncs through the drive's cache (F_FULLFSYNC), SQLite would not.
 *
 * A sync that also has to keep a new length of the file takes twice as long (257 against 120 µs), so a WAL that is used more
 * than a little is lengthened at once, with zeros, to what it grows to between two checkpoints. SQLite reads up to the first
 * frame that is not of this round, as it does behind every checkpoint.
 *
 * The price: for the length of a sync, other processes can read events that a power loss could still take back. Nothing
 * is built on them: they have no lease on that run, and whatever they append to the same log is synced after it.
 */
import { closeSync, existsSync, fdatasyncSync, fstatSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from './store.ts'

export interface Wal {
  sync(): void
  close(): void
}

export const walPath = (folder: string): string => join(folder, 'store.db-wal')

export interface WalOptions {
  readonly folder: string
  readonly durability: Durability
  /** How long the file grows, about. */
  readonly bytesMax: number
  /** Does the work while nobody writes to the database, or not at all when somebody is about to. */
  readonly alone: (work: () => void) => void
}

/** Lengthening pays from about so many syncs on. */
const SYNCS_PER_LOOK = 16

export function openWal({ folder, durability, bytesMax, alone }: WalOptions): Wal {
  if (durability === 'normal') return { sync: () => {}, close: () => {} }
  let descriptor: number | undefined
  let syncs = 0
  return {
    sync: () => {
      // SQLite creates the file with its first commit, and keeps it for as long as anybody has the database open.
      descriptor ??= openSynced(folder)
      fdatasyncSync(descriptor)
      syncs += 1
      // Again now and then: whoever closes the store cuts the file.
      if (syncs % SYNCS_PER_LOOK === 0 && fstatSync(descriptor).size < bytesMax) {
        alone(() => lengthen(walPath(folder), bytesMax))
      }
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}

function lengthen(path: string, bytesMax: number): void {
  const file = openSync(path, 'r+')
  try {
    const { size } = fstatSync(file)
    if (size < bytesMax) writeSync(file, new Uint8Array(bytesMax - size), 0, undefined, size)
    fdatasyncSync(file)
  } catch {
    // A full disk: nothing is lost, and who next commits something is told.
  } finally {
    closeSync(file)
  }
}

/** A new file is only durable when its folder's entry is. */
function openSynced(folder: string): number {
  syncFolder(folder)
  return openSync(walPath(folder), 'r')
}

/** The names in it. */
export function syncFolder(folder: string): void {
  const names = openSync(folder, 'r')
  try {
    fsyncSync(names)
  } finally {
    closeSync(names)
  }
}

/** For who has no store open: makes durable what was committed. */
export function syncWal(folder: string): void {
  if (!existsSync(walPath(folder))) return
  const wal = openSync(walPath(folder), 'r')
  try {
    fdatasyncSync(wal)
  } finally {
    closeSync(wal)
  }
}
