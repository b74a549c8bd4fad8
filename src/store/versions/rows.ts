/**
 * Rows of versions: how they are written, read in order, and unpacked. A row's base is the row before it in its line, so
 * whoever reads in order has it at hand.
 */
import { createHash } from 'node:crypto'
import { refuse } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
import type { Json } from '../../util/json.ts'
import { asText, type Database, numberColumn, type SqlRow, type SqlValue, textColumn } from '../database.ts'
import { rowDigest } from '../digest.ts'
import { storeDamaged } from '../fault.ts'
import type { VersionRow } from '../store.ts'
import { idsOf, type Line } from './lines.ts'
import { contentsOf, isWhole, type Plain, unpackContents, unpackFacts, wholeColumn, wordsOf } from './pack.ts'

/** Whatever a flipped bit makes of a column, it is read as bytes. */
const bytesColumn = textColumn
const HEAD = `${numberColumn('id')}, ${textColumn('number')}, ${bytesColumn('facts')}, ${bytesColumn('digest')}`
const BODY = `${bytesColumn('contents')}, ${bytesColumn('contents_digest')}`
const HEADS = `SELECT ${HEAD} FROM versions WHERE id BETWEEN ? AND ? ORDER BY id`
const NUMBERED = `SELECT ${HEAD} FROM versions WHERE id BETWEEN ? AND ? AND number = ? ORDER BY id`
const FIRST_FACTS = `SELECT ${bytesColumn('facts')} FROM versions WHERE id BETWEEN ? AND ? AND ${wholeColumn('facts')}
  ORDER BY id DESC LIMIT 1`
/** From the beginning of the series to its end. */
const SERIES = `SELECT ${numberColumn('id')}, ${BODY} FROM versions WHERE id BETWEEN
  (SELECT coalesce(max(id), ?1) FROM versions WHERE id BETWEEN ?1 AND ?2 AND ${wholeColumn('contents')}) AND ?2 ORDER BY id`
/** All columns, as `parseRow` takes them. */
export const ROW = `${HEAD}, ${BODY}`
const PAGE = `SELECT ${ROW} FROM versions WHERE id > ? AND id <= ? ORDER BY id LIMIT 16`
const DIGEST = `SELECT ${bytesColumn('contents_digest')} FROM versions WHERE id = ? AND number = ?`
const LAST = 'SELECT max(id) FROM versions WHERE id BETWEEN ? AND ?'
const PUT = `INSERT OR REPLACE INTO versions (id, number, facts, contents, digest, contents_digest) VALUES (?, ?, ?, ?, ?, ?)`

/** A row as it stands. */
export interface RawRow {
  readonly id: number
  readonly number: string
  readonly facts: Buffer
  readonly digest: Buffer
  readonly contents: Buffer
  readonly contentsDigest: Buffer
}

export interface Found {
  readonly id: number
  readonly row: VersionRow
}

/** All of a line in order. Refuses with STORE_DAMAGED, also when one is missing. */
export function readLine(database: Database, line: Line): readonly Found[] {
  const [from, to] = idsOf(line.id)
  const rows = database.prepare(HEADS).all([from, to])
  if (rows.length !== line.versions)
    storeDamaged(`the line ${line.line} has ${line.versions} versions, of which ${rows.length} are there`)
  let first: Buffer | undefined
  return rows.map(columns => {
    const head = parseHead(columns)
    const text = unpackFacts(head.facts, first)
    first = wordsBehind(head, text, first)
    return checked(line.line, head, text)
  })
}

/** Refuses with STORE_DAMAGED. Absent: the whole line was looked through. */
export function findVersion(database: Database, line: Line, number: string): Found | undefined {
  const [from, to] = idsOf(line.id)
  const [found] = database
    .prepare(NUMBERED)
    .all([from, to, number])
    .map(parseHead)
    .map(head => checked(line.line, head, unpackFacts(head.facts, firstWords(database, from, head))))
  return found ?? readLine(database, line).find(({ row }) => row.number === number)
}

type Head = Omit<RawRow, 'contents' | 'contentsDigest'>

/** Not believed: whether the row is right is asked when it is read. */
export const hasNumber = (database: Database, line: Line, number: string): boolean =>
  database.prepare(NUMBERED).all([...idsOf(line.id), number]).length > 0

/** By which words the facts of the next row are packed. `text`: of this one's; `first`: by which they are packed. */
export const wordsBehind = (
  { facts }: Pick<Head, 'facts'>,
  text: string | undefined,
  first: Buffer | undefined,
): Buffer | undefined => (isWhole(facts) ? (text === undefined ? undefined : wordsOf(text)) : first)

/** By which words the facts of the row are packed. */
const firstWords = (database: Database, from: number, { id, facts }: Head): Buffer | undefined =>
  isWhole(facts) ? undefined : wordsBefore(database, from, id)

function wordsBefore(database: Database, from: number, to: number): Buffer | undefined {
  const [row] = database.prepare(FIRST_FACTS).all([from, to])
  const text = row && unpackFacts(bufferOf(row[0]), undefined)
  return text === undefined ? undefined : wordsOf(text)
}

/** By which words the facts of the line's next version are packed; undefined: there are none, or they are damaged. */
export const lastWords = (database: Database, line: Line): Buffer | undefined =>
  wordsBefore(database, ...idsOf(line.id))

function checked(line: string, head: Head, text: string | undefined): Found {
  const row = text === undefined ? undefined : parsedRow(line, head, text)
  return row ? { id: head.id, row } : storeDamaged(`version ${head.number} of ${line} is not what was written`)
}

/** Undefined: it is not what was written. */
export function parsedRow(line: string, { id, number, digest }: Head, text: string): VersionRow | undefined {
  if (!digest.equals(headDigest({ line, id, number, text }))) return undefined
  // `headText` wrote it, as the digest says.
  const [hash, atMs, facts] = JSON.parse(text) as [Hash, number, Json]
  return { line, number, hash, atMs, facts }
}

/** All that a row says beside its number, as it is packed. */
export const headText = ({ hash, atMs, facts }: VersionRow): string => JSON.stringify([hash, atMs, facts])

interface HeadParts {
  readonly line: string
  readonly id: number
  readonly number: string
  readonly text: string
}

const headDigest = ({ line, id, number, text }: HeadParts): Buffer =>
  Buffer.from(rowDigest([line, id, number, text]), 'hex')

export const contentsDigest = (contents: Uint8Array): Buffer =>
  createHash('sha256').update(contents).digest().subarray(0, 16)

/** Of the contents of the very row that was found: in a damaged page another one may have its id. */
export function isOfRow(database: Database, { id, row }: Found, { digest }: Link): boolean {
  const digests = database.prepare(DIGEST).all([id, row.number])
  return digests.length === 1 && digests.every(([found]) => bufferOf(found).equals(digest))
}

/** The id of the line's newest version; 0: it has none. */
export const lastId = (database: Database, line: Line): number =>
  Number(database.prepare(LAST).all([...idsOf(line.id)])[0]?.[0] ?? 0)

/** What was read last, ready to be the base of what is read next. */
export interface Link {
  readonly id: number
  readonly plain: Plain
  readonly digest: Buffer
  /** From the beginning of its series. */
  readonly links: number
}

/**
 * The contents of the version `id`, as a link of its series; undefined: they are not what was written. `near`: a link that was
 * read before; its successors are read from there.
 */
export function readLink(database: Database, line: Line, id: number, near: Link | undefined): Link | undefined {
  return (near && linkFrom(database, id, near)) ?? linkAlong(seriesTo(database, line, id), undefined)
}

const seriesTo = (database: Database, line: Line, id: number): readonly Body[] =>
  database
    .prepare(SERIES)
    .all([idsOf(line.id)[0], id])
    .map(parseBody)

/** How far behind another one a version may be to be read from there. */
const NEAR = 16

function linkFrom(database: Database, id: number, near: Link): Link | undefined {
  if (id < near.id || id > near.id + NEAR) return undefined
  const [first, ...rest] = database
    .prepare(`SELECT ${numberColumn('id')}, ${BODY} FROM versions WHERE id BETWEEN ? AND ? ORDER BY id`)
    .all([near.id, id])
    .map(parseBody)
  // Another process may have written it anew.
  const isThere = first?.id === near.id && first.contentsDigest.equals(near.digest)
  return isThere ? linkAlong(rest, near) : undefined
}

type Body = Pick<RawRow, 'id' | 'contents' | 'contentsDigest'>

function linkAlong(bodies: readonly Body[], before: Link | undefined): Link | undefined {
  let link: Link | undefined = before
  for (const body of bodies) {
    const next = linkOf(body, link)
    if (!next) return undefined
    link = next
  }
  return link && (link === before || isRight(link)) ? link : undefined
}

/** Not yet compared with its digest. */
export function linkOf({ id, contents, contentsDigest: digest }: Body, before: Link | undefined): Link | undefined {
  const plain = unpackContents(contents, before?.plain)
  return plain && { id, plain, digest, links: isWhole(contents) ? 0 : (before?.links ?? 0) + 1 }
}

export const isRight = ({ plain, digest }: Link): boolean => contentsDigest(contentsOf(plain)).equals(digest)

/** All rows of a line in order, as they stand; some at a time, since contents may be large. */
export function* rawRows(database: Database, line: number | 'all'): Iterable<RawRow> {
  const [from, to] = line === 'all' ? [1, Number.MAX_SAFE_INTEGER] : idsOf(line)
  for (let last = from - 1; ; ) {
    const rows = database.prepare(PAGE).all([last, to]).map(parseRow)
    yield* rows
    const end = rows.at(-1)
    // In a damaged page they may be in any order.
    if (!end || end.id <= last) return
    last = end.id
  }
}

export interface Unpacked {
  readonly raw: RawRow
  /** Undefined: it cannot be unpacked; then nor can what hangs on it. */
  readonly link: Link | undefined
  readonly isIntact: boolean
}

/** All contents of a line in order, each unpacked from the one before; each line begins with one that stands by itself. */
export function* unpackedRows(database: Database, line: number | 'all'): Iterable<Unpacked> {
  let before: Link | undefined
  for (const raw of rawRows(database, line)) {
    const link = linkOf(raw, before)
    yield { raw, link, isIntact: link !== undefined && isRight(link) }
    before = link
  }
}

export interface NewRow {
  readonly id: number
  readonly row: VersionRow
  readonly facts: Buffer
  readonly contents: Buffer
  readonly contentsDigest: Buffer
}

export function putRow(database: Database, { id, row, facts, contents, contentsDigest: digest }: NewRow): void {
  const head = headDigest({ line: row.line, id, number: row.number, text: headText(row) })
  database.prepare(PUT).run([id, row.number, facts, contents, head, digest])
}

function parseHead([id, number, facts, digest]: SqlRow): Head {
  return { id: Number(id), number: asText(number), facts: bufferOf(facts), digest: bufferOf(digest) }
}

export const parseRow = (columns: SqlRow): RawRow => ({
  ...parseHead(columns),
  contents: bufferOf(columns[4]),
  contentsDigest: bufferOf(columns[5]),
})

const parseBody = ([id, contents, digest]: SqlRow): Body => ({
  id: Number(id),
  contents: bufferOf(contents),
  contentsDigest: bufferOf(digest),
})

const bufferOf = (value: SqlValue | undefined): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0)

export const unknownVersion = (line: string, number: string): never =>
  refuse('VERSION_UNKNOWN', `There is no version ${number} of ${line}`, { hint: 'tutti versions lists them.' })

export const damagedVersion = (line: string, number: string): never =>
  refuse('VERSION_DAMAGED', `What is kept of version ${number} of ${line} is not what was published`, {
    hint: 'Publish it again from its sources; tutti doctor says what else is damaged.',
  })
