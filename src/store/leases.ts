/**
 * Who may append to a run (S4). A lease is a row; its fence grows with every owner, and every append compares it inside
 * its own transaction, so an owner that lost its lease (it slept, it was taken for dead) can do no harm.
 */
import { randomBytes } from 'node:crypto'
import { Refusal } from '../util/diagnostic.ts'
import type { SqlRow } from './database.ts'
import { isGone, type Owner, thisOwner } from './owner.ts'
import type { Lease, Store } from './store.ts'
import { blocking, patiently, transact, type Writing } from './writing.ts'

/** An owner renews much more often; what is not renewed for so long is free for others, dead or not. */
const LEASE_MS = 30_000

interface Held {
  readonly run: string
  readonly fence: number
  readonly owner: string | undefined
  readonly process: Owner | undefined
  readonly takenMs: number
  readonly untilMs: number
}

const SELECT = 'SELECT run, fence, owner, process, taken_ms, until_ms FROM leases'
const TAKE = `INSERT INTO leases (run, fence, owner, process, taken_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET fence = excluded.fence, owner = excluded.owner, process = excluded.process,
    taken_ms = excluded.taken_ms, until_ms = excluded.until_ms`
const RENEW = 'UPDATE leases SET until_ms = ? WHERE run = ? AND owner = ? AND fence = ?'
/** The row stays: its fence must not start again from 1. */
const RELEASE = 'UPDATE leases SET owner = NULL, process = NULL, until_ms = 0 WHERE run = ? AND owner = ? AND fence = ?'

/** Names one opening of a store: `host:pid:random`. */
export const newOwnerName = ({ host, pid }: Owner = thisOwner()): string =>
  `${host}:${pid}:${randomBytes(6).toString('hex')}`

export function openLeases(writing: Writing, owner: string): Store['leases'] & { releaseAll(): void } {
  const { database } = writing
  const self = thisOwner()
  const mine = new Map<string, Lease>()

  const take = (run: string, before: Held | undefined, nowMs: number): Lease => {
    const lease: Lease = { run, owner, fence: (before?.fence ?? 0) + 1 }
    database.prepare(TAKE).run([run, lease.fence, owner, JSON.stringify(self), nowMs, nowMs + LEASE_MS])
    return lease
  }
  const leases = {
    acquire: (run: string) => {
      const answer = transact(writing, () => {
        const nowMs = Date.now()
        const before = database.prepare(`${SELECT} WHERE run = ?`).all([run]).map(parseHeld)[0]
        const holder = before && holderOf(before, nowMs, self)
        if (holder) return { kind: 'held', owner: holder, untilMs: before.untilMs } as const
        return { kind: 'acquired', lease: take(run, before, nowMs) } as const
      })
      if (answer.kind === 'acquired') mine.set(run, answer.lease)
      return answer
    },
    renew: (lease: Lease) => {
      const until = Date.now() + LEASE_MS
      return blocking(writing, () => database.prepare(RENEW).run([until, lease.run, lease.owner, lease.fence])) === 1
    },
    holder: (run: string) => {
      const held = patiently(() => database.prepare(`${SELECT} WHERE run = ?`).all([run])).map(parseHeld)[0]
      return held && holderOf(held, Date.now(), self)
    },
    release: (lease: Lease) => {
      mine.delete(lease.run)
      blocking(writing, () => database.prepare(RELEASE).run([lease.run, lease.owner, lease.fence]))
    },
    releaseAll: () => {
      if (mine.size === 0) return
      transact(writing, () => {
        for (const lease of mine.values()) database.prepare(RELEASE).run([lease.run, lease.owner, lease.fence])
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
  const held = patiently(() => writing.database.prepare(`${SELECT} WHERE owner IS NOT NULL`).all([])).map(parseHeld)
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

function parseHeld(columns: SqlRow): Held {
  const [run, fence, owner, process, takenMs, untilMs] = columns
  return {
    run: String(run),
    fence: Number(fence),
    owner: typeof owner === 'string' ? owner : undefined,
    // Written by `take` above.
    process: typeof process === 'string' ? (JSON.parse(process) as Owner) : undefined,
    takenMs: Number(takenMs),
    untilMs: Number(untilMs),
  }
}
