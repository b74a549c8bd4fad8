/**
 * How Java rounds, writes and orders: Amazon's functions are written in it, and their results show it.
 *
 * (java.lang.Math, Double.toString, Object.hashCode of strings, numbers, lists and maps, java.util.HashSet and Random, as
 * their documentation defines them.)
 */
import { canonicalJson, type Json } from '../../../util/json.ts'

/** `Math.round`: a half goes up, on both sides of zero. */
export const roundHalfUp = (value: number): number => {
  const rounded = Math.floor(value + 0.5)
  return rounded === 0 ? 0 : rounded
}

/** What `toString` of a value gives: `{Id=1, Names=[a, b]}`. */
export function javaText(value: Json): string {
  if (typeof value === 'number') return javaNumber(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(javaText).join(', ')}]`
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}=${javaText(each as Json)}`)
    .join(', ')}}`
}

/** JSON as Jackson writes it: no blanks, numbers as `toString` gives them. */
export function jacksonText(value: Json): string {
  if (typeof value === 'number') return javaNumber(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(jacksonText).join(',')}]`
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${jacksonText(each as Json)}`)
    .join(',')}}`
}

/** `Double.toString` for what is no integer: 1.0E-4, 1.23456789E7. */
function javaNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e21) return BigInt(value).toString()
  if (size >= 1e-3 && size < 1e7) return String(value)
  const [digits = '', power] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(power)}`
}

/** The values once each, in the order in which a `HashSet` made of them gives them. */
export function javaSet(values: readonly Json[]): readonly Json[] {
  const seen = new Map<string, Json>()
  for (const value of values) {
    const key = canonicalJson(value)
    if (!seen.has(key)) seen.set(key, value)
  }
  return inBuckets([...seen.values()], Math.trunc(values.length / 0.75) + 1)
}

/** A table of at least `room` buckets, 16 to begin with; what falls into one bucket stays in its order. */
function inBuckets(values: readonly Json[], room: number): readonly Json[] {
  let size = 16
  while (size < room) size *= 2
  const bucketOf = (value: Json): number => {
    const code = hashOf(value)
    return (code ^ (code >>> 16)) & (size - 1)
  }
  return values
    .map((value, at) => ({ value, at, bucket: bucketOf(value) }))
    .sort((left, right) => left.bucket - right.bucket || left.at - right.at)
    .map(each => each.value)
}

/** `hashCode`, 32 bits. */
function hashOf(value: Json): number {
  if (value === null) return 0
  switch (typeof value) {
    case 'boolean':
      return value ? 1231 : 1237
    case 'string':
      return hashOfText(value)
    case 'number':
      return hashOfNumber(value)
    default:
      if (Array.isArray(value))
        return (value as readonly Json[]).reduce<number>((sum, each) => (31 * sum + hashOf(each)) | 0, 1)
      return Object.entries(value).reduce<number>(
        (sum, [name, each]) => (sum + (hashOfText(name) ^ hashOf(each as Json))) | 0,
        0,
      )
  }
}

function hashOfText(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at += 1) hash = (31 * hash + text.charCodeAt(at)) | 0
  return hash
}

/** An Integer's is itself; a Long and a Double fold their two halves. */
function hashOfNumber(value: number): number {
  if (Number.isInteger(value) && value === (value | 0)) return value
  const view = new DataView(new ArrayBuffer(8))
  if (Number.isSafeInteger(value)) view.setBigInt64(0, BigInt(value))
  else view.setFloat64(0, value)
  return view.getInt32(0) ^ view.getInt32(4)
}

const multiplier = 0x5deece66dn
const mask = (1n << 48n) - 1n

/** `new Random(seed).nextInt(bound)`: the first number that the generator gives, in [0, bound). */
export function javaRandom(seed: number, bound: number): number {
  let state = (BigInt(seed) ^ multiplier) & mask
  const next = (): number => {
    state = (state * multiplier + 0xbn) & mask
    return Number(state >> 17n)
  }
  if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(next())) >> 31n)
  for (;;) {
    const bits = next()
    const value = bits % bound
    // What is left above the last whole multiple of the bound would favour small numbers.
    if (bits - value + (bound - 1) <= 0x7fffffff) return value
  }
}
