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
  // AWS names no type.
  if (!isList(list)) throw thrown('T0412', { token: 'partition', index: 1 })
  const width = size === undefined ? list.length : Math.trunc(size)
  if (width < 0) throw refused('Second argument must be zero or greater')
  if (width === 0 || list.length === 0) return undefined
  return Array.from({ length: Math.ceil(list.length / width) }, (_, at) => list.slice(at * width, (at + 1) * width))
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

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
  if (name === undefined)
    throw refused(`Hash algorithm '${algorithm}' must be one of ${[...ALGORITHMS.keys()].join(', ')}`)
  return createHash(name).update(text, 'utf8').digest('hex')
}

/** In AWS's order, which its refusal shows. */
const ALGORITHMS = new Map([
  ['SHA-1', 'sha1'],
  ['SHA-384', 'sha384'],
  ['SHA-256', 'sha256'],
  ['SHA-512', 'sha512'],
  ['MD5', 'md5'],
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

/** JSON, in which no number is too large for one and no object has a name twice. */
function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined
  let fields = 0
  let infinite = false
  let value: unknown
  try {
    value = JSON.parse(text, (_name, each: unknown) => {
      if (each === Infinity || each === -Infinity) infinite = true
      else if (typeof each === 'object' && each !== null && !Array.isArray(each)) fields += Object.keys(each).length
      return each
    })
  } catch {
    throw refused('Invalid JSON')
  }
  if (infinite || fields !== fieldsIn(text)) throw refused('Invalid JSON')
  return value
}

/** How many fields are written in `text`: there is a colon for each, outside of strings. */
const fieldsIn = (text: string): number => text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '').split(':').length - 1
