/**
 * Digests of rows. SQLite checks how its pages hang together, not what stands in them: a flipped bit in a name or a number
 * would be an answer like any other. So each row that answers a question carries a digest of its columns.
 */
import { hash } from 'node:crypto'
import { asText, type Database, numberColumn, type SqlValue, textColumn } from './database.ts'
import { storeDamaged } from './fault.ts'

export const rowDigest = (columns: readonly SqlValue[]): string =>
  hash('sha256', JSON.stringify(columns), 'hex').slice(0, 32)

/** Refuses with STORE_DAMAGED. `what`: names the row, for people. */
export function checkDigest(what: string, columns: readonly SqlValue[], digest: string): void {
  if (digest !== rowDigest(columns)) storeDamaged(`${what} is not what was written`)
}

/** What is digested of the tables that were there before digests were. */
const DIGESTED = {
  runs: {
    texts: ['run', 'workflow', 'file', 'graph', 'bundle', 'args', 'status'],
    rest: ['created_ms', 'updated_ms', 'ended_ms'].map(numberColumn),
  },
  leases: {
    texts: ['run'],
    rest: [
      numberColumn('fence'),
      textColumn('owner'),
      textColumn('process'),
      ...['taken_ms', 'until_ms'].map(numberColumn),
    ],
  },
  mailbox: { texts: ['id', 'run', 'message'], rest: [numberColumn('wanted'), textColumn('reply')] },
}

/**
 * Gives their digest to rows from before there were digests, once: later on a row without one is damaged. (Believed, it would
 * have been the one row in which a flipped bit is not seen: one that moves the ends of its columns can empty the last.)
 */
export function fillDigests(database: Database): void {
  for (const [table, { texts, rest }] of Object.entries(DIGESTED)) {
    const columns = [...texts.map(textColumn), ...rest].join(', ')
    const rows = database.prepare(`SELECT rowid, ${columns} FROM ${table} WHERE digest = ''`).all([])
    const fill = database.prepare(`UPDATE ${table} SET digest = ? WHERE rowid = ?`)
    for (const [id = 0, ...found] of rows) {
      const digested = found.map(value => (value instanceof Uint8Array ? asText(value) : value))
      fill.run([rowDigest(digested), id])
    }
  }
}
