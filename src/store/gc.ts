/**
 * Frees space: runs that ended long ago, versions that are old (if asked to), and blobs that nobody names any more.
 *
 * A removed run keeps its rows without their bodies: digests stay, so the chain still checks and sequence numbers stay
 * gapless. A blob is removed when no kept event, run, version or JSON blob names it and nobody asked for it within the grace
 * period; `put` and `has` touch what they find, so a blob that is about to be named is young.
 */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hash } from '../util/hash.ts'
import { blobFolder, blobPath } from './blobs.ts'
import { asText, type Database, textColumn } from './database.ts'
import { allRows, inspecting } from './doctor.ts'
import { refusingLater } from './fault.ts'
import { addressesIn, listBlobs, reachableBlobs } from './references.ts'
import { fillRunRows } from './run-rows.ts'
import { listRuns } from './runs.ts'
import { migrate } from './schema.ts'
import { Turns } from './turns.ts'
import { forgetGoneTraces } from './traces.ts'
import { addressesInVersions } from './versions/examine.ts'
import { type Named, namedByRuns, removeVersions } from './versions/prune.ts'
import { syncWal } from './wal.ts'
import { transact } from './writing.ts'

export interface Keep {
  /** The newest runs that ended are kept, so many of them. Runs that have not ended are always kept. */
  readonly runs: number
  /** Of the others, those that ended later than this instant. */
  readonly endedAfterMs: number
  /** Versions: the newest of each line, so many of them, and all that are in use. Default: all. */
  readonly versions?: number
  /** Blobs and half-written files that were asked for since. Default: an hour ago. */
  readonly blobsUsedAfterMs?: number
}

export interface Freed {
  readonly runs: readonly string[]
  readonly versions: number
  readonly blobs: number
  readonly bytes: number
}

const GRACE_MS = 3_600_000
const DROP_BODIES = 'UPDATE batches SET body = NULL WHERE last_seq IN (SELECT last_seq FROM run_rows WHERE run = ?)'

export async function gc(folder: string, keep: Keep): Promise<Freed> {
  return refusingLater(folder, () =>
    inspecting(folder, async ({ database }) => {
      migrate(database, folder)
      const turns = new Turns(join(folder, 'turns'))
      try {
        const removed = transact({ database, turns }, () => ({
          runs: removeRuns(database, keep),
          versions:
            keep.versions === undefined ? 0 : removeVersions(database, keep.versions, namedByKeptRuns(database)),
        }))
        // What is about to be removed must not be named again after a loss of power.
        syncWal(folder)
        const named = await reachableBlobs(folder, namedIn(database))
        const usedAfterMs = keep.blobsUsedAfterMs ?? Date.now() - GRACE_MS
        return { ...removed, ...(await removeBlobs(folder, named, usedAfterMs)) }
      } finally {
        turns.close()
      }
    }),
  )
}

function removeRuns(database: Database, keep: Keep): readonly string[] {
  const ended = listRuns(database).filter(row => row.endedAtMs !== undefined)
  const old = ended.slice(keep.runs).filter(row => (row.endedAtMs ?? 0) <= keep.endedAfterMs)
  fillRunRows(database)
  for (const { run } of old) {
    database.prepare(DROP_BODIES).run([run])
    for (const table of ['runs', 'leases', 'mailbox', 'snapshots']) {
      database.prepare(`DELETE FROM ${table} WHERE run = ?`).run([run])
    }
  }
  forgetGoneTraces(database)
  return old.map(row => row.run)
}

const namedByKeptRuns = (database: Database): Named => namedByRuns(listRuns(database), bodiesOf(database))

function* bodiesOf(database: Database): Iterable<readonly [run: string, body: string]> {
  for (const { run, body } of allRows(database)) if (body !== undefined) yield [run, body]
}

function namedIn(database: Database): ReadonlySet<Hash> {
  const named = new Set<Hash>()
  for (const row of allRows(database)) for (const address of addressesIn(row.body ?? '')) named.add(address)
  for (const row of listRuns(database)) for (const hash of [row.graph, row.bundle, row.args]) named.add(hash)
  for (const [body] of database.prepare(`SELECT ${textColumn('body')} FROM traces`).all([]))
    for (const address of addressesIn(asText(body))) named.add(address)
  for (const address of addressesInVersions(database)) named.add(address)
  // A signal's value, before the run has taken it.
  for (const [message] of database.prepare(`SELECT ${textColumn('message')} FROM mailbox`).all([]))
    for (const address of addressesIn(asText(message))) named.add(address)
  return named
}

async function removeBlobs(folder: string, named: ReadonlySet<Hash>, usedAfterMs: number) {
  const incoming = join(blobFolder(folder), 'incoming')
  const leftovers = await readdir(incoming).catch((): string[] => [])
  const unnamed = [...(await listBlobs(folder))].filter(hash => !named.has(hash)).map(hash => blobPath(folder, hash))
  let blobs = 0
  let bytes = 0
  for (const path of [...unnamed, ...leftovers.map(name => join(incoming, name))]) {
    const found = await stat(path).catch(() => undefined)
    if (!found || found.mtimeMs > usedAfterMs) continue
    await rm(path, { force: true })
    blobs += 1
    bytes += found.size
  }
  return { blobs, bytes }
}
