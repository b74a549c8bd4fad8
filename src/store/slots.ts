/**
 * Slots of pools that all processes of a store share. A row is a request: it waits in its pool's queue or holds its slots.
 *
 *   Q1. The slots taken of a pool are at most as many as it has, whoever asks.
 *   Q2. Who comes first goes first, of equal priority; one that needs many slots is not overtaken by small ones.
 *   Q3. What a dead process held or waited for is free at once; of one that cannot be asked (another machine), when its
 *       lease runs out.
 *
 * Not fenced: a process that slept for longer than its lease goes on with slots that others have taken meanwhile.
 */
import { asText, numberColumn, type SqlRow, textColumn } from './database.ts'
import { isGone, type Owner, parseOwner, thisOwner } from './owner.ts'
import type { SlotRequest, Store } from './store.ts'
import { patiently, transact, type Writing } from './writing.ts'

/** Holders renew much more often. */
const LEASE_MS = 30_000
/** Whether an owner lives is looked up at most so often: outside of Linux it costs a process. */
const ALIVE_MS = 1_000

const COLUMNS = [
  'number',
  textColumn('owner'),
  numberColumn('ticket'),
  textColumn('process'),
  numberColumn('weight'),
  'CAST(priority AS REAL)',
  numberColumn('taken'),
  numberColumn('since_ms'),
  numberColumn('until_ms'),
]
const OF_POOL = `SELECT ${COLUMNS.join(', ')} FROM slots WHERE pool = ?`
const QUEUE = `INSERT INTO slots (pool, owner, ticket, process, weight, priority, taken, since_ms, until_ms)
  VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)`
const TAKE = 'UPDATE slots SET taken = 1 WHERE owner = ? AND ticket = ?'
const LEAVE = 'DELETE FROM slots WHERE owner = ? AND ticket = ?'
const DROP = 'DELETE FROM slots WHERE number = ?'
const RENEW = 'UPDATE slots SET until_ms = ? WHERE owner = ?'
const LEAVE_ALL = 'DELETE FROM slots WHERE owner = ?'

/** A request that waits or holds. */
export interface SlotHold {
  /** In the order of asking. */
  readonly number: number
  readonly owner: string
  readonly ticket: number
  readonly weight: number
  readonly priority: number
  readonly taken: boolean
}

interface Row extends SlotHold {
  readonly process: Owner
  readonly sinceMs: number
  readonly untilMs: number
}

/** `owner`: of this opening of the store. */
export function openSlots(writing: Writing, owner: string): Store['slots'] & { leaveAll(): void } {
  const { database } = writing
  const self = thisOwner()
  const process = JSON.stringify(self)
  const mine = new Set<number>()
  const seenAliveMs = new Map<string, number>()

  const rowsOf = (pool: string): readonly Row[] => database.prepare(OF_POOL).all([pool]).map(parseRow)
  const isLive = (row: Row, nowMs: number): boolean => {
    if (row.owner === owner) return true
    if (row.untilMs <= nowMs) return false
    if (nowMs - (seenAliveMs.get(row.owner) ?? 0) < ALIVE_MS) return true
    if (isGone(row.process, row.sinceMs, self)) return false
    seenAliveMs.set(row.owner, nowMs)
    return true
  }
  const isMine = (row: Row, ticket: number): boolean => row.owner === owner && row.ticket === ticket

  const queueAndTake = (request: SlotRequest): 'taken' | 'waiting' =>
    transact(writing, () => {
      const nowMs = Date.now()
      for (const row of rowsOf(request.pool)) if (!isLive(row, nowMs)) database.prepare(DROP).run([row.number])
      if (!mine.has(request.ticket)) {
        const { pool, ticket, weight, priority } = request
        database.prepare(QUEUE).run([pool, owner, ticket, process, weight, priority, nowMs, nowMs + LEASE_MS])
      }
      const rows = rowsOf(request.pool)
      const own = rows.find(row => isMine(row, request.ticket))
      if (!own) throw new Error('defect: a request is queued before it is granted')
      if (!own.taken && !isNext(rows, own, request.slots)) return 'waiting'
      database.prepare(TAKE).run([owner, request.ticket])
      return 'taken'
    })

  return {
    take: request => {
      if (mine.has(request.ticket)) {
        // Who waits asks often: as long as nothing has changed it costs one query and no lock.
        const nowMs = Date.now()
        const rows = patiently(() => rowsOf(request.pool)).filter(row => isLive(row, nowMs))
        const own = rows.find(row => isMine(row, request.ticket))
        if (own && !own.taken && !isNext(rows, own, request.slots)) return 'waiting'
        // Dropped by another process, which thought us dead.
        if (!own) mine.delete(request.ticket)
      }
      const answer = queueAndTake(request)
      mine.add(request.ticket)
      return answer
    },
    leave: ticket => {
      if (mine.delete(ticket)) transact(writing, () => database.prepare(LEAVE).run([owner, ticket]))
    },
    renew: () => {
      if (mine.size > 0) transact(writing, () => database.prepare(RENEW).run([Date.now() + LEASE_MS, owner]))
    },
    leaveAll: () => {
      if (mine.size > 0) transact(writing, () => database.prepare(LEAVE_ALL).run([owner]))
      mine.clear()
    },
  }
}

/** Q1, Q2: whether `own` may take its slots. `rows`: all of the pool, with or without `own`. */
export function isNext(rows: readonly SlotHold[], own: SlotHold, slots: number): boolean {
  const taken = rows.reduce((sum, row) => sum + (row.taken ? row.weight : 0), 0)
  return taken + own.weight <= slots && !rows.some(row => !row.taken && isBefore(row, own))
}

const isBefore = (a: SlotHold, b: SlotHold): boolean =>
  a.priority === b.priority ? a.number < b.number : a.priority > b.priority

function parseRow(columns: SqlRow): Row {
  const [number, owner, ticket, process, weight, priority, taken, sinceMs, untilMs] = columns
  return {
    number: Number(number),
    owner: asText(owner),
    ticket: Number(ticket),
    process: parseOwner(asText(process)),
    weight: Number(weight),
    priority: Number(priority),
    taken: taken === 1,
    sinceMs: Number(sinceMs),
    untilMs: Number(untilMs),
  }
}
