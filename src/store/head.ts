/**
 * The head of the log, kept outside the database: SQLite silently drops committed rows when a bit of its WAL flips, and
 * only something beside it can tell.
 *
 * Two slots are written in turn, each with a checksum, so a torn write leaves the other one. Written after each commit and
 * never synced: it may lag behind the database, which is harmless, but never lead (S3).
 */
import { hash } from 'node:crypto'
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

export interface Head {
  /** 0 and '' before the first event. */
  readonly seq: number
  /** Hex of SHA-256. */
  readonly chain: string
}

export type HeadReading =
  | { readonly kind: 'found'; readonly head: Head }
  /** New, lost, or both slots unreadable: says nothing about the database. */
  | { readonly kind: 'none' }

const SLOT_BYTES = 128
/** Apart by a disk's sector, so that one bad sector hits one slot. */
const SLOT_OFFSETS = [0, 4096] as const

export class HeadFile {
  readonly #descriptor: number
  #slot = 0

  constructor(path: string) {
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  }

  read(): HeadReading {
    const found = SLOT_OFFSETS.map(offset => this.#readSlot(offset)).filter(head => head !== undefined)
    const newest = found.sort((a, b) => b.seq - a.seq)[0]
    return newest ? { kind: 'found', head: newest } : { kind: 'none' }
  }

  write(head: Head): void {
    const text = `${head.seq} ${head.chain} `
    this.#slot = 1 - this.#slot
    const line = `${text}${checksum(text)}\n`.padEnd(SLOT_BYTES - 1) + '\n'
    writeSync(this.#descriptor, line, SLOT_OFFSETS[this.#slot] ?? 0, 'latin1')
  }

  /** Forgets all: for who accepts that the log's end is lost. */
  reset(): void {
    ftruncateSync(this.#descriptor, 0)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #readSlot(offset: number): Head | undefined {
    const bytes = Buffer.alloc(SLOT_BYTES)
    const count = readSync(this.#descriptor, bytes, 0, SLOT_BYTES, offset)
    const [, text, seq, chain, sum] =
      /^((\d+) ([0-9a-f]{64}) )([0-9a-f]{16})\n/.exec(bytes.toString('latin1', 0, count)) ?? []
    if (text === undefined || chain === undefined || checksum(text) !== sum) return undefined
    return { seq: Number(seq), chain }
  }
}

const checksum = (text: string): string => hash('sha256', text, 'hex').slice(0, 16)
