/**
 * The store that comes with Tutti: one folder (`.tutti/`), one SQLite database, blobs beside it.
 *
 *   store.db      events, index of runs, leases, mailbox, slots, snapshots (plain SQLite 3 format, WAL)
 *   head          the log's last sequence number and chain hash, outside the database (S3)
 *   turns         whose turn it is to write
 *   blobs/ab/…    values by their SHA-256
 */
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { refuse } from '../util/diagnostic.ts'
import { openBlobs } from './blobs.ts'
import { watchChanges } from './changes.ts'
import { chosenAdapter, closeDatabase, openDatabase } from './adapter.ts'
import { EMPTY_LOG } from './chain.ts'
import { asText, type Database, DatabaseError, textColumn } from './database.ts'
import { refusing, refusingLater } from './fault.ts'
import { type Head, HeadFile } from './head.ts'
import { newOwnerName, openLeases } from './leases.ts'
import { checkUnindexed, openLog, readTail } from './log.ts'
import { openMailbox } from './mailbox.ts'
import { countRuns, findRun, listRuns } from './runs.ts'
import { migrate, storedVersion } from './schema.ts'
import { openSlots } from './slots.ts'
import { openSnapshots } from './snapshots.ts'
import type { Durability, Store } from './store.ts'
import { currentTraces, findTraces, traceHistory, hasNoTraces } from './traces.ts'
import { Turns } from './turns.ts'
import { openVersions } from './versions/open.ts'
import { openWal, syncFolder, walPath } from './wal.ts'
import { consistently, patiently, whileIdle } from './writing.ts'

export interface StoreOptions {
  /** 'full' (default): what is acknowledged survives power loss. 'normal': it survives the death of any process. */
  readonly durability?: Durability
  /** 'create' (default), or 'existing': refuse with STORE_MISSING where there is none. */
  readonly mode?: 'create' | 'existing'
}

/**
 * WAL pages before SQLite copies them into the database (1 MB). Small on purpose: a WAL that grows costs a change of the
 * file's size in every sync, one that is written over does not. Measured: 256 pages 1.05 x raw fdatasync/s, 2,000 pages 0.7.
 */
const CHECKPOINT_PAGES = 256
/** What the WAL grows to between two checkpoints: pages and their headers, and some more for the commit that is on the border. */
const WAL_BYTES = (CHECKPOINT_PAGES + 16) * (4_096 + 24)
/** What a WAL that one huge transaction blew up is cut back to. */
const WAL_BYTES_MAX = 64 * 1024 * 1024
/** While opening, another process may be migrating, recovering or closing; later on turns take care of waiting. */
export const OPEN_WAIT_MS = 10_000

export const databasePath = (folder: string): string => join(folder, 'store.db')
/** The WAL of a store that was found to have lost its tail, kept for `recover`. */
export const lostWalPath = (folder: string): string => join(folder, 'store.db-wal.lost')

/**
 * Opens the store in `folder`. Refuses with STORE_MISSING, STORE_UNOPENABLE, STORE_READONLY, STORE_FULL, STORE_NEWER,
 * STORE_FOREIGN, STORE_TRUNCATED (the database lost its tail) or STORE_DAMAGED.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const { durability = 'full', mode = 'create' } = options
  const adapter = chosenAdapter(process.env)
  if (mode === 'existing' && !existsSync(databasePath(folder))) {
    refuse('STORE_MISSING', `there is no store in '${folder}'`, {
      hint: 'Start a run first, or name the folder of the store with --store.',
    })
  }
  return refusingLater(folder, async () => {
    makeFolder(folder, durability)
    const headFile = new HeadFile(join(folder, 'head'))
    // Before the database is looked at: what is appended meanwhile may only make the database lead.
    const kept = headFile.read()
    const database = await openDatabase(databasePath(folder), adapter).catch(error => {
      headFile.close()
      throw error
    })
    try {
      database.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MS}; PRAGMA synchronous = NORMAL`)
      // Before anything is written: what is lost may still be found in the files as they are.
      if (kept.kind === 'found') checkHead(database, folder, kept.head)
      // Two that make one store at once: SQLite tells the second that it is busy, without waiting.
      patiently(() => migrate(database, folder))
      checkUnindexed(database)
      tune(database)
      return assemble({ folder, durability, database, headFile })
    } catch (error) {
      database.close()
      headFile.close()
      throw error
    }
  })
}

function makeFolder(folder: string, durability: Durability): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return
  const first = mkdirSync(folder, { recursive: true })
  // A store is never part of what a user commits.
  writeFileSync(join(folder, '.gitignore'), '*\n')
  // What is synced in a folder that has no durable name is lost with it.
  if (durability === 'full' && first !== undefined) for (const parent of parentsOf(folder, first)) syncFolder(parent)
}

/** The parents of `folder` and of all above it down from `first`. */
function parentsOf(folder: string, first: string): readonly string[] {
  const parent = dirname(folder)
  return resolve(folder) === resolve(first) || parent === folder ? [parent] : [parent, ...parentsOf(parent, first)]
}

function tune(database: Database): void {
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`)
  database.exec('PRAGMA busy_timeout = 0')
}

/** S3: the head beside the database may lag, never lead. */
function checkHead(database: Database, folder: string, head: Head): void {
  const { seq } = tailOf(database, folder)
  if (head.seq > seq) {
    keepWal(folder)
    refuse(
      'STORE_TRUNCATED',
      `the store '${folder}' has lost events: ${head.seq} were written, only ${seq} are there`,
      {
        hint: 'Run `tutti doctor`: it says which, and can recover what is intact or accept the loss.',
      },
    )
  }
  const [found] = database
    .prepare(`SELECT ${textColumn('chain')} AS chain FROM batches WHERE last_seq = ?`)
    .all([head.seq])
  if (asText(found?.[0]) === head.chain) return
  refuse('STORE_DAMAGED', `the store '${folder}' is not the one that was written: event ${head.seq} differs`, {
    hint: 'Run `tutti doctor`; a copied store needs its file `head` too.',
  })
}

/** The log may have lost even its tables: they, too, were once written by a commit. */
export const tailOf = (database: Database, folder: string): Head =>
  storedVersion(database, folder) === 0 ? EMPTY_LOG : readTail(database)

/** SQLite removes a WAL when it closes, with all the frames behind the damaged one. */
export function keepWal(folder: string): void {
  const wal = walPath(folder)
  if (!existsSync(lostWalPath(folder)) && existsSync(wal) && statSync(wal).size > 0) {
    copyFileSync(wal, lostWalPath(folder))
  }
}

/**
 * What closing does last is for the convenience of others: a full disk must not turn the end of a run into a failure. The index
 * is written by the next writer, and leases and slots of a process that is gone are free.
 */
async function unlessRefused(work: () => void | Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
  }
}

interface Opened {
  readonly folder: string
  readonly durability: Durability
  readonly database: Database
  readonly headFile: HeadFile
}

function assemble({ folder, durability, database, headFile }: Opened): Store {
  const writing = { database, turns: new Turns(join(folder, 'turns')) }
  const changes = watchChanges(() => log.head())
  const wal = openWal({ folder, durability, bytesMax: WAL_BYTES, alone: work => whileIdle(database, work) })
  const log = openLog({ ...writing, path: folder, headFile, sync: wal.sync, onCommit: changes.notify })
  const owner = newOwnerName()
  const leases = openLeases(writing, owner)
  const slots = openSlots(writing, owner)
  const mailbox = openMailbox(writing)
  const snapshots = openSnapshots(writing)
  const versions = openVersions(writing)
  let closing: Promise<void> | undefined

  /** Each call into the database: refused once closed, and foreign errors become refusals. */
  const guarded =
    <A extends readonly unknown[], T>(call: (...args: A) => T) =>
    (...args: A): T => {
      if (closing) refuse('STORE_CLOSED', `the store '${folder}' was closed`)
      return refusing(folder, () => call(...args))
    }
  const close = async (): Promise<void> => {
    await log.drain()
    changes.close()
    try {
      for (const tidyUp of [log.writeIndex, leases.releaseAll, slots.leaveAll]) await unlessRefused(tidyUp)
    } finally {
      writing.turns.close()
      wal.close()
      closeDatabase(database)
      headFile.close()
    }
  }

  return {
    path: folder,
    append: async batches => guarded(log.append)(batches),
    read: guarded(log.read),
    head: guarded(log.head),
    changed: guarded(changes.changed),
    blobs: openBlobs(folder, durability),
    runs: {
      get: guarded(run => consistently(database, () => findRun(database, run))),
      list: guarded(filter => consistently(database, () => listRuns(database, filter))),
      count: guarded(() => patiently(() => countRuns(database))),
    },
    leases: {
      acquire: guarded(leases.acquire),
      holder: guarded(leases.holder),
      renew: guarded(leases.renew),
      release: guarded(leases.release),
    },
    mailbox: {
      // A letter that was posted is kept: power loss must not take it back.
      post: guarded((...letter) => {
        const id = mailbox.post(...letter)
        wal.sync()
        return id
      }),
      open: guarded(mailbox.open),
      reply: guarded(mailbox.reply),
      takeReply: guarded(mailbox.takeReply),
      withdraw: guarded(mailbox.withdraw),
    },
    slots: { take: guarded(slots.take), leave: guarded(slots.leave), renew: guarded(slots.renew) },
    traces: {
      isEmpty: guarded(() => patiently(() => hasNoTraces(database))),
      get: guarded((...asked) => patiently(() => findTraces(database, ...asked))),
      current: guarded(scope => patiently(() => currentTraces(database, scope))),
      latest: guarded((scope, step) => patiently(() => traceHistory(database, scope, step, 1)[0])),
      history: guarded((scope, step) => patiently(() => traceHistory(database, scope, step))),
    },
    versions: {
      lines: guarded(versions.lines),
      list: guarded(versions.list),
      get: guarded(versions.get),
      contents: guarded(versions.contents),
      current: guarded(versions.current),
      publish: guarded((...version) => {
        const done = versions.publish(...version)
        if (done === 'published') wal.sync()
        return done
      }),
      point: guarded((...pointer) => {
        versions.point(...pointer)
        wal.sync()
      }),
    },
    snapshots: { put: guarded(snapshots.put), latest: guarded(snapshots.latest) },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
