/**
 * Saves what is intact of a damaged store into a new one: every run up to its first damaged event, every version, and the
 * blobs whose bytes are right. The old store is only read. Runs whose end was lost come over as running, to be resumed.
 *
 * The database is read in two ways, since each may show what the other does not: as SQLite reads it, which forgets all behind
 * a damaged frame of its log; and with all frames taken, our own digests telling which rows are good.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '../core/engine/protocol.ts'
import { type Diagnostic, Refusal } from '../util/diagnostic.ts'
import { blobPath, hashFile } from './blobs.ts'
import { chainOf, decodeEvents, EMPTY_LOG, LOG_ROW, type LogRow, parseRow } from './chain.ts'
import { type Database, DatabaseError } from './database.ts'
import { allRows, inspecting } from './doctor.ts'
import { HeadFile } from './head.ts'
import { listBlobs } from './references.ts'
import { findDamagedRun, findRun } from './runs.ts'
import { migrate } from './schema.ts'
import { databasePath, lostWalPath, openStore } from './sqlite.ts'
import type { RunRow, Store } from './store.ts'
import { walPath } from './wal.ts'
import { acceptAllFrames } from './wal-frames.ts'
import { salvageVersions, type VersionsView, viewVersions } from './versions/salvage.ts'
import { restoreHeader } from './database-header.ts'

export interface Recovery {
  readonly runs: number
  readonly events: number
  readonly blobs: number
  readonly versions: number
  /** What could not be saved. */
  readonly diagnostics: readonly Diagnostic[]
}

type Entry =
  | { readonly kind: 'whole'; readonly row: RunRow }
  /** As far as it can be read. */
  | { readonly kind: 'damaged'; readonly row: Omit<RunRow, 'lastSeq'> }

/** What one way of reading the database shows. */
interface View {
  readonly rows: readonly LogRow[]
  readonly entries: ReadonlyMap<string, Entry>
  readonly versions: VersionsView
}

interface Intact {
  readonly runs: ReadonlyMap<string, readonly LogRow[]>
  /** What could not be saved. */
  readonly diagnostics: readonly Diagnostic[]
}

/** `into` is a folder without a store. */
export async function recover(folder: string, into: string): Promise<Recovery> {
  const views = [await viewOf(folder, 'all frames'), await viewOf(folder, 'as it is')]
  const { runs, diagnostics } = intactOf(mergedRows(views), headSeq(folder))
  const entryOf = (run: string): Entry | undefined => {
    const found = views.flatMap(({ entries }) => entries.get(run) ?? [])
    return found.find(({ kind }) => kind === 'whole') ?? found[0]
  }
  const store = await openStore(into)
  try {
    const recovery = await write(store, { runs, entryOf, folder })
    const salvage = salvageVersions(
      store,
      views.map(view => view.versions),
    )
    return {
      ...recovery,
      versions: salvage.versions,
      diagnostics: [...diagnostics, ...recovery.diagnostics, ...salvage.diagnostics],
    }
  } finally {
    await store.close()
  }
}

/** Of a copy: SQLite would change the original on opening it. */
async function viewOf(folder: string, way: 'all frames' | 'as it is'): Promise<View> {
  const copy = mkdtempSync(join(tmpdir(), 'tutti-recover-'))
  try {
    cpSync(databasePath(folder), databasePath(copy))
    restoreHeader(databasePath(copy))
    const wal = [lostWalPath(folder), walPath(folder)].find(existsSync)
    if (wal !== undefined) cpSync(wal, walPath(copy))
    if (way === 'all frames') acceptAllFrames(walPath(copy))
    return await inspecting(copy, ({ database }) => readView(database, copy))
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof Refusal) return NOTHING
    throw error
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const NOTHING: View = { rows: [], entries: new Map(), versions: { lines: [], rows: [] } }

function readView(database: Database, folder: string): View {
  // What the header says of the format may be what is damaged.
  unlessDamaged(() => migrate(database, folder))
  const rows = readableRows(database)
  const entries = new Map<string, Entry>()
  for (const { run } of rows) {
    const entry = entries.get(run) ?? readEntry(database, run)
    if (entry) entries.set(run, entry)
  }
  return { rows, entries, versions: viewVersions(database) }
}

function unlessDamaged<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof Refusal) return undefined
    throw error
  }
}

/** Forwards as far as it goes, then backwards from the end: all but the stretch that cannot be read. */
function readableRows(database: Database): readonly LogRow[] {
  const rows = new Map<number, LogRow>()
  const keep = (found: Iterable<LogRow>): void =>
    unlessDamaged(() => {
      for (const row of found) rows.set(row.lastSeq, row)
    })
  keep(allRows(database))
  keep(rowsBackwards(database))
  return [...rows.values()]
}

function* rowsBackwards(database: Database): Iterable<LogRow> {
  const select = database.prepare(`SELECT ${LOG_ROW} FROM batches WHERE last_seq < ? ORDER BY last_seq DESC LIMIT 1`)
  let last = Number.MAX_SAFE_INTEGER
  for (;;) {
    const row = select.all([last]).map(parseRow)[0]
    if (!row || row.lastSeq >= last) return
    yield row
    last = row.lastSeq
  }
}

function readEntry(database: Database, run: string): Entry | undefined {
  const row = unlessDamaged(() => findRun(database, run))
  if (row) return { kind: 'whole', row }
  const damaged = unlessDamaged(() => findDamagedRun(database, run))
  return damaged && { kind: 'damaged', row: damaged }
}

/** In order; of two that claim one place the one that is intact. */
function mergedRows(views: readonly View[]): readonly LogRow[] {
  const rows = new Map<number, LogRow>()
  for (const row of views.flatMap(view => view.rows)) {
    const known = rows.get(row.lastSeq)
    if (!known || !isIntact(known)) rows.set(row.lastSeq, row)
  }
  return [...rows.values()].sort((a, b) => a.lastSeq - b.lastSeq)
}

/** `headSeq`: how far the log went. */
function intactOf(rows: readonly LogRow[], headSeq: number): Intact {
  const authentic = authenticRows(rows)
  const runs = new Map<string, LogRow[]>()
  const diagnostics: Diagnostic[] = []
  let lastSeq = 0
  for (const row of rows) {
    if (row.firstSeq > lastSeq + 1) diagnostics.push(unsaved(lastSeq + 1, row.firstSeq - 1))
    lastSeq = Math.max(lastSeq, row.lastSeq)
    const before = runs.get(row.run) ?? []
    const follows = (before.at(-1)?.lastSeq ?? 0) === row.previous
    if (follows && authentic.has(row) && isIntact(row)) before.push(row)
    else diagnostics.push(unsaved(row.firstSeq, row.lastSeq))
    if (before.length > 0) runs.set(row.run, before)
  }
  if (headSeq > lastSeq) diagnostics.push(unsaved(lastSeq + 1, headSeq))
  return { runs, diagnostics }
}

/**
 * Rows whose own columns are what was written. A row's hash in the chain says so; when that hash itself is what was damaged,
 * the row behind it does, which was hashed with it.
 */
function authenticRows(rows: readonly LogRow[]): ReadonlySet<LogRow> {
  const authentic = new Set<LogRow>()
  let before = EMPTY_LOG
  for (const [index, row] of rows.entries()) {
    const behind = rows[index + 1]
    const computed = chainOf(before.chain, row)
    const isNext = row.firstSeq === before.seq + 1
    const isVouchedFor = behind?.firstSeq === row.lastSeq + 1 && behind.chain === chainOf(computed, behind)
    // Behind a gap the hash before is not known, and the body's digest is all that there is.
    if (!isNext || computed === row.chain || isVouchedFor) authentic.add(row)
    before = { seq: row.lastSeq, chain: isNext && isVouchedFor ? computed : row.chain }
  }
  return authentic
}

function isIntact(row: LogRow): boolean {
  try {
    decodeEvents(row)
    return true
  } catch {
    return false
  }
}

/** What the file `head` says; 0 when it says nothing. */
function headSeq(folder: string): number {
  const headFile = new HeadFile(join(folder, 'head'))
  try {
    const reading = headFile.read()
    return reading.kind === 'found' ? reading.head.seq : 0
  } finally {
    headFile.close()
  }
}

interface Source {
  readonly runs: Intact['runs']
  readonly entryOf: (run: string) => Entry | undefined
  readonly folder: string
}

async function write(store: Store, { runs, entryOf, folder }: Source): Promise<Omit<Recovery, 'versions'>> {
  const diagnostics: Diagnostic[] = []
  const blobs = await copyBlobs(store, folder, diagnostics)
  let count = 0
  for (const [run, rows] of runs) {
    const events = rows.flatMap(decodeEvents)
    // A run that gc removed: its rows are only links of the chain.
    if (events.length === 0) continue
    const entry = entryOf(run)
    if (entry?.kind !== 'whole') diagnostics.push(damagedEntry(run, entry))
    if (!entry) continue
    const answer = store.leases.acquire(run)
    if (answer.kind !== 'acquired') continue
    await store.append([{ lease: answer.lease, events, row: savedRow(run, entry, rows) }])
    store.leases.release(answer.lease)
    count += 1
  }
  return { runs: count, events: store.head(), blobs, diagnostics }
}

/** A run that lost its end goes on. What a damaged entry says is taken from the events, as far as they say it. */
function savedRow(run: string, entry: Entry, rows: readonly LogRow[]): Omit<RunRow, 'lastSeq'> {
  const isWhole = entry.kind === 'whole' && (rows.at(-1)?.lastSeq ?? 0) >= entry.row.lastSeq
  if (isWhole) return entry.row
  const events = rows.flatMap(decodeEvents)
  const row = asMoved(entry.row, events)
  const { endedAtMs: _, ...lasting } = row
  if (entry.kind === 'whole') return row.endedAtMs === undefined ? row : { ...lasting, status: 'running' }
  return { ...lasting, run, ...createdIn(events), status: 'running', ...endIn(events) }
}

/** Of the code that its events leave it with: a move may be lost with the end, and the entry knows only the last. */
function asMoved(row: Omit<RunRow, 'lastSeq'>, events: readonly Event[]): Omit<RunRow, 'lastSeq'> {
  const code = codeIn(events)
  const isSame = code && code.graph === row.graph && (code.bundle ?? row.bundle) === row.bundle
  if (!code || (isSame && code.kind === 'run.started')) return row
  const { version: _, renames: __, ...rest } = row
  const { graph, bundle = row.bundle } = code
  const pin = code.kind === 'run.moved' ? pinOf(code) : {}
  return { ...rest, graph, bundle, ...pin }
}

type CodeEvent = Extract<Event, { readonly kind: 'run.started' | 'run.moved' }>

const codeIn = (events: readonly Event[]): CodeEvent | undefined =>
  events.findLast((event): event is CodeEvent => event.kind === 'run.started' || event.kind === 'run.moved')

const pinOf = ({ version, renames }: Pick<RunRow, 'version' | 'renames'>): Pick<RunRow, 'version' | 'renames'> => ({
  ...(version === undefined ? {} : { version }),
  ...(renames === undefined ? {} : { renames }),
})

function createdIn([start]: readonly Event[]): Partial<RunRow> {
  return start?.kind === 'run.started' ? { createdAtMs: start.atMs } : {}
}

function endIn(events: readonly Event[]): Partial<RunRow> {
  const end = events.at(-1)
  return end?.kind === 'run.ended' ? { status: end.status, updatedAtMs: end.atMs, endedAtMs: end.atMs } : {}
}

async function copyBlobs(store: Store, folder: string, diagnostics: Diagnostic[]): Promise<number> {
  let count = 0
  for (const hash of await listBlobs(folder)) {
    const path = blobPath(folder, hash)
    if ((await hashFile(path)).hash === hash) {
      await store.blobs.putFile(path)
      count += 1
    } else {
      diagnostics.push({
        code: 'BLOB_DAMAGED',
        severity: 'error',
        message: `the value ${hash} is not what was written`,
      })
    }
  }
  return count
}

const unsaved = (first: number, last: number): Diagnostic => ({
  code: 'STORE_DAMAGED',
  severity: 'error',
  message: `events ${first} to ${last} could not be saved: they are damaged, or stand behind what is`,
})

const damagedEntry = (run: string, entry: Entry | undefined): Diagnostic => ({
  code: 'STORE_DAMAGED',
  severity: 'error',
  message: entry
    ? `the entry of run '${run}' in the index is damaged; it was made anew, as far as its events tell`
    : `run '${run}' could not be saved: its entry in the index is lost`,
})
