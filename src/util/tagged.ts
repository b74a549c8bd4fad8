/**
 * Tagged JSON: what JSON cannot say, in JSON clothes. Plain JSON stays itself, byte for byte; a date becomes
 * `{"$date": …}`, and a field of the user's whose name begins with `$` gets another `$`.
 *
 *   V1. `fromTagged(toTagged(value))` deep-equals `value`, also through `JSON.stringify` and `JSON.parse`.
 *   V2. What cannot be kept is refused, with the path to it; nothing is dropped or bent silently. Exceptions, as
 *       `JSON.stringify` and structured clone have them: named fields of arrays, symbol keys, property flags, null
 *       prototypes (they become plain), subclasses of what the language has (a `class Rows extends Array` becomes an
 *       array), identity (a value that is referred to twice is copied).
 *   V3. Neither direction shares an object with its input: a change on one side never reaches the other.
 *   V4. An error can always be kept: a field of an error that cannot is replaced by a text that names it.
 */
import { fromBase64, toBase64 } from './base64.ts'
import { Refusal, refuse } from './diagnostic.ts'
import type { Json } from './json.ts'

export interface ToTagged {
  /** What the root is called in refusals: `result`, `argument 2`. */
  readonly root?: string
  /** Asked about every object that is neither a plain object nor an array: its JSON, or undefined for no opinion. */
  readonly extend?: (value: object) => Json | undefined
}

export interface FromTagged {
  /** Asked about every tag that this file does not know. */
  readonly revive?: (tag: string, body: Json) => unknown
}

/** Bound on nesting: a recursive walk much beyond it would meet the end of the stack in some engine. */
const DEPTH_MAX = 500

/**
 * `value` as tagged JSON. Refuses with VALUE_UNKEEPABLE (a function, a symbol, a promise, a socket, a cycle, an instance of
 * a class) or VALUE_TOO_DEEP (nested more than 500 levels).
 *
 *     toTagged({ at: new Date(0), $x: 1 })  // { at: { $date: '1970-01-01T00:00:00.000Z' }, $$x: 1 }
 */
export function toTagged(value: unknown, options: ToTagged = {}): Json {
  return encode(value, { root: options.root ?? 'result', extend: options.extend, path: [], within: [] })
}

/** The value that `toTagged` was given. Refuses with VALUE_DAMAGED for a tag that nobody knows. */
export function fromTagged(json: Json, options: FromTagged = {}): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return (json as readonly Json[]).map(item => fromTagged(item, options))
  return decodeRecord(json as JsonRecord, options)
}

type JsonRecord = { readonly [key: string]: Json }
type Fields = Record<string, unknown>

interface Walk {
  readonly root: string
  readonly extend: ToTagged['extend']
  /** Steps from the root to here, as they print. */
  readonly path: Step[]
  /** The objects that we are inside of, outermost first. */
  readonly within: object[]
}
type Step = string | number | { readonly text: string }

function encode(value: unknown, walk: Walk): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) }
    case 'undefined':
      return { $undefined: true }
    case 'bigint':
      return { $bigint: String(value) }
    case 'function':
    case 'symbol':
      return unkeepable(value, walk)
    default:
      return value === null ? null : encodeObject(value as object, walk)
  }
}

function encodeObject(value: object, walk: Walk): Json {
  if (walk.within.length >= DEPTH_MAX) refuseDepth(value, walk)
  walk.within.push(value)
  const json = Array.isArray(value)
    ? encodeList(value, walk)
    : isPlain(value)
      ? encodeRecord(value, walk)
      : encodeOther(value, walk)
  walk.within.pop()
  return json
}

function encodeList(items: readonly unknown[], walk: Walk): Json {
  const out: Json[] = []
  // By index, since a hole is an undefined that iteration methods skip.
  for (let index = 0; index < items.length; index++) out.push(encodeAt(index, items[index], walk))
  return out
}

function encodeRecord(record: object, walk: Walk): Json {
  const out: Fields = {}
  for (const key of Object.keys(record)) {
    const field = encodeAt(key, (record as Fields)[key], walk)
    if (key === '__proto__') setOwn(out, key, field)
    else out[key.charCodeAt(0) === DOLLAR ? `$${key}` : key] = field
  }
  return out as JsonRecord
}

function encodeAt(step: Step, value: unknown, walk: Walk): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  walk.path.push(step)
  const json = encode(value, walk)
  walk.path.pop()
  return json
}

function encodeOther(value: object, walk: Walk): Json {
  const own = walk.extend?.(value)
  if (own !== undefined) return own
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Map) return { $map: [...value].map(([key, item], index) => encodeEntry(key, item, index, walk)) }
  if (value instanceof Set)
    return { $set: [...value].map((item, index) => encodeAt({ text: `.item(${index})` }, item, walk)) }
  if (value instanceof Error) return encodeError(value, walk)
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags, value.lastIndex] }
  if (value instanceof ArrayBuffer) return { $bytes: ['ArrayBuffer', toBase64(new Uint8Array(value))] }
  if (ArrayBuffer.isView(value)) return encodeView(value, walk)
  if (isUrl(value)) return { $url: value.href }
  return unkeepable(value, walk)
}

function encodeEntry(key: unknown, item: unknown, index: number, walk: Walk): Json {
  const name = typeof key === 'string' || typeof key === 'number' ? `.get(${JSON.stringify(key)})` : `.value(${index})`
  return [encodeAt({ text: `.key(${index})` }, key, walk), encodeAt({ text: name }, item, walk)]
}

function encodeView(view: ArrayBufferView, walk: Walk): Json {
  const name = view.constructor.name
  const known = name === 'Buffer' || VIEWS[name] !== undefined
  if (!known || !(view.buffer instanceof ArrayBuffer)) return unkeepable(view, walk)
  return { $bytes: [name, toBase64(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))] }
}

/** What an error has beside its own fields, and does not list among them. */
const ERROR_HIDDEN = ['message', 'stack', 'cause', 'errors'] as const

function encodeError(error: Error, walk: Walk): Json {
  if (walk.within.indexOf(error) < walk.within.length - 1) return unkeepable(error, walk)
  const source = error as unknown as Fields
  const own = Object.keys(error).filter(key => key !== 'name')
  const out: Fields = { of: builtinOf(error), name: lenient('name', () => String(error.name), walk) }
  for (const key of ERROR_HIDDEN) {
    // `message` and `stack` may be inherited (DOMException); a listed `errors` or `cause` is a field like any other.
    const hidden = key === 'message' || key === 'stack' ? source[key] !== undefined : Object.hasOwn(error, key)
    if (hidden && !own.includes(key)) out[key] = lenient(key, () => source[key], walk)
  }
  if (own.length > 0) {
    const fields: Fields = {}
    for (const key of own)
      setOwn(
        fields,
        key,
        lenient(key, () => source[key], walk),
      )
    out.fields = fields
  }
  return { $error: out as JsonRecord }
}

/** A field of an error: kept, or replaced by a text (V4). */
function lenient(key: string, read: () => unknown, walk: Walk): Json {
  const depth = walk.path.length
  const inside = walk.within.length
  try {
    return encodeAt(key, read(), walk)
  } catch (problem) {
    walk.path.length = depth
    walk.within.length = inside
    return `[not kept: ${problem instanceof Refusal ? problem.diagnostics[0]?.message : 'its getter threw'}]`
  }
}

// --- back

function decodeRecord(json: JsonRecord, options: FromTagged): unknown {
  const keys = Object.keys(json)
  const first = keys[0]
  if (keys.length === 1 && first !== undefined && isTag(first)) return decodeTag(first, json[first]!, options)
  const out: Fields = {}
  for (const key of keys) {
    const field = fromTagged(json[key]!, options)
    if (key === '__proto__') setOwn(out, key, field)
    else out[key.startsWith('$$') ? key.slice(1) : key] = field
  }
  return out
}

function decodeTag(tag: string, body: Json, options: FromTagged): unknown {
  switch (tag) {
    case '$undefined':
      return undefined
    case '$number':
      return Number(body)
    case '$bigint':
      return BigInt(body as string)
    case '$date':
      return new Date((body as string | null) ?? Number.NaN)
    case '$map':
      return new Map(
        (body as readonly (readonly [Json, Json])[]).map(([key, item]) => [
          fromTagged(key, options),
          fromTagged(item, options),
        ]),
      )
    case '$set':
      return new Set((body as readonly Json[]).map(item => fromTagged(item, options)))
    case '$regexp':
      return decodeRegExp(body as readonly [string, string, number])
    case '$bytes':
      return decodeBytes(body as readonly [string, string])
    case '$url':
      return UrlClass ? new UrlClass(body as string) : body
    case '$error':
      return decodeError(body as unknown as ErrorBody, options)
    default:
      return options.revive ? options.revive(tag, body) : refuseTag(tag)
  }
}

function decodeRegExp([source, flags, lastIndex]: readonly [string, string, number]): RegExp {
  const regexp = new RegExp(source, flags)
  regexp.lastIndex = lastIndex
  return regexp
}

function decodeBytes([name, text]: readonly [string, string]): unknown {
  const bytes = fromBase64(text) ?? refuse('VALUE_DAMAGED', 'A stored value has bytes that are not base64')
  if (name === 'ArrayBuffer') return bytes.buffer
  if (name === 'Buffer') return BufferClass ? BufferClass.from(bytes.buffer) : bytes
  const View = VIEWS[name] ?? refuse('VALUE_DAMAGED', `A stored value has bytes of the unknown kind "${name}"`)
  return new View(bytes.buffer as ArrayBuffer)
}

interface ErrorBody {
  readonly of: string
  readonly name: Json
  readonly message?: Json
  readonly stack?: Json
  readonly cause?: Json
  readonly errors?: Json
  readonly fields?: JsonRecord
}

function decodeError(body: ErrorBody, options: FromTagged): Error {
  const Class = ERRORS[body.of] ?? Error
  const message = String(body.message ?? '')
  const error = Class === AggregateError ? new AggregateError([], message) : new (Class as ErrorConstructor)(message)
  if (error.name !== body.name) setHidden(error, 'name', body.name)
  for (const key of ['stack', 'cause', 'errors'] as const) {
    const field = body[key]
    if (field !== undefined) setHidden(error, key, fromTagged(field, options))
  }
  for (const [key, field] of Object.entries(body.fields ?? {}))
    setOwn(error as unknown as Fields, key, fromTagged(field, options))
  return error
}

// --- kinds of objects

const DOLLAR = '$'.charCodeAt(0)
const isTag = (key: string): boolean => key.charCodeAt(0) === DOLLAR && key.charCodeAt(1) !== DOLLAR

/** Byte order is the machine's; all machines that Node and browsers run on today are little-endian. */
const VIEWS: { readonly [name: string]: new (buffer: ArrayBuffer) => ArrayBufferView } = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
}

const ERRORS: { readonly [name: string]: ErrorConstructor | AggregateErrorConstructor } = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
}

/** What a host may have and a bare VM has not; described here since the core is compiled without a host's types. */
const host = globalThis as {
  readonly URL?: new (href: string) => { readonly href: string }
  readonly Buffer?: { from(buffer: unknown): Uint8Array }
}
const UrlClass = host.URL
const BufferClass = host.Buffer

const isUrl = (value: object): value is { readonly href: string } => UrlClass !== undefined && value instanceof UrlClass

/** Made by `{}`, `Object.create(null)` or `JSON.parse`, also in another realm (whose Object.prototype is not ours). */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

/** The nearest class of the language itself: a subclass cannot be known where the value is read. */
function builtinOf(error: Error): string {
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const name = (at.constructor as { readonly name?: string } | undefined)?.name ?? ''
    if (ERRORS[name]?.prototype === at) return name
  }
  return 'Error'
}

const setOwn = (target: Fields, key: string, value: unknown): unknown =>
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
const setHidden = (target: object, key: string, value: unknown): unknown =>
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true })

// --- refusals

function unkeepable(value: unknown, walk: Walk): never {
  const cycle = typeof value === 'object' && value !== null && walk.within.indexOf(value) < walk.within.length - 1
  const what = cycle ? 'a cycle (it contains itself)' : describe(value)
  refuse('VALUE_UNKEEPABLE', `${showPath(walk.root, walk.path)} is ${what}, which cannot be kept as a value`, {
    hint: hintFor(value),
  })
}

function refuseDepth(value: object, walk: Walk): never {
  // A cycle always ends here, so that the common case needs no set of ancestors.
  const again = walk.within.findIndex((ancestor, index) => walk.within.indexOf(ancestor) < index)
  if (again >= 0) walk.path.length = again
  else if (walk.within.includes(value)) walk.path.length = walk.within.length
  else
    refuse('VALUE_TOO_DEEP', `${walk.root} is nested more than ${DEPTH_MAX} levels deep`, {
      hint: 'Return a flat list, with ids instead of nesting.',
    })
  refuse(
    'VALUE_UNKEEPABLE',
    `${showPath(walk.root, walk.path)} is a cycle (it contains itself), which cannot be kept as a value`,
    {
      hint: 'Return plain data, with ids instead of references back.',
    },
  )
}

function refuseTag(tag: string): never {
  refuse('VALUE_DAMAGED', `A stored value has the unknown tag "${tag}"`, {
    hint: 'It may come from a newer version of Tutti, or from a codec that is not given here.',
  })
}

function describe(value: unknown): string {
  if (typeof value === 'symbol') return `a symbol (${value.description ?? ''})`
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (value instanceof Promise) return 'a promise'
  const name = (value as { readonly constructor?: { readonly name?: string } }).constructor?.name
  return name ? `an instance of ${name}` : 'an object of an unknown class'
}

function hintFor(value: unknown): string {
  if (value instanceof Promise) return 'Await it before you return it.'
  if (typeof value === 'function' || typeof value === 'symbol')
    return 'Return plain data, and call functions inside the task.'
  return 'Return plain data (such as { ...instance }), or give a codec for its class.'
}

function showPath(root: string, path: readonly Step[]): string {
  return root + path.map(showStep).join('')
}

function showStep(step: Step): string {
  if (typeof step === 'object') return step.text
  if (typeof step === 'number') return `[${step}]`
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}
