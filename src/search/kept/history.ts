/**
 * How long the same step, or the same workflow, took before: of all instances in the store that ran to their end, whether they
 * succeeded or failed. Percentiles are by nearest rank: the smallest duration that so many percent do not exceed.
 */
import type { Database, SqlValue } from '../../store/database.ts'
import { STEP_STATUSES } from '../fields.ts'

const ENDED = [STEP_STATUSES.indexOf('succeeded'), STEP_STATUSES.indexOf('failed')].join(', ')
const SHARES = [50, 95, 99] as const

/** Where durations stand, and where what is made of them goes. */
interface Kind {
  readonly table: string
  readonly from: string
}
const OF_PLACE: Kind = {
  table: 'place',
  from: `FROM step WHERE place = ? AND duration IS NOT NULL AND status IN (${ENDED})`,
}
const OF_WORKFLOW: Kind = {
  table: 'history',
  from: "FROM run WHERE history = ? AND duration IS NOT NULL AND status IN ('succeeded', 'failed')",
}

export function fillHistories(
  database: Database,
  changed: { readonly places: ReadonlySet<number>; readonly histories: ReadonlySet<number> },
): void {
  for (const place of changed.places) fill(database, OF_PLACE, place)
  for (const history of changed.histories) fill(database, OF_WORKFLOW, history)
}

function fill(database: Database, { table, from }: Kind, id: number): void {
  const [facts] = database.prepare(`SELECT count(*), avg(duration), max(duration) ${from}`).all([id])
  const [count, avg, max] = [Number(facts?.[0]), facts?.[1] ?? null, facts?.[2] ?? null]
  const ranked = SHARES.map((share): SqlValue => {
    if (count === 0) return null
    const rank = Math.ceil((share * count) / 100)
    const [found] = database.prepare(`SELECT duration ${from} ORDER BY duration LIMIT 1 OFFSET ?`).all([id, rank - 1])
    return found?.[0] ?? null
  })
  database
    .prepare(`UPDATE ${table} SET avg = ?, max = ?, p50 = ?, p95 = ?, p99 = ? WHERE id = ?`)
    .run([avg, max, ...ranked, id])
}
