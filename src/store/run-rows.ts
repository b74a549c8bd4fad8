/**
 * Which rows of the log are a run's: an index that is written late. Kept up by SQLite at every commit, it cost a third of
 * one (two more pages to log and to sync); written for ROWS_PER_FILL rows at a time, it costs next to nothing.
 *
 *     batches    1 … … … … … … … | … … …     readers look through the short tail
 *     run_rows   all of these     ^ `indexed`
 *     run_ends   the last of each run
 *
 * The end of a run is kept twice: an index that a flipped bit has made lose a run's last rows would otherwise hide them.
 */
import { asText, type Database, numberColumn, type SqlRow, type SqlValue, textColumn } from './database.ts'
import { rowDigest } from './digest.ts'
import { storeDamaged } from './fault.ts'

/** How long the tail grows before a commit writes the index. A process that dies leaves one as long. */
export const ROWS_PER_FILL = 256

/**
 * Up to which sequence number the index is. Here and below, what is compared is first made what it is to be: a flipped bit in
 * the type of a value leaves its bytes as they were, and makes it greater than any number, or unequal to any text.
 */
const INDEXED = `(SELECT ${numberColumn('seq')} FROM indexed)`
const RUN = 'CAST(run AS TEXT)'
const FILL = `INSERT INTO run_rows (run, last_seq) SELECT ${RUN}, last_seq FROM batches WHERE last_seq > ${INDEXED}`
const FILL_ENDS = `INSERT INTO run_ends (run, last_seq)
  SELECT ${RUN}, max(last_seq) FROM batches WHERE last_seq > ${INDEXED} GROUP BY 1
  ON CONFLICT (run) DO UPDATE SET last_seq = excluded.last_seq`
const LAST_ROW = 'SELECT coalesce(max(last_seq), 0) FROM batches'
const FILLED = 'UPDATE indexed SET seq = ?, digest = ?'
const FIND_INDEXED = `SELECT ${numberColumn('seq')}, ${textColumn('digest')} FROM indexed`
const LAST = `SELECT (SELECT max(last_seq) FROM batches WHERE last_seq > ${INDEXED} AND ${RUN} = ?),
  (SELECT max(last_seq) FROM run_rows WHERE run = ?), (SELECT ${numberColumn('last_seq')} FROM run_ends WHERE run = ?)`
const END = `SELECT ${numberColumn('last_seq')} FROM run_ends WHERE run = ?`
const UNINDEXED = `SELECT count(*) FROM batches WHERE last_seq <= ${INDEXED}
  AND NOT EXISTS (SELECT 1 FROM run_rows WHERE run_rows.run = batches.run AND run_rows.last_seq = batches.last_seq)`
const WRONG_ENDS = `SELECT count(*) FROM (SELECT run, max(last_seq) AS last_seq FROM run_rows GROUP BY run) AS known
  LEFT JOIN run_ends ON run_ends.run = known.run WHERE run_ends.last_seq IS NOT known.last_seq`

/** Before a statement that asks for many runs' last rows: the tail is looked through once. `lastOf` reads it. */
export const WITH_TAIL = `WITH tail AS MATERIALIZED (
  SELECT ${RUN} AS run, max(last_seq) AS last_seq FROM batches WHERE last_seq > ${INDEXED} GROUP BY 1)`
/** Three columns about the run that `column` names; `lastSeqIn` makes its last sequence number of them. */
export const lastOf = (column: string): string => `(SELECT last_seq FROM tail WHERE tail.run = ${column}),
  (SELECT max(last_seq) FROM run_rows WHERE run_rows.run = ${column}),
  (SELECT ${numberColumn('last_seq')} FROM run_ends WHERE run_ends.run = ${column})`

/** 0 when the run has no rows. Refuses with STORE_DAMAGED when index and ends differ. */
export function lastSeqIn(run: string, [tail, indexed, end]: readonly (SqlValue | undefined)[]): number {
  if (Number(indexed ?? 0) !== Number(end ?? 0)) storeDamaged(`the index of the events of run '${run}' is damaged`)
  return Number(tail ?? indexed ?? 0)
}

/** Inside of a write transaction. */
export function fillRunRows(database: Database): void {
  database.prepare(FILL).run([])
  database.prepare(FILL_ENDS).run([])
  const last = Number(database.prepare(LAST_ROW).all([])[0]?.[0])
  database.prepare(FILLED).run([last, rowDigest([last])])
}

/** Up to which sequence number the index is. Refuses with STORE_DAMAGED. */
export function indexedSeq(database: Database): number {
  const [seq, digest] = database.prepare(FIND_INDEXED).all([])[0] ?? storeDamaged('the index of events has no end')
  // Never one from before there were digests: a damaged record may look like that.
  if (asText(digest) !== rowDigest([Number(seq)]) || seq === null)
    storeDamaged('the end of the index of events is not what was written')
  return Number(seq)
}

/** The run's last sequence number; 0 when it has no rows. Refuses with STORE_DAMAGED. */
export const lastSeqOf = (database: Database, run: string): number =>
  lastSeqIn(run, database.prepare(LAST).all([run, run, run])[0] ?? [])

/** Up to where the index should lead to rows of the run; the tail is looked through anyway. */
export const indexedEndOf = (database: Database, run: string): number =>
  Number(database.prepare(END).all([run])[0]?.[0] ?? 0)

/** Rows that the index should know and does not, and ends that are wrong: 0 unless it is damaged. */
export const countUnindexed = (database: Database): number =>
  [UNINDEXED, WRONG_ENDS].reduce((sum, count) => sum + Number(database.prepare(count).all([])[0]?.[0]), 0)

const COLUMNS = 'first_seq, batches.run, previous, batches.digest, chain, body'

/**
 * One statement, so that no row moves from the tail to the index between two looks. SQLite merges the two, both in order. The
 * number must come from the index itself: by the log's own number SQLite would sort all that is left of the run, page by page.
 */
export const selectRunRows = (columns: string, limit: number): string =>
  `SELECT ${columns} FROM (
    SELECT run_rows.last_seq AS last_seq, ${COLUMNS} FROM run_rows
      CROSS JOIN batches ON batches.last_seq = run_rows.last_seq WHERE run_rows.run = ? AND run_rows.last_seq >= ?
    UNION ALL SELECT last_seq, ${COLUMNS} FROM batches WHERE last_seq > ${INDEXED} AND ${RUN} = ? AND last_seq >= ?
    ORDER BY last_seq LIMIT ${limit}) ORDER BY last_seq`

/** The rows of one run from `from` on, by a statement of `selectRunRows`. */
export const runRows = (database: Database, sql: string, run: string, from: number): readonly SqlRow[] =>
  database.prepare(sql).all([run, from, run, from])
