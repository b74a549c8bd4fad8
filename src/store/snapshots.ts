/** Folded states, to bound the time of a recovery. Only a cache: one that is damaged or gone costs a longer fold. */
import { createHash } from 'node:crypto'
import type { Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

/** The newest, and the one before in case the newest is damaged. */
const KEPT = 2

const PUT = 'INSERT OR REPLACE INTO snapshots (run, seq, bytes, digest) VALUES (?, ?, ?, ?)'
const FIND = 'SELECT seq, bytes, digest FROM snapshots WHERE run = ? ORDER BY seq DESC'
const PRUNE = `DELETE FROM snapshots WHERE run = ? AND seq NOT IN
  (SELECT seq FROM snapshots WHERE run = ? ORDER BY seq DESC LIMIT ${KEPT})`

export function openSnapshots(writing: Writing): Store['snapshots'] {
  const { database } = writing
  return {
    put: (run, seq, bytes) =>
      void transact(writing, () => {
        database.prepare(PUT).run([run, seq, Buffer.from(bytes), digestOf(bytes)])
        database.prepare(PRUNE).run([run, run])
      }),
    latest: run => {
      for (const [seq, bytes, digest] of patiently(() => database.prepare(FIND).all([run]))) {
        if (bytes instanceof Uint8Array && digestOf(bytes) === digest) return { seq: Number(seq), bytes }
      }
      return undefined
    },
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
