/** What jsonata gives, as plain JSON. */
import type { Json } from '../../../util/json.ts'
import { isFunction, LIMITS, WORDS } from './limits.ts'

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export const typeOf = (value: Json): JsonType => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}

/** Somewhere in it stands a function. */
export const UNSUPPORTED = Symbol('unsupported')

/**
 * `value` without what jsonata marks its lists with; what has no marks is given back itself. Numbers that JSON has no word for are the
 * texts that JavaScript has for them, as AWS writes them. Throws where it would be too large.
 */
export function plainValue(value: unknown): Json | typeof UNSUPPORTED {
  if (isPlain(value, { bytes: LIMITS.valueBytes })) return value
  try {
    return copy(value, { bytes: LIMITS.valueBytes })
  } catch (error) {
    if (error === UNSUPPORTED) return UNSUPPORTED
    throw error
  }
}

/** Most values are: inputs, and what stands in them. So it makes nothing while it looks. */
function isPlain(value: unknown, left: { bytes: number }): value is Json {
  spend(typeof value === 'string' ? value.length : 8, left)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      if (value === null) return true
      return Array.isArray(value) ? isPlainList(value, left) : isPlainRecord(value, left)
    default:
      return false
  }
}

function isPlainList(items: readonly unknown[], left: { bytes: number }): boolean {
  if ('sequence' in items || 'cons' in items || 'keepSingleton' in items || 'tupleStream' in items) return false
  for (const item of items) if (!isPlain(item, left)) return false
  return true
}

function isPlainRecord(fields: object, left: { bytes: number }): boolean {
  if (Object.getPrototypeOf(fields) !== Object.prototype || isFunction(fields)) return false
  for (const name in fields) {
    spend(name.length, left)
    if (!isPlain((fields as Record<string, unknown>)[name], left)) return false
  }
  return true
}

function copy(value: unknown, left: { bytes: number }): Json {
  spend(typeof value === 'string' ? value.length : 8, left)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value + 0 : String(value)
    case 'object':
      break
    default:
      throw UNSUPPORTED
  }
  if (value === null) return null
  if (Array.isArray(value)) return value.map(item => copy(item, left))
  if (isFunction(value) || value instanceof RegExp) throw UNSUPPORTED
  const fields: [string, Json][] = []
  for (const [name, field] of Object.entries(value)) {
    spend(name.length, left)
    if (field !== undefined) fields.push([name, copy(field, left)])
  }
  // Not set one by one, since `__proto__` is a name like any other.
  return Object.fromEntries(fields)
}

function spend(bytes: number, left: { bytes: number }): void {
  left.bytes -= bytes
  if (left.bytes < 0) throw new Error(WORDS.large)
}
