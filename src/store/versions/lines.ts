/**
 * The lines of versions: one row each, which counts its versions and says which one is current. Rows are found by an id that
 * counts from 1, without an index, so that a lost one leaves a gap; and a name that is not found is one that none has.
 */
import { asText, type Database, numberColumn, type SqlRow, textColumn } from '../database.ts'
import { checkDigest, rowDigest } from '../digest.ts'
import { storeDamaged } from '../fault.ts'
import type { CurrentVersion } from '../store.ts'

export interface Line {
  readonly id: number
  readonly line: string
  /** How many versions it has. */
  readonly versions: number
  readonly current: CurrentVersion | undefined
}

/** Ids of versions: that of their line times this, and their place in it from 1, never used again. */
export const SPAN = 2 ** 24
/** The ids that versions of a line may have, from and to. */
export const idsOf = (line: number): readonly [number, number] => [line * SPAN + 1, line * SPAN + SPAN - 1]

const COLUMNS = ['id', 'line', 'versions', 'number', 'how', 'at_ms', 'digest']
  .map(name => (['id', 'versions', 'at_ms'].includes(name) ? numberColumn(name) : textColumn(name)))
  .join(', ')
const ALL = `SELECT ${COLUMNS} FROM lines ORDER BY id`
const ONE = `SELECT ${COLUMNS} FROM lines WHERE line = ?`
const LAST_VERSION = 'SELECT max(id) FROM versions'
const PUT = `INSERT INTO lines (id, line, versions, number, how, at_ms, digest) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET versions = excluded.versions, number = excluded.number, how = excluded.how,
    at_ms = excluded.at_ms, digest = excluded.digest`

/** Refuses with STORE_DAMAGED, also when there is a version of a line that is gone. */
export function allLines(database: Database): readonly Line[] {
  const lines = database.prepare(ALL).all([]).map(checkedLine)
  const last = Number(database.prepare(LAST_VERSION).all([])[0]?.[0] ?? 0)
  const isWhole = lines.every(({ id }, index) => id === index + 1) && last < (lines.length + 1) * SPAN
  return isWhole ? lines : storeDamaged('the lines of versions have lost entries')
}

/** Refuses with STORE_DAMAGED. */
export function findLine(database: Database, line: string): Line | undefined {
  const [found] = database.prepare(ONE).all([line]).map(checkedLine)
  return found ?? allLines(database).find(each => each.line === line)
}

/** For a line that there is not yet. */
export const newLine = (database: Database, line: string): Line => ({
  id: allLines(database).length + 1,
  line,
  versions: 0,
  current: undefined,
})

export function putLine(database: Database, { id, line, versions, current }: Line): void {
  const columns = [id, line, versions, current?.number ?? '', current?.how ?? '', current?.atMs ?? 0]
  database.prepare(PUT).run([...columns, rowDigest(columns)])
}

function checkedLine(row: SqlRow): Line {
  const line = parseLine(row)
  checkDigest(`what is kept of the line ${line.line}`, columnsOf(row), digestIn(row))
  return line
}

const columnsOf = ([id, line, versions, number, how, atMs]: SqlRow) =>
  [Number(id), asText(line), Number(versions), asText(number), asText(how), Number(atMs)] as const

const digestIn = (row: SqlRow): string => asText(row[6])

function parseLine(row: SqlRow): Line {
  const [id, line, versions, number, how, atMs] = columnsOf(row)
  const current: CurrentVersion = { number, how: how === 'pinned' ? 'pinned' : 'published', atMs }
  return { id, line, versions, current: number === '' ? undefined : current }
}

/** The rows as they are, believed by nobody: for what is saved of a damaged store. `isRight`: as their digests say. */
export const damagedLines = (database: Database): readonly (Line & { readonly isRight: boolean })[] =>
  database
    .prepare(ALL)
    .all([])
    .map(row => ({ ...parseLine(row), isRight: digestIn(row) === rowDigest(columnsOf(row)) }))
