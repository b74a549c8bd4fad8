/**
 * Saves the versions of a damaged store: from what several ways of reading it show, each version whose row and contents are
 * what was published. One whose base is lost cannot be had again, and is named.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { type Database, DatabaseError } from '../database.ts'
import type { Store, VersionRow } from '../store.ts'
import { damagedVersions } from './examine.ts'
import { damagedLines, type Line, SPAN } from './lines.ts'
import { contentsOf, unpackFacts } from './pack.ts'
import { isRight, type Link, linkOf, parsedRow, parseRow, type RawRow, rawRows, ROW, wordsBehind } from './rows.ts'

/** What one way of reading the database shows. */
export interface VersionsView {
  readonly lines: readonly (Line & { readonly isRight: boolean })[]
  readonly rows: readonly RawRow[]
}

export interface Salvage {
  readonly versions: number
  /** What could not be saved. */
  readonly diagnostics: readonly Diagnostic[]
}

export const viewVersions = (database: Database): VersionsView => ({
  lines: unlessDamaged(() => damagedLines(database)) ?? [],
  rows: readableRows(database),
})

/** Forwards as far as it goes, then backwards from the end: all but the stretch that cannot be read. */
function readableRows(database: Database): readonly RawRow[] {
  const rows = new Map<number, RawRow>()
  const keep = (found: Iterable<RawRow>): void =>
    unlessDamaged(() => {
      for (const row of found) rows.set(row.id, row)
    })
  keep(rawRows(database, 'all'))
  keep(rowsBackwards(database))
  return [...rows.values()]
}

function* rowsBackwards(database: Database): Iterable<RawRow> {
  const select = database.prepare(`SELECT ${ROW} FROM versions WHERE id < ? ORDER BY id DESC LIMIT 1`)
  for (let last = Number.MAX_SAFE_INTEGER; ; ) {
    const row = select.all([last]).map(parseRow)[0]
    if (!row || row.id >= last) return
    yield row
    last = row.id
  }
}

function unlessDamaged<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof DatabaseError) return undefined
    throw error
  }
}

/** Into a store that has no versions. */
export function salvageVersions(store: Store, views: readonly VersionsView[]): Salvage {
  const lines = views.flatMap(view => view.lines)
  const rows = views.flatMap(view => view.rows).sort((a, b) => a.id - b.id)
  const ids = new Set([...lines.map(({ id }) => id), ...rows.map(lineIn)])
  const saved = [...ids]
    .sort((a, b) => a - b)
    .map(id =>
      salvageLine(store, {
        id,
        lines: lines.filter(line => line.id === id),
        rows: rows.filter(row => lineIn(row) === id),
      }),
    )
  return {
    versions: saved.reduce((sum, { versions }) => sum + versions, 0),
    diagnostics: saved.flatMap(({ diagnostics }) => diagnostics),
  }
}

const lineIn = ({ id }: RawRow): number => Math.floor(id / SPAN)

/** All that is known of one line; of one row there may be several readings. */
interface Remains extends VersionsView {
  readonly id: number
}

function salvageLine(store: Store, { id, lines, rows }: Remains): Salvage {
  const right = lines.find(line => line.isRight)
  const { saved, lost } = intactOf(rows, [...new Set(lines.map(({ line }) => line))])
  for (const [count, { row, contents }] of saved.entries()) store.versions.publish(row, contents, count, 'beside')
  const name = saved[0]?.row.line ?? right?.line ?? `line ${id}, whose name is lost`
  const missing = (right?.versions ?? 0) - saved.length - lost.length
  const diagnostics = [
    ...(lost.length > 0 ? [damagedVersions(name, lost)] : []),
    ...(missing > 0 ? [damaged(`${missing} versions of ${name} are lost`)] : []),
    ...(saved.length === 0 ? [damaged(`nothing of ${name} could be saved`)] : pointLine(store, name, right)),
  ]
  return { versions: saved.length, diagnostics }
}

/** What is no longer known is what the newest version makes of it. */
function pointLine(store: Store, name: string, right: Line | undefined): readonly Diagnostic[] {
  const current = right?.current
  if (right && !current) return []
  if (current && store.versions.get(name, current.number)) {
    store.versions.point(name, current)
    return []
  }
  const newest = store.versions.list(name).at(-1)
  if (newest) store.versions.point(name, { number: newest.number, how: 'published', atMs: newest.atMs })
  const was = current ? `was ${current.number}, which is lost` : 'is no longer known'
  return [damaged(`the current version of ${name} ${was}; now it is ${newest?.number}`)]
}

interface Intact {
  readonly saved: readonly { readonly row: VersionRow; readonly contents: Buffer }[]
  /** Numbers, as far as they can be read. */
  readonly lost: readonly string[]
}

/** What was read before the row. `first`: the words that its facts are packed by. */
interface Before {
  readonly link: Link | undefined
  readonly first: Buffer | undefined
}

interface Reading extends Before {
  readonly raw: RawRow
  readonly row: VersionRow | undefined
}

/** `names`: what the line may be called; rows were digested with it. */
function intactOf(rows: readonly RawRow[], names: readonly string[]): Intact {
  const saved: { row: VersionRow; contents: Buffer }[] = []
  const lost: string[] = []
  let before: Before = { link: undefined, first: undefined }
  for (const raws of sameIds(rows)) {
    const readings = raws.map(raw => readRow(raw, names, before))
    const intact = readings.find(({ row, link }) => row && link && isRight(link))
    if (intact?.row && intact.link) saved.push({ row: intact.row, contents: contentsOf(intact.link.plain) })
    else lost.push(raws[0]?.number ?? '')
    before = intact ?? readings[0] ?? before
  }
  return { saved, lost }
}

function readRow(raw: RawRow, names: readonly string[], before: Before): Reading {
  const text = unpackFacts(raw.facts, before.first)
  const row = text === undefined ? undefined : names.map(name => parsedRow(name, raw, text)).find(found => found)
  return { raw, row, link: linkOf(raw, before.link), first: wordsBehind(raw, text, before.first) }
}

function sameIds(rows: readonly RawRow[]): Iterable<readonly RawRow[]> {
  const groups = new Map<number, RawRow[]>()
  for (const row of rows) groups.set(row.id, [...(groups.get(row.id) ?? []), row])
  return groups.values()
}

const damaged = (message: string): Diagnostic => ({ code: 'STORE_DAMAGED', severity: 'error', message })
