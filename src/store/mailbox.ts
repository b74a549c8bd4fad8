/**
 * Requests to a run's owner, from any process. A letter is removed when its owner says what became of it, after the events
 * that follow from it are durable: a crash in between delivers it twice, and its id lets the receiver see that. Letters to
 * a run that nobody runs wait for the one that resumes it.
 */
import { randomBytes } from 'node:crypto'
import { refuse } from '../util/diagnostic.ts'
import { asText, type Database, numberColumn, type SqlRow, textColumn } from './database.ts'
import { checkDigest, rowDigest } from './digest.ts'
import { storeDamaged } from './fault.ts'
import type { Mail, Reply, Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

/** How long a reply is kept that its sender did not take: it has died meanwhile. */
const REPLY_MS = 600_000

const RUN = 'SELECT ended_ms FROM runs WHERE run = ?'
const POST = 'INSERT INTO mailbox (id, run, message, wanted, digest) VALUES (?, ?, ?, ?, ?)'
const COLUMNS = [
  textColumn('id'),
  textColumn('run'),
  textColumn('message'),
  numberColumn('wanted'),
  textColumn('reply'),
  textColumn('digest'),
]
const ALL = `SELECT ${COLUMNS.join(', ')} FROM mailbox ORDER BY number`
const ONE = `SELECT ${COLUMNS.join(', ')} FROM mailbox WHERE id = ?`
/** Letters are found by the one and answered by the other: a damaged page must not hide one. */
const COUNTS = `SELECT (SELECT count(*) FROM mailbox NOT INDEXED),
  (SELECT count(*) FROM mailbox INDEXED BY sqlite_autoindex_mailbox_1)`
const KEEP_REPLY = 'UPDATE mailbox SET reply = ?, replied_ms = ?, digest = ? WHERE id = ?'
const REMOVE = 'DELETE FROM mailbox WHERE id = ?'
const REMOVE_OPEN = 'DELETE FROM mailbox WHERE id = ? AND reply IS NULL'
const REMOVE_OLD = 'DELETE FROM mailbox WHERE replied_ms < ?'

export function openMailbox(writing: Writing): Store['mailbox'] {
  const { database } = writing
  return {
    post: (run, mail, reply = 'unwanted') => {
      const id = `letter-${randomBytes(12).toString('hex')}`
      transact(writing, () => {
        checkLive(database, run)
        const columns = [id, run, JSON.stringify(mail), reply === 'wanted' ? 1 : 0]
        database.prepare(POST).run([...columns, rowDigest([...columns, null])])
      })
      return id
    },
    open: runs =>
      patiently(() => allLetters(database))
        .filter(({ run, reply }) => reply === null && runs.has(run))
        // Only `post` writes them.
        .map(({ id, run, message }) => ({ id, run, mail: JSON.parse(message) as Mail })),
    reply: replies => {
      if (replies.length === 0) return
      transact(writing, () => {
        const nowMs = Date.now()
        for (const { id, reply } of replies) {
          const letter = findLetter(database, id)
          if (letter && letter.wanted !== 1) database.prepare(REMOVE).run([id])
          else if (letter) keepReply(database, letter, JSON.stringify(reply), nowMs)
        }
        database.prepare(REMOVE_OLD).run([nowMs - REPLY_MS])
      })
    },
    takeReply: id => {
      const reply = patiently(() => findLetter(database, id))?.reply
      if (typeof reply !== 'string') return undefined
      transact(writing, () => database.prepare(REMOVE).run([id]))
      return JSON.parse(reply) as Reply // written by `reply` above
    },
    withdraw: id => transact(writing, () => database.prepare(REMOVE_OPEN).run([id])) === 1,
  }
}

interface Row {
  readonly id: string
  readonly run: string
  readonly message: string
  readonly wanted: number
  /** `null`: none yet. */
  readonly reply: string | null
}

/** Refuses with STORE_DAMAGED. */
export function allLetters(database: Database): readonly Row[] {
  const [inTable, inIndex] = database.prepare(COUNTS).all([])[0] ?? []
  if (inTable !== inIndex) storeDamaged('the mailbox has lost letters')
  return inTable === 0 ? [] : database.prepare(ALL).all([]).map(parseLetter)
}

const findLetter = (database: Database, id: string): Row | undefined =>
  database.prepare(ONE).all([id]).map(parseLetter)[0]

function keepReply(database: Database, { id, run, message, wanted }: Row, reply: string, nowMs: number): void {
  database.prepare(KEEP_REPLY).run([reply, nowMs, rowDigest([id, run, message, wanted, reply]), id])
}

function parseLetter(columns: SqlRow): Row {
  const [id = '', run = '', message = ''] = columns.slice(0, 3).map(asText)
  const wanted = Number(columns[3])
  const reply = columns[4] === null ? null : asText(columns[4])
  checkDigest(`a letter to run '${run}'`, [id, run, message, wanted, reply], asText(columns[5]))
  return { id, run, message, wanted, reply }
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
