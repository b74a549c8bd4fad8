/** How Java writes and rounds: States.Format and States.JsonToString show it. */
import type { Json } from '../../../util/json.ts'

/** `Math.round`: a half goes up, on both sides of zero. */
export const roundHalfUp = (value: number): number => {
  const rounded = Math.floor(value + 0.5)
  return rounded === 0 ? 0 : rounded
}

/** What `toString` of a value read by Jackson gives: `{Id=1, Names=[a, b]}`. */
export function javaText(value: Json): string {
  if (typeof value === 'number') return javaNumber(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(javaText).join(', ')}]`
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}=${javaText(each as Json)}`)
    .join(', ')}}`
}

/** `Double.toString` for what is no integer: 1.0E-4, 1.23456789E7. */
export function javaNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e21) return BigInt(value).toString()
  if (size >= 1e-3 && size < 1e7) return String(value)
  const [digits = '', power] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(power)}`
}

/** JSON as Jackson writes it: no blanks. */
export function jacksonText(value: Json): string {
  if (typeof value === 'number') return javaNumber(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(jacksonText).join(',')}]`
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${jacksonText(each as Json)}`)
    .join(',')}}`
}

const multiplier = 0x5deece66dn
const mask = (1n << 48n) - 1n

/** `new Random(seed).nextInt(bound)`: the first number that Java's generator gives, in [0, bound). */
export function javaRandom(seed: number, bound: number): number {
  let state = (BigInt(seed) ^ multiplier) & mask
  const next = (): number => {
    state = (state * multiplier + 0xbn) & mask
    return Number(BigInt.asIntN(32, state >> 17n) & 0x7fffffffn)
  }
  if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(next())) >> 31n)
  for (;;) {
    const bits = next()
    const value = bits % bound
    if (bits - value + (bound - 1) <= 0x7fffffff) return value
  }
}
