/**
 * Digests of rows. SQLite checks how its pages hang together, not what stands in them: a flipped bit in a name or a number
 * would be an answer like any other. So each row that answers a question carries a digest of its columns.
 */
import { hash } from 'node:crypto'
import type { SqlValue } from './database.ts'
import { storeDamaged } from './fault.ts'

/** What rows have that were written before there were digests; they are believed. */
const NONE = ''

export const rowDigest = (columns: readonly SqlValue[]): string =>
  hash('sha256', JSON.stringify(columns), 'hex').slice(0, 32)

/** Refuses with STORE_DAMAGED. `what`: names the row, for people. */
export function checkDigest(what: string, columns: readonly SqlValue[], digest: string): void {
  if (digest !== NONE && digest !== rowDigest(columns)) storeDamaged(`${what} is not what was written`)
}
