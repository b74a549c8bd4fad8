/**
 * Text -> query, by recursive descent. The grammar stands in docs/find.md. Every refusal points to a column, says what was
 * expected there, and which name is nearest: QUERY_SYNTAX, QUERY_UNKNOWN_SUBJECT, QUERY_UNKNOWN_FIELD, QUERY_VALUE.
 *
 *   Q1. Parsing what a query prints gives that query again.
 *   Q2. Whatever the text, parsing gives a query or refuses; it throws nothing else.
 */
import type { Subject } from '../fields.ts'
import type { Order, Query } from '../query.ts'
import { parseChain } from './chain.ts'
import { flat, parseCondition, parseField } from './condition.ts'
import { Cursor } from './cursor.ts'
import { refuseAt } from './tokens.ts'

const LIMIT_MAX = 1_000_000_000

/** `nowMs`: what `-2d` and `today` count from. */
export function parseQuery(text: string, nowMs: number): Query {
  const cursor = new Cursor(text, nowMs)
  const wanted = cursor.takeWord('count') ? 'count' : 'rows'
  const { subject, own, links } = parseChain(cursor)
  const where = cursor.takeWord('where') ? parseCondition(cursor, subject) : undefined
  const conditions = [...(own ? [own] : []), ...(where ? [where] : [])]
  const group = cursor.peek()
  const groupBy = cursor.takeWords('group', 'by') ? cursor.list(() => parseField(cursor, subject)) : []
  if (groupBy.length > 0 && wanted === 'count')
    refuseAt(text, group.at, 'QUERY_SYNTAX', 'Groups have their count already', "Leave 'count' out.")
  const orderBy = cursor.takeWords('order', 'by') ? cursor.list(() => orderAt(cursor, subject, groupBy)) : []
  const limit = cursor.takeWord('limit') ? limitAt(cursor) : undefined
  const rest = cursor.peek()
  if (rest.kind !== 'end') cursor.expected(nextClauses({ where, groupBy, orderBy, limit }), rest)
  return {
    subject,
    ...(links.length > 0 ? { chain: { links } } : {}),
    ...(conditions.length === 0 ? {} : { where: conditions.length === 1 ? conditions[0]! : flat('all', conditions) }),
    groupBy,
    orderBy,
    ...(limit === undefined ? {} : { limit }),
    wanted,
  }
}

function nextClauses(had: {
  where: unknown
  groupBy: readonly string[]
  orderBy: readonly Order[]
  limit: unknown
}): string {
  if (had.limit !== undefined) return 'the end'
  if (had.orderBy.length > 0) return "',', 'limit' or the end"
  if (had.groupBy.length > 0) return "',', 'order by', 'limit' or the end"
  return had.where === undefined
    ? "'where', 'group by', 'order by', 'limit' or the end"
    : "'and', 'or', 'group by', 'order by', 'limit' or the end"
}

function orderAt(cursor: Cursor, subject: Subject, groupBy: readonly string[]): Order {
  const token = cursor.peek()
  const isCount = groupBy.length > 0 && token.kind === 'word' && token.text === 'count'
  if (isCount) cursor.next += 1
  const field = isCount ? 'count' : parseField(cursor, subject)
  if (groupBy.length > 0 && !isCount && !groupBy.includes(field))
    refuseAt(
      cursor.text,
      token.at,
      'QUERY_VALUE',
      `Groups are ordered by count or by ${groupBy.join(', ')}, not by ${field}`,
    )
  if (cursor.takeWord('desc')) return { field, direction: 'desc' }
  cursor.takeWord('asc')
  return { field, direction: 'asc' }
}

function limitAt(cursor: Cursor): number {
  const token = cursor.take()
  const limit = Number(token.text)
  if (token.kind !== 'number' || !Number.isSafeInteger(limit) || limit < 0 || limit > LIMIT_MAX)
    cursor.expected('a whole number', token)
  return limit
}
