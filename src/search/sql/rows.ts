/** Queries over the index, answered: rows by pages, groups, counts. */
import type { Database, SqlValue } from '../../store/database.ts'
import { fieldNamed, type Subject } from '../fields.ts'
import type { Found, Order, Query } from '../query.ts'
import { chainIds } from './chain.ts'
import { idList, jsonRows } from './json-rows.ts'
import type { Json } from '../../util/json.ts'
import { type Alias, columnOf, fieldsOf, MAIN, shownOf, tablesOf } from './columns.ts'
import { compileCondition } from './compile.ts'

/** Rows that are made at a time. */
const PAGE = 1_000

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
  const columns = [...fields.map((_, index) => `f${index}`), 'count']
  return jsonRows(database, columns, text, parameters).map(row => record(subject, [...groupBy, 'count'], row))
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
  const also = [...orderBy.flatMap(({ field }) => columnOf(subject, field).from), ...ORDERED_BY[subject]]
  const { sql, parameters } = select(database, query, also)
  const order = [
    ...orderBy.flatMap(({ field, direction }) => {
      const shown = shownOf(subject, field)
      return [`(${shown}) IS NULL`, `${shown} ${direction}`]
    }),
    ...DEFAULT_ORDER[subject],
  ]
  const ordered = `SELECT ${MAIN[subject]}.id AS id ${sql} ORDER BY ${order.join(', ')} LIMIT ${limit ?? -1}`
  return idList(database, ordered, parameters)
}

/** Newest first; lines as they were written, steps of graphs as the file has them. */
const DEFAULT_ORDER: { readonly [subject in Subject]: readonly string[] } = {
  run: ['r.started DESC', 'r.run DESC'],
  step: ['s.started DESC', 's.id'],
  node: ['g.latest DESC', 'g.workflow', 'g.file', 'g.id DESC', 'n.id'],
  value: ['s.ended DESC', 'c.id'],
  log: ['l.at', 'l.id'],
}

/** What that order needs. */
const ORDERED_BY: { readonly [subject in Subject]: readonly Alias[] } = {
  ...{ run: ['r'], step: ['s'], node: ['n', 'g'], value: ['s', 'c'], log: ['l'] },
}

function rowsById(database: Database, subject: Subject, ids: readonly number[]): readonly Found[] {
  const names = fieldsOf(subject)
  const main = MAIN[subject]
  const needed = new Set(names.flatMap(name => columnOf(subject, name).from))
  const columns = names.map((name, index) => `${shownOf(subject, name)} AS f${index}`)
  const sql = `SELECT ${main}.id AS row, ${columns.join(', ')} ${tablesOf(subject, needed)}
    WHERE ${main}.id IN (SELECT value FROM json_each(?1))`
  const found = jsonRows(database, ['row', ...names.map((_, index) => `f${index}`)], sql, [JSON.stringify(ids)])
  const rows = new Map(found.map(([id, ...row]) => [Number(id), row]))
  return ids.flatMap(id => {
    const row = rows.get(id)
    return row ? [record(subject, names, row)] : []
  })
}

function record(subject: Subject, names: readonly string[], row: readonly Json[]): Found {
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

function shown(subject: Subject, name: string, value: Json): unknown {
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
      return JSON.parse(String(value))
    default:
      return String(value)
  }
}
