/**
 * The index of runs: what lists and looks up runs without reading their events. Rebuilt by nothing: it commits with them.
 * What it answers is checked: each row by its digest, a list by two orders and the number of rows, an absence by the log. That
 * takes several statements, between which nobody may write.
 */
import { asText, type Database, numberColumn, type SqlRow, type SqlValue, textColumn } from './database.ts'
import { checkDigest, rowDigest } from './digest.ts'
import { storeDamaged } from './fault.ts'
import { lastOf, lastSeqIn, lastSeqOf, WITH_TAIL } from './run-rows.ts'
import type { Renames, RunRow, Store } from './store.ts'

type Status = RunRow['status']

const WRITE = `INSERT INTO runs
  (run, workflow, file, graph, bundle, args, status, created_ms, updated_ms, ended_ms, version, renames, digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET workflow = excluded.workflow, file = excluded.file, graph = excluded.graph,
    bundle = excluded.bundle, args = excluded.args, status = excluded.status, created_ms = excluded.created_ms,
    updated_ms = excluded.updated_ms, ended_ms = excluded.ended_ms,
    version = excluded.version, renames = excluded.renames, digest = excluded.digest`
const TEXTS = ['run', 'workflow', 'file', 'graph', 'bundle', 'args', 'status', 'digest', 'version', 'renames'].map(
  name => `${textColumn(`runs.${name}`)} AS ${name}`,
)
const TIMES = ['created_ms', 'updated_ms', 'ended_ms'].map(name => `${numberColumn(`runs.${name}`)} AS ${name}`)
/** A flipped bit may have made bytes of it: as such it would be found in the row, and nowhere else. */
const RUN = 'CAST(runs.run AS TEXT)'
const SELECT = `${WITH_TAIL} SELECT ${[...TEXTS, ...TIMES].join(', ')}, ${lastOf(RUN)} FROM runs`
const NEWEST_FIRST = 'ORDER BY runs.created_ms DESC, runs.run DESC LIMIT ?'
const BY_INDEX = `${SELECT} INDEXED BY runs_by_age ${NEWEST_FIRST}`
/** The same order by what stands in the rows. */
const BY_TABLE = `SELECT ${textColumn('run')} FROM runs NOT INDEXED ${NEWEST_FIRST}`
const COUNTS = `SELECT (SELECT count(*) FROM runs NOT INDEXED), (SELECT count(*) FROM runs INDEXED BY runs_by_age)`
const COUNT = 'SELECT count(*) FROM runs INDEXED BY runs_by_age'
const HAS_BODY = 'SELECT body IS NOT NULL FROM batches WHERE last_seq = ?'

export function writeRunRow(database: Database, row: Omit<RunRow, 'lastSeq'>): void {
  database.prepare(WRITE).run([...columnsOf(row), ...pinOf(row), rowDigest(digestedOf(row))])
}

/** What most runs have not; the digests of rows from before there were versions stay right. */
const pinOf = ({ version = '', renames }: Omit<RunRow, 'lastSeq'>): readonly SqlValue[] => [
  version,
  renames ? JSON.stringify(renames) : '',
]

function digestedOf(row: Omit<RunRow, 'lastSeq'>): readonly SqlValue[] {
  const isPinned = row.version !== undefined || row.renames !== undefined
  return isPinned ? [...columnsOf(row), ...pinOf(row)] : columnsOf(row)
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

export const countRuns = (database: Database): number => Number(database.prepare(COUNT).all([])[0]?.[0])

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
  const count = isFiltered ? -1 : limit
  const rows = database.prepare(BY_INDEX).all([count]).map(checkedRun)
  const runs = database
    .prepare(BY_TABLE)
    .all([count])
    .map(([run]) => asText(run))
  // Of two orders a flipped bit changes one: a row that it moves out of a short list would not be seen at all.
  const isSame = runs.length === rows.length && runs.every((run, index) => run === rows[index]?.run)
  if (!isSame) storeDamaged('the index of runs is not what was written')
  const wanted = rows.filter(
    row => (workflow === undefined || row.workflow === workflow) && (status?.includes(row.status) ?? true),
  )
  return limit < 0 ? wanted : wanted.slice(0, limit)
}

function checkedRun(columns: SqlRow): RunRow {
  const { row, digest, last } = parseRun(columns)
  checkDigest(`the entry of run '${row.run}' in the index`, digestedOf(row), digest)
  return { ...row, lastSeq: lastSeqIn(row.run, last) }
}

/** The row as it is, believed by nobody: for what is saved of a damaged store. */
export function findDamagedRun(database: Database, run: string): Omit<RunRow, 'lastSeq'> | undefined {
  return database.prepare(`${SELECT} WHERE runs.run = ?`).all([run]).map(parseRun)[0]?.row
}

/** Not JSON: it was damaged, as its digest will say. */
function parseRenames(text: string): Renames {
  try {
    return JSON.parse(text) as Renames
  } catch {
    return {}
  }
}

function parseRun(columns: SqlRow) {
  const [run, workflow, file, graph, bundle, args, status, digest, ...rest] = columns
  const [version, renames, createdMs, updatedMs, endedMs, ...last] = rest
  const [pinned, renamed] = [asText(version), asText(renames)]
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
    ...(pinned === '' ? {} : { version: pinned }),
    ...(renamed === '' ? {} : { renames: parseRenames(renamed) }),
  }
  return { row, digest: asText(digest), last }
}
