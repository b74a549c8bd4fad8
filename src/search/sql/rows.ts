/** Queries over the index, answered: rows by pages, groups, counts. */
import { asText, type Database, type SqlRow, type SqlValue } from '../../store/database.ts'
import { fieldNamed, type Subject } from '../fields.ts'
import type { Order, Query } from '../query.ts'
import { chainIds } from './chain.ts'
import { type Alias, columnOf, fieldsOf, MAIN, shownOf, tablesOf } from './columns.ts'
import { compileCondition } from './compile.ts'

/** Rows that are made at a time. */
const PAGE = 1_000

/** A record as it is found: its fields in groups (`run.id`, `error.code`), those that it has not left out. */
export interface Found {
  readonly [field: string]: unknown
}

/** `FROM … WHERE …`, with what its `?` stand for. */
interface Selection {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

function select(database: Database, { subject, where, chain }: Query, also: readonly Alias[]): Selection {
  const main = MAIN[subject]
  if (chain && (subject === 'step' || subject === 'node')) {
    const ids = JSON.stringify(chainIds(database, subject, chain, where))
    return {
      sql: `${tablesOf(subject, new Set(also))} WHERE ${main}.id IN (SELECT value FROM json_each(?1))`,
      parameters: [ids],
    }
  }
  const { sql, parameters, needed } = compileCondition(database, subject, where)
  return { sql: `${tablesOf(subject, new Set([...needed, ...also]))} WHERE ${sql}`, parameters }
}

export function countRows(database: Database, query: Query): number {
  const { sql, parameters } = select(database, query, [])
  const count = Number(database.prepare(`SELECT count(*) ${sql}`).all(parameters)[0]?.[0])
  return query.limit === undefined ? count : Math.min(count, query.limit)
}

/** One row for each combination of the fields' values, with their `count`: the most frequent first. */
export function groupRows(database: Database, query: Query): readonly Found[] {
  const { subject, groupBy, orderBy, limit } = query
  const fields = groupBy.map(name => shownOf(subject, name))
  const { sql, parameters } = select(
    database,
    query,
    groupBy.flatMap(name => columnOf(subject, name).from),
  )
  const order = orderBy.length > 0 ? orderBy : [{ field: 'count', direction: 'desc' } as const]
  const text = `SELECT ${fields.map((field, index) => `${field} AS f${index}`).join(', ')}, count(*) AS count ${sql}
    GROUP BY ${fields.map((_, index) => index + 1).join(', ')}
    ORDER BY ${[...order.map(each => groupOrder(each, groupBy)), ...fields.map((_, index) => `f${index}`)].join(', ')}
    LIMIT ${limit ?? -1}`
  return readable(database, text, parameters, [...groupBy, 'count']).map(row =>
    record(subject, [...groupBy, 'count'], row),
  )
}

function groupOrder({ field, direction }: Order, groupBy: readonly string[]): string {
  const name = field === 'count' ? 'count' : `f${groupBy.indexOf(field)}`
  return `${name} IS NULL, ${name} ${direction}`
}

/** In the query's order, a page at a time: ids first, since a sorter would carry every field of every row. */
export function* pagesOf(database: Database, query: Query): Generator<readonly Found[]> {
  const { subject } = query
  const ids = idsOf(database, query)
  for (let at = 0; at < ids.length; at += PAGE) yield rowsById(database, subject, ids.slice(at, at + PAGE))
}

function idsOf(database: Database, query: Query): readonly number[] {
  const { subject, orderBy, limit } = query
  const { sql, parameters } = select(
    database,
    query,
    orderBy.flatMap(({ field }) => columnOf(subject, field).from),
  )
  const order = [
    ...orderBy.flatMap(({ field, direction }) => {
      const shown = shownOf(subject, field)
      return [`(${shown}) IS NULL`, `${shown} ${direction}`]
    }),
    ...DEFAULT_ORDER[subject],
  ]
  return database
    .prepare(`SELECT ${MAIN[subject]}.id ${sql} ORDER BY ${order.join(', ')} LIMIT ${limit ?? -1}`)
    .all(parameters)
    .map(([id]) => Number(id))
}

/** Newest first; lines as they were written, steps of graphs as the file has them. */
const DEFAULT_ORDER: { readonly [subject in Subject]: readonly string[] } = {
  run: ['r.started DESC', 'r.run DESC'],
  step: ['s.started DESC', 's.id'],
  node: ['g.latest DESC', 'g.workflow', 'g.file', 'g.id DESC', 'n.id'],
  value: ['s.ended DESC', 's.id'],
  log: ['l.at', 'l.id'],
}

function rowsById(database: Database, subject: Subject, ids: readonly number[]): readonly Found[] {
  const names = fieldsOf(subject)
  const main = MAIN[subject]
  const needed = new Set(names.flatMap(name => columnOf(subject, name).from))
  const columns = names.map((name, index) => `${shownOf(subject, name)} AS f${index}`)
  const sql = `SELECT ${main}.id AS row, ${columns.join(', ')} ${tablesOf(subject, needed)}
    WHERE ${main}.id IN (SELECT value FROM json_each(?1))`
  const rows = new Map(
    readable(database, sql, [JSON.stringify(ids)], ['row', ...names]).map(([id, ...row]) => [Number(id), row]),
  )
  return ids.flatMap(id => {
    const row = rows.get(id)
    return row ? [record(subject, names, row)] : []
  })
}

/** Texts as bytes: what a flipped bit made of one must not end the process. */
function readable(
  database: Database,
  sql: string,
  parameters: readonly SqlValue[],
  names: readonly string[],
): readonly SqlRow[] {
  const aliases = [...sql.matchAll(/ AS (f\d+|row|count)\b/g)].map(([, alias]) => alias!)
  const outer = aliases.map(
    alias => `CASE typeof(${alias}) WHEN 'text' THEN CAST(${alias} AS BLOB) ELSE ${alias} END AS ${alias}_`,
  )
  if (aliases.length !== names.length) throw new Error(`${aliases.length} columns for ${names.length} names`)
  return database.prepare(`SELECT ${outer.join(', ')} FROM (${sql})`).all(parameters)
}

function record(subject: Subject, names: readonly string[], row: SqlRow): Found {
  const found: Record<string, unknown> = {}
  for (const [index, name] of names.entries()) {
    const value = shown(subject, name, row[index] ?? null)
    if (value === undefined) continue
    put(found, name.split('.'), value)
  }
  return found
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[first] = value
    return
  }
  const inner = (into[first] ??= {}) as Record<string, unknown>
  put(inner, rest, value)
}

function shown(subject: Subject, name: string, value: SqlValue): unknown {
  if (value === null) return undefined
  const type = name === 'count' ? 'number' : fieldNamed(subject, name)?.type
  switch (type) {
    case 'flag':
      return Number(value) === 1
    case 'number':
    case 'duration':
    case 'size':
    case 'time':
      return Number(value)
    case 'json':
      return JSON.parse(asText(value))
    default:
      return asText(value)
  }
}
