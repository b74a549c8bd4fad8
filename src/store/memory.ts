/**
 * A store in memory, for simulations and tests. It keeps the promises of the one on disk but for durability: what it holds
 * ends with its `Memory`, which stands for the disk. Each `memoryStore(memory)` stands for a process that has it open.
 *
 *   M1. A process that was killed has left nothing half done: its leases are free, and what it appends comes to nothing.
 *   M2. Nothing that was given in or out is shared: events go through their text form, as they do on disk.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, StepId } from '../core/engine/protocol.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { isNext, type SlotHold } from './slots.ts'
import type {
  Batch,
  Blobs,
  CurrentVersion,
  Lease,
  Letter,
  Reply,
  RunRow,
  SlotRequest,
  Store,
  StoredEvent,
  Trace,
  VersionRow,
} from './store.ts'
import { READS_MAX, readsOf } from './traces.ts'
import { unknownVersion } from './versions/rows.ts'

export interface MemoryStore extends Store {
  /** As the death of the process (M1): waits for nothing and tells nobody. */
  kill(): void
}

/** What all who have it open share. */
export interface Memory {
  readonly log: Logged[]
  /** Sequence numbers of each run's events. */
  readonly byRun: Map<string, number[]>
  readonly rows: Map<string, Omit<RunRow, 'lastSeq'>>
  readonly leases: Map<string, Held>
  readonly mail: Map<string, PostedLetter>
  /** By their order of asking. */
  readonly slots: Map<number, SlotHold & { readonly pool: string }>
  /** Letters and requests for slots so far. */
  numbers: number
  readonly snapshots: Map<string, { readonly seq: number; readonly bytes: Uint8Array }>
  /** In the order in which they came; text, as all that is kept. */
  readonly traces: Map<Hash, readonly string[]>
  readonly versions: (VersionRow & { readonly contents: Uint8Array })[]
  readonly currentVersions: Map<string, CurrentVersion>
  readonly blobs: Map<Hash, Uint8Array>
  readonly waiters: Set<Waiter>
  /** Owners that live, and how many there have been. */
  readonly living: Set<string>
  openings: number
  /** Where blobs are laid down for those who need a file. */
  folder: string | undefined
}

interface Logged {
  readonly run: string
  readonly text: string
}

interface Held {
  readonly fence: number
  readonly owner: string | undefined
}

interface PostedLetter extends Letter {
  readonly wanted: boolean
  reply?: Reply
}

interface Waiter {
  readonly seq: number
  readonly owner: string
  go(): void
}

export const newMemory = (): Memory => ({
  log: [],
  byRun: new Map(),
  rows: new Map(),
  leases: new Map(),
  mail: new Map(),
  slots: new Map(),
  numbers: 0,
  snapshots: new Map(),
  traces: new Map(),
  versions: [],
  currentVersions: new Map(),
  blobs: new Map(),
  waiters: new Set(),
  living: new Set(),
  openings: 0,
  folder: undefined,
})

/** A lease of this store never runs out by itself: its holder lives until it is closed or killed. */
const NEVER_MS = Number.MAX_SAFE_INTEGER

/** Opens `memory`; without one, an empty memory of its own. */
export function memoryStore(memory: Memory = newMemory()): MemoryStore {
  memory.openings += 1
  const owner = `memory:${memory.openings}`
  memory.living.add(owner)

  const guarded =
    <A extends readonly unknown[], T>(call: (...args: A) => T) =>
    (...args: A): T => {
      if (!memory.living.has(owner)) refuse('STORE_CLOSED', 'the store in memory was closed')
      return call(...args)
    }

  const end = (): void => {
    memory.living.delete(owner)
    for (const [run, held] of memory.leases)
      if (held.owner === owner) memory.leases.set(run, { fence: held.fence, owner: undefined })
    leaveSlots(memory, slot => slot.owner === owner)
    wakeAll(memory, waiter => waiter.owner === owner)
    if (memory.living.size === 0) removeFolder(memory)
  }

  return {
    path: 'memory',
    append: async batches => guarded(append)(memory, batches),
    read: guarded(options => read(memory, options)),
    head: guarded(() => memory.log.length),
    changed: guarded((seq, signal) => changed(memory, owner, seq, signal)),
    blobs: memoryBlobs(memory),
    runs: {
      get: guarded(run => rowOf(memory, run)),
      list: guarded(options => listRows(memory, options)),
      count: guarded(() => memory.rows.size),
    },
    leases: {
      acquire: guarded(run => acquire(memory, owner, run)),
      holder: guarded(run => memory.leases.get(run)?.owner),
      renew: guarded(lease => isHeld(memory, lease)),
      release: guarded(lease => {
        if (isHeld(memory, lease)) memory.leases.set(lease.run, { fence: lease.fence, owner: undefined })
      }),
    },
    traces: {
      isEmpty: guarded(() => memory.traces.size === 0),
      get: guarded((...asked) => findTraces(memory, ...asked)),
      current: guarded(scope => currentTraces(memory, scope)),
      latest: guarded((scope, step) => traceHistory(memory, scope, step)[0]),
      history: guarded((scope, step) => traceHistory(memory, scope, step).slice(0, 32)),
    },
    mailbox: memoryMailbox(memory, guarded),
    versions: memoryVersions(memory, guarded),
    slots: {
      take: guarded(request => takeSlots(memory, owner, request)),
      leave: guarded(ticket => leaveSlots(memory, slot => slot.owner === owner && slot.ticket === ticket)),
      renew: guarded(() => undefined),
    },
    snapshots: {
      put: guarded((run, seq, bytes) => void memory.snapshots.set(run, { seq, bytes: bytes.slice() })),
      latest: guarded(run => {
        const kept = memory.snapshots.get(run)
        return kept && { seq: kept.seq, bytes: kept.bytes.slice() }
      }),
    },
    close: async () => {
      if (memory.living.has(owner)) end()
    },
    kill: end,
  }
}

function append(memory: Memory, batches: readonly Batch[]): number {
  const lost = batches.find(({ lease }) => !isHeld(memory, lease))
  if (lost)
    refuse('LEASE_LOST', `another process has taken over run '${lost.lease.run}'`, {
      hint: `Look at it with \`tutti show ${lost.lease.run}\`; this process has stopped working on it.`,
    })
  let count = 0
  for (const { lease, events, row, traces } of batches) {
    const seqs = memory.byRun.get(lease.run) ?? []
    memory.byRun.set(lease.run, seqs)
    for (const event of events) {
      memory.log.push({ run: lease.run, text: JSON.stringify(event) })
      seqs.push(memory.log.length)
      count += 1
    }
    if (row) memory.rows.set(row.run, { ...row })
    for (const trace of traces ?? []) putTrace(memory, trace)
  }
  if (count > 0) wakeAll(memory, waiter => waiter.seq < memory.log.length)
  return memory.log.length
}

function putTrace(memory: Memory, trace: Trace): void {
  const isSameStep = (other: Trace): boolean => other.scope === trace.scope && other.step === trace.step
  const kept = (memory.traces.get(trace.key) ?? []).map(text => JSON.parse(text) as Trace)
  const own = kept.filter(other => isSameStep(other) && readsOf(other) !== readsOf(trace))
  const gone = new Set(own.slice(0, Math.max(0, own.length + 1 - READS_MAX)))
  const left = kept.filter(other => (isSameStep(other) ? own.includes(other) && !gone.has(other) : true))
  memory.traces.set(
    trace.key,
    [...left, trace].map(each => JSON.stringify(each)),
  )
}

function findTraces(memory: Memory, key: Hash, scope: string, step: StepId): readonly Trace[] {
  const newestFirst = (memory.traces.get(key) ?? []).map(text => JSON.parse(text) as Trace).reverse()
  const isOwn = (trace: Trace): boolean => trace.scope === scope && trace.step === step
  return [...newestFirst.filter(isOwn), ...newestFirst.filter(trace => !isOwn(trace))]
}

function currentTraces(memory: Memory, scope: string): readonly Trace[] {
  const newest = new Map<StepId, Trace>()
  for (const text of [...memory.traces.values()].flat()) {
    const trace = JSON.parse(text) as Trace
    if (trace.scope === scope && (newest.get(trace.step)?.atMs ?? 0) <= trace.atMs) newest.set(trace.step, trace)
  }
  return [...newest.values()]
}

/** Those that came last first, of those of one instant, too. */
const traceHistory = (memory: Memory, scope: string, step: StepId): readonly Trace[] =>
  [...memory.traces.values()]
    .flat()
    .map(text => JSON.parse(text) as Trace)
    .filter(trace => trace.scope === scope && trace.step === step)
    .reverse()
    .sort((a, b) => b.atMs - a.atMs)

async function* read(memory: Memory, options: Parameters<Store['read']>[0]): AsyncIterable<StoredEvent> {
  const { run, from = 1, to = Number.MAX_SAFE_INTEGER } = options
  const seqAt =
    run === undefined ? (index: number) => index + 1 : (index: number) => memory.byRun.get(run)?.[index] ?? 0
  const count = (): number => (run === undefined ? memory.log.length : (memory.byRun.get(run)?.length ?? 0))
  for (let index = firstFrom(seqAt, count(), from); index < count(); index += 1) {
    const seq = seqAt(index)
    const logged = memory.log[seq - 1]
    if (seq > to || !logged) return
    // `append` wrote it.
    yield { seq, run: logged.run, event: JSON.parse(logged.text) as Event }
  }
}

/** The first index whose sequence number is not below `from`. */
function firstFrom(seqAt: (index: number) => number, count: number, from: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (seqAt(middle) < from) low = middle + 1
    else high = middle
  }
  return low
}

function changed(memory: Memory, owner: string, seq: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted || memory.log.length > seq) return resolve()
    const waiter: Waiter = {
      seq,
      owner,
      go() {
        memory.waiters.delete(waiter)
        signal?.removeEventListener('abort', waiter.go)
        resolve()
      },
    }
    memory.waiters.add(waiter)
    signal?.addEventListener('abort', waiter.go)
  })
}

function wakeAll(memory: Memory, which: (waiter: Waiter) => boolean): void {
  for (const waiter of [...memory.waiters]) if (which(waiter)) waiter.go()
}

function rowOf(memory: Memory, run: string): RunRow | undefined {
  const row = memory.rows.get(run)
  return row && { ...row, lastSeq: memory.byRun.get(run)?.at(-1) ?? 0 }
}

function listRows(memory: Memory, options: Parameters<Store['runs']['list']>[0] = {}): readonly RunRow[] {
  const { workflow, status, limit } = options
  return [...memory.rows.values()]
    .filter(row => workflow === undefined || row.workflow === workflow)
    .filter(row => status === undefined || status.includes(row.status))
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.run < b.run ? 1 : -1))
    .slice(0, limit)
    .flatMap(row => rowOf(memory, row.run) ?? [])
}

function acquire(memory: Memory, owner: string, run: string): ReturnType<Store['leases']['acquire']> {
  const held = memory.leases.get(run)
  if (held?.owner !== undefined) return { kind: 'held', owner: held.owner, untilMs: NEVER_MS }
  const lease: Lease = { run, owner, fence: (held?.fence ?? 0) + 1 }
  memory.leases.set(run, lease)
  return { kind: 'acquired', lease }
}

function isHeld(memory: Memory, { run, owner, fence }: Lease): boolean {
  const held = memory.leases.get(run)
  return held?.owner === owner && held.fence === fence
}

type Guard = <A extends readonly unknown[], T>(call: (...args: A) => T) => (...args: A) => T

function memoryMailbox(memory: Memory, guarded: Guard): Store['mailbox'] {
  return {
    post: guarded((run, mail, reply = 'unwanted') => {
      const row = memory.rows.get(run)
      if (!row) refuse('RUN_UNKNOWN', `there is no run '${run}' in the store`)
      if (row.endedAtMs !== undefined) refuse('RUN_ENDED', `run '${run}' has ended`)
      const id = `letter-${(memory.numbers += 1)}`
      memory.mail.set(id, { id, run, mail: structuredClone(mail), wanted: reply === 'wanted' })
      return id
    }),
    open: guarded(runs =>
      [...memory.mail.values()]
        .filter(letter => letter.reply === undefined && runs.has(letter.run))
        .map(({ id, run, mail }) => ({ id, run, mail: structuredClone(mail) })),
    ),
    reply: guarded(replies => {
      for (const { id, reply } of replies) {
        const letter = memory.mail.get(id)
        if (letter?.wanted) letter.reply = reply
        else memory.mail.delete(id)
      }
    }),
    takeReply: guarded(id => {
      const reply = memory.mail.get(id)?.reply
      if (reply) memory.mail.delete(id)
      return reply
    }),
    withdraw: guarded(id => memory.mail.get(id)?.reply === undefined && memory.mail.delete(id)),
  }
}

function takeSlots(memory: Memory, owner: string, request: SlotRequest): 'taken' | 'waiting' {
  const rows = [...memory.slots.values()].filter(slot => slot.pool === request.pool)
  const { pool, ticket, weight, priority } = request
  const own = rows.find(slot => slot.owner === owner && slot.ticket === ticket) ?? {
    ...{ pool, ticket, weight, priority, owner },
    number: (memory.numbers += 1),
    taken: false,
  }
  const taken = own.taken || isNext(rows, own, request.slots)
  memory.slots.set(own.number, { ...own, taken })
  return taken ? 'taken' : 'waiting'
}

function leaveSlots(memory: Memory, which: (slot: SlotHold) => boolean): void {
  for (const slot of memory.slots.values()) if (which(slot)) memory.slots.delete(slot.number)
}

function memoryBlobs(memory: Memory): Blobs {
  const keep = (bytes: Uint8Array): Hash => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    if (!memory.blobs.has(hash)) memory.blobs.set(hash, bytes.slice())
    return hash
  }
  const found = (hash: Hash): Uint8Array =>
    memory.blobs.get(hash) ??
    refuse('BLOB_MISSING', `the value ${hash} is not in the store`, {
      hint: 'Run the step that made it again (`tutti redrive --from STEP`).',
    })
  return {
    put: async bytes => keep(bytes),
    putFile: async path => {
      const bytes = await readFile(path)
      return { hash: keep(bytes), sizeBytes: bytes.length }
    },
    get: async hash => found(hash).slice(),
    has: async hash => memory.blobs.has(hash),
    file: async hash => {
      const bytes = found(hash)
      memory.folder ??= mkdtempSync(join(tmpdir(), 'tutti-memory-'))
      const path = join(memory.folder, hash)
      // Written again each time: what somebody wrote over it reaches nobody else.
      rmSync(path, { force: true })
      writeFileSync(path, bytes, { mode: 0o444 })
      return path
    },
  }
}

function removeFolder(memory: Memory): void {
  if (memory.folder !== undefined) rmSync(memory.folder, { recursive: true, force: true })
  memory.folder = undefined
}

function memoryVersions(
  { versions, currentVersions }: Memory,
  guarded: <A extends readonly unknown[], T>(call: (...args: A) => T) => (...args: A) => T,
): Store['versions'] {
  const ofLine = (line: string) => versions.filter(each => each.line === line)
  const find = (line: string, number: string) => ofLine(line).find(each => each.number === number)
  const rowOnly = ({ contents: _, ...row }: (typeof versions)[number]): VersionRow => structuredClone(row)
  const lines = () => [...new Set(versions.map(({ line }) => line))]
  return {
    publish: guarded((version, contents, seen, place) => {
      if (ofLine(version.line).length !== seen || find(version.line, version.number)) return 'stale'
      versions.push({ ...structuredClone(version), contents: new Uint8Array(contents) })
      if (place === 'current')
        currentVersions.set(version.line, { number: version.number, how: 'published', atMs: version.atMs })
      return 'published'
    }),
    lines: guarded(() => [...new Set(versions.map(({ line }) => line))]),
    list: guarded(line => (line === undefined ? lines().flatMap(ofLine) : ofLine(line)).map(rowOnly)),
    get: guarded((line, number) => {
      const found = find(line, number)
      return found && rowOnly(found)
    }),
    contents: guarded((line, number) => new Uint8Array(find(line, number)?.contents ?? unknownVersion(line, number))),
    current: guarded(line => currentVersions.get(line)),
    point: guarded((line, current) => {
      if (!find(line, current.number)) unknownVersion(line, current.number)
      currentVersions.set(line, { ...current })
    }),
  }
}
