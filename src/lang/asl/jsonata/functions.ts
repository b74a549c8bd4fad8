/**
 * What AWS adds to JSONata's functions (https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html), and those that ask
 * the world for the time. Measured on AWS: numbers are cut to whole ones towards zero, and arguments that say nothing give nothing.
 */
import { createHash } from 'node:crypto'

import type { World } from '../scope.ts'
import { builtin, type Call, type Definition, type Environment } from './builtin.ts'
import { LIMITS, WORDS } from './limits.ts'

export interface AwsFunction {
  readonly signature: string
  /** Its parameters need names: jsonata reads them where one is left open (`$hash(?, 'MD5')`). */
  implementation(this: Call, ...given: unknown[]): unknown
}

const FUNCTIONS: { readonly [name: string]: (worldOf: (environment: Environment) => World) => AwsFunction } = {
  partition: () => ({ signature: '<xn?:a>', implementation: partition }),
  range: () => ({ signature: '<nnn?:a<n>>', implementation: range }),
  hash: () => ({ signature: '<ss?:s>', implementation: hash }),
  parse: () => ({ signature: '<s?:x>', implementation: parse }),
  random: worldOf => ({
    signature: '<n?:n>',
    implementation(this: Call, seed: number | undefined) {
      return seed === undefined ? worldOf(this.environment).random() : seededRandom(seed)
    },
  }),
  uuid: worldOf => ({
    signature: '<:s>',
    implementation(this: Call) {
      return worldOf(this.environment).uuid()
    },
  }),
  millis: worldOf => ({
    signature: '<:n>',
    implementation(this: Call) {
      return worldOf(this.environment).now()
    },
  }),
  now: worldOf => ({
    signature: '<s?s?:s>',
    implementation(this: Call, picture: string | undefined, zone: string | undefined) {
      const { implementation } = builtin('fromMillis') as Definition
      return implementation.call(this, worldOf(this.environment).now(), picture, zone)
    },
  }),
}

/** Undefined: AWS has no function of its own by that name. */
export const awsFunction = (name: string, worldOf: (environment: Environment) => World): AwsFunction | undefined =>
  Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.(worldOf) : undefined

/** As jsonata throws: what its functions refuse, by its own number for it. */
const thrown = (number: string, words: object): object => ({ code: number, ...words })

const refused = (message: string): object => thrown('D3137', { message })

function partition(list: unknown, size: number | undefined): unknown {
  if (list === undefined) return undefined
  if (list === null) throw thrown('T0412', { token: 'partition', index: 1, type: 'array' })
  const items: readonly unknown[] = Array.isArray(list) ? list : [list]
  const width = size === undefined ? items.length : Math.trunc(size)
  if (width < 0) throw refused('Second argument must be zero or greater')
  if (width === 0 || items.length === 0) return undefined
  return Array.from({ length: Math.ceil(items.length / width) }, (_, at) => items.slice(at * width, (at + 1) * width))
}

/** One number alone is no list of one: AWS gives what JSONata calls a sequence. */
function range(first: number | undefined, last: number | undefined, step: number | undefined): unknown {
  if (first === undefined || last === undefined || step === undefined) return undefined
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)]
  const count = by === 0 ? 0 : Math.floor((to - from) / by) + 1
  if (count > LIMITS.valueBytes / 8) throw new Error(WORDS.large)
  const items = Array.from({ length: Math.max(0, count) }, (_, at) => from + at * by)
  return Object.assign(items, { sequence: true })
}

function hash(text: string | undefined, algorithm: string | undefined): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined
  const name = ALGORITHMS.get(algorithm)
  if (name === undefined) throw refused(`Unsupported hash algorithm: ${algorithm}`)
  return createHash(name).update(text, 'utf8').digest('hex')
}

const ALGORITHMS = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
])

/** The first number that Java's `java.util.Random` gives for `seed`, which is what AWS answers. */
function seededRandom(seed: number): number {
  const mask = (1n << 48n) - 1n
  let state = (BigInt.asUintN(64, BigInt(Math.trunc(seed))) ^ 0x5deece66dn) & mask
  const next = (bits: bigint): bigint => {
    state = (state * 0x5deece66dn + 0xbn) & mask
    return state >> (48n - bits)
  }
  const high = next(26n)
  return Number((high << 27n) + next(27n)) / 2 ** 53
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    // Only such texts can hold a number that is too large for one.
    return /\d[eE]\+?\d|\d{300}/.test(text) ? JSON.parse(text, refuseInfinite) : JSON.parse(text)
  } catch (error) {
    throw refused(`Invalid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const refuseInfinite = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('number out of range')
  return value
}
