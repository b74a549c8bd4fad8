/** An error as data: what a task threw, without secrets, ready for an event. */
import type { Fault, ValueRef } from '../core/engine/protocol.ts'
import { Refusal } from '../util/diagnostic.ts'
import type { ValueStore } from '../values/store.ts'
import { leakIn, redact, secretForms } from './secrets/vault.ts'

/** A code in the manner of Node and of ours, such as ENOENT. */
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/
/** The whole message is in the encoded error; the fault itself goes into events and tables. */
const MESSAGE_CHARS_MAX = 2_000

/** The fault for what was thrown; `code` is for errors that have none of their own. Never rejects. */
export async function faultOf(thrown: unknown, values: ValueStore, task: string, code = 'TASK_FAILED'): Promise<Fault> {
  const clean = secretForms().length === 0 ? thrown : redactError(thrown, new Map())
  const fault = describeError(clean, code)
  const error = await keepError(clean, values, task)
  return error === undefined ? fault : { ...fault, error }
}

/** Causes of causes, all together: enough to see what happened, bounded for events. */
const CAUSES_MAX = 16
const CAUSE_DEPTH_MAX = 5

function describeError(thrown: unknown, code: string): Fault {
  let left = CAUSES_MAX
  // `above`: what this is a cause of; errors may name one another in a circle.
  const describe = (error: unknown, ownCode: string, above: readonly unknown[]): Fault => {
    const types = typesOf(error)
    const causes: Fault[] = []
    const here = [...above, error]
    for (const cause of here.length > CAUSE_DEPTH_MAX ? [] : causesOf(error)) {
      if (left === 0 || here.includes(cause)) continue
      left -= 1
      causes.push(describe(cause, 'TASK_FAILED', here))
    }
    return {
      code: codeOf(error) ?? ownCode,
      message: redact(cut(messageOf(error))),
      ...(types.length === 0 ? {} : { types }),
      ...(causes.length === 0 ? {} : { causes }),
    }
  }
  return describe(thrown, code, [])
}

/** Of an AggregateError its errors, of any other one its cause. */
function causesOf(thrown: unknown): readonly unknown[] {
  if (!(thrown instanceof Error)) return []
  const errors = read(thrown, 'errors')
  const cause = read(thrown, 'cause')
  return [...(Array.isArray(errors) ? errors : []), ...(cause === undefined ? [] : [cause])]
}

/** What a class or an error may be called: names go into events and are compared with those in rules. */
const NAME = /^[A-Za-z_$][\w$.-]{0,99}$/

/** The names of an error's classes, its own first; before them the name that it gives itself, when that is another one. */
function typesOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return []
  const names: string[] = []
  for (let proto = protoOf(thrown); proto !== null && proto !== Object.prototype; proto = protoOf(proto)) {
    const { value } = Object.getOwnPropertyDescriptor(proto, 'constructor') ?? {}
    if (typeof value === 'function') names.push(value.name)
  }
  const given = read(thrown, 'name')
  if (typeof given === 'string' && !names.includes(given)) names.unshift(given)
  return names.filter(name => NAME.test(name)).map(redact)
}

const protoOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

async function keepError(clean: unknown, values: ValueStore, task: string): Promise<ValueRef | undefined> {
  try {
    const ref = await values.encode(clean, { task, codec: 'json', root: 'error' })
    // What a class of the user's printed of itself was not ours to redact.
    return ref.inline !== undefined && leakIn(ref.inline) !== undefined ? undefined : ref
  } catch {
    // Something thrown that cannot be kept (a function, a full disk): message and code remain, and are the best there is.
    return undefined
  }
}

function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof Refusal) return thrown.diagnostics[0]?.code
  const code = read(thrown, 'code')
  return typeof code === 'string' && CODE.test(code) ? code : undefined
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Refusal) return thrown.diagnostics[0]?.message ?? thrown.message
  const message = read(thrown, 'message')
  if (typeof message === 'string') return message || String(read(thrown, 'name') ?? 'an error without a message')
  return `threw ${show(thrown)}`
}

function show(thrown: unknown): string {
  try {
    return typeof thrown === 'object' || typeof thrown === 'string'
      ? (JSON.stringify(thrown) ?? String(thrown))
      : String(thrown)
  } catch {
    return 'an object that cannot be shown'
  }
}

/** A field of whatever was thrown; its getter may throw too. */
function read(thrown: unknown, key: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? readGetter(thrown, key) : undefined
}

const cut = (text: string): string => (text.length <= MESSAGE_CHARS_MAX ? text : `${text.slice(0, MESSAGE_CHARS_MAX)}…`)

/** A copy of `error` with every secret taken out; `error` itself when it holds none that we can reach. */
function redactError(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) return redactList(value, seen)
  const proto: unknown = Object.getPrototypeOf(value)
  if (!(value instanceof Error) && proto !== Object.prototype && proto !== null) return value
  return redactFields(value, proto as object | null, seen)
}

function redactList(list: readonly unknown[], seen: Map<object, unknown>): unknown[] {
  const copy: unknown[] = []
  seen.set(list, copy)
  for (const item of list) copy.push(redactError(item, seen))
  return copy
}

function redactFields(value: object, proto: object | null, seen: Map<object, unknown>): object {
  const copy: object = value instanceof Error ? sameKindOfError(value, proto) : Object.create(proto)
  seen.set(value, copy)
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (property === undefined) continue
    const field = 'value' in property ? property.value : readGetter(value, key)
    const name = typeof key === 'string' ? redact(key) : key
    Object.defineProperty(copy, name, {
      value: redactError(field, seen),
      enumerable: property.enumerable ?? false,
      writable: true,
      configurable: true,
    })
  }
  return copy
}

/** A true error (`util.types.isNativeError`), of the same class, whose constructor is not run again. */
function sameKindOfError(error: Error, proto: object | null): Error {
  const copy = new Error(error.message)
  Object.setPrototypeOf(copy, proto)
  return copy
}

function readGetter(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined
  }
}
