/**
 * Conditions -> SQL over the index.
 *
 *   C1. A comparison with a field that a record has not is false, whatever the operator; `not` makes it true.
 *
 * SQL's null is neither true nor false, which inside of NOT is another thing: there, each comparison is made false first.
 */
import type { Database, SqlValue } from '../../store/database.ts'
import { fieldNamed, type Subject } from '../fields.ts'
import type { Condition, Operand, Operator, Place, Scalar } from '../query.ts'
import { jsonRows } from './json-rows.ts'
import { type Alias, type Column, columnOf, isStatus } from './columns.ts'

export interface Compiled {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  readonly needed: ReadonlySet<Alias>
}

interface Compiling {
  readonly database: Database
  readonly subject: Subject
  readonly parameters: SqlValue[]
  readonly needed: Set<Alias>
}

/** Patterns are matched here, not by SQL, so compiling looks into the index. */
export function compileCondition(database: Database, subject: Subject, condition: Condition | undefined): Compiled {
  const compiling: Compiling = { database, subject, parameters: [], needed: new Set() }
  const sql = condition ? compile(compiling, condition, 'asserted') : '1'
  return { sql, parameters: compiling.parameters, needed: compiling.needed }
}

/** Whether a null may stand for false. */
type Polarity = 'asserted' | 'negated'

function compile(compiling: Compiling, condition: Condition, polarity: Polarity): string {
  switch (condition.kind) {
    case 'all':
      return joined(compiling, condition.of, 'AND', polarity)
    case 'any':
      return joined(compiling, condition.of, 'OR', polarity)
    case 'not':
      return `NOT (${compile(compiling, condition.of, 'negated')})`
    default: {
      const sql = compileLeaf(compiling, condition)
      return polarity === 'negated' ? `ifnull((${sql}), 0)` : `(${sql})`
    }
  }
}

/** In halves: SQLite counts how deep an expression is. */
function joined(compiling: Compiling, of: readonly Condition[], word: 'AND' | 'OR', polarity: Polarity): string {
  const [first] = of
  if (!first) return word === 'AND' ? '1' : '0'
  if (of.length === 1) return compile(compiling, first, polarity)
  const half = Math.ceil(of.length / 2)
  const [left, right] = [of.slice(0, half), of.slice(half)].map(part => joined(compiling, part, word, polarity))
  return `(${left} ${word} ${right})`
}

type Leaf = Exclude<Condition, { kind: 'all' | 'any' | 'not' }>

function compileLeaf(compiling: Compiling, leaf: Leaf): string {
  if (leaf.kind === 'flag') return use(compiling, leaf.field).sql
  const column = use(compiling, leaf.field.name)
  if (fieldNamed(compiling.subject, leaf.field.name)?.type === 'json')
    return compileJson(compiling, leaf, column.sql, leaf.field.path)
  switch (leaf.kind) {
    case 'has':
      return throughTable(column, sql => `${sql} IS NOT NULL`)
    case 'compare':
      return leaf.with.kind === 'aggregate'
        ? compareHistory(compiling, column, leaf.operator, leaf.field, leaf.with)
        : compareScalar(compiling, column, leaf.operator, leaf.with)
    case 'contains':
      return contains(compiling, column, leaf.text)
    case 'matches':
      return matches(compiling, column, new RegExp(leaf.pattern, leaf.flags))
    case 'in':
      return isIn(compiling, column, leaf.values)
  }
}

function use({ subject, needed }: Compiling, name: string): Column {
  const column = columnOf(subject, name)
  for (const alias of column.from) needed.add(alias)
  return column
}

/** The parameter's place in the text. */
function bind({ parameters }: Compiling, value: SqlValue): string {
  parameters.push(value)
  return `?${parameters.length}`
}

function compareScalar(compiling: Compiling, column: Column, operator: Operator, scalar: Scalar): string {
  switch (scalar.kind) {
    case 'time':
      return compareTime(compiling, column.sql, operator, scalar)
    case 'number':
      return `${column.sql} ${operator} ${bind(compiling, scalar.number)}`
    case 'text':
      return compareText(compiling, column, operator, scalar.text)
    case 'flag':
      return (operator === '=') === scalar.flag ? column.sql : `NOT (${column.sql})`
    case 'null':
      return '0'
  }
}

/** Before, in or after a span. */
function compareTime(
  compiling: Compiling,
  sql: string,
  operator: Operator,
  { fromMs, toMs }: Extract<Scalar, { kind: 'time' }>,
): string {
  const within = (): string => `${sql} >= ${bind(compiling, fromMs)} AND ${sql} < ${bind(compiling, toMs)}`
  switch (operator) {
    case '=':
      return within()
    case '!=':
      return `NOT (${within()})`
    case '<':
      return `${sql} < ${bind(compiling, fromMs)}`
    case '<=':
      return `${sql} < ${bind(compiling, toMs)}`
    case '>':
      return `${sql} >= ${bind(compiling, toMs)}`
    case '>=':
      return `${sql} >= ${bind(compiling, fromMs)}`
  }
}

/** Of a text that stands elsewhere, first which rows of there it can be. */
function throughTable({ sql, via }: Column, holds: (sql: string) => string): string {
  return via ? `${sql} IN (SELECT id FROM ${via.table} WHERE ${holds(via.column)})` : holds(sql)
}

function compareText(compiling: Compiling, column: Column, operator: Operator, text: string): string {
  const { sql, words } = column
  if (!words) return throughTable(column, each => `${each} ${operator} ${bind(compiling, text)}`)
  const index = words.indexOf(text)
  return operator === '=' && index > 0 ? isStatus(index) : `${sql} ${operator} ${index}`
}

function compareHistory(
  compiling: Compiling,
  { sql }: Column,
  operator: Operator,
  { name }: Place,
  { of, times }: Extract<Operand, { kind: 'aggregate' }>,
): string {
  const alias = compiling.subject === 'step' && name === 'duration' ? 'p' : 'h'
  compiling.needed.add(alias)
  return `${sql} ${operator} ${times === 1 ? '' : `${bind(compiling, times)} * `}${alias}.${of}`
}

function contains(compiling: Compiling, column: Column, text: string): string {
  const { sql, words } = column
  if (words) return `${sql} IN (${words.flatMap((word, index) => (word.includes(text) ? [index] : [])).join(', ')})`
  const found = throughTable(column, each => `instr(${each}, ${bind(compiling, text)}) > 0`)
  const indexed = sql === 'l.text' ? trigrams(text) : undefined
  if (indexed === undefined) return found
  return `l.id IN (SELECT rowid FROM line_text WHERE line_text MATCH ${bind(compiling, indexed)}) AND ${found}`
}

/** All runs of three characters, as the index of lines has them; nothing for shorter texts, and for what it may fold. */
function trigrams(text: string): string | undefined {
  const characters = [...text]
  if (characters.length < 3 || /[^\x20-\x7e]/.test(text)) return undefined
  const all = new Set(characters.slice(2).map((_, index) => characters.slice(index, index + 3).join('')))
  return [...all].map(each => `"${each.replaceAll('"', '""')}"`).join(' AND ')
}

function matches(compiling: Compiling, { sql, words, via, from }: Column, pattern: RegExp): string {
  if (words) return `${sql} IN (${words.flatMap((word, index) => (pattern.test(word) ? [index] : [])).join(', ')})`
  const alias = from[0]!
  const select = via
    ? `SELECT id, ${via.column} AS text FROM ${via.table}`
    : `SELECT ${alias}.id AS id, ${sql} AS text FROM ${TABLE[alias]} ${alias}`
  const ids = matching(compiling.database, pattern, select)
  return `${via ? sql : `${alias}.id`} IN (SELECT value FROM json_each(${bind(compiling, JSON.stringify(ids))}))`
}

const TABLE: { readonly [alias in Alias]: string } = {
  ...{ s: 'step', p: 'place', r: 'run', h: 'history', c: 'value', n: 'node', g: 'graph', l: 'line' },
}

/** Texts that are looked at in one go. */
const PAGE = 10_000

/** Ids of the rows of `select` (id, text) whose text matches. */
function matching(database: Database, pattern: RegExp, select: string): readonly number[] {
  const found: number[] = []
  const page = `SELECT id, text FROM (${select}) WHERE id > ? AND text IS NOT NULL ORDER BY id LIMIT ${PAGE}`
  for (let after = -1; ; ) {
    const rows = jsonRows(database, ['id', 'text'], page, [after])
    for (const [id, text] of rows) if (pattern.test(String(text))) found.push(Number(id))
    if (rows.length < PAGE) return found
    after = Number(rows.at(-1)![0])
  }
}

function isIn(compiling: Compiling, column: Column, values: readonly Scalar[]): string {
  const texts = values.flatMap((value): readonly (string | number)[] =>
    value.kind === 'text' ? [value.text] : value.kind === 'number' ? [value.number] : [],
  )
  if (texts.length === values.length && !column.words) {
    const list = `(SELECT value FROM json_each(${bind(compiling, JSON.stringify(texts))}))`
    return throughTable(column, sql => `${sql} IN ${list}`)
  }
  return values.length === 0 ? '0' : halves(values.map(value => compareScalar(compiling, column, '=', value)))
}

function halves(of: readonly string[]): string {
  if (of.length <= 1) return `(${of[0] ?? '0'})`
  const half = Math.ceil(of.length / 2)
  return `(${halves(of.slice(0, half))} OR ${halves(of.slice(half))})`
}

function compileJson(
  compiling: Compiling,
  leaf: Exclude<Leaf, { kind: 'flag' }>,
  sql: string,
  path: Place['path'],
): string {
  const at = bind(compiling, jsonPath(path))
  const type = `json_type(${sql}, ${at})`
  const value = `json_extract(${sql}, ${at})`
  switch (leaf.kind) {
    case 'has':
      return `${type} IS NOT NULL`
    case 'compare':
      if (leaf.with.kind === 'aggregate') return '0'
      if (leaf.operator !== '!=') return compareValue(compiling, type, value, leaf.operator, leaf.with)
      return `${type} IS NOT NULL AND NOT (${compareValue(compiling, type, value, '=', leaf.with)})`
    case 'in':
      return halves(leaf.values.map(each => compareValue(compiling, type, value, '=', each)))
    case 'contains': {
      const text = bind(compiling, leaf.text)
      const item = `EXISTS (SELECT 1 FROM json_each(${sql}, ${at}) AS item WHERE item.type = 'text' AND item.atom = ${text})`
      return `CASE ${type} WHEN 'text' THEN instr(${value}, ${text}) > 0 WHEN 'array' THEN ${item} ELSE 0 END`
    }
    case 'matches': {
      const literal = `'${jsonPath(path).replaceAll("'", "''")}'`
      const rows = `SELECT c.id AS id, json_extract(${sql}, ${literal}) AS text
        FROM value c WHERE json_type(${sql}, ${literal}) = 'text'`
      const ids = matching(compiling.database, new RegExp(leaf.pattern, leaf.flags), rows)
      return `c.id IN (SELECT value FROM json_each(${bind(compiling, JSON.stringify(ids))}))`
    }
  }
}

function compareValue(compiling: Compiling, type: string, value: string, operator: Operator, scalar: Scalar): string {
  switch (scalar.kind) {
    case 'number':
      // The type last: most values fail by the number, and each look costs a parse.
      return `CASE WHEN ${value} ${operator} ${bind(compiling, scalar.number)} THEN ${type} IN ('integer', 'real') ELSE 0 END`
    case 'text':
      return `CASE WHEN ${value} ${operator} ${bind(compiling, scalar.text)} THEN ${type} = 'text' ELSE 0 END`
    case 'flag':
      return operator === '=' ? `ifnull(${type} = '${scalar.flag}', 0)` : '0'
    case 'null':
      return operator === '=' ? `ifnull(${type} = 'null', 0)` : '0'
    case 'time':
      return '0'
  }
}

/** In SQLite's own way of writing it; names have no quotes in them. */
const jsonPath = (path: Place['path']): string =>
  `$${path.map(part => (typeof part === 'number' ? `[${part}]` : `."${part}"`)).join('')}`
