/**
 * Small hashes of what steps are made of: 53 bits in a number, made by mixing and adding. Equal things have equal ones; should
 * two others ever have the same, a step is found again under a worse name, and compared field by field all the same.
 *
 * (Texts of everything, kept in a map, took five times as long for 10,000 steps.)
 */
export type Mixed = number

const HIGH = 2 ** 32
const HIGH_MASK = 0x1fffff

/** In this order. */
export function mix(a: Mixed, b: Mixed): Mixed {
  const [aHigh, bHigh] = [(a / HIGH) | 0, (b / HIGH) | 0]
  let low = Math.imul((a | 0) ^ 0x9e3779b9, 0x85ebca6b) ^ (b | 0)
  let high = Math.imul(aHigh ^ 0xc2b2ae35, 0x27d4eb2f) ^ bHigh
  low = Math.imul(low ^ (low >>> 15) ^ high, 0x2c1b3c6d)
  high = Math.imul(high ^ (high >>> 13) ^ low, 0x297a2d39)
  low = Math.imul(low ^ (low >>> 12) ^ (high >>> 7), 0x165667b1)
  high ^= low >>> 9
  low ^= low >>> 16
  return (high & HIGH_MASK) * HIGH + (low >>> 0)
}

/** In any order. */
export function add(a: Mixed, b: Mixed): Mixed {
  const low = ((a | 0) + (b | 0)) >>> 0
  return ((((a / HIGH) | 0) + ((b / HIGH) | 0)) & HIGH_MASK) * HIGH + low
}

const SHORT = 64
const known = new Map<string, Mixed>()
const KNOWN_MAX = 10_000

/** Field names and the like come again and again. */
export function mixText(text: string): Mixed {
  if (text.length > SHORT) return mixLong(text)
  const found = known.get(text)
  if (found !== undefined) return found
  const made = mixLong(text)
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(text, made)
  return made
}

function mixLong(text: string): Mixed {
  let low = 0x811c9dc5
  let high = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0x5bd1e995) ^ (low >>> 15)
  }
  return mix((high & HIGH_MASK) * HIGH + (low >>> 0), text.length)
}
