/**
 * What a store is: an append-only log of events, blobs by content, and an index of runs. Any store that passes
 * test/store/suite.ts will do; sqlite.ts is the one that comes with Tutti.
 *
 *   S1. An event is never lost after `append` has resolved, never there before it, never twice.
 *   S2. Sequence numbers of a store are gapless from 1, over all runs and all processes that write to it.
 *   S3. Events form a chain of hashes; the head is also kept outside the database, and may lag there, never lead.
 *   S4. One owner appends to a run: who holds the lease with the greatest fence.
 */
import type { Event, StepId, ValueRef } from '../core/engine/protocol.ts'
import type { Hash } from '../util/hash.ts'
import type { Json } from '../util/json.ts'

export interface StoredEvent {
  /** Position in the store, from 1. */
  readonly seq: number
  readonly run: string
  readonly event: Event
}

/** One row of the index of runs; written in the same transaction as the events that changed it. */
export interface RunRow {
  readonly run: string
  readonly workflow: string
  /** As given on the command line: how to find the file again. */
  readonly file: string
  readonly graph: Hash
  readonly bundle: Hash
  /** Number of the published version that it runs, if it is one. */
  readonly version?: string
  /** Steps whose ids are not those of its version, since it was moved there: see src/run/move. */
  readonly renames?: Renames
  /** Hash of the arguments: the same id with other arguments is refused. */
  readonly args: Hash
  readonly status: 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'diverged'
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly endedAtMs?: number
  /** Sequence number of the run's last event. */
  readonly lastSeq: number
}

/** By the path of a step in the version's graph, as ids have it (`tests/lint`): the id that it has in the run instead. */
export type Renames = { readonly [path: string]: string }

/**
 * A published version of a workflow. What makes a version is its publisher's business (src/versions); the store keeps what it
 * is given, and says which one is current.
 */
export interface VersionRow {
  /** `file#workflow`, the file as seen from what paths in the store are relative to. */
  readonly line: string
  /** A semver, unique in its line. */
  readonly number: string
  /** Of all that makes its runs differ from those of other versions. */
  readonly hash: Hash
  readonly atMs: number
  /** What lists show: small. Blobs whose addresses stand in it are kept. */
  readonly facts: Json
}

/** `pinned`: new runs take it whatever the file says; `published`: they take it where there is no file. */
export interface CurrentVersion {
  readonly number: string
  readonly how: 'published' | 'pinned'
  readonly atMs: number
}

export interface Lease {
  readonly run: string
  /** Who: `host:pid:random`. */
  readonly owner: string
  /** Grows with every owner: an append with a smaller one is refused with LEASE_LOST. */
  readonly fence: number
}

export interface Batch {
  readonly lease: Lease
  readonly events: readonly Event[]
  /** What changed in the index of runs. Needed with a run's first events. */
  readonly row?: Omit<RunRow, 'lastSeq'>
  /** What other runs may take from the events. */
  readonly traces?: readonly Trace[]
}

/**
 * How a result came to be: whoever finds the same key, and the same content in all that was read, may take it (a
 * constructive trace: Mokhov et al., Build Systems à la Carte, 2018). A cache: its loss costs time only.
 */
export interface Trace {
  readonly key: Hash
  /** `file#workflow`. */
  readonly scope: string
  readonly step: StepId
  /** The run that has it in its log: the newest that made it, or took it. */
  readonly run: string
  readonly output: ValueRef
  /** Files and folders that it wrote, as values of the codec `output`: to be put back when they are not there. */
  readonly wrote: readonly ValueRef[]
  /** Files that it was seen to read beside its arguments: relative path, hash of the content; null: it was not there. */
  readonly reads: readonly (readonly [path: string, hash: Hash | null])[]
  /** What the key was made of, for people. */
  readonly parts: KeyParts
  /** How long it took. */
  readonly ms: number
  readonly atMs: number
}

/** What a key is made of, in this order. */
export interface KeyParts {
  readonly code: Hash
  readonly args: readonly Hash[]
  /** By name; null: not set. */
  readonly env: { readonly [name: string]: Hash | null }
  /** Where it runs: `linux-x64`, and the executor. */
  readonly where: string
}

export type Durability = 'full' | 'normal'

export interface Store {
  readonly path: string
  /** All batches in one durable transaction. Resolves with the sequence number of the last event, after the commit. */
  append(batches: readonly Batch[]): Promise<number>
  /** Events with `seq >= from` in order, of one run or all; reads in pages, never holds a lock between them. */
  read(options: { readonly from?: number; readonly run?: string; readonly to?: number }): AsyncIterable<StoredEvent>
  /** The last sequence number; 0 when empty. */
  head(): number
  /** Resolves when there may be events after `seq` (also written by another process) or the signal aborts. */
  changed(seq: number, signal?: AbortSignal): Promise<void>

  blobs: Blobs
  runs: {
    get(run: string): RunRow | undefined
    /** Newest first. */
    list(options?: {
      readonly workflow?: string
      readonly status?: readonly RunRow['status'][]
      readonly limit?: number
    }): readonly RunRow[]
    /** How many there are; less than before when gc has removed some. */
    count(): number
  }
  leases: {
    /** The lease, or who holds it. A holder that is dead on this machine is no holder. */
    acquire(
      run: string,
    ):
      | { readonly kind: 'acquired'; readonly lease: Lease }
      | { readonly kind: 'held'; readonly owner: string; readonly untilMs: number }
    /** Who runs it now, if anybody who is alive. */
    holder(run: string): string | undefined
    renew(lease: Lease): boolean
    release(lease: Lease): void
  }
  /** What others ask of a run. A letter stays until what it asked for is durable, so it may be delivered twice, never lost. */
  mailbox: {
    /** The letter's id. Refuses with RUN_UNKNOWN and RUN_ENDED. 'wanted': a reply is kept until it is taken. */
    post(run: string, mail: Mail, reply?: 'wanted' | 'unwanted'): string
    /** Letters without a reply to any of `runs`, oldest first. */
    open(runs: { has(run: string): boolean }): readonly Letter[]
    /** Done with, or refused. To be called when the events that follow from them are durable. */
    reply(replies: readonly { readonly id: string; readonly reply: Reply }[]): void
    /** The reply, once: it is removed. */
    takeReply(id: string): Reply | undefined
    /** The sender no longer wants it; false when it has been answered or is not there. */
    withdraw(id: string): boolean
  }
  /** Slots of pools that all processes of the store share. They come back by themselves when their holder dies. */
  slots: {
    /** Takes the slots, or queues for them: greater priority first, then first come, first served. Ask again with the same ticket. */
    take(request: SlotRequest): 'taken' | 'waiting'
    /** Gives them back, or leaves the queue. */
    leave(ticket: number): void
    /** All of this opening, before they run out. */
    renew(): void
  }
  /** What runs may take from one another. */
  traces: {
    /** Whether there is none at all: then nobody need ask. */
    isEmpty(): boolean
    /** Under one key, some 32 at most: those of this very step first, then the newest. They differ in what was read. */
    get(key: Hash, scope: string, step: StepId): readonly Trace[]
    /** The newest one of each step of a scope. */
    current(scope: string): readonly Trace[]
    /** The newest one of a step. */
    latest(scope: string, step: StepId): Trace | undefined
    /** Of a step, newest first, some 32 at most: to tell what has changed between them. */
    history(scope: string, step: StepId): readonly Trace[]
  }
  versions: {
    /**
     * One durable commit: the version, and that it is current, or `beside` the current one. `seen`: how many its line had
     * when its number was chosen; 'stale': it has others now, or that number, and nothing was written. Blobs whose addresses
     * stand in the contents are kept.
     */
    publish(version: VersionRow, contents: Uint8Array, seen: number, place: 'current' | 'beside'): 'published' | 'stale'
    /** Names of all lines, in the order in which they were begun. */
    lines(): readonly string[]
    /** In the order in which they were published; of all lines, one after the other, when none is named. Refuses with STORE_DAMAGED. */
    list(line?: string): readonly VersionRow[]
    get(line: string, number: string): VersionRow | undefined
    /** Refuses with VERSION_UNKNOWN and VERSION_DAMAGED. */
    contents(line: string, number: string): Uint8Array
    current(line: string): CurrentVersion | undefined
    /** One durable commit. Refuses with VERSION_UNKNOWN. */
    point(line: string, current: CurrentVersion): void
  }
  snapshots: {
    /** Keeps the newest ones only. `seq`: the last event folded in. */
    put(run: string, seq: number, bytes: Uint8Array): void
    latest(run: string): { readonly seq: number; readonly bytes: Uint8Array } | undefined
  }
  close(): Promise<void>
}

export type Mail =
  /** Only this scope or this step; the whole run when both are absent. */
  | { readonly kind: 'cancel'; readonly reason: string; readonly scope?: string; readonly step?: StepId }
  /** `id`: the same signal sent twice is taken once. Absent: the letter's own. `step`: only for this wait. */
  | {
      readonly kind: 'signal'
      readonly signal: string
      readonly value: ValueRef
      readonly id?: string
      readonly step?: StepId
    }
  /** A parked step gets another try. */
  | { readonly kind: 'retry'; readonly step: StepId }
  /** Whoever runs it lets go of it for a moment, for somebody who moves it to another version, if it can within this time. */
  | { readonly kind: 'yield'; readonly withinMs: number }

export interface Letter {
  readonly id: string
  readonly run: string
  readonly mail: Mail
}

export type Reply =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly hint?: string }

export interface SlotRequest {
  /** Of the asker's own choice, one for each request of this opening of the store. */
  readonly ticket: number
  readonly pool: string
  /** How many the pool has. */
  readonly slots: number
  /** How many are wanted, at most `slots`. */
  readonly weight: number
  readonly priority: number
}

/** Bytes by their SHA-256. Durable before `put` resolves under FULL; a blob that an event names is never missing. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<Hash>
  /** Streams a file in: the same address as its bytes have. */
  putFile(path: string): Promise<{ readonly hash: Hash; readonly sizeBytes: number }>
  /** Refuses with BLOB_MISSING or BLOB_DAMAGED (the content does not hash to its name). */
  get(hash: Hash): Promise<Uint8Array>
  has(hash: Hash): Promise<boolean>
  /** Where it lies as a read-only file, for reflink or copy; never hand this path to a user. */
  file(hash: Hash): Promise<string>
}
