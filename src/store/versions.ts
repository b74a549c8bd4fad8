/**
 * Published versions, in the database: one row each, written once, and one pointer a line. What a line has is its publisher's
 * business; here it is bytes.
 */
import { createHash } from 'node:crypto'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import type { Json } from '../util/json.ts'
import { asText, type Database, numberColumn, type SqlRow, textColumn } from './database.ts'
import { checkDigest, rowDigest } from './digest.ts'
import type { CurrentVersion, Store, VersionRow } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

const PUT = `INSERT INTO versions (line, number, hash, at_ms, facts, digest, contents, contents_digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
const ROW = ['line', 'number', 'hash', 'facts', 'digest'].map(name => `${textColumn(name)} AS ${name}`)
const SELECT = `SELECT ${ROW.join(', ')}, ${numberColumn('at_ms')} FROM versions`
const CONTENTS = `SELECT CAST(contents AS BLOB), ${textColumn('contents_digest')} FROM versions WHERE line = ? AND number = ?`
const COUNT = 'SELECT count(*) FROM versions WHERE line = ?'
const POINT = `INSERT INTO current_versions (line, number, how, at_ms, digest) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (line) DO UPDATE SET number = excluded.number, how = excluded.how, at_ms = excluded.at_ms,
    digest = excluded.digest`
const CURRENT = `SELECT ${['number', 'how', 'digest'].map(textColumn).join(', ')}, ${numberColumn('at_ms')}
  FROM current_versions WHERE line = ?`

export function openVersions(writing: Writing): Store['versions'] {
  const { database } = writing
  return {
    publish: (version, contents, seen, place) =>
      transact(writing, () => {
        if (Number(database.prepare(COUNT).all([version.line])[0]?.[0] ?? 0) !== seen) return 'stale'
        putVersion(database, version, contents)
        if (place === 'current')
          putCurrent(database, version.line, { number: version.number, how: 'published', atMs: version.atMs })
        return 'published'
      }),
    list: line => patiently(() => listVersions(database, line)),
    get: (line, number) => patiently(() => findVersion(database, line, number)),
    contents: (line, number) => patiently(() => contentsOf(database, line, number)),
    current: line => patiently(() => currentOf(database, line)),
    point: (line, current) =>
      transact(writing, () => {
        if (!findVersion(database, line, current.number)) unknownVersion(line, current.number)
        putCurrent(database, line, current)
      }),
  }
}

function putVersion(database: Database, { line, number, hash, atMs, facts }: VersionRow, contents: Uint8Array): void {
  const columns = [line, number, hash, atMs, JSON.stringify(facts)]
  database
    .prepare(PUT)
    .run([...columns, rowDigest(columns), Buffer.from(contents), createHash('sha256').update(contents).digest('hex')])
}

function putCurrent(database: Database, line: string, { number, how, atMs }: CurrentVersion): void {
  database.prepare(POINT).run([line, number, how, atMs, rowDigest([line, number, how, atMs])])
}

export function listVersions(database: Database, line?: string): readonly VersionRow[] {
  const where = line === undefined ? '' : 'WHERE line = ?'
  return database
    .prepare(`${SELECT} ${where} ORDER BY rowid`)
    .all(line === undefined ? [] : [line])
    .map(checked)
}

const findVersion = (database: Database, line: string, number: string): VersionRow | undefined =>
  database.prepare(`${SELECT} WHERE line = ? AND number = ?`).all([line, number]).map(checked)[0]

function checked([line, number, hash, facts, digest, atMs]: SqlRow): VersionRow {
  const columns = [asText(line), asText(number), asText(hash), Number(atMs), asText(facts)] as const
  checkDigest(`version ${columns[1]} of ${columns[0]}`, columns, asText(digest))
  return {
    line: columns[0],
    number: columns[1],
    hash: columns[2] as Hash,
    atMs: columns[3],
    facts: JSON.parse(columns[4]) as Json,
  }
}

function contentsOf(database: Database, line: string, number: string): Uint8Array {
  const [row] = database.prepare(CONTENTS).all([line, number])
  if (!row) return unknownVersion(line, number)
  const [bytes, digest] = row
  const isRight = bytes instanceof Uint8Array && createHash('sha256').update(bytes).digest('hex') === asText(digest)
  return isRight
    ? bytes
    : refuse('VERSION_DAMAGED', `What is kept of version ${number} of ${line} is not what was published`, {
        hint: 'Publish it again from its sources; tutti doctor says what else is damaged.',
      })
}

function currentOf(database: Database, line: string): CurrentVersion | undefined {
  const [row] = database.prepare(CURRENT).all([line])
  if (!row) return undefined
  const [number, how, digest, atMs] = [asText(row[0]), asText(row[1]), asText(row[2]), Number(row[3])]
  checkDigest(`the current version of ${line}`, [line, number, how, atMs], digest)
  return { number, how: how === 'pinned' ? 'pinned' : 'published', atMs }
}

export const unknownVersion = (line: string, number: string): never =>
  refuse('VERSION_UNKNOWN', `There is no version ${number} of ${line}`, { hint: 'tutti versions lists them.' })
