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
 * A copy without what jsonata marks its lists with. Numbers that JSON has no word for are the texts that JavaScript has for them, as
 * AWS writes them. Throws where it would be too large.
 */
export function plainValue(value: unknown): Json | typeof UNSUPPORTED {
  const left = { bytes: LIMITS.valueBytes as number }
  try {
    return copy(value, left)
  } catch (error) {
    if (error === UNSUPPORTED) return UNSUPPORTED
    throw error
  }
}

function copy(value: unknown, left: { bytes: number }): Json {
  left.bytes -= typeof value === 'string' ? value.length : 8
  if (left.bytes < 0) throw new Error(WORDS.large)
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
  const fields: Record<string, Json> = {}
  for (const [name, field] of Object.entries(value)) {
    left.bytes -= name.length
    if (field !== undefined) put(fields, name, copy(field, left))
  }
  return fields
}

/** `__proto__` is a name like any other. */
function put(fields: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__')
    Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
  else fields[name] = value
}
