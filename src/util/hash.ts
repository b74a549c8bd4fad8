/** Content addresses: SHA-256 in plain JavaScript, so that the core hashes the same in Node, a browser and a bare VM. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Lowercase hex of SHA-256, 64 characters. */
export type Hash = string

export const hashBytes = (bytes: Uint8Array): Hash => bytesToHex(sha256(bytes))
export const hashText = (text: string): Hash => hashBytes(utf8(text))

/** UTF-8, as `TextEncoder` gives it, which a bare VM lacks: half a surrogate pair becomes U+FFFD. */
function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  let end = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      bytes[end++] = unit
      continue
    }
    const point = text.codePointAt(index) ?? unit
    if (point > 0xffff) index++
    end = writePoint(bytes, end, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)
  }
  return bytes.subarray(0, end)
}

/** Writes a code point beyond ASCII; the new end. */
function writePoint(bytes: Uint8Array, end: number, point: number): number {
  let at = end
  if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6)
  else if (point <= 0xffff) bytes[at++] = 0xe0 | (point >> 12)
  else bytes[at++] = 0xf0 | (point >> 18)
  for (let shift = point < 0x800 ? 0 : point <= 0xffff ? 6 : 12; shift >= 0; shift -= 6)
    bytes[at++] = 0x80 | ((point >> shift) & 0x3f)
  return at
}
