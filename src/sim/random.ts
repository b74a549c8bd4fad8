/** Chance from a seed: the same numbers on every machine. Each purpose draws from a stream of its own, so that one does not move the others. */
import { hashText } from '../util/hash.ts'

/** In [0, 1). */
export type Random = () => number

export function newRandom(seed: number, purpose: string): Random {
  const hash = hashText(`${seed} ${purpose}`)
  let [a = 0, b = 0, c = 0, d = 0] = [0, 8, 16, 24].map(at => Number.parseInt(hash.slice(at, at + 8), 16) | 0)
  // The small fast counter of PractRand (Chris Doty-Humphrey), 32 bits.
  return () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** A whole number from `from` to `to`, both included. */
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1))

/** As `crypto.randomUUID`. */
export function uuidOf(random: Random): string {
  const hex = Array.from({ length: 32 }, (_, index) => {
    const digit = between(random, 0, 15)
    return (index === 12 ? 4 : index === 16 ? (digit & 3) | 8 : digit).toString(16)
  }).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
