/** JSON Schemas as types are made of: unions, intersections, records. Equal types are equal text, in whatever order they are written. */
import { canonicalJson, type Json } from '../../util/json.ts'

export type Schema = { readonly [keyword: string]: Json | undefined }

/** Says nothing. */
export const UNKNOWN: Schema = {}
export const NEVER = false
/** JSON has no value for it. */
export const UNDEFINED: Schema = { not: {} }

export const isSchema = (type: Json | undefined): type is Schema =>
  typeof type === 'object' && type !== null && !Array.isArray(type)

export const isUnknown = (type: Json): boolean => isSchema(type) && Object.keys(type).length === 0

/** A value that JSON has in other clothes: `{"$date": …}`. */
export const tagged = (tag: string, body: Json): Schema => ({
  type: 'object',
  properties: { [tag]: body },
  required: [tag],
})

export function union(types: readonly Json[]): Json {
  const parts = types.flatMap(alternativesOf).filter(each => each !== NEVER)
  if (parts.some(isUnknown)) return UNKNOWN
  const wholes = new Map<string, Json>()
  const values = new Map<string, Json>()
  for (const part of parts) {
    if (isSchema(part) && 'const' in part) values.set(canonicalJson(part.const!), part.const!)
    else wholes.set(canonicalJson(part), part)
  }
  if (values.has('true') && values.has('false')) {
    values.delete('true')
    values.delete('false')
    wholes.set(canonicalJson({ type: 'boolean' }), { type: 'boolean' })
  }
  // A value of a type that is there as a whole adds nothing.
  for (const [text, value] of values) if (wholes.has(canonicalJson({ type: typeof value }))) values.delete(text)
  const listed = [...values].sort(byText).map(([, value]) => value)
  const [first] = listed
  const all = [
    ...[...wholes].sort(byText).map(([, type]) => type),
    ...(first === undefined ? [] : [listed.length === 1 ? { const: first } : { enum: listed }]),
  ]
  const [only] = all
  return only === undefined ? NEVER : all.length === 1 ? only : { anyOf: all }
}

const byText = ([a]: readonly [string, Json], [b]: readonly [string, Json]): number => (a < b ? -1 : 1)

function alternativesOf(type: Json): readonly Json[] {
  if (!isSchema(type)) return [type]
  if (Array.isArray(type.anyOf) && Object.keys(type).length === 1) return type.anyOf as readonly Json[]
  if (Array.isArray(type.enum)) return (type.enum as readonly Json[]).map(value => ({ const: value }))
  return [type]
}

/** Whether undefined is among its values, and what it is without. */
export function withoutUndefined(type: Json): { readonly type: Json; readonly isOptional: boolean } {
  const parts = alternativesOf(type)
  const rest = parts.filter(each => canonicalJson(each) !== canonicalJson(UNDEFINED))
  return rest.length === parts.length ? { type, isOptional: false } : { type: union(rest), isOptional: true }
}

export interface Field {
  readonly type: Json
  readonly isOptional: boolean
}

/** An object of these fields, and of others of the type `rest`. */
export function record(fields: ReadonlyMap<string, Field>, rest?: Json): Schema {
  const shown = [...fields].map(([name, field]) => [name, { ...withoutUndefined(field.type), of: field }] as const)
  const required = shown.filter(([, { isOptional, of }]) => !isOptional && !of.isOptional).map(([name]) => name)
  return {
    type: 'object',
    ...(shown.length > 0 ? { properties: Object.fromEntries(shown.map(([name, { type }]) => [name, type])) } : {}),
    ...(required.length > 0 ? { required: required.sort() } : {}),
    ...(rest === undefined ? {} : { additionalProperties: rest }),
  }
}

/** The fields of a record; undefined: it is none. */
export function fieldsOf(type: Json): ReadonlyMap<string, Field> | undefined {
  if (!isSchema(type) || type.type !== 'object') return undefined
  const required = new Set(type.required as readonly string[] | undefined)
  const properties = (type.properties ?? {}) as { readonly [name: string]: Json }
  return new Map(
    Object.entries(properties).map(([name, each]) => [name, { type: each, isOptional: !required.has(name) }]),
  )
}

export function intersection(all: readonly Json[]): Json {
  const types = [...new Map(all.map(type => [canonicalJson(type), type])).values()]
  const [only] = types
  if (types.length === 1 && only !== undefined) return only
  if (types.some(isUnknown)) return UNKNOWN
  const records = types.flatMap(type => fieldsOf(type) ?? [])
  // `string & { brand: … }`: what is marked is kept, the mark is not.
  const others = types.filter(type => !fieldsOf(type))
  const [other] = others
  if (other !== undefined) return others.length === 1 ? other : UNKNOWN
  const fields = new Map<string, Field>()
  for (const [name, { type, isOptional }] of records.flatMap(each => [...each])) {
    const known = fields.get(name)
    fields.set(
      name,
      known
        ? { type: intersection([known.type, type]), isOptional: known.isOptional && isOptional }
        : { type, isOptional },
    )
  }
  const [rest] = types.flatMap(type => (isSchema(type) ? (type.additionalProperties ?? []) : []))
  return record(fields, rest)
}
