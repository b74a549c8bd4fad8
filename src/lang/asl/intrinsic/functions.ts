/**
 * What the intrinsic functions compute, from their inputs' values.
 *
 * Limits are Amazon's (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html). Where its page and
 * what it does differ, as in how a fraction becomes an index, this is what it does.
 */
import { createHash } from 'node:crypto'
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'
import { jacksonText, javaRandom, javaSet, javaText, roundHalfUp } from './java.ts'
import type { IntrinsicName } from './syntax.ts'

/** The function cannot take what it is given: never leaves this folder. Its message is what Amazon adds to the function's name. */
export class InvalidInput extends Error {}

const rangeMax = 1_000
const textMax = 10_000
const intMax = 0x7fffffff
/** Levels of a text that becomes JSON: Jackson's. What follows it down recurses. */
const levelsMax = 1_000

/** Whether a value came out of States.StringToJson, which States.Format shows. */
export interface Given {
  readonly value: Json
  readonly parsed: boolean
}

type Compute = (inputs: readonly Json[], world: World, given: readonly Given[]) => Json

export const functions: { readonly [name in IntrinsicName]: Compute } = {
  'States.Format': ([template], _, [, ...given]) => format(template, given),
  'States.StringToJson': ([value]) => stringToJson(value),
  'States.JsonToString': ([value]) => jacksonText(value!),
  'States.Array': inputs => inputs,
  'States.ArrayPartition': ([items, size]) => partition(list(items), index(size)),
  'States.ArrayContains': ([items, item]) => contains(list(items), item!),
  'States.ArrayRange': ([from, to, step]) => range(index(from), index(to), index(step)),
  'States.ArrayGetItem': ([items, at]) => getItem(list(items), index(at)),
  'States.ArrayLength': ([items]) => list(items).length,
  'States.ArrayUnique': ([items]) => javaSet(list(items)),
  'States.Base64Encode': ([value]) => Buffer.from(shortText(value), 'utf8').toString('base64'),
  // Characters that are none of the alphabet are read over.
  'States.Base64Decode': ([value]) => Buffer.from(shortText(value), 'base64').toString('utf8'),
  'States.Hash': ([value, algorithm]) => hash(value!, text(algorithm)),
  'States.JsonMerge': ([left, right, deep]) => merge(object(left), object(right), deep!),
  'States.MathRandom': ([from, to, seed], world) => random(index(from), index(to), seed, world),
  'States.MathAdd': ([left, right]) => int(int(roundHalfUp(number(left))) + int(roundHalfUp(number(right)))),
  'States.StringSplit': ([value, separators]) => split(text(value), text(separators)),
  'States.UUID': (_, world) => world.uuid(),
}

function invalid(more = ''): never {
  throw new InvalidInput(more)
}

const list = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : invalid()
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : invalid())
const number = (value: Json | undefined): number => (typeof value === 'number' ? value : invalid())
const int = (value: number): number => (value >= -intMax - 1 && value <= intMax ? value : invalid())
/** Of an item, a size or a bound: what stands behind the point is left away. */
const index = (value: Json | undefined): number => Math.trunc(number(value)) + 0

type Fields = { readonly [name: string]: Json }

const object = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : invalid()

const shortText = (value: Json | undefined): string => {
  const all = text(value)
  return all.length <= textMax ? all : invalid()
}

/** `{}` stands for the next value; a backslash takes a brace's meaning away. */
function format(template: Json | undefined, given: readonly Given[]): string {
  let next = 0
  const whole = text(template).replace(/\\([\s\S])|\{\}|[{}]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped
    if (found === '{') return invalid(`Invalid template in States.Format: matching '}' not found for '{'.`)
    if (found === '}') return invalid(`Invalid template in States.Format: matching '{' not found for '}'.`)
    const value = given[next]
    next += 1
    return value === undefined ? '' : value.parsed ? jacksonText(value.value) : javaText(value.value)
  })
  if (next === given.length) return whole
  return invalid('Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.')
}

/** A blank text is null, as Jackson reads it. */
function stringToJson(value: Json | undefined): Json {
  const all = value === null ? '' : text(value)
  if (all.trim() === '') return null
  if (levelsOf(all) > levelsMax) {
    return invalid(`Cannot convert String to Json in States.StringToJson, caused by: more than ${levelsMax} levels`)
  }
  try {
    const parsed = JSON.parse(all) as Json
    return parsed === 0 ? 0 : parsed
  } catch (error) {
    return invalid(`Cannot convert String to Json in States.StringToJson, caused by: ${(error as Error).message}`)
  }
}

/** As deep as a text can nest: quotes in quotes are read as what they are. */
function levelsOf(json: string): number {
  let deepest = 0
  let level = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, (level += 1))
    else if (token === ']' || token === '}') level -= 1
  }
  return deepest
}

function partition(items: readonly Json[], size: number): Json {
  if (size < 1) return invalid()
  const parts: (readonly Json[])[] = []
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size))
  return parts
}

/** Compared as text: Amazon finds the number 1 where the list has the text `1`, and no object whose fields are in another order. */
function contains(items: readonly Json[], item: Json): boolean {
  const wanted = javaText(item)
  return items.some(each => javaText(each) === wanted)
}

function range(from: number, to: number, step: number): Json {
  if (step === 0 || Math.floor((to - from) / step) + 1 > rangeMax) return invalid()
  const numbers: number[] = []
  for (let at = from; step > 0 ? at <= to : at >= to; at += step) numbers.push(at)
  return numbers
}

/** Amazon has null for all items of an empty list, and an error for what is beyond the end of any other. */
function getItem(items: readonly Json[], at: number): Json {
  if (items.length === 0 && at >= 0) return null
  return items[at] ?? (at >= 0 && at < items.length ? null : invalid())
}

const algorithms: { readonly [name: string]: string } = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
}

function hash(value: Json, algorithm: string): Json {
  if (!Object.hasOwn(algorithms, algorithm)) return invalid()
  const data = shortText(javaText(value))
  return createHash(algorithms[algorithm]!).update(data, 'utf8').digest('hex')
}

/**
 * Shallow alone: Amazon has no deep merge, and refuses to be asked for one; what is not `true` asks for none. The right one's
 * fields come first, as a text of the result shows.
 */
const merge = (left: Fields, right: Fields, deep: Json): Json =>
  deep === true ? invalid() : { ...right, ...left, ...right }

function random(from: number, to: number, seed: Json | undefined, world: World): Json {
  if (int(from) >= int(to)) return invalid()
  if (seed === undefined) return from + Math.floor(world.random() * (to - from))
  return from + javaRandom(index(seed), Math.min(to - from, intMax))
}

/** Each character of `separators` separates; nothing is left between two of them. */
function split(value: string, separators: string): Json {
  const parts: string[] = []
  let part = ''
  for (const character of value) {
    if (!separators.includes(character)) part += character
    else if (part !== '') {
      parts.push(part)
      part = ''
    }
  }
  return part === '' ? parts : [...parts, part]
}
