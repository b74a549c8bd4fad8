/**
 * The index of runs: what lists and looks up runs without reading their events. Rebuilt by nothing: it commits with them.
 * What it answers is checked: each row by its digest, a list by its order and by the number of rows, an absence by the log.
 */
import { asText, type Database, numberColumn, type SqlRow, type SqlValue, textColumn } from './database.ts'
import { checkDigest, rowDigest } from './digest.ts'
import { storeDamaged } from './fault.ts'
import { lastOf, lastSeqIn, lastSeqOf, WITH_TAIL } from './run-rows.ts'
import type { RunRow, Store } from './store.ts'

type Status = RunRow['status']

const WRITE = `INSERT INTO runs
  (run, workflow, file, graph, bundle, args, status, created_ms, updated_ms, ended_ms, digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET workflow = excluded.workflow, file = excluded.file, graph = excluded.graph,
    bundle = excluded.bundle, args = excluded.args, status = excluded.status, created_ms = excluded.created_ms,
    updated_ms = excluded.updated_ms, ended_ms = excluded.ended_ms, digest = excluded.digest`
const TEXTS = ['run', 'workflow', 'file', 'graph', 'bundle', 'args', 'status', 'digest'].map(
  name => `${textColumn(`runs.${name}`)} AS ${name}`,
)
const TIMES = ['created_ms', 'updated_ms', 'ended_ms'].map(name => `${numberColumn(`runs.${name}`)} AS ${name}`)
const SELECT = `${WITH_TAIL} SELECT ${[...TEXTS, ...TIMES].join(', ')}, ${lastOf('runs.run')} FROM runs`
const COUNTS = `SELECT (SELECT count(*) FROM runs NOT INDEXED), (SELECT count(*) FROM runs INDEXED BY runs_by_age)`
const HAS_BODY = 'SELECT body IS NOT NULL FROM batches WHERE last_seq = ?'

export function writeRunRow(database: Database, row: Omit<RunRow, 'lastSeq'>): void {
  const columns = columnsOf(row)
  database.prepare(WRITE).run([...columns, rowDigest(columns)])
}

const columnsOf = (row: Omit<RunRow, 'lastSeq'>): readonly SqlValue[] => {
  const { run, workflow, file, graph, bundle, args, status, createdAtMs, updatedAtMs, endedAtMs } = row
  return [run, workflow, file, graph, bundle, args, status, createdAtMs, updatedAtMs, endedAtMs ?? null]
}

/** Refuses with STORE_DAMAGED, also when the log has a run that the index has lost. */
export function findRun(database: Database, run: string): RunRow | undefined {
  const found = database.prepare(`${SELECT} WHERE runs.run = ?`).all([run]).map(checkedRun)[0]
  if (found && found.run !== run) storeDamaged(`the entry of run '${run}' in the index is that of another run`)
  if (!found && hasEvents(database, run)) storeDamaged(`run '${run}' has events, and no entry in the index`)
  return found
}

/** The rows of a run that gc removed are without their bodies. */
function hasEvents(database: Database, run: string): boolean {
  const last = lastSeqOf(database, run)
  return last > 0 && database.prepare(HAS_BODY).all([last])[0]?.[0] === 1
}

/** Newest first. Refuses with STORE_DAMAGED. */
export function listRuns(database: Database, options: Parameters<Store['runs']['list']>[0] = {}): readonly RunRow[] {
  const { workflow, status, limit = -1 } = options
  const [inTable, inIndex] = database.prepare(COUNTS).all([])[0] ?? []
  if (inTable !== inIndex) storeDamaged('the index of runs has lost entries')
  // Filtered here: a row that does not match may be one that matched before it was damaged.
  const isFiltered = workflow !== undefined || status !== undefined
  const rows = database
    .prepare(`${SELECT} ORDER BY created_ms DESC, runs.run DESC LIMIT ?`)
    .all([isFiltered ? -1 : limit])
    .map(checkedRun)
  checkOrder(rows)
  const wanted = rows.filter(
    row => (workflow === undefined || row.workflow === workflow) && (status?.includes(row.status) ?? true),
  )
  return limit < 0 ? wanted : wanted.slice(0, limit)
}

/** A damaged index gives other rows than those that it should. */
function checkOrder(rows: readonly RunRow[]): void {
  const isSorted = rows.every((row, index) => index === 0 || row.createdAtMs <= rows[index - 1]!.createdAtMs)
  if (!isSorted || new Set(rows.map(({ run }) => run)).size < rows.length)
    storeDamaged('the index of runs is not what was written')
}

function checkedRun(columns: SqlRow): RunRow {
  const { row, digest, last } = parseRun(columns)
  checkDigest(`the entry of run '${row.run}' in the index`, columnsOf(row), digest)
  return { ...row, lastSeq: lastSeqIn(row.run, last) }
}

/** The row as it is, believed by nobody: for what is saved of a damaged store. */
export function findDamagedRun(database: Database, run: string): Omit<RunRow, 'lastSeq'> | undefined {
  return database.prepare(`${SELECT} WHERE runs.run = ?`).all([run]).map(parseRun)[0]?.row
}

function parseRun(columns: SqlRow) {
  const [run, workflow, file, graph, bundle, args, status, digest, createdMs, updatedMs, endedMs, ...last] = columns
  const row: Omit<RunRow, 'lastSeq'> = {
    run: asText(run),
    workflow: asText(workflow),
    file: asText(file),
    graph: asText(graph),
    bundle: asText(bundle),
    args: asText(args),
    // Only `writeRunRow` writes it.
    status: asText(status) as Status,
    createdAtMs: Number(createdMs),
    updatedAtMs: Number(updatedMs),
    ...(endedMs === null || endedMs === undefined ? {} : { endedAtMs: Number(endedMs) }),
  }
  return { row, digest: asText(digest), last }
}
