/**
 * What is wrong with a store, all of it: SQLite's own check, every link of the chain, every version, every blob, leases of
 * dead owners.
 * Reads only. Opens what `openStore` refuses.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../util/diagnostic.ts'
import { Refusal, refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { blobPath, hashFile } from './blobs.ts'
import { chainOf, decodeEvents, EMPTY_LOG, LOG_ROW, type LogRow, parseRow } from './chain.ts'
import { chosenAdapter, openDatabase } from './adapter.ts'
import { asText, type Database, textColumn } from './database.ts'
import { asRefusal } from './fault.ts'
import { type Head, HeadFile } from './head.ts'
import { abandonedLeases } from './leases.ts'
import { checkUnindexed, readTail } from './log.ts'
import { allLetters } from './mailbox.ts'
import { listBlobs, storedValuesIn } from './references.ts'
import { countUnindexed } from './run-rows.ts'
import { findRun, listRuns } from './runs.ts'
import { migrate, storedVersion } from './schema.ts'
import { examineVersions } from './versions/examine.ts'
import { consistently } from './writing.ts'
import { databasePath, keepWal, lostWalPath, OPEN_WAIT_MS, tailOf } from './sqlite.ts'

export interface Examination {
  /** Empty: all is well. */
  readonly diagnostics: readonly Diagnostic[]
  /** Sequence number up to which every event is as it was written. */
  readonly intactSeq: number
  readonly blobCount: number
}

/** One check is enough to say that a part is damaged; the tenth line says nothing new. */
const LINES_MAX = 10
const ROWS_PER_PAGE = 64

/** Refuses with STORE_MISSING when there is no store. */
export async function doctor(folder: string): Promise<Examination> {
  const diagnostics: Diagnostic[] = []
  const blobs = await examineBlobs(folder)
  diagnostics.push(...blobs.diagnostics)
  try {
    const intactSeq = await inspecting(folder, ({ database, head }) => {
      // Nothing is made of it: what is lost may still be found in the files as they are.
      if (storedVersion(database, folder) === 0) {
        diagnostics.push(...lostTail(EMPTY_LOG, head))
        return 0
      }
      migrate(database, folder)
      diagnostics.push(...integrity(database))
      const log = examineLog(database, blobs.present)
      diagnostics.push(...log.diagnostics, ...examineHead(database, head), ...examineRows(database))
      const told = new Set(diagnostics.map(({ message }) => message))
      const entries = log.runs.flatMap(run => refusals(() => hasEntry(database, run)))
      diagnostics.push(...entries.filter(({ message }) => !told.has(message)))
      return log.intactSeq
    })
    return { diagnostics, intactSeq, blobCount: blobs.present.size }
  } catch (error) {
    const refusal = asRefusal(error, folder)
    if (!(refusal instanceof Refusal)) throw refusal
    return { diagnostics: [...refusal.diagnostics, ...diagnostics], intactSeq: 0, blobCount: blobs.present.size }
  }
}

/**
 * Takes the store as it is for the truth: what was lost at its end stays lost. Returns the last sequence number.
 * Refuses with STORE_DAMAGED when what is there is not intact (then `recover` is the way).
 */
export async function acceptLoss(folder: string): Promise<number> {
  return inspecting(folder, ({ database, headFile }) => {
    migrate(database, folder)
    const { diagnostics } = examineLog(database, new Set())
    const damage = diagnostics.find(diagnostic => diagnostic.code === 'STORE_DAMAGED')
    if (damage) throw new Refusal(damage)
    const tail = readTail(database)
    // Both slots, or the greater one would go on to lead.
    headFile.reset()
    if (tail.seq > 0) headFile.write(tail)
    // What `recover` would otherwise take for the newer truth.
    rmSync(lostWalPath(folder), { force: true })
    return tail.seq
  })
}

export interface Inspected {
  readonly database: Database
  readonly headFile: HeadFile
  readonly head: Head
}

/** Opens a store without judging it, or changing its tables. */
export async function inspecting<T>(folder: string, work: (store: Inspected) => T | Promise<T>): Promise<T> {
  if (!existsSync(databasePath(folder))) {
    refuse('STORE_MISSING', `there is no store in '${folder}'`, { hint: 'Name the folder of the store with --store.' })
  }
  const headFile = new HeadFile(join(folder, 'head'))
  const reading = headFile.read()
  const head = reading.kind === 'found' ? reading.head : EMPTY_LOG
  const database = await openDatabase(databasePath(folder), chosenAdapter(process.env))
  try {
    database.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MS}`)
    if (head.seq > tailOf(database, folder).seq) keepWal(folder)
    return await work({ database, headFile, head })
  } finally {
    database.close()
    headFile.close()
  }
}

/** All rows in order; stops with a throw where the database cannot be read. */
export function* allRows(database: Database): Iterable<LogRow> {
  const select = database.prepare(
    `SELECT ${LOG_ROW} FROM batches WHERE last_seq > ? ORDER BY last_seq LIMIT ${ROWS_PER_PAGE}`,
  )
  let last = 0
  for (;;) {
    const rows = select.all([last]).map(parseRow)
    yield* rows
    last = rows.at(-1)?.lastSeq ?? last
    if (rows.length < ROWS_PER_PAGE) return
  }
}

function integrity(database: Database): readonly Diagnostic[] {
  const lines = database
    .prepare(`SELECT ${textColumn('integrity_check')} AS line FROM pragma_integrity_check LIMIT ${LINES_MAX}`)
    .all([])
    .map(row => asText(row[0]))
  const unindexed = lines[0] === 'ok' ? countUnindexed(database) : 0
  return [
    ...lines.filter(line => line !== 'ok').map(line => damage(`SQLite finds: ${line}`)),
    ...(unindexed > 0 ? [damage(`${unindexed} commits are missing in the index of runs' rows`)] : []),
  ]
}

function examineLog(database: Database, blobs: ReadonlySet<Hash>) {
  const diagnostics: Diagnostic[] = []
  const missing = new Map<Hash, LogRow>()
  const lastOf = new Map<string, number>()
  const runs = new Set<string>()
  let before = EMPTY_LOG
  let intactSeq = 0
  try {
    for (const row of allRows(database)) {
      const wrong = wrongWith(row, before, lastOf.get(row.run) ?? 0)
      if (wrong && diagnostics.length < LINES_MAX) diagnostics.push(damage(wrong))
      if (!wrong) {
        for (const hash of decodeEvents(row).flatMap(storedValuesIn)) if (!blobs.has(hash)) missing.set(hash, row)
        if (diagnostics.length === 0) intactSeq = row.lastSeq
      }
      before = { seq: row.lastSeq, chain: row.chain }
      lastOf.set(row.run, row.lastSeq)
      if (row.body !== undefined) runs.add(row.run)
    }
  } catch (error) {
    const refusal = asRefusal(error, 'store.db')
    if (!(refusal instanceof Refusal)) throw refusal
    diagnostics.push(...refusal.diagnostics)
  }
  const lost = [...missing].slice(0, LINES_MAX).map(missingBlob)
  return { diagnostics: [...diagnostics, ...lost], intactSeq, runs: [...runs] }
}

/** Why the row is not the one that was written after `before`. */
function wrongWith(row: LogRow, before: Head, previous: number): string | undefined {
  const where = `events ${row.firstSeq} to ${row.lastSeq} of run '${row.run}'`
  if (row.firstSeq !== before.seq + 1) return `events ${before.seq + 1} to ${row.firstSeq - 1} are missing`
  if (row.previous !== previous || row.chain !== chainOf(before.chain, row)) return `${where} do not continue the chain`
  try {
    decodeEvents(row)
    return undefined
  } catch {
    return `${where} are not what was written`
  }
}

function examineHead(database: Database, head: Head): readonly Diagnostic[] {
  const lost = lostTail(readTail(database), head)
  if (lost.length > 0 || head.seq === 0) return lost
  const [found] = database
    .prepare(`SELECT ${textColumn('chain')} AS chain FROM batches WHERE last_seq = ?`)
    .all([head.seq])
  return asText(found?.[0]) === head.chain
    ? []
    : [damage(`event ${head.seq} is not the one that the file 'head' knows`)]
}

function lostTail(tail: Head, head: Head): readonly Diagnostic[] {
  if (head.seq <= tail.seq) return []
  const message = `events ${tail.seq + 1} to ${head.seq} were written and are lost`
  return [{ code: 'STORE_TRUNCATED', severity: 'error', message, hint: 'Recover what is intact, or accept the loss.' }]
}

/** What is not of the log: each says itself what is wrong with it. */
function examineRows(database: Database): readonly Diagnostic[] {
  const checks = [checkUnindexed, listRuns, allLetters].map(check => () => {
    check(database)
    return []
  })
  const versions = () => consistently(database, () => examineVersions(database))
  return [...checks, versions, () => examineLeases(database)].flatMap(refusals)
}

/** A damaged entry is told with the list; one that is gone is in no list. */
function hasEntry(database: Database, run: string): readonly Diagnostic[] {
  return findRun(database, run) ? [] : [damage(`run '${run}' has events, and no entry in the index`)]
}

/** The diagnostics that `work` gives, or is refused with. */
function refusals(work: () => readonly Diagnostic[]): readonly Diagnostic[] {
  try {
    return work()
  } catch (error) {
    const refusal = asRefusal(error, 'store.db')
    if (!(refusal instanceof Refusal)) throw refusal
    return refusal.diagnostics
  }
}

async function examineBlobs(folder: string) {
  const present = await listBlobs(folder)
  const diagnostics: Diagnostic[] = []
  for (const hash of present) {
    if ((await hashFile(blobPath(folder, hash))).hash === hash) continue
    const message = `the value ${hash} is not what was written`
    diagnostics.push({ code: 'BLOB_DAMAGED', severity: 'error', message, hint: 'Run the step that made it again.' })
  }
  return { present, diagnostics }
}

function examineLeases(database: Database): readonly Diagnostic[] {
  return abandonedLeases({ database }).map(({ run, owner }) => ({
    code: 'LEASE_ABANDONED',
    severity: 'info',
    message: `run '${run}' was left by ${owner}, which is gone`,
    hint: `Go on with it: \`tutti resume ${run}\`.`,
  }))
}

function missingBlob([hash, row]: readonly [Hash, LogRow]): Diagnostic {
  const message = `the value ${hash}, which run '${row.run}' names, is not in the store`
  return { code: 'BLOB_MISSING', severity: 'error', message, hint: 'Run the step that made it again.' }
}

const damage = (message: string): Diagnostic => ({
  code: 'STORE_DAMAGED',
  severity: 'error',
  message,
  hint: 'Recover what is intact into a new store.',
})
