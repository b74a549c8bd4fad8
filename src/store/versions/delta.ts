/**
 * What a text has that another one has not, in Fossil's format (fossil-scm.org/home/doc/tip/www/delta_format.wiki):
 * `size LF`, then `count @ offset ,` for a stretch of the other text, `count : bytes` for new ones, `checksum ;` at the end.
 *
 * Made by the library; applied here, because the library's own goes byte by byte through lists, and a series of hundreds of
 * deltas is to be read in milliseconds. The checksum is not looked at: whoever applies one has a better digest.
 */
import { createDelta } from 'fossil-delta'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~'
const VALUES = Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)))

export const makeDelta = (from: Buffer, to: Buffer): Buffer => Buffer.from(createDelta<Uint8Array>(from, to))

/** Undefined: it is no delta, or not one of this text. */
export function applyDelta(from: Buffer, delta: Buffer, bytesMax: number): Buffer | undefined {
  let at = 0
  const number = (): number => {
    let value = 0
    for (let digit = VALUES[delta[at] ?? 0]; digit !== undefined && digit >= 0; digit = VALUES[delta[at] ?? 0]) {
      value = value * 64 + digit
      at += 1
    }
    return value
  }
  const size = number()
  if (delta[at] !== LF || size > bytesMax) return undefined
  at += 1
  const made = Buffer.allocUnsafe(size)
  let end = 0
  while (at < delta.length) {
    const count = number()
    const kind = delta[at]
    at += 1
    if (kind === END) return end === size && at === delta.length ? made : undefined
    if (end + count > size) return undefined
    if (kind === COPY) {
      const offset = number()
      if (delta[at] !== COMMA || offset + count > from.length) return undefined
      at += 1
      from.copy(made, end, offset, offset + count)
    } else if (kind === NEW) {
      if (at + count > delta.length) return undefined
      delta.copy(made, end, at, at + count)
      at += count
    } else return undefined
    end += count
  }
  return undefined
}

const [LF, COPY, COMMA, NEW, END] = [0x0a, 0x40, 0x2c, 0x3a, 0x3b]
