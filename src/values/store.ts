/**
 * Values by content: a codec turns a value into text or bytes; small text stands in the ref itself, the rest in a blob.
 *
 *   W1. `decode(encode(value))` deep-equals `value`.
 *   W2. A reader may write to what it got: no other reader, and no later one, sees that.
 *   W3. Equal values have equal hashes; only the order of fields, which users see, makes a difference.
 */
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Path } from '../core/graph/graph.ts'
import { isHandle } from '../dsl/resources.ts'
import type { Blobs } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Codec, Where, Writing } from './codec.ts'
import { decoder } from './decoded.ts'
import { sha256 } from './digest.ts'
import { LATER } from './evaluate.ts'
import { handleCodecs } from './handle-codecs.ts'
import { jsonCodec } from './json.ts'
import { isOutputRight, outputPath, type OutputParts, outputParts } from './outputs.ts'
import { bufferCodec, bytesCodec, textCodec } from './raw.ts'
import { isRouted, type Route, readRouted, writeRouted } from './routes.ts'
import { select } from './select.ts'
import { Stamps } from './stamps.ts'
import { type Inspect, Trees } from './tree.ts'

/** Beyond it a value has a blob of its own: an event stays small enough to be read by the thousand. */
const INLINE_BYTES_MAX = 4_096
const VALUE_BYTES_MAX = 2 ** 30
/** Encoded bytes of what is kept decoded; the decoded form is some times larger. */
const DECODED_BYTES_MAX = 64 * 2 ** 20

export interface ValueStoreOptions {
  /** Folder of the user's file: where relative paths start. */
  readonly cwd: string
  /** What kept paths are relative to (baseOf); `cwd` unless given. The same for all who share a store. */
  readonly base?: string
  readonly inlineBytesMax?: number
  /** A larger value is refused with VALUE_TOO_LARGE. 1 GiB unless given. */
  readonly valueBytesMax?: number
  readonly decodedBytesMax?: number
  /** Asked before the built-in ones. */
  readonly codecs?: readonly Codec[]
  readonly routes?: readonly Route[]
  /** What is known about files, shared with whoever else reads them (stampsOf). Absent: known to this store of values alone. */
  readonly stamps?: Stamps
  /** Asked before the content of a small file stands in a value: throws when it must not be kept. */
  readonly inspect?: Inspect
}

export interface ValueStore {
  /** Refuses with VALUE_UNKEEPABLE, VALUE_TOO_DEEP, VALUE_TOO_LARGE, SECRET_IN_VALUE, and what the codecs of files refuse. */
  encode(value: unknown, where: Where): Promise<ValueRef>
  /** As `encode`; small plain data comes at once, since a promise costs more than it does. May throw instead of rejecting. */
  encodeSoon(value: unknown, where: Where): ValueRef | Promise<ValueRef>
  /** What stands at `path` in a value that is at hand and plain; else LATER (./evaluate.ts). */
  decodeNow(ref: ValueRef, path: Path): unknown
  /** What stands at `path` in the value, for the caller alone. Refuses with CODEC_UNKNOWN and VALUE_DAMAGED. */
  decode(ref: ValueRef, path?: Path): Promise<unknown>
  readonly outputs: Outputs
}

/** About values of the codecs `output`, `dir` and `file`: what tasks made on disk. Decoding one puts it back. */
export interface Outputs {
  /** Whether it is on disk as it was kept; nothing is written. At once for small ones. */
  isRight(ref: ValueRef): boolean | Promise<boolean>
  /** Its absolute path. */
  placeOf(ref: ValueRef): string | Promise<string>
  partsOf(ref: ValueRef): OutputParts | Promise<OutputParts>
}

export function valueStore(blobs: Blobs, options: ValueStoreOptions): ValueStore {
  const inlineMax = options.inlineBytesMax ?? INLINE_BYTES_MAX
  const bytesMax = options.valueBytesMax ?? VALUE_BYTES_MAX
  const { cwd, base = cwd } = options
  const user = options.codecs ?? []
  const routes = options.routes ?? []
  const trees = new Trees({ blobs, stamps: options.stamps ?? new Stamps(), inspect: options.inspect })
  const handles = handleCodecs(trees)
  const byName = new Map([jsonCodec, textCodec, ...RAW, ...handles, ...user].map(codec => [codec.name, codec]))
  const values = decoder({
    blobs,
    cwd,
    base,
    decodedBytesMax: options.decodedBytesMax ?? DECODED_BYTES_MAX,
    load: ref => decode(ref),
  })

  const codecFor = (value: object): Codec | undefined =>
    user.find(codec => codec.matches(value)) ??
    (isHandle(value) ? handles.find(codec => codec.matches(value)) : undefined)

  function choose(value: unknown, where: Where): Codec {
    if (where.codec !== undefined) return byName.get(where.codec) ?? refuseCodec(where.codec)
    const special = user.length > 0 ? user.find(codec => codec.matches(value)) : undefined
    if (special) return special
    if (typeof value === 'string') return value.length > inlineMax && textCodec.matches(value) ? textCodec : jsonCodec
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return jsonCodec
    if (value instanceof Uint8Array && value.length > inlineMax)
      return RAW.find(codec => codec.matches(value)) ?? jsonCodec
    return codecFor(value) ?? jsonCodec
  }

  const encode = async (value: unknown, where: Where): Promise<ValueRef> => encodeSoon(value, where)

  function encodeSoon(value: unknown, where: Where): ValueRef | Promise<ValueRef> {
    const route = routes.length > 0 ? routes.find(each => isRouted(each, value, where)) : undefined
    return route ? writeRouted(route, value, where) : encodeHere(value, where)
  }

  function encodeHere(value: unknown, where: Where): ValueRef | Promise<ValueRef> {
    const codec = choose(value, where)
    const writing: Writing = {
      where,
      cwd,
      base,
      blobs,
      codecFor,
      keep: async inner => encodeHere(inner, { task: where.task, root: where.root }),
    }
    const keep = (encoded: string | Uint8Array) =>
      typeof encoded === 'string' ? keepText(codec, encoded, where) : keepBytes(codec, encoded, where)
    const refuseLong = tooLong(where, bytesMax)
    try {
      // `never` in the interface lets a codec name its own type; `matches`, or the user by name, has vouched for the value.
      const encoded = codec.encode(value as never, writing)
      const isThere = typeof encoded === 'string' || encoded instanceof Uint8Array
      return isThere ? keep(encoded) : Promise.resolve(encoded).catch(refuseLong).then(keep)
    } catch (problem) {
      return refuseLong(problem)
    }
  }

  function keepText(codec: Codec, text: string, where: Where): ValueRef | Promise<ValueRef> {
    const sizeBytes = Buffer.byteLength(text)
    if (sizeBytes <= inlineMax) return { codec: codec.name, hash: sha256(text), sizeBytes, inline: text }
    return keepBytes(codec, Buffer.from(text), where)
  }

  async function keepBytes(codec: Codec, bytes: Uint8Array, where: Where): Promise<ValueRef> {
    if (bytes.length > bytesMax) refuseLarge(where, bytesMax)
    return { codec: codec.name, hash: await blobs.put(bytes), sizeBytes: bytes.length }
  }

  async function decode(ref: ValueRef, path: Path = []): Promise<unknown> {
    const routed = readRouted(routes, ref)
    if (routed) return select(await routed, path)
    const codec = byName.get(ref.codec) ?? refuseCodec(ref.codec)
    return values.decode(codec, ref, path)
  }

  function decodeNow(ref: ValueRef, path: Path): unknown {
    const codec = byName.get(ref.codec)
    // A routed value's codec is its route.
    return codec ? values.decodeNow(codec, ref, path) : LATER
  }

  /** What is made of a ref's text: at once when it stands in the ref. */
  const fromText = <T>({ inline, hash }: ValueRef, make: (text: string) => T | Promise<T>): T | Promise<T> =>
    inline === undefined ? blobs.get(hash).then(bytes => make(Buffer.from(bytes).toString('utf8'))) : make(inline)

  const outputs: Outputs = {
    isRight: ref => fromText<boolean>(ref, text => isOutputRight(text, trees, { cwd, base })),
    placeOf: ref => fromText<string>(ref, text => outputPath(text, { cwd, base })),
    partsOf: ref => fromText<OutputParts>(ref, text => outputParts(text, { cwd, base })),
  }

  return { encode, encodeSoon, decode, decodeNow, outputs }
}

const RAW: readonly Codec[] = [bufferCodec, bytesCodec]

/** V8 has no longer strings than 2^29 characters, and says so with this error only. */
const tooLong =
  (where: Where, bytesMax: number) =>
  (problem: unknown): never => {
    if (problem instanceof RangeError && /string length/i.test(problem.message)) refuseLarge(where, bytesMax)
    throw problem
  }

function refuseLarge(where: Where, bytesMax: number): never {
  refuse(
    'VALUE_TOO_LARGE',
    `The ${where.root ?? 'result'} of ${where.task} is larger than ${showBytes(bytesMax)}, or than text can be`,
    {
      hint: 'Write it to an output and return the output, or route it to a storage of your own.',
    },
  )
}

function showBytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${bytes} bytes`
}

function refuseCodec(name: string): never {
  refuse('CODEC_UNKNOWN', `There is no codec "${name}" to read or write a value with`, {
    hint: 'Give the codec or the route with which the value was written.',
  })
}
