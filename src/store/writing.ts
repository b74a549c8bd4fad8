/** Write transactions: in turn among processes, whole or not at all, and refused in a user's words. */
import { setTimeout as later } from 'node:timers/promises'
import { type Database, DatabaseError, isBusy, SQLITE } from './database.ts'
import { NOT_NOW, type Turns } from './turns.ts'

export interface Writing {
  readonly database: Database
  readonly turns: Turns
}

/** How long anybody waits for the lock. A holder that is alive and keeps it for longer hangs. */
const WAIT_MS_MAX = 30_000
/** How long an asynchronous writer may block its event loop while it waits for its turn. */
const BLOCK_MS_MAX = 3

/** `work` in a transaction, on the spot. Throws `DatabaseError` BUSY when the lock is kept for WAIT_MS_MAX. */
export function transact<T>(writing: Writing, work: () => T): T {
  return blocking(writing, () => inTransaction(writing.database, work))
}

/** Waits for our turn by blocking; for short work that has to answer at once. */
export function blocking<T>({ turns }: Writing, work: () => T): T {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const result = turns.attempt(() => unlessBusy(work))
    if (result !== NOT_NOW) return result
    if (performance.now() > deadlineMs) throw new DatabaseError('database is locked', SQLITE.BUSY)
    turns.sleep()
  }
}

/** At once when nobody is before us, as is usual; else waits for our turn, letting the event loop go on now and then. */
export function soon<T>(writing: Writing, work: () => T): T | Promise<T> {
  const result = writing.turns.attempt(() => unlessBusy(work))
  return result === NOT_NOW ? yielding(writing, work) : result
}

async function yielding<T>({ turns }: Writing, work: () => T): Promise<T> {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  let blockedSinceMs = performance.now()
  for (;;) {
    const result = turns.attempt(() => unlessBusy(work))
    if (result !== NOT_NOW) return result
    const nowMs = performance.now()
    if (nowMs > deadlineMs) throw new DatabaseError('database is locked', SQLITE.BUSY)
    if (nowMs - blockedSinceMs < BLOCK_MS_MAX) turns.sleep()
    else {
      await later(1)
      blockedSinceMs = performance.now()
    }
  }
}

/** `BEGIN IMMEDIATE … COMMIT`; any throw rolls back. */
export const inTransaction = <T>(database: Database, work: () => T): T => between(database, 'BEGIN IMMEDIATE', work)

/** Reads in several statements, between which nothing changes; patiently. */
export const consistently = <T>(database: Database, read: () => T): T =>
  patiently(() => between(database, 'BEGIN', read))

function between<T>(database: Database, begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
  database.exec(begin)
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** `work` under the lock of a writer; not at all when another one has it. */
export function whileIdle(database: Database, work: () => void): void {
  unlessBusy(() => inTransaction(database, work))
}

/** A reading statement may meet a writer that recovers after a crash: some milliseconds. */
export function patiently<T>(read: () => T): T {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const result = unlessBusy(read)
    if (result !== NOT_NOW) return result
    if (performance.now() > deadlineMs) throw new DatabaseError('database is locked', SQLITE.BUSY)
    Atomics.wait(SLEEPER, 0, 0, 1)
  }
}

const SLEEPER = new Int32Array(new SharedArrayBuffer(4))

function unlessBusy<T>(work: () => T): T | typeof NOT_NOW {
  try {
    return work()
  } catch (error) {
    if (isBusy(error)) return NOT_NOW
    throw error
  }
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK')
  } catch (error) {
    // SQLite has already rolled back by itself after some errors (full disk, I/O); then there is no transaction to end.
    if (!(error instanceof DatabaseError)) throw error
  }
}
