/** The index of runs: what lists and looks up runs without reading their events. Rebuilt by nothing: it commits with them. */
import { asText, type Database, type SqlRow, type SqlValue, textColumn } from './database.ts'
import { lastOf, WITH_TAIL } from './run-rows.ts'
import type { RunRow, Store } from './store.ts'

type Status = RunRow['status']

const WRITE = `INSERT INTO runs (run, workflow, file, graph, bundle, args, status, created_ms, updated_ms, ended_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET workflow = excluded.workflow, file = excluded.file, graph = excluded.graph,
    bundle = excluded.bundle, args = excluded.args, status = excluded.status, created_ms = excluded.created_ms,
    updated_ms = excluded.updated_ms, ended_ms = excluded.ended_ms`
const TEXTS = ['run', 'workflow', 'file', 'graph', 'bundle', 'args', 'status'].map(
  name => `${textColumn(`runs.${name}`)} AS ${name}`,
)
const SELECT = `${WITH_TAIL} SELECT ${TEXTS.join(', ')}, created_ms, updated_ms, ended_ms,
  ${lastOf('runs.run')} AS last_seq FROM runs`

export function writeRunRow(database: Database, row: Omit<RunRow, 'lastSeq'>): void {
  const { run, workflow, file, graph, bundle, args, status, createdAtMs, updatedAtMs, endedAtMs } = row
  const ended = endedAtMs ?? null
  database.prepare(WRITE).run([run, workflow, file, graph, bundle, args, status, createdAtMs, updatedAtMs, ended])
}

export function findRun(database: Database, run: string): RunRow | undefined {
  return database.prepare(`${SELECT} WHERE runs.run = ?`).all([run]).map(parseRun)[0]
}

/** Newest first. */
export function listRuns(database: Database, options: Parameters<Store['runs']['list']>[0] = {}): readonly RunRow[] {
  const { workflow, status, limit = -1 } = options
  const filters = [
    workflow === undefined ? undefined : { sql: 'runs.workflow = ?', values: [workflow] },
    status === undefined
      ? undefined
      : { sql: `runs.status IN (${status.map(() => '?').join(', ')})`, values: [...status] },
  ].filter(filter => filter !== undefined)
  const where = filters.length === 0 ? '' : `WHERE ${filters.map(filter => filter.sql).join(' AND ')}`
  const values: SqlValue[] = [...filters.flatMap(filter => filter.values), limit]
  return database
    .prepare(`${SELECT} ${where} ORDER BY created_ms DESC, runs.run DESC LIMIT ?`)
    .all(values)
    .map(parseRun)
}

function parseRun(columns: SqlRow): RunRow {
  const [run, workflow, file, graph, bundle, args, status, createdMs, updatedMs, endedMs, lastSeq] = columns
  return {
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
    lastSeq: Number(lastSeq),
  }
}
