/** Folded states, to bound the time of a recovery. Only a cache: one that is damaged or gone costs a longer fold. */
import { createHash } from 'node:crypto'
import { asText, numberColumn, textColumn } from './database.ts'
import type { Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

/** The newest, and the one before in case the newest is damaged. */
const KEPT = 2

const PUT = 'INSERT OR REPLACE INTO snapshots (run, seq, bytes, digest) VALUES (?, ?, ?, ?)'
/** Read as bytes, whatever a flipped bit makes of it. */
const FIND = `SELECT ${numberColumn('seq')}, CAST(bytes AS BLOB), ${textColumn('digest')} FROM snapshots WHERE run = ?
  ORDER BY seq DESC`
const PRUNE = `DELETE FROM snapshots WHERE run = ? AND seq NOT IN
  (SELECT seq FROM snapshots WHERE run = ? ORDER BY seq DESC LIMIT ${KEPT})`

export function openSnapshots(writing: Writing): Store['snapshots'] {
  const { database } = writing
  return {
    put: (run, seq, bytes) =>
      void transact(writing, () => {
        database.prepare(PUT).run([run, seq, Buffer.from(bytes), digestOf(run, seq, bytes)])
        database.prepare(PRUNE).run([run, run])
      }),
    latest: run => {
      for (const [seq, bytes, digest] of patiently(() => database.prepare(FIND).all([run]))) {
        if (bytes instanceof Uint8Array && digestOf(run, Number(seq), bytes) === asText(digest))
          return { seq: Number(seq), bytes }
      }
      return undefined
    },
  }
}

/** Of the place, too: the right state at another place of the log is a wrong one. */
const digestOf = (run: string, seq: number, bytes: Uint8Array): string =>
  createHash('sha256')
    .update(JSON.stringify([run, seq]))
    .update(bytes)
    .digest('hex')
