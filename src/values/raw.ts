/** Codecs of long texts and of bytes: stored as they are, so that a blob can be read without Tutti. */
import type { BytesCodec } from './codec.ts'

/** Half a surrogate pair has no UTF-8: such a text goes as JSON, which escapes it. */
const LONE_SURROGATE = /\p{Surrogate}/u

export const textCodec: BytesCodec = {
  name: 'text',
  form: 'bytes',
  matches: value => typeof value === 'string' && !LONE_SURROGATE.test(value),
  encode: (text: string) => Buffer.from(text, 'utf8'),
  decode: bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
}

export const bytesCodec: BytesCodec = {
  name: 'bytes',
  form: 'bytes',
  matches: value => value instanceof Uint8Array && value.constructor === Uint8Array,
  // Copies, both ways: a task may fill its buffer again while it is written, and a store's bytes may be its own.
  encode: (bytes: Uint8Array) => new Uint8Array(bytes),
  decode: bytes => new Uint8Array(bytes),
}

export const bufferCodec: BytesCodec = {
  name: 'buffer',
  form: 'bytes',
  matches: value => value instanceof Buffer,
  encode: (bytes: Buffer) => Buffer.from(bytes),
  decode: bytes => Buffer.from(bytes),
}
