/**
 * How a value becomes text or bytes, and back: one codec a kind of value.
 *
 * The store of values picks the first codec whose `matches` says yes (the user's before ours), or the one that is asked
 * for by name; the name stands in every `ValueRef`, so a stored codec keeps its name and its format for ever.
 */
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Blobs } from '../store/store.ts'

export type Codec = TextCodec | BytesCodec

interface Common {
  /** Stored with every value: never rename it, and never change its format without a new name. */
  readonly name: string
  matches(value: unknown): boolean
}

/** Small results stand inline in the event. */
export interface TextCodec extends Common {
  readonly form: 'text'
  encode(value: never, writing: Writing): string | Promise<string>
  decode(text: string, reading: Reading): unknown
  /**
   * Makes a decoded value worth keeping: readers get copies of the one that was decoded. Absent: it is decoded anew for each
   * reader. A value whose decoding asked `reading.load` for another value is never kept.
   */
  readonly copy?: (value: unknown) => unknown
  /** Decodes what needs no `Reading`; undefined for all else. */
  readonly decodePlain?: (text: string) => unknown
}

/** Always in a blob of its own. */
export interface BytesCodec extends Common {
  readonly form: 'bytes'
  encode(value: never, writing: Writing): Uint8Array | Promise<Uint8Array>
  decode(bytes: Uint8Array, reading: Reading): unknown
}

/** Whose value it is, for refusals and routes. */
export interface Where {
  readonly task: string
  /** Name of the codec to use, whatever the type. */
  readonly codec?: string
  /** What refusals call the value: `result` unless said. */
  readonly root?: string
}

export interface Writing {
  readonly where: Where
  /** Folder of the user's file. */
  readonly cwd: string
  /** Folder that kept paths start from. */
  readonly base: string
  readonly blobs: Blobs
  /** The codec for a value that stands inside another one, when it is not JSON's own business. */
  codecFor(value: object): Codec | undefined
  /** Stores a value inside of this one. */
  keep(value: unknown): Promise<ValueRef>
}

export interface Reading {
  readonly cwd: string
  readonly base: string
  readonly blobs: Blobs
  /** A value inside of this one. */
  load(ref: ValueRef): Promise<unknown>
}
