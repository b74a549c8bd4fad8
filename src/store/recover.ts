/**
 * Saves what is intact of a damaged store into a new one: every run up to its first damaged event, and the blobs whose
 * bytes are right. The old store is only read. Runs whose end was lost come over as running, to be resumed.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Diagnostic } from '../util/diagnostic.ts'
import { blobPath, hashFile } from './blobs.ts'
import { decodeEvents, LOG_ROW, type LogRow, parseRow } from './chain.ts'
import { type Database, DatabaseError } from './database.ts'
import { allRows, inspecting } from './doctor.ts'
import { listBlobs } from './references.ts'
import { findRun } from './runs.ts'
import { databasePath, lostWalPath, openStore } from './sqlite.ts'
import type { RunRow, Store } from './store.ts'
import { walPath } from './wal.ts'
import { acceptAllFrames } from './wal-frames.ts'

export interface Recovery {
  readonly runs: number
  readonly events: number
  readonly blobs: number
  /** What could not be saved. */
  readonly diagnostics: readonly Diagnostic[]
}

interface Saved {
  readonly rows: readonly LogRow[]
  readonly row: RunRow | undefined
}

/** `into` is a folder without a store. */
export async function recover(folder: string, into: string): Promise<Recovery> {
  const copy = mkdtempSync(join(tmpdir(), 'tutti-recover-'))
  try {
    copyDatabase(folder, copy)
    const saved = await inspecting(copy, ({ database }) => readIntact(database))
    const store = await openStore(into)
    return await write(store, saved, folder).finally(() => store.close())
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** SQLite would change the original on opening it. A WAL is taken with all its frames: our own digests tell which are good. */
function copyDatabase(folder: string, copy: string): void {
  cpSync(databasePath(folder), databasePath(copy))
  const wal = [lostWalPath(folder), walPath(folder)].find(existsSync)
  if (wal === undefined) return
  cpSync(wal, walPath(copy))
  acceptAllFrames(walPath(copy))
}

function readIntact(database: Database): readonly Saved[] {
  const byRun = new Map<string, LogRow[]>()
  for (const row of readableRows(database)) {
    const rows = byRun.get(row.run) ?? []
    byRun.set(row.run, rows)
    const follows = (rows.at(-1)?.lastSeq ?? 0) === row.previous
    if (follows && isIntact(row)) rows.push(row)
  }
  return [...byRun].map(([run, rows]) => ({ rows, row: readRunRow(database, run) }))
}

/** Forwards as far as it goes, then backwards from the end: all but the stretch that cannot be read. */
function readableRows(database: Database): readonly LogRow[] {
  const rows = new Map<number, LogRow>()
  const keep = (found: Iterable<LogRow>): void => {
    try {
      for (const row of found) rows.set(row.lastSeq, row)
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
    }
  }
  keep(allRows(database))
  keep(rowsBackwards(database))
  return [...rows.values()].sort((a, b) => a.lastSeq - b.lastSeq)
}

function* rowsBackwards(database: Database): Iterable<LogRow> {
  const select = database.prepare(`SELECT ${LOG_ROW} FROM batches WHERE last_seq < ? ORDER BY last_seq DESC LIMIT 1`)
  let last = Number.MAX_SAFE_INTEGER
  for (;;) {
    const row = select.all([last]).map(parseRow)[0]
    if (!row) return
    yield row
    last = row.lastSeq
  }
}

function isIntact(row: LogRow): boolean {
  try {
    decodeEvents(row)
    return true
  } catch {
    return false
  }
}

function readRunRow(database: Database, run: string): RunRow | undefined {
  try {
    return findRun(database, run)
  } catch (error) {
    if (error instanceof DatabaseError) return undefined
    throw error
  }
}

async function write(store: Store, saved: readonly Saved[], folder: string): Promise<Recovery> {
  const diagnostics: Diagnostic[] = []
  const blobs = await copyBlobs(store, folder, diagnostics)
  let runs = 0
  for (const { rows, row } of saved) {
    const run = rows[0]?.run
    const events = rows.flatMap(decodeEvents)
    if (run === undefined || !row || events.length === 0) {
      diagnostics.push(lost(run ?? 'unknown'))
      continue
    }
    const answer = store.leases.acquire(run)
    if (answer.kind !== 'acquired') continue
    const whole = (rows.at(-1)?.lastSeq ?? 0) >= row.lastSeq
    const kept =
      whole || row.endedAtMs === undefined ? row : { ...row, status: 'running' as const, endedAtMs: undefined }
    await store.append([{ lease: answer.lease, events, row: kept }])
    store.leases.release(answer.lease)
    runs += 1
  }
  return { runs, events: store.head(), blobs, diagnostics }
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

const lost = (run: string): Diagnostic => ({
  code: 'STORE_DAMAGED',
  severity: 'error',
  message: `run '${run}' could not be saved: its first event or its entry in the index is damaged`,
})
