/** Base64 (RFC 4648, padded) in plain JavaScript: the core has neither `Buffer` nor, in a bare VM, `atob`. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SIXES = new Uint8Array(128).fill(255)
for (let index = 0; index < 64; index++) SIXES[ALPHABET.charCodeAt(index)] = index

/** Bytes that become one piece of text: a multiple of 3, small enough to concatenate pieces cheaply. */
const PIECE_BYTES = 3 * 8_192

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) pieces.push(encodePiece(bytes, start))
  return pieces.join('')
}

/** The bytes, or undefined when `text` is not padded base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let count = 0
  let at = 0
  for (let index = 0; index < text.length - padding; index++) {
    const six = SIXES[text.charCodeAt(index)] ?? 255
    if (six === 255) return undefined
    bits = (bits << 6) | six
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[at++] = (bits >> count) & 255
  }
  return bytes
}

function encodePiece(bytes: Uint8Array, start: number): string {
  const end = Math.min(start + PIECE_BYTES, bytes.length)
  let text = ''
  for (let at = start; at < end; at += 3) {
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!
    text += at + 1 < end ? ALPHABET[(bits >> 6) & 63]! : '='
    text += at + 2 < end ? ALPHABET[bits & 63]! : '='
  }
  return text
}
