/**
 * Requests to a run's owner, from any process. A letter is removed when its owner says what became of it, after the events
 * that follow from it are durable: a crash in between delivers it twice, and its id lets the receiver see that. Letters to
 * a run that nobody runs wait for the one that resumes it.
 */
import { randomBytes } from 'node:crypto'
import { refuse } from '../util/diagnostic.ts'
import { asText, type Database, textColumn } from './database.ts'
import type { Mail, Reply, Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

/** How long a reply is kept that its sender did not take: it has died meanwhile. */
const REPLY_MS = 600_000

const RUN = 'SELECT ended_ms FROM runs WHERE run = ?'
const POST = 'INSERT INTO mailbox (id, run, message, wanted) VALUES (?, ?, ?, ?)'
const OPEN = `SELECT id, run, ${textColumn('message')} FROM mailbox WHERE reply IS NULL ORDER BY number`
const KEEP_REPLY = 'UPDATE mailbox SET reply = ?, replied_ms = ? WHERE id = ? AND wanted = 1'
const REMOVE = 'DELETE FROM mailbox WHERE id = ?'
const REMOVE_UNWANTED = 'DELETE FROM mailbox WHERE id = ? AND wanted = 0'
const REMOVE_OPEN = 'DELETE FROM mailbox WHERE id = ? AND reply IS NULL'
const REMOVE_OLD = 'DELETE FROM mailbox WHERE replied_ms < ?'
const REPLY = 'SELECT reply FROM mailbox WHERE id = ?'

export function openMailbox(writing: Writing): Store['mailbox'] {
  const { database } = writing
  return {
    post: (run, mail, reply = 'unwanted') => {
      const id = `letter-${randomBytes(12).toString('hex')}`
      transact(writing, () => {
        checkLive(database, run)
        database.prepare(POST).run([id, run, JSON.stringify(mail), reply === 'wanted' ? 1 : 0])
      })
      return id
    },
    open: runs =>
      patiently(() => database.prepare(OPEN).all([]))
        .map(([id, run, message]) => ({ id: String(id), run: String(run), message }))
        .filter(({ run }) => runs.has(run))
        // Only `post` writes them.
        .map(({ id, run, message }) => ({ id, run, mail: JSON.parse(asText(message)) as Mail })),
    reply: replies => {
      if (replies.length === 0) return
      transact(writing, () => {
        const nowMs = Date.now()
        for (const { id, reply } of replies) {
          database.prepare(REMOVE_UNWANTED).run([id])
          database.prepare(KEEP_REPLY).run([JSON.stringify(reply), nowMs, id])
        }
        database.prepare(REMOVE_OLD).run([nowMs - REPLY_MS])
      })
    },
    takeReply: id => {
      const reply = patiently(() => database.prepare(REPLY).all([id]))[0]?.[0]
      if (typeof reply !== 'string') return undefined
      transact(writing, () => database.prepare(REMOVE).run([id]))
      return JSON.parse(reply) as Reply // written by `reply` above
    },
    withdraw: id => transact(writing, () => database.prepare(REMOVE_OPEN).run([id])) === 1,
  }
}

/** In the transaction that posts: the end of a run and its last look into the mailbox leave no gap. */
function checkLive(database: Database, run: string): void {
  const [row] = database.prepare(RUN).all([run])
  if (!row) refuse('RUN_UNKNOWN', `there is no run '${run}' in the store`, { hint: '`tutti runs` lists them.' })
  if (typeof row[0] === 'number')
    refuse('RUN_ENDED', `run '${run}' has ended`, {
      hint: 'Nothing can be asked of it; `tutti redrive` runs it again.',
    })
}
