/** What the disk or SQLite refuses, said in a user's words. Foreign errors become refusals here, once. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal, refuse } from '../util/diagnostic.ts'
import { DatabaseError, SQLITE } from './database.ts'

interface Cause {
  readonly code: string
  readonly says: (path: string) => string
  readonly hint: string
}

const FULL: Cause = {
  code: 'STORE_FULL',
  says: path => `the disk that holds the store '${path}' is full; nothing of the last write was kept`,
  hint: 'Free some space (`tutti gc` removes old runs) and resume the run.',
}
const READONLY: Cause = {
  code: 'STORE_READONLY',
  says: path => `the store '${path}' cannot be written: its disk or folder is read-only, or belongs to another user`,
  hint: 'Make it writable, or choose another folder with --store.',
}
const UNOPENABLE: Cause = {
  code: 'STORE_UNOPENABLE',
  says: path => `the store '${path}' cannot be opened`,
  hint: 'Check that the path is a folder that you may write, or choose another one with --store.',
}
const DAMAGED: Cause = {
  code: 'STORE_DAMAGED',
  says: path => `the store '${path}' is damaged`,
  hint: 'Run `tutti doctor`; it says what is intact, and can recover that into a new store.',
}
const BUSY: Cause = {
  code: 'STORE_BUSY',
  says: path => `another process has kept the store '${path}' locked for too long`,
  hint: 'Look for a stopped or hanging process that uses this store.',
}

const BY_SQLITE_CODE: { readonly [code: number]: Cause } = {
  [SQLITE.FULL]: FULL,
  [SQLITE.READONLY]: READONLY,
  [SQLITE.CANTOPEN]: UNOPENABLE,
  [SQLITE.IOERR]: UNOPENABLE,
  [SQLITE.NOTADB]: DAMAGED,
  [SQLITE.CORRUPT]: DAMAGED,
  // Our statements are constants and our values fit: what SQLite cannot do with them lies in the file.
  [SQLITE.ERROR]: DAMAGED,
  [SQLITE.TOOBIG]: DAMAGED,
  [SQLITE.CONSTRAINT]: DAMAGED,
  [SQLITE.MISMATCH]: DAMAGED,
  [SQLITE.NOMEM]: DAMAGED,
  [SQLITE.BUSY]: BUSY,
}
const BY_SYSTEM_CODE: { readonly [code: string]: Cause } = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: READONLY,
  EACCES: READONLY,
  EPERM: READONLY,
  // Node says so, too, when it should make a folder on a read-only disk.
  ENOENT: UNOPENABLE,
  ENOTDIR: UNOPENABLE,
  EEXIST: UNOPENABLE,
  EISDIR: UNOPENABLE,
  ELOOP: UNOPENABLE,
  ENAMETOOLONG: UNOPENABLE,
  EMFILE: UNOPENABLE,
  EIO: UNOPENABLE,
}

/** What SQLite needs for its smallest files: less is a full disk. */
const FREE_BYTES_MIN = 256 * 1024

/** The refusal that a foreign error stands for; the error itself when it is none of a disk's. */
export function asRefusal(error: unknown, path: string): unknown {
  const cause = causeOf(error, path)
  if (!cause || !(error instanceof Error)) return error
  const message = `${cause.says(path)} (${error.message})`
  return new Refusal({ code: cause.code, severity: 'error', message, hint: cause.hint }, { cause: error })
}

/** SQLite says only "cannot open" or "I/O error" where the disk would have said why: then the disk is asked. */
function causeOf(error: unknown, path: string): Cause | undefined {
  const cause = error instanceof DatabaseError ? BY_SQLITE_CODE[error.code] : BY_SYSTEM_CODE[systemCode(error)]
  return cause === UNOPENABLE ? (diskCause(path) ?? cause) : cause
}

function diskCause(path: string): Cause | undefined {
  let folder = path
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    const { bavail, bsize } = statfsSync(folder)
    if (bavail * bsize < FREE_BYTES_MIN) return FULL
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return BY_SYSTEM_CODE[systemCode(error)]
  }
}

/** Refuses with STORE_DAMAGED. */
export function storeDamaged(message: string): never {
  refuse('STORE_DAMAGED', message, { hint: DAMAGED.hint })
}

/** Runs `work`; what the disk refuses in it is thrown as a refusal about `path`. */
export function refusing<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asRefusal(error, path)
  }
}

export async function refusingLater<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asRefusal(error, path)
  }
}

export const systemCode = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : ''
