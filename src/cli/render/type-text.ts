/** A JSON Schema in few words, as TypeScript would say it; what has no short name is its title, or the schema itself. */
import type { Json } from '../../util/json.ts'

type Schema = { readonly [keyword: string]: Json | undefined }

/** Deeper parts are told as `…`. */
const DEPTH_MAX = 4

export function typeText(type: Json, depth = 0): string {
  if (type === true) return 'unknown'
  if (type === false) return 'never'
  if (!isSchema(type)) return JSON.stringify(type)
  if (depth > DEPTH_MAX) return '…'
  if (Array.isArray(type['enum'])) return union((type['enum'] as readonly Json[]).map(literalText))
  if (type['const'] !== undefined) return literalText(type['const'])
  const choices = type['anyOf'] ?? type['oneOf']
  if (Array.isArray(choices)) return union((choices as readonly Json[]).map(each => typeText(each, depth + 1)))
  const names = type['type']
  if (Array.isArray(names)) return union(names.map(name => typeText({ ...type, type: name } as Json, depth)))
  return namedText(type, names, depth) + boundsText(type)
}

function namedText(type: Schema, name: Json | undefined, depth: number): string {
  switch (name) {
    case 'array':
      return arrayText(type, depth)
    case 'object':
      return objectText(type, depth)
    case undefined:
      return Object.keys(type).length === 0 ? 'unknown' : JSON.stringify(type)
    default:
      return String(name)
  }
}

function arrayText({ items, prefixItems }: Schema, depth: number): string {
  if (Array.isArray(prefixItems))
    return `[${(prefixItems as readonly Json[]).map(each => typeText(each, depth + 1)).join(', ')}]`
  const text = items === undefined ? 'unknown' : typeText(items, depth + 1)
  return /^[\w$…]+(?:\[\])*$/.test(text) ? `${text}[]` : `(${text})[]`
}

function objectText({ properties, required, additionalProperties }: Schema, depth: number): string {
  if (!isSchema(properties)) {
    const all = isSchema(additionalProperties) ? typeText(additionalProperties, depth + 1) : 'unknown'
    return `{ [name]: ${all} }`
  }
  const sure = Array.isArray(required) ? (required as readonly Json[]) : []
  const fields = Object.entries(properties).map(
    ([name, each]) => `${name}${sure.includes(name) ? '' : '?'}: ${typeText(each ?? {}, depth + 1)}`,
  )
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

const BOUNDS: readonly (readonly [keyword: string, sign: string])[] = [
  ['minimum', '≥'],
  ['exclusiveMinimum', '>'],
  ['maximum', '≤'],
  ['exclusiveMaximum', '<'],
  ['minLength', 'length ≥'],
  ['maxLength', 'length ≤'],
  ['minItems', 'items ≥'],
  ['maxItems', 'items ≤'],
  ['pattern', 'like'],
  ['format', 'as'],
]

/** Those that say nothing are left out: integers of validators have the greatest safe ones. */
function boundsText(type: Schema): string {
  const told = BOUNDS.flatMap(([keyword, sign]) => {
    const value = type[keyword]
    return value === undefined || Math.abs(Number(value)) >= Number.MAX_SAFE_INTEGER ? [] : [`${sign} ${String(value)}`]
  })
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}

const union = (texts: readonly string[]): string => [...new Set(texts)].join(' | ')

const literalText = (value: Json): string =>
  typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : JSON.stringify(value)

const isSchema = (type: Json | undefined): type is Schema =>
  typeof type === 'object' && type !== null && !Array.isArray(type)
