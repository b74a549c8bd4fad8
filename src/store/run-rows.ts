/**
 * Which rows of the log are a run's: an index that is written late. Kept up by SQLite at every commit, it cost a third of
 * one (two more pages to log and to sync); written for ROWS_PER_FILL rows at a time, it costs next to nothing.
 *
 *     batches    1 … … … … … … … | … … …     readers look through the short tail
 *     run_rows   all of these     ^ `indexed`
 */
import type { Database, SqlRow } from './database.ts'

/** How long the tail grows before a commit writes the index. A process that dies leaves one as long. */
export const ROWS_PER_FILL = 256

const INDEXED = '(SELECT seq FROM indexed)'
const FILL = `INSERT INTO run_rows (run, last_seq) SELECT run, last_seq FROM batches WHERE last_seq > ${INDEXED}`
const FILLED = 'UPDATE indexed SET seq = coalesce((SELECT max(last_seq) FROM batches), 0)'
const LAST = `SELECT coalesce(
  (SELECT max(last_seq) FROM batches WHERE last_seq > ${INDEXED} AND run = ?),
  (SELECT max(last_seq) FROM run_rows WHERE run = ?), 0)`
const UNINDEXED = `SELECT count(*) FROM batches WHERE last_seq <= ${INDEXED}
  AND NOT EXISTS (SELECT 1 FROM run_rows WHERE run_rows.run = batches.run AND run_rows.last_seq = batches.last_seq)`

/** Before a statement that asks for many runs' last rows: the tail is looked through once. `lastOf` reads it. */
export const WITH_TAIL = `WITH tail AS MATERIALIZED (
  SELECT run, max(last_seq) AS last_seq FROM batches WHERE last_seq > ${INDEXED} GROUP BY run)`
/** The last sequence number of the run that `column` names; 0 when it has no rows. */
export const lastOf = (column: string): string => `coalesce(
  (SELECT last_seq FROM tail WHERE tail.run = ${column}),
  (SELECT max(last_seq) FROM run_rows WHERE run_rows.run = ${column}), 0)`

/** Inside of a write transaction. */
export function fillRunRows(database: Database): void {
  database.prepare(FILL).run([])
  database.prepare(FILLED).run([])
}

/** The run's last sequence number; 0 when it has no rows. */
export const lastSeqOf = (database: Database, run: string): number =>
  Number(database.prepare(LAST).all([run, run])[0]?.[0])

/** Rows that the index should know and does not: 0 unless it is damaged. */
export const countUnindexed = (database: Database): number => Number(database.prepare(UNINDEXED).all([])[0]?.[0])

/** One statement, so that no row moves from the tail to the index between two looks. SQLite merges the two, both in order. */
export const selectRunRows = (columns: string, limit: number): string =>
  `SELECT ${columns} FROM (
    SELECT batches.* FROM run_rows JOIN batches ON batches.last_seq = run_rows.last_seq
      WHERE run_rows.run = ? AND run_rows.last_seq >= ? AND batches.first_seq <= ?
    UNION ALL SELECT * FROM batches WHERE last_seq > ${INDEXED} AND run = ? AND last_seq >= ? AND first_seq <= ?
    ORDER BY last_seq LIMIT ${limit}) ORDER BY last_seq`

/** The rows of one run in `[from, to]`, by a statement of `selectRunRows`. */
export const runRows = (
  database: Database,
  sql: string,
  [run, from, to]: readonly [string, number, number],
): readonly SqlRow[] => database.prepare(sql).all([run, from, to, run, from, to])
