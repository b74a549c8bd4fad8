/** What one run has in the index: its row, its steps, and what they gave. */
import type { ValueRef } from '../../core/engine/protocol.ts'
import type { Graph } from '../../core/graph/graph.ts'
import type { StepView } from '../../observe/index.ts'
import type { Database, SqlValue } from '../../store/database.ts'
import type { RunRow } from '../../store/store.ts'
import { STEP_STATUSES } from '../fields.ts'
import { type Collected, innermostKey, placer, type Where } from './collect.ts'
import type { Interned } from './interned.ts'

interface Filling {
  readonly database: Database
  readonly interned: Interned
  /** Whose history has changed. */
  readonly places: Set<number>
}

interface Written {
  readonly row: RunRow
  readonly status: RunRow['status']
  readonly graph: Graph
  readonly collected: Collected
}

const RUN = `INSERT INTO run
  (run, history, workflow, file, version, graph, status, started, ended, duration, steps, code, message, last_seq)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET history = excluded.history, workflow = excluded.workflow, file = excluded.file,
    version = excluded.version, graph = excluded.graph, status = excluded.status, started = excluded.started,
    ended = excluded.ended, duration = excluded.duration, steps = excluded.steps, code = excluded.code,
    message = excluded.message, last_seq = excluded.last_seq, lines_done = 0
  RETURNING id`

/** I2. The history that it belongs to. */
export function writeRun({ database, interned, places }: Filling, { row, status, graph, collected }: Written): number {
  const { view, steps, workers } = collected
  const history = interned.history(row.file, row.workflow)
  const started = row.createdAtMs
  const ended = row.endedAtMs ?? null
  const fault = view.fault ?? view.closing?.fault
  const [made] = database
    .prepare(RUN)
    .all([
      ...[row.run, history, row.workflow, row.file, row.version ?? null, row.graph, status, started, ended],
      ...[Math.max(0, (ended ?? view.lastAtMs) - started), steps.size, fault?.code ?? null, fault?.message ?? null],
      row.lastSeq,
    ])
  const run = Number(made?.[0])
  forgetSteps(database, run, places)
  const whereIs = placer(graph)
  const placeIds = new Map<Where, number>()
  const placeOf = (where: Where): number => {
    const known = placeIds.get(where)
    if (known !== undefined) return known
    const place = interned.place({ file: row.file, workflow: row.workflow, ...where })
    placeIds.set(where, place)
    places.add(place)
    return place
  }
  const rows = rowWriter(database, 'step', STEP_COLUMNS)
  const outputs = rowWriter(database, 'value', VALUE_COLUMNS)
  let last = Number(database.prepare('SELECT ifnull(max(id), 0) FROM step').all([])[0]?.[0])
  for (const [id, step] of steps) {
    last += 1
    const where = whereIs(step)
    const state = stateColumns(step, workers.get(id), interned)
    const place = placeOf(where)
    const spot = interned.spot(place, { step: id, path: step.path, key: innermostKey(id) })
    rows.add([last, run, place, spot, ...state])
    const output = 'output' in step.state ? step.state.output : undefined
    if (output) outputs.add([last, ...valueColumns(output)])
  }
  rows.end()
  outputs.end()
  return history
}

export function forgetSteps(database: Database, run: number, places: Set<number>): void {
  const before = database.prepare('SELECT DISTINCT place FROM step WHERE run = ?').all([run])
  if (before.length === 0) return
  for (const [place] of before) places.add(Number(place))
  database.prepare('DELETE FROM value WHERE id IN (SELECT id FROM step WHERE run = ?)').run([run])
  database.prepare('DELETE FROM step WHERE run = ?').run([run])
}

function stateColumns(step: StepView, worker: string | undefined, interned: Interned): readonly SqlValue[] {
  const { state, startedAtMs, attempts, failures } = step
  const hasRun = startedAtMs !== undefined && state.kind !== 'known' && state.kind !== 'skipped'
  const endedAtMs = 'atMs' in state ? state.atMs : undefined
  const fault = 'fault' in state ? state.fault : failures.at(-1)?.fault
  return [
    STEP_STATUSES.indexOf(state.kind),
    attempts,
    startedAtMs ?? null,
    endedAtMs ?? null,
    hasRun && endedAtMs !== undefined ? Math.max(0, endedAtMs - startedAtMs) : null,
    worker === undefined ? null : interned.text(worker),
    fault ? interned.text(fault.code) : null,
    fault ? interned.text(fault.message) : null,
  ]
}

/** Only JSON can be asked by a path. */
const valueColumns = ({ codec, sizeBytes, hash, inline }: ValueRef): readonly SqlValue[] => [
  ...[codec, sizeBytes, Buffer.from(hash, 'hex')],
  codec === 'json' ? (inline ?? null) : null,
]

const STEP_COLUMNS = [
  ...['id', 'run', 'place', 'spot', 'status', 'attempts', 'started', 'ended', 'duration', 'worker', 'code', 'message'],
]
const VALUE_COLUMNS = ['id', 'codec', 'size', 'hash', 'text']
const ROWS_PER_INSERT = 50

const insertText = (table: string, columns: readonly string[], count: number): string => {
  const one = `(${columns.map(() => '?').join(', ')})`
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: count }, () => one).join(', ')}`
}

/** Many rows a statement: each call into the library costs more than a row. */
function rowWriter(database: Database, table: string, columns: readonly string[]) {
  const many = database.prepare(insertText(table, columns, ROWS_PER_INSERT))
  let rows: SqlValue[] = []
  let count = 0
  return {
    add: (row: readonly SqlValue[]): void => {
      rows.push(...row)
      count += 1
      if (count < ROWS_PER_INSERT) return
      many.run(rows)
      rows = []
      count = 0
    },
    end: (): void => {
      if (count > 0) database.prepare(insertText(table, columns, count)).run(rows)
    },
  }
}
