/** A value of a JSON Schema, with `…` where something must be filled in: to be copied, not to be sent as it is. */
import type { Json } from '../../util/json.ts'

type Fields = { readonly [key: string]: Json | undefined }

export function exampleOf(type: Json): Json {
  const { type: kind, properties, required, enum: values, const: constant, items } = fieldsOf(type)
  if (constant !== undefined) return constant
  if (Array.isArray(values)) return (values as readonly Json[])[0] ?? null
  switch (kind) {
    case 'object': {
      const wanted = new Set(Array.isArray(required) ? (required as readonly Json[]) : [])
      const needed = Object.entries(fieldsOf(properties)).filter(([name]) => wanted.has(name))
      return Object.fromEntries(needed.map(([name, field]) => [name, exampleOf(field ?? {})]))
    }
    case 'array':
      return [exampleOf(items ?? {})]
    case 'boolean':
      return true
    case 'number':
    case 'integer':
      return 0
    case 'null':
      return null
    default:
      return '…'
  }
}

// Arrays are looked into as records: none of the fields that are asked for is there.
const fieldsOf = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
