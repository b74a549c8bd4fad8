/** Requests from other processes to a run's owner. Taking removes; a message that its taker did not act on is lost. */
import type { Mail, Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

const POST = 'INSERT INTO mailbox (run, message) VALUES (?, ?)'
const FIND = 'SELECT id, message FROM mailbox WHERE run = ? ORDER BY id'
const REMOVE = 'DELETE FROM mailbox WHERE id = ?'

export function openMailbox(writing: Writing): Store['mailbox'] {
  const { database } = writing
  return {
    post: (run, message) => void transact(writing, () => database.prepare(POST).run([run, JSON.stringify(message)])),
    take: run => {
      // An owner polls: the usual empty answer costs one query and no lock.
      if (patiently(() => database.prepare(FIND).all([run])).length === 0) return []
      return transact(writing, () => {
        const found = database.prepare(FIND).all([run])
        for (const [id] of found) database.prepare(REMOVE).run([Number(id)])
        // Only `post` writes them.
        return found.map(([, message]) => JSON.parse(String(message)) as Mail)
      })
    },
  }
}
