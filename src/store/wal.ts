/**
 * The sync of SQLite's write-ahead log, which makes a commit survive power loss, done by us instead of SQLite.
 *
 * SQLite runs with synchronous=NORMAL: it keeps the order that a recovery needs (log before database), and syncs only at
 * checkpoints. Under FULL we sync the log's file after each commit of events and before its acknowledgement. That is one
 * `fdatasync`, where SQLite's own FULL does an `fsync`, which also waits for the file's times: measured 225 against 274 µs a
 * commit where a raw fdatasync took 200. On macOS, Node syncs through the drive's cache (F_FULLFSYNC), SQLite would not.
 *
 * The price: for the length of a sync, other processes can read events that a power loss could still take back. Nothing
 * is built on them: they have no lease on that run, and whatever they append to the same log is synced after it.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from './store.ts'

export interface Wal {
  sync(): void
  close(): void
}

export const walPath = (folder: string): string => join(folder, 'store.db-wal')

export function openWal(folder: string, durability: Durability): Wal {
  if (durability === 'normal') return { sync: () => {}, close: () => {} }
  let descriptor: number | undefined
  return {
    sync: () => {
      // SQLite creates the file with its first commit, and keeps it for as long as anybody has the database open.
      descriptor ??= openSynced(folder)
      fdatasyncSync(descriptor)
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}

/** A new file is only durable when its folder's entry is. */
function openSynced(folder: string): number {
  const entries = openSync(folder, 'r')
  fsyncSync(entries)
  closeSync(entries)
  return openSync(walPath(folder), 'r')
}
