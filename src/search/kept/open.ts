/** Opens the index of a store, and makes it anew where it is missing, of another version, or damaged (I1). */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chosenAdapter, openDatabase } from '../../store/adapter.ts'
import { type Database, DatabaseError, SQLITE } from '../../store/database.ts'
import { INDEX_VERSION, TABLES } from './schema.ts'

/** Another process may be filling it. */
const WAIT_MS = 30_000
/** What is read again and again is not copied: 1 GB of addresses, not of memory. */
const MAPPED_BYTES = 1_073_741_824

/** Where it lies beside a store that lies in a folder. */
const indexFolder = (store: string): string => join(store, 'search')
const indexPath = (store: string): string => join(indexFolder(store), 'index.db')

/** `folder`: of the store; undefined: in memory, for this process only. */
export async function openIndex(folder: string | undefined): Promise<Database> {
  if (folder === undefined) return made(await openDatabase(':memory:', chosenAdapter(process.env)))
  try {
    mkdirSync(indexFolder(folder), { recursive: true })
    return await openFile(folder)
  } catch (error) {
    if (isDamage(error)) {
      removeIndex(folder)
      return openFile(folder)
    }
    // A store on a disk that cannot be written is searched all the same.
    if (isUnwritable(error)) return openIndex(undefined)
    throw error
  }
}

export function removeIndex(folder: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(indexPath(folder) + end, { force: true })
}

async function openFile(folder: string): Promise<Database> {
  const database = await openDatabase(indexPath(folder), chosenAdapter(process.env))
  try {
    database.exec(`PRAGMA busy_timeout = ${WAIT_MS}`)
    if (versionOf(database) === INDEX_VERSION) return tuned(database)
    // WAL lasts, and cannot be set in a transaction.
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('BEGIN IMMEDIATE')
    // Again, under the lock: another process may have just made it.
    const version = versionOf(database)
    if (version === INDEX_VERSION) {
      database.exec('COMMIT')
      return tuned(database)
    }
    if (version !== 0) throw new DatabaseError('an index of another version', SQLITE.NOTADB)
    database.exec(`${TABLES}; PRAGMA user_version = ${INDEX_VERSION}; COMMIT`)
    return tuned(database)
  } catch (error) {
    database.close()
    throw error
  }
}

function made(database: Database): Database {
  database.exec(TABLES)
  return database
}

function tuned(database: Database): Database {
  database.exec(`PRAGMA synchronous = NORMAL; PRAGMA mmap_size = ${MAPPED_BYTES}; PRAGMA cache_size = -65536`)
  return database
}

const versionOf = (database: Database): number => Number(database.prepare('PRAGMA user_version').all([])[0]?.[0])

/** What a file says that is no index, or none of ours any more. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false
  if (error.code === SQLITE.ERROR) return /no such (table|column)/.test(error.message)
  return ([SQLITE.CORRUPT, SQLITE.NOTADB, SQLITE.IOERR] as readonly number[]).includes(error.code)
}

const isUnwritable = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? ([SQLITE.READONLY, SQLITE.CANTOPEN, SQLITE.FULL] as readonly number[]).includes(error.code)
    : ['EACCES', 'EROFS', 'EPERM', 'ENOSPC'].includes((error as { readonly code?: string }).code ?? '')
