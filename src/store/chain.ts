/**
 * The rows of the log: the events that one commit added to one run, chained by hashes (S3).
 *
 * The chain covers a row's digest and not its body, so that gc can drop the body of an old run and the chain still checks.
 */
import { hash } from 'node:crypto'
import type { Event } from '../core/engine/protocol.ts'
import { asText, numberColumn, type SqlRow, textColumn } from './database.ts'
import { storeDamaged } from './fault.ts'
import type { Head } from './head.ts'

export interface LogRow {
  readonly lastSeq: number
  readonly firstSeq: number
  readonly run: string
  /** `lastSeq` of the run's row before; 0 for its first. */
  readonly previous: number
  /** Hex of SHA-256 of the body. */
  readonly digest: string
  readonly chain: string
  /** NDJSON, an event a line; `undefined` when gc removed the run. */
  readonly body: string | undefined
}

export const EMPTY_LOG: Head = { seq: 0, chain: '' }
export const LOG_COLUMNS = 'last_seq, first_seq, run, previous, digest, chain, body'
/** The same for reading: `parseRow` takes it. */
export const LOG_ROW = `last_seq, ${numberColumn('first_seq')} AS first_seq, ${textColumn('run')} AS run,
  ${numberColumn('previous')} AS previous, ${textColumn('digest')} AS digest, ${textColumn('chain')} AS chain,
  ${textColumn('body')} AS body`
/** Without the body, which is long: for checking links only. */
export const LOG_LINK = `last_seq, ${numberColumn('first_seq')} AS first_seq, ${textColumn('run')} AS run,
  ${numberColumn('previous')} AS previous, ${textColumn('digest')} AS digest, ${textColumn('chain')} AS chain, NULL AS body`

export const encodeEvents = (events: readonly Event[]): string => events.map(event => JSON.stringify(event)).join('\n')

/** The next row after `tail`. */
export function nextRow(tail: Head, batch: { run: string; previous: number; body: string; count: number }): LogRow {
  const { run, previous, body } = batch
  const row = { firstSeq: tail.seq + 1, lastSeq: tail.seq + batch.count, run, previous, body, digest: sha256(body) }
  return { ...row, chain: chainOf(tail.chain, row) }
}

export function chainOf(before: string, row: Omit<LogRow, 'chain' | 'body'>): string {
  return sha256(`${before} ${row.firstSeq} ${row.lastSeq} ${row.previous} ${row.digest} ${JSON.stringify(row.run)}`)
}

export function parseRow(columns: SqlRow): LogRow {
  const [lastSeq, firstSeq, run, previous, digest, chain, body] = columns
  return {
    lastSeq: Number(lastSeq),
    firstSeq: Number(firstSeq),
    run: asText(run),
    previous: Number(previous),
    digest: asText(digest),
    chain: asText(chain),
    body: body === null ? undefined : asText(body),
  }
}

/** The row's events, checked against its digest. Refuses with STORE_DAMAGED. */
export function decodeEvents(row: LogRow): readonly Event[] {
  if (row.body === undefined) return []
  const lines = row.body.split('\n')
  if (sha256(row.body) !== row.digest || lines.length !== row.lastSeq - row.firstSeq + 1) {
    storeDamaged(`events ${row.firstSeq} to ${row.lastSeq} of run '${row.run}' are not what was written`)
  }
  // The digest says that these are the bytes which `encodeEvents` wrote.
  return lines.map(line => JSON.parse(line) as Event)
}

const sha256 = (text: string): string => hash('sha256', text, 'hex')
