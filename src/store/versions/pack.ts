/**
 * How a version stands in its row: its contents as what they have that those of the version before have not, its facts by the
 * words of the facts at the beginning of its series. The first byte of each says how.
 *
 *     versions   1.0.0 <- 1.0.1 <- 1.1.0 <- …      2.0.0 <- 2.0.1 <- …
 *     contents   whole    delta    delta           whole    delta          whole: deflated; delta: in Fossil's format
 *     facts      whole    ^ by these words         whole    ^              deflated
 *
 * A series is bounded in links and in bytes, so that its end is read in milliseconds too.
 *
 *   P1. What is unpacked is what was packed, byte by byte, whatever it is: also bytes that are no text.
 *   P2. Nothing here believes what it reads: what cannot be unpacked is `undefined`; digests tell whether the rest is right.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { applyDelta, makeDelta } from './delta.ts'
import { isSqueezable, squeeze, unsqueeze } from './squeeze.ts'

/** Links of a series, the whole one not counted. */
export const LINKS_MAX = 333
/** Links times the size of a version: what is copied to and fro to read the last one. */
const SERIES_BYTES_MAX = 64 * 1024 * 1024
/** Larger ones are kept whole: finding what differs takes seconds. What a flipped bit makes of a size is no more than that. */
const DELTA_BYTES_MAX = 32 * 1024 * 1024

const WHOLE = 0
const DELTA = 1
/** A large delta. */
const DEFLATED_DELTA = 2
/** Added to the others: the contents were squeezed before. */
const SQUEEZED = 16

/** Contents as they are compared with others. */
export interface Plain {
  readonly bytes: Buffer
  readonly form: 'squeezed' | 'as given'
}

export function plainOf(contents: Uint8Array): Plain {
  const bytes = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength)
  return isSqueezable(bytes) ? { bytes: squeeze(bytes), form: 'squeezed' } : { bytes, form: 'as given' }
}

export const contentsOf = ({ bytes, form }: Plain): Buffer => (form === 'squeezed' ? unsqueeze(bytes) : bytes)

/** `base`: what the version before has; undefined: it begins a series. */
export function packContents(plain: Plain, base: Plain | undefined): Buffer {
  const mark = plain.form === 'squeezed' ? SQUEEZED : 0
  const isLarge = Math.max(plain.bytes.length, base?.bytes.length ?? 0) > DELTA_BYTES_MAX
  const delta = base && !isLarge ? makeDelta(base.bytes, plain.bytes) : undefined
  // Far less than any way to keep it whole: that need not be tried.
  if (delta && delta.length < plain.bytes.length / 64) return marked(mark + DELTA, delta)
  const whole = marked(mark + WHOLE, deflateRawSync(plain.bytes))
  if (!delta) return whole
  const deflated = marked(mark + DEFLATED_DELTA, deflateRawSync(delta))
  return deflated.length < whole.length / 2 ? deflated : whole
}

/** P2. `base`: what the version before has, needed unless this one begins a series. */
export function unpackContents(packed: Buffer, base: Plain | undefined): Plain | undefined {
  const kind = packed[0] ?? -1
  const form = kind >= SQUEEZED ? 'squeezed' : 'as given'
  const bytes = unpackBytes(kind % SQUEEZED, packed.subarray(1), base)
  return bytes && { bytes, form }
}

function unpackBytes(kind: number, body: Buffer, base: Plain | undefined): Buffer | undefined {
  switch (kind) {
    case WHOLE:
      return inflated(body)
    case DELTA:
      return base && applyDelta(base.bytes, body, DELTA_BYTES_MAX)
    case DEFLATED_DELTA: {
      const delta = base && inflated(body)
      return delta && applyDelta(base.bytes, delta, DELTA_BYTES_MAX)
    }
    default:
      return undefined
  }
}

/** Whether contents of `bytes` may stand in a series as its link `links`. */
export const fitsSeries = (links: number, bytes: number): boolean =>
  links <= LINKS_MAX && links * bytes <= SERIES_BYTES_MAX

/** Of packed contents and of packed facts: they begin a series. */
export const isWhole = (packed: Uint8Array): boolean => (packed[0] ?? -1) % SQUEEZED === WHOLE

/** In SQL: `isWhole` of a column of contents. */
export const wholeColumn = (name: string): string => `substr(CAST(${name} AS BLOB), 1, 1) IN (x'00', x'10')`

/** The words of facts, for those that follow them in their series. */
export const wordsOf = (text: string): Buffer => squeeze(Buffer.from(text))

/** `first`: the words of the facts at the beginning of the series; undefined: these are at its beginning. */
export function packFacts(text: string, first: Buffer | undefined): Buffer {
  const packed = deflateRawSync(wordsOf(text), { level: 9, dictionary: first ?? WORDS })
  return marked(SQUEEZED + (first === undefined ? WHOLE : DELTA), packed)
}

/** P2. */
export function unpackFacts(packed: Buffer, first: Buffer | undefined): string | undefined {
  const dictionary = isWhole(packed) ? WORDS : first
  const text = dictionary && inflated(packed.subarray(1), dictionary)
  return text && unsqueeze(text).toString()
}

/** What facts usually say. Never to be changed: stores hold what was packed by it. */
const WORDS = Buffer.from(
  '","since":"1.0.0","bump":"patch","changes":["major: ","minor: ","patch: the code of "],"renamed":{"' +
    '[{"message":"","commit":{"id":"","clean":true},"channel":"stable","node":"v20.","platform":"linux-x64",' +
    '"graph":"","bundle":"","packages":"',
)

/** Facts are small: the output's default chunk would cost more than the work. */
const CHUNK_BYTES = 4_096

function inflated(bytes: Buffer, dictionary?: Buffer): Buffer | undefined {
  try {
    return inflateRawSync(bytes, dictionary ? { dictionary, chunkSize: CHUNK_BYTES } : {})
  } catch {
    // Damaged (P2).
    return undefined
  }
}

const marked = (mark: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([mark]), body])
