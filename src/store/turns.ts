/**
 * Whose turn it is to write, among the processes that share a store.
 *
 * SQLite's lock is what keeps writers apart; its busy handler is not fair (a second writer was seen to starve for 2 s).
 * So a writer that finds the lock taken, or others waiting, puts a ticket on a small shared board (the file `turns`) and
 * waits until no older ticket is there. The board is advice only: a torn, lost or stale entry costs time, never safety.
 *
 *   T1. Alone, a turn costs one read of the board (about 2 µs) and no write.
 *   T2. A ticket whose owner died, or does not use its turn within PATIENCE_MS, is passed over.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { isRunning } from './owner.ts'

/** An entry: the owner's pid, a number that tells apart owners in one process, and the ticket (monotonic µs; 0 = none). */
const ENTRY_BYTES = 16
/** How many can wait in order; further writers just try. */
const ENTRY_COUNT = 64
/** Longer than a commit on a slow disk takes; short enough not to notice a killed writer. */
const PATIENCE_MS = 20
/** How long a waiter sleeps between two looks, for each place in the queue. A sleep takes about 60 µs more than asked. */
const LOOK_MS = 0.05

export const NOT_NOW: unique symbol = Symbol('not now')

/** What was ahead at the last look. While it stays the same, the oldest ticket is not being used. */
interface Queue {
  readonly count: number
  readonly oldest: number
  readonly sinceMs: number
}

const NOBODY: Queue = { count: 0, oldest: 0, sinceMs: 0 }

export class Turns {
  readonly #descriptor: number
  readonly #board = new Uint8Array(ENTRY_BYTES * ENTRY_COUNT)
  readonly #owners = new Uint32Array(this.#board.buffer)
  readonly #tickets = new Float64Array(this.#board.buffer)
  readonly #nonce = Math.floor(Math.random() * 0xffff_ffff)
  /** Tickets that were not used in time; they count no more. */
  readonly #passed = new Set<number>()
  #queue = NOBODY
  #entry: number | undefined
  #ticket = 0

  constructor(path: string) {
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  }

  /** Does the work if it is our turn and the work says that it got the lock; else takes a ticket. */
  attempt<T>(work: () => T | typeof NOT_NOW): T | typeof NOT_NOW {
    this.#look()
    if (this.#queue.count === 0) {
      const result = work()
      if (result !== NOT_NOW) {
        this.#leave()
        return result
      }
    }
    this.#wait()
    return NOT_NOW
  }

  /** Blocks for as long as looking again is not worth it. */
  sleep(): void {
    Atomics.wait(SLEEPER, 0, 0, LOOK_MS * (1 + this.#queue.count))
  }

  close(): void {
    this.#leave()
    closeSync(this.#descriptor)
  }

  #look(): void {
    const bytes = readSync(this.#descriptor, this.#board, 0, this.#board.length, 0)
    let count = 0
    let oldest = Number.POSITIVE_INFINITY
    for (let entry = 0; entry < Math.floor(bytes / ENTRY_BYTES); entry += 1) {
      const ticket = this.#ticketAt(entry)
      if (ticket === 0 || this.#passed.has(ticket) || this.#isMine(entry)) continue
      if (this.#ticket !== 0 && ticket >= this.#ticket) continue
      count += 1
      oldest = Math.min(oldest, ticket)
    }
    this.#queue = count === 0 ? NOBODY : this.#follow(count, oldest)
  }

  #follow(count: number, oldest: number): Queue {
    const nowMs = performance.now()
    if (count !== this.#queue.count || oldest !== this.#queue.oldest) return { count, oldest, sinceMs: nowMs }
    if (nowMs - this.#queue.sinceMs < PATIENCE_MS) return this.#queue
    this.#passOver(oldest)
    return { count: count - 1, oldest: 0, sinceMs: nowMs }
  }

  /** One that merely sleeps keeps its ticket and is passed over by us alone; a killed one's is wiped for all. */
  #passOver(ticket: number): void {
    if (this.#passed.size > ENTRY_COUNT) this.#passed.clear()
    this.#passed.add(ticket)
    for (let entry = 0; entry < ENTRY_COUNT; entry += 1) {
      if (this.#ticketAt(entry) === ticket && !isRunning(this.#owners[entry * 4] ?? 0)) this.#post(entry, 0)
    }
  }

  #wait(): void {
    // Two that claimed one entry at the same time: the later one has it, the other one notices here.
    const claimed = this.#entry !== undefined && this.#isMine(this.#entry) && this.#ticketAt(this.#entry) !== 0
    if (claimed) return
    if (this.#ticket === 0) this.#ticket = Number(process.hrtime.bigint() / 1_000n)
    this.#entry = this.#freeEntry()
    if (this.#entry !== undefined) this.#post(this.#entry, this.#ticket)
  }

  /** Searched from a place of our own, so that owners rarely meet. */
  #freeEntry(): number | undefined {
    const start = (process.pid + this.#nonce) % ENTRY_COUNT
    const entries = Array.from({ length: ENTRY_COUNT }, (_, step) => (start + step) % ENTRY_COUNT)
    return entries.find(entry => this.#ticketAt(entry) === 0)
  }

  #leave(): void {
    if (this.#ticket === 0) return
    this.#ticket = 0
    if (this.#entry !== undefined && this.#isMine(this.#entry)) this.#post(this.#entry, 0)
    this.#entry = undefined
  }

  #ticketAt(entry: number): number {
    return this.#tickets[entry * 2 + 1] ?? 0
  }

  #isMine(entry: number): boolean {
    return this.#owners[entry * 4] === process.pid && this.#owners[entry * 4 + 1] === this.#nonce
  }

  #post(entry: number, ticket: number): void {
    this.#owners[entry * 4] = process.pid
    this.#owners[entry * 4 + 1] = this.#nonce
    this.#tickets[entry * 2 + 1] = ticket
    writeSync(this.#descriptor, this.#board, entry * ENTRY_BYTES, ENTRY_BYTES, entry * ENTRY_BYTES)
  }
}

const SLEEPER = new Int32Array(new SharedArrayBuffer(4))
