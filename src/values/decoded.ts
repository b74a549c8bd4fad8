/**
 * Reading values back. A large value that many steps read at once (the items of a wide `each`) is read and decoded once, and
 * kept decoded while there is room; each reader gets a copy of the part that it asked for, and may write to it (W2).
 */
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Path } from '../core/graph/graph.ts'
import type { Blobs } from '../store/store.ts'
import type { BytesCodec, Codec, Reading, TextCodec } from './codec.ts'
import { LATER } from './evaluate.ts'
import { limit } from './limit.ts'
import { Lru } from './lru.ts'
import { select } from './select.ts'

/** Blobs that are read at once: a join over 10,000 blobs must not open 10,000 files. */
const READS_MAX = 32

export interface DecoderOptions {
  readonly blobs: Blobs
  readonly cwd: string
  readonly base: string
  /** Encoded bytes of what is kept decoded; the decoded form is some times larger. */
  readonly decodedBytesMax: number
  /** A value that stands inside another one. */
  readonly load: (ref: ValueRef) => Promise<unknown>
}

export interface Decoder {
  decode(codec: Codec, ref: ValueRef, path: Path): Promise<unknown>
  /** Only what is at hand and plain; else LATER. */
  decodeNow(codec: Codec, ref: ValueRef, path: Path): unknown
}

type Copying = TextCodec & { readonly copy: NonNullable<TextCodec['copy']> }

export function decoder({ blobs, cwd, base, decodedBytesMax, load }: DecoderOptions): Decoder {
  const kept = new Lru<unknown>(decodedBytesMax)
  /** Decodings that others wait for; they tell whether the value was kept. */
  const underway = new Map<string, Promise<boolean>>()
  const turn = limit(READS_MAX)
  const read = (ref: ValueRef): Promise<Uint8Array> => turn(() => blobs.get(ref.hash))

  async function decodeText(
    codec: TextCodec,
    ref: ValueRef,
  ): Promise<{ readonly value: unknown; readonly nested: number }> {
    let nested = 0
    const reading: Reading = {
      cwd,
      base,
      blobs,
      load: inner => {
        nested++
        return load(inner)
      },
    }
    const value = await codec.decode(ref.inline ?? asText(await read(ref)), reading)
    return { value, nested }
  }

  async function decodeBytes(codec: BytesCodec, ref: ValueRef): Promise<unknown> {
    return codec.decode(await read(ref), { cwd, base, blobs, load })
  }

  async function decodeShared(codec: Copying, ref: ValueRef, path: Path): Promise<unknown> {
    const key = `${codec.name}:${ref.hash}`
    const found = kept.get(key)
    if (found) return codec.copy(select(found.value, path))
    const other = underway.get(key)
    // Kept, but perhaps dropped again before our turn: then it starts anew.
    if (other && (await other)) return decodeShared(codec, ref, path)
    const own = decodeText(codec, ref)
    underway.set(key, isKept(own))
    try {
      const { value, nested } = await own
      // A restored file among its parts: the next reader restores it again.
      if (nested > 0) return select(value, path)
      kept.set(key, value, ref.sizeBytes)
      return codec.copy(select(value, path))
    } finally {
      underway.delete(key)
    }
  }

  return {
    async decode(codec, ref, path) {
      if (codec.form === 'bytes') return select(await decodeBytes(codec, ref), path)
      const shared = ref.inline === undefined && ref.sizeBytes <= decodedBytesMax && isCopying(codec)
      return shared ? decodeShared(codec, ref, path) : select((await decodeText(codec, ref)).value, path)
    },
    decodeNow(codec, ref, path) {
      if (codec.form === 'bytes' || !isCopying(codec)) return LATER
      if (ref.inline !== undefined) {
        const plain = codec.decodePlain?.(ref.inline)
        return plain === undefined ? LATER : select(plain, path)
      }
      const found = kept.get(`${codec.name}:${ref.hash}`)
      return found ? codec.copy(select(found.value, path)) : LATER
    },
  }
}

async function isKept(decoding: Promise<{ readonly nested: number }>): Promise<boolean> {
  try {
    return (await decoding).nested === 0
  } catch {
    // Each reader is told by a reading of its own.
    return false
  }
}

const isCopying = (codec: TextCodec): codec is Copying => codec.copy !== undefined

const asText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
