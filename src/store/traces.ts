/**
 * The index of what runs may take from one another, in the database. Written in the transaction of the events that it is
 * about, so that what a process has done before it died is never done again. Only a cache: a row that is damaged or gone
 * costs the time of its step.
 */
import { hash } from 'node:crypto'
import type { StepId } from '../core/engine/protocol.ts'
import type { Hash } from '../util/hash.ts'
import { asText, type Database, type SqlValue, textColumn } from './database.ts'
import { rowDigest } from './digest.ts'
import type { Trace } from './store.ts'

const PUT =
  'INSERT OR REPLACE INTO traces (key, reads, scope, step, run, at_ms, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const ROW = `${textColumn('body')} AS body, ${textColumn('digest')} AS digest`
/** Its own first, then the newest. */
const GET = `SELECT ${ROW} FROM traces WHERE key = ? ORDER BY (scope = ? AND step = ?) DESC, at_ms DESC LIMIT 32`
const HISTORY = `SELECT ${ROW} FROM traces WHERE scope = ? AND step = ? ORDER BY at_ms DESC LIMIT ?`
/** First in the index alone: of a step that has run often only the last row is read. */
const CURRENT = `SELECT ${ROW} FROM (SELECT step AS of, max(at_ms) AS last FROM traces WHERE scope = ?1 GROUP BY step)
  JOIN traces ON scope = ?1 AND step = of AND at_ms = last`
const ANY = 'SELECT 1 FROM traces LIMIT 1'
/** How many results of a step under one key are kept that differ in what was read. */
export const READS_MAX = 16
const FORGET = `DELETE FROM traces WHERE key = ?1 AND scope = ?2 AND step = ?3 AND reads NOT IN
  (SELECT reads FROM traces WHERE key = ?1 AND scope = ?2 AND step = ?3 ORDER BY at_ms DESC LIMIT ${READS_MAX})`
/** Those of runs that are gone, unless they are what their step gave last. */
const FORGET_GONE = `DELETE FROM traces WHERE run NOT IN (SELECT run FROM runs) AND at_ms <
  (SELECT max(at_ms) FROM traces AS others WHERE others.scope = traces.scope AND others.step = traces.step)`

export function putTraces(database: Database, traces: readonly Trace[]): void {
  for (const trace of traces) {
    const { key, scope, step, run, atMs } = trace
    const body = JSON.stringify(trace)
    const reads = readsOf(trace)
    database.prepare(PUT).run([key, reads, scope, step, run, atMs, body, rowDigest([body])])
    if (reads !== '') database.prepare(FORGET).run([key, scope, step])
  }
}

/** What tells results of one key apart. */
export const readsOf = ({ reads }: Trace): string =>
  reads.length === 0 ? '' : hash('sha256', JSON.stringify(reads), 'hex').slice(0, 32)

export const findTraces = (database: Database, key: Hash, scope: string, step: StepId): readonly Trace[] =>
  database.prepare(GET).all([key, scope, step]).flatMap(parsed)

export const hasNoTraces = (database: Database): boolean => database.prepare(ANY).all([]).length === 0

export const currentTraces = (database: Database, scope: string): readonly Trace[] =>
  database.prepare(CURRENT).all([scope]).flatMap(parsed)

export const forgetGoneTraces = (database: Database): void => void database.prepare(FORGET_GONE).run([])

export const traceHistory = (database: Database, scope: string, step: StepId, limit = 32): readonly Trace[] =>
  database.prepare(HISTORY).all([scope, step, limit]).flatMap(parsed)

const parsed = ([body, digest]: readonly SqlValue[]): readonly Trace[] => {
  const text = asText(body)
  return rowDigest([text]) === asText(digest) ? [JSON.parse(text) as Trace] : []
}
