/**
 * Who may append to a run (S4). A lease is a row; its fence grows with every owner, and every append compares it inside
 * its own transaction, so an owner that lost its lease (it slept, it was taken for dead) can do no harm.
 */
import { randomBytes } from 'node:crypto'
import { Refusal } from '../util/diagnostic.ts'
import { asText, numberColumn, type SqlRow, type SqlValue, textColumn } from './database.ts'
import { checkDigest, rowDigest } from './digest.ts'
import { isGone, type Owner, parseOwner, thisOwner } from './owner.ts'
import type { Lease, Store } from './store.ts'
import { blocking, patiently, transact, type Writing } from './writing.ts'

/** An owner renews much more often; what is not renewed for so long is free for others, dead or not. */
const LEASE_MS = 30_000

interface Taken {
  readonly lease: Lease
  readonly takenMs: number
}

interface Held {
  readonly run: string
  readonly fence: number
  readonly owner: string | undefined
  readonly process: Owner | undefined
  readonly takenMs: number
  readonly untilMs: number
}

const COLUMNS = [
  textColumn('run'),
  numberColumn('fence'),
  textColumn('owner'),
  textColumn('process'),
  numberColumn('taken_ms'),
  numberColumn('until_ms'),
  textColumn('digest'),
]
const SELECT = `SELECT ${COLUMNS.join(', ')} FROM leases`
const TAKE = `INSERT INTO leases (run, fence, owner, process, taken_ms, until_ms, digest) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET fence = excluded.fence, owner = excluded.owner, process = excluded.process,
    taken_ms = excluded.taken_ms, until_ms = excluded.until_ms, digest = excluded.digest`
const RENEW = 'UPDATE leases SET until_ms = ?, digest = ? WHERE run = ? AND owner = ? AND fence = ?'
/** The row stays: its fence must not start again from 1. */
const RELEASE = `UPDATE leases SET owner = NULL, process = NULL, taken_ms = 0, until_ms = 0, digest = ?
  WHERE run = ? AND owner = ? AND fence = ?`

/** Names one opening of a store: `host:pid:random`. */
export const newOwnerName = ({ host, pid }: Owner = thisOwner()): string =>
  `${host}:${pid}:${randomBytes(6).toString('hex')}`

export function openLeases(writing: Writing, owner: string): Store['leases'] & { releaseAll(): void } {
  const { database } = writing
  const self = thisOwner()
  const process = JSON.stringify(self)
  const mine = new Map<string, Taken>()

  const take = (run: string, before: Held | undefined, nowMs: number): Taken => {
    const lease: Lease = { run, owner, fence: (before?.fence ?? 0) + 1 }
    const columns = [run, lease.fence, owner, process, nowMs, nowMs + LEASE_MS]
    database.prepare(TAKE).run([...columns, rowDigest(columns)])
    return { lease, takenMs: nowMs }
  }
  const giveBack = (lease: Lease): void => {
    const { run, fence } = lease
    const digest = rowDigest([run, fence, null, null, 0, 0])
    database.prepare(RELEASE).run([digest, run, lease.owner, fence])
  }
  const leases = {
    acquire: (run: string) => {
      const answer = transact(writing, () => {
        const nowMs = Date.now()
        const before = database.prepare(`${SELECT} WHERE run = ?`).all([run]).map(parseHeld)[0]
        const holder = before && holderOf(before, nowMs, self)
        if (holder) return { kind: 'held', owner: holder, untilMs: before.untilMs } as const
        return { kind: 'acquired', taken: take(run, before, nowMs) } as const
      })
      if (answer.kind !== 'acquired') return answer
      mine.set(run, answer.taken)
      return { kind: 'acquired', lease: answer.taken.lease } as const
    },
    renew: (lease: Lease) => {
      const taken = mine.get(lease.run)
      if (taken?.lease.fence !== lease.fence) return false
      const { run, fence } = lease
      const untilMs = Date.now() + LEASE_MS
      const digest = rowDigest([run, fence, lease.owner, process, taken.takenMs, untilMs])
      return blocking(writing, () => database.prepare(RENEW).run([untilMs, digest, run, lease.owner, fence])) === 1
    },
    holder: (run: string) => {
      const held = patiently(() => database.prepare(`${SELECT} WHERE run = ?`).all([run])).map(parseHeld)[0]
      return held && holderOf(held, Date.now(), self)
    },
    release: (lease: Lease) => {
      mine.delete(lease.run)
      blocking(writing, () => giveBack(lease))
    },
    releaseAll: () => {
      if (mine.size === 0) return
      transact(writing, () => {
        for (const { lease } of mine.values()) giveBack(lease)
      })
      mine.clear()
    },
  }
  return leases
}

/** What an owner is told whose run another one has taken over. */
export const leaseLost = (run: string): Refusal =>
  new Refusal({
    code: 'LEASE_LOST',
    severity: 'error',
    message: `another process has taken over run '${run}'`,
    hint: `Look at it with \`tutti show ${run}\`; this process has stopped working on it.`,
  })

/** Runs whose owner is known to be dead: what `doctor` tells. */
export function abandonedLeases(
  writing: Pick<Writing, 'database'>,
): readonly { readonly run: string; readonly owner: string }[] {
  const nowMs = Date.now()
  const self = thisOwner()
  const held = patiently(() => writing.database.prepare(SELECT).all([])).map(parseHeld)
  return held.flatMap(lease =>
    lease.owner !== undefined && holderOf(lease, nowMs, self) === undefined
      ? [{ run: lease.run, owner: lease.owner }]
      : [],
  )
}

/** Who has it now, if anybody: neither released, nor expired, nor dead. */
function holderOf(held: Held, nowMs: number, self: Owner): string | undefined {
  if (held.owner === undefined || held.untilMs <= nowMs) return undefined
  return held.process && isGone(held.process, held.takenMs, self) ? undefined : held.owner
}

/** Refuses with STORE_DAMAGED: who may write must not hang on a flipped bit. */
function parseHeld(columns: SqlRow): Held {
  const [run, owner, process] = [columns[0], columns[2], columns[3]].map(textOrNull)
  const [fence, takenMs, untilMs] = [columns[1], columns[4], columns[5]].map(Number)
  const written = [run ?? null, fence ?? null, owner ?? null, process ?? null, takenMs ?? null, untilMs ?? null]
  checkDigest(`the lease of run '${run}'`, written, asText(columns[6]))
  return {
    run: run ?? '',
    fence: fence ?? 0,
    owner: owner ?? undefined,
    process: typeof process === 'string' ? parseOwner(process) : undefined,
    takenMs: takenMs ?? 0,
    untilMs: untilMs ?? 0,
  }
}

const textOrNull = (value: SqlValue | undefined): string | null =>
  value === null || value === undefined ? null : asText(value)
