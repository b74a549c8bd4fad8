/**
 * What the intrinsic functions compute. Each is given its inputs' values, and says with `InvalidInput` that it cannot take them.
 *
 * Limits are Amazon's (https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).
 */
import { createHash } from 'node:crypto'
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'
import { sameJson } from '../path/same.ts'
import { jacksonText, javaRandom, javaText, roundHalfUp } from './java.ts'
import type { IntrinsicName } from './syntax.ts'

/** The inputs' values do not fit the function: never leaves this folder. `why`: more than that, where Amazon says more. */
export class InvalidInput extends Error {}

const rangeMax = 1_000
const textMax = 10_000

type Compute = (inputs: readonly Json[], world: World) => Json

export const functions: { readonly [name in IntrinsicName]: Compute } = {
  'States.Format': ([template, ...values]) => format(text(template), values),
  'States.StringToJson': ([value]) => stringToJson(value ?? null),
  'States.JsonToString': ([value]) => jacksonText(value!),
  'States.Array': inputs => inputs,
  'States.ArrayPartition': ([items, size]) => partition(list(items), integer(size)),
  'States.ArrayContains': ([items, item]) => list(items).some(each => sameJson(each, item!)),
  'States.ArrayRange': ([from, to, step]) => range(integer(from), integer(to), integer(step)),
  'States.ArrayGetItem': ([items, index]) => getItem(list(items), integer(index)),
  'States.ArrayLength': ([items]) => list(items).length,
  'States.ArrayUnique': ([items]) => unique(list(items)),
  'States.Base64Encode': ([value]) => Buffer.from(shortText(value), 'utf8').toString('base64'),
  'States.Base64Decode': ([value]) => decode(shortText(value)),
  'States.Hash': ([value, algorithm]) => hash(value!, text(algorithm)),
  'States.JsonMerge': ([left, right, deep]) => merge(object(left), object(right), deep!),
  'States.MathRandom': ([from, to, seed], world) => random(integer(from), integer(to), seed, world),
  'States.MathAdd': ([left, right]) => roundHalfUp(number(left)) + roundHalfUp(number(right)),
  'States.StringSplit': ([value, separators]) => split(text(value), text(separators)),
  'States.UUID': (_, world) => world.uuid(),
}

function invalid(): never {
  throw new InvalidInput()
}

const list = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : invalid()
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : invalid())
const number = (value: Json | undefined): number => (typeof value === 'number' ? value : invalid())
const integer = (value: Json | undefined): number => roundHalfUp(number(value))

type Fields = { readonly [name: string]: Json }

const object = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : invalid()

const shortText = (value: Json | undefined): string => {
  const all = text(value)
  return all.length <= textMax ? all : invalid()
}

/** `{}` stands for the next value; a backslash takes a brace's meaning away. */
function format(template: string, values: readonly Json[]): string {
  let next = 0
  const whole = template.replace(/\\([\s\S])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped
    next += 1
    return next <= values.length ? javaText(values[next - 1]!) : ''
  })
  return next === values.length ? whole : invalid()
}

/** A blank text is null, as Jackson reads it. */
function stringToJson(value: Json): Json {
  if (value === null) return null
  const all = text(value)
  if (all.trim() === '') return null
  try {
    return plainZero(JSON.parse(all) as Json)
  } catch {
    return invalid()
  }
}

const plainZero = (value: Json): Json => (value === 0 ? 0 : value)

function partition(items: readonly Json[], size: number): Json {
  if (size < 1) return invalid()
  const parts: (readonly Json[])[] = []
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size))
  return parts
}

function range(from: number, to: number, step: number): Json {
  if (step === 0 || (to - from) / step + 1 > rangeMax) return invalid()
  const numbers: number[] = []
  for (let at = from; step > 0 ? at <= to : at >= to; at += step) numbers.push(at)
  return numbers
}

const getItem = (items: readonly Json[], index: number): Json => (index < 0 ? invalid() : (items[index] ?? invalid()))

function unique(items: readonly Json[]): Json {
  const seen = new Map<string, Json>()
  for (const item of items) {
    const key = jacksonText(item)
    if (!seen.has(key)) seen.set(key, item)
  }
  return [...seen.values()]
}

function decode(encoded: string): Json {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return invalid()
  return Buffer.from(encoded, 'base64').toString('utf8')
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
  const data = typeof value === 'string' ? value : jacksonText(value)
  if (data.length > textMax) return invalid()
  return createHash(algorithms[algorithm]!).update(data, 'utf8').digest('hex')
}

/** Shallow alone: Amazon has no deep merge yet, and refuses to be asked for one. */
const merge = (left: Fields, right: Fields, deep: Json): Json => (deep === false ? { ...left, ...right } : invalid())

function random(from: number, to: number, seed: Json | undefined, world: World): Json {
  if (from >= to) return invalid()
  if (seed === undefined) return from + Math.floor(world.random() * (to - from))
  return from + javaRandom(integer(seed), to - from)
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
