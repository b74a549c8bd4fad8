/**
 * Whether each value of one JSON Schema is sure to be one of another (draft 2020-12; tuples of draft 7 too).
 *
 *   T1. `true` is a proof; `false` means no, or that it cannot be told.
 *   T2. A keyword that is not understood may be left out of what a value is known to be, never out of what it must be.
 *
 * What recurs by `$ref` is proved by assuming it (as subtypes of recursive types are: Amadio and Cardelli 1993).
 */
import { canonicalJson, type Json } from '../util/json.ts'

type Schema = { readonly [keyword: string]: Json | undefined }

/** A schema and that in which its `$ref`s lead. */
interface Type {
  readonly schema: Json
  readonly root: Json
}

interface Proof {
  /** Pairs on the way here, and how many fields and items deep they were assumed. */
  readonly assumed: Map<string, number>
  /** Left to try: alternatives of alternatives multiply. */
  steps: number
}

/** How far down: through schemas, and through fields and items. */
interface Way {
  readonly depth: number
  readonly level: number
}

const STEPS_MAX = 5_000
const DEPTH_MAX = 64

export const fits = (part: Json, whole: Json): boolean =>
  proves(
    { schema: part, root: part },
    { schema: whole, root: whole },
    { assumed: new Map(), steps: STEPS_MAX },
    { depth: 0, level: 0 },
  )

function proves(a: Type, b: Type, proof: Proof, way: Way): boolean {
  if (proof.steps-- <= 0 || way.depth > DEPTH_MAX) return false
  if (isNever(a.schema) || isAny(b.schema)) return true
  if (isNever(b.schema) || !isSchema(b.schema)) return false
  if (isSame(a, b)) return true
  if (hasRef(a) || hasRef(b)) return fitRefs(a, b, proof, way)
  const whole = { ...b, schema: b.schema }
  const parts = isSchema(a.schema) ? partsOf(a.schema) : [{}]
  return parts.some(schema => fitKnown({ ...a, schema }, whole, proof, deeper(way)))
}

const deeper = ({ depth, level }: Way): Way => ({ depth: depth + 1, level })

interface Known extends Type {
  readonly schema: Schema
}

const isSchema = (type: Json): type is Schema => typeof type === 'object' && type !== null && !Array.isArray(type)
const isAny = (type: Json): boolean =>
  type === true || (isSchema(type) && Object.keys(type).every(key => NOTES.has(key)))
const isNever = (type: Json): boolean => type === false

/** Say nothing of values. */
const NOTES: ReadonlySet<string> = new Set(
  [
    '$schema',
    '$id',
    '$comment',
    '$defs',
    'definitions',
    '$anchor',
    'title',
    'description',
    'default',
    'examples',
  ].concat(['deprecated', 'readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType', 'contentSchema', 'id']),
)

/** Equal text is an equal type where no reference leads elsewhere. */
function isSame(a: Type, b: Type): boolean {
  const text = textOf(a.schema)
  if (text !== textOf(b.schema)) return false
  return !text.includes('"$ref"') || textOf(a.root) === textOf(b.root)
}

/** Asked for again and again in one proof. */
const texts = new WeakMap<object, string>()

function textOf(json: Json): string {
  if (typeof json !== 'object' || json === null) return canonicalJson(json)
  const text = texts.get(json) ?? canonicalJson(json)
  texts.set(json, text)
  return text
}

const hasRef = ({ schema }: Type): boolean => isSchema(schema) && typeof schema.$ref === 'string'

function fitRefs(a: Type, b: Type, proof: Proof, { depth, level }: Way): boolean {
  const pair = `${textOf(a.schema)} ${textOf(b.schema)}`
  const assumed = proof.assumed.get(pair)
  // Only what lies inside of a value may be assumed: a reference to itself says nothing.
  if (assumed !== undefined) return assumed < level
  const [left, right] = [resolved(a), resolved(b)]
  if (!left || !right) return false
  proof.assumed.set(pair, level)
  const isProved = right.every(other => left.some(one => proves(one, other, proof, { depth: depth + 1, level })))
  proof.assumed.delete(pair)
  return isProved
}

/** What a reference means, and what stands beside it: all of them hold. */
function resolved({ schema, root }: Type): readonly Type[] | undefined {
  if (!isSchema(schema) || typeof schema.$ref !== 'string') return [{ schema, root }]
  const { $ref, ...rest } = schema
  const target = at(root, $ref)
  if (target === undefined) return undefined
  const types: Type[] = [{ schema: target, root }]
  return isAny(rest) ? types : [...types, { schema: rest, root }]
}

/** By JSON pointer inside of the same schema. */
function at(root: Json, ref: string): Json | undefined {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  let found: Json | undefined = root
  for (const key of ref
    .slice(2)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as { readonly [key: string]: Json | undefined })[key]
  }
  return found
}

/** All that the schema is an intersection of, in one where that can be written so, and each: one that fits is enough. */
function partsOf(schema: Schema): readonly Schema[] {
  const { allOf, ...rest } = schema
  if (!Array.isArray(allOf)) return [schema]
  const parts = [rest, ...(allOf as readonly Json[]).filter(isSchema).flatMap(partsOf)]
  return [parts.reduce(merged), ...parts]
}

/** As much of the second as the first says nothing of. */
function merged(one: Schema, other: Schema): Schema {
  const isOpen = (key: string): boolean => {
    const group = GROUPS.find(keys => keys.includes(key)) ?? [key]
    return group.every(each => one[each] === undefined)
  }
  return { ...one, ...Object.fromEntries(Object.entries(other).filter(([key]) => isOpen(key))) }
}

/** Keywords that mean nothing without one another. */
const GROUPS = [
  ['type', 'nullable'],
  ['properties', 'additionalProperties', 'patternProperties'],
  ['items', 'prefixItems', 'additionalItems'],
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
]

/** `a` has no allOf of its own. */
function fitKnown(a: Known, b: Known, proof: Proof, way: Way): boolean {
  if (hasRef(a)) return proves(a, b, proof, way)
  const cases = casesOf(a)
  return cases ? cases.every(each => proves(each, b, proof, way)) : fitAll(a, b, proof, way)
}

/** Values by values, alternatives by alternatives, types by types: each must do. Undefined: it is one case. */
function casesOf({ schema, root }: Known): readonly Type[] | undefined {
  const values = schema.const !== undefined ? [schema.const] : schema.enum
  if (Array.isArray(values)) {
    const exact = (values as readonly Json[]).map(exactly)
    return exact.length === 1 && isSchema(exact[0]!) && isExact(schema)
      ? undefined
      : exact.map(one => ({ schema: one, root }))
  }
  for (const word of ['anyOf', 'oneOf'] as const) {
    const { [word]: options, ...rest } = schema
    if (!Array.isArray(options)) continue
    return (options as readonly Json[]).map(option => ({
      schema: isAny(rest) ? option : { allOf: [rest, option] },
      root,
    }))
  }
  const types = typesOf(schema)
  const isOne = types.length === 1 && schema.type === types[0] && schema.nullable !== true
  const { nullable: _, ...rest } = schema
  return isOne ? undefined : types.map(type => ({ schema: { ...rest, type }, root }))
}

/** One scalar and nothing else. */
const isExact = (schema: Schema): boolean =>
  Object.keys(schema).length === 1 &&
  schema.const !== undefined &&
  (typeof schema.const !== 'object' || schema.const === null)

function exactly(value: Json): Json {
  if (typeof value !== 'object' || value === null) return { const: value }
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    return {
      type: 'array',
      prefixItems: items.map(exactly),
      items: false,
      minItems: items.length,
      maxItems: items.length,
    }
  }
  const fields = Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [[key, exactly(field)] as const],
  )
  return {
    type: 'object',
    properties: Object.fromEntries(fields),
    required: fields.map(([key]) => key),
    additionalProperties: false,
  }
}

const TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const

function typesOf(schema: Schema): readonly string[] {
  if (schema.const !== undefined) return [typeOf(schema.const)]
  const { type } = schema
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? (type as readonly string[]) : TYPES
  return schema.nullable === true && !types.includes('null') ? [...types, 'null'] : types
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

/** `a` is of one type, or one scalar: whether it does all that `b` asks. */
function fitAll(a: Known, b: Known, proof: Proof, way: Way): boolean {
  const fitting: Fitting = {
    same: (part, whole) => proves(part, whole, proof, deeper(way)),
    inside: (part, whole) => proves(part, whole, proof, { depth: way.depth + 1, level: way.level + 1 }),
  }
  const asked = Object.keys(b.schema).filter(key => !NOTES.has(key) && b.schema[key] !== undefined)
  return asked.every(key => {
    const rule = RULES[key]
    return rule ? rule(a, b, fitting) : isKept(a, b, key)
  })
}

/** Of the same value, or of what is in it. */
interface Fitting {
  readonly same: Fit
  readonly inside: Fit
}

type Fit = (part: Type, whole: Type) => boolean
type Rule = (a: Known, b: Known, fitting: Fitting) => boolean

const kindOf = ({ schema }: Known): string => typesOf(schema)[0] ?? ''

/** For a keyword that speaks of one type only: the others have nothing to fear. */
const only =
  (type: 'string' | 'number' | 'array' | 'object', rule: Rule): Rule =>
  (a, b, fitting) =>
    (kindOf(a) === 'integer' ? 'number' : kindOf(a)) !== type || rule(a, b, fitting)

/** T2. What is not understood is done where both say the same. */
function isKept(a: Known, b: Known, key: string): boolean {
  if (NEVER_KEPT.has(key)) return false
  const group = GROUPS.find(keys => keys.includes(key)) ?? [key]
  return group.every(each => {
    const [left, right] = [a.schema[each], b.schema[each]]
    if (left === undefined || right === undefined) return left === right
    return isSame({ ...a, schema: left }, { ...b, schema: right })
  })
}

/** They hang on all other keywords. */
const NEVER_KEPT: ReadonlySet<string> = new Set(['unevaluatedProperties', 'unevaluatedItems', '$dynamicRef'])

const number = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

/** Bounds of a number: a scalar is its own. */
function boundsOf({ schema }: Known): { readonly low: Bound; readonly high: Bound } {
  const { const: value, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (typeof value === 'number') return { low: { at: value, open: false }, high: { at: value, open: false } }
  return {
    low: tighter(
      { at: number(minimum) ?? -Infinity, open: false },
      { at: number(exclusiveMinimum) ?? -Infinity, open: true },
      1,
    ),
    high: tighter(
      { at: number(maximum) ?? Infinity, open: false },
      { at: number(exclusiveMaximum) ?? Infinity, open: true },
      -1,
    ),
  }
}

interface Bound {
  readonly at: number
  readonly open: boolean
}

const tighter = (a: Bound, b: Bound, sign: 1 | -1): Bound =>
  sign * (a.at - b.at) > 0 ? a : a.at === b.at && !b.open ? a : b

/** The limit that a keyword sets on a size, as `a` keeps it. */
const size =
  (keyword: string, of: (value: Json) => number | undefined, isLow: boolean): Rule =>
  (a, b) => {
    const asked = number(b.schema[keyword])
    const own = (a.schema.const === undefined ? undefined : of(a.schema.const)) ?? number(a.schema[keyword])
    if (asked === undefined) return false
    if (isLow) return asked <= 0 || (own !== undefined && own >= asked)
    return own !== undefined && own <= asked
  }

const textSize = (value: Json): number | undefined => (typeof value === 'string' ? [...value].length : undefined)
const noSize = (): undefined => undefined

const schemasOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])

const RULES: { readonly [keyword: string]: Rule } = {
  type: (a, b) => {
    const allowed = typesOf({ type: b.schema.type, nullable: b.schema.nullable })
    const kind = kindOf(a)
    return allowed.includes(kind) || (kind === 'integer' && allowed.includes('number'))
  },
  nullable: () => true,
  const: (a, b) => isOneOf(a, [b.schema.const as Json]),
  enum: (a, b) => isOneOf(a, schemasOf(b.schema.enum)),
  anyOf: (a, b, { same }) => schemasOf(b.schema.anyOf).some(option => same(a, { ...b, schema: option })),
  allOf: (a, b, { same }) => schemasOf(b.schema.allOf).every(part => same(a, { ...b, schema: part })),
  oneOf: (a, b, { same }) => {
    const options = schemasOf(b.schema.oneOf).map(schema => ({ schema, root: b.root }))
    return options.some(one => same(a, one) && options.every(other => other === one || areApart(a, other)))
  },
  minimum: only('number', (a, b) => boundsOf(a).low.at >= (number(b.schema.minimum) ?? Infinity)),
  maximum: only('number', (a, b) => boundsOf(a).high.at <= (number(b.schema.maximum) ?? -Infinity)),
  exclusiveMinimum: only('number', (a, b) => {
    const [{ low }, asked] = [boundsOf(a), number(b.schema.exclusiveMinimum)]
    return asked !== undefined && (low.at > asked || (low.at === asked && low.open))
  }),
  exclusiveMaximum: only('number', (a, b) => {
    const [{ high }, asked] = [boundsOf(a), number(b.schema.exclusiveMaximum)]
    return asked !== undefined && (high.at < asked || (high.at === asked && high.open))
  }),
  multipleOf: only('number', (a, b) => {
    const asked = b.schema.multipleOf
    if (asked === 1 && kindOf(a) === 'integer') return true
    return a.schema.multipleOf !== undefined && a.schema.multipleOf === asked
  }),
  minLength: only('string', size('minLength', textSize, true)),
  maxLength: only('string', size('maxLength', textSize, false)),
  pattern: only('string', (a, b) => {
    const { pattern } = b.schema
    return typeof a.schema.const === 'string' ? isMatch(pattern, a.schema.const) : a.schema.pattern === pattern
  }),
  format: only('string', (a, b) => a.schema.format === b.schema.format),
  minItems: only('array', size('minItems', noSize, true)),
  maxItems: only('array', size('maxItems', noSize, false)),
  uniqueItems: only('array', (a, b) => {
    const most = number(a.schema.maxItems)
    return b.schema.uniqueItems === false || a.schema.uniqueItems === true || (most !== undefined && most <= 1)
  }),
  items: only('array', fitItems),
  prefixItems: only('array', fitItems),
  additionalItems: only('array', fitItems),
  properties: only('object', fitFields),
  additionalProperties: only('object', fitFields),
  patternProperties: only('object', (a, b) => isSamePatterns(a, b)),
  required: only('object', (a, b) => {
    const own = new Set(schemasOf(a.schema.required))
    return schemasOf(b.schema.required).every(name => own.has(name))
  }),
  minProperties: only('object', (a, b) => {
    const own = Math.max(number(a.schema.minProperties) ?? 0, new Set(schemasOf(a.schema.required)).size)
    return own >= (number(b.schema.minProperties) ?? Infinity)
  }),
  maxProperties: only('object', size('maxProperties', noSize, false)),
}

function isOneOf({ schema }: Known, values: readonly Json[]): boolean {
  const texts = new Set(values.map(canonicalJson))
  if (schema.const !== undefined) return texts.has(canonicalJson(schema.const))
  if (schema.type === 'null') return texts.has('null')
  return schema.type === 'boolean' && texts.has('true') && texts.has('false')
}

function isMatch(pattern: Json | undefined, text: string): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern, 'u').test(text)
  } catch {
    return false
  }
}

/** Of each place of an array, and of all behind those. */
function itemsOf(schema: Schema): { readonly first: readonly Json[]; readonly rest: Json } {
  const { prefixItems, items, additionalItems } = schema
  if (Array.isArray(items)) return { first: items as readonly Json[], rest: additionalItems ?? true }
  return { first: schemasOf(prefixItems), rest: items ?? true }
}

function fitItems(a: Known, b: Known, { inside: proves }: Fitting): boolean {
  const [left, right] = [itemsOf(a.schema), itemsOf(b.schema)]
  const most = number(a.schema.maxItems) ?? Infinity
  const known = Math.max(left.first.length, right.first.length)
  for (let index = 0; index < Math.min(known, most); index++)
    if (!proves(within(a, left.first[index] ?? left.rest), within(b, right.first[index] ?? right.rest))) return false
  return most <= known || proves(within(a, left.rest), within(b, right.rest))
}

const within = ({ root }: Type, schema: Json): Type => ({ schema, root })

function fieldsOf({ properties, additionalProperties, patternProperties }: Schema): {
  readonly named: { readonly [name: string]: Json }
  readonly rest: Json
  /** Of a name that is not listed. */
  readonly other: Json
} {
  const named = isSchema(properties ?? null) ? (properties as { readonly [name: string]: Json }) : {}
  const rest = additionalProperties ?? true
  // By a pattern, a field may be anything as far as we can tell.
  return { named, rest, other: patternProperties === undefined ? rest : true }
}

function isSamePatterns(a: Known, b: Known): boolean {
  const [left, right] = [a.schema.patternProperties, b.schema.patternProperties]
  return left !== undefined && right !== undefined && isSame({ ...a, schema: left }, { ...b, schema: right })
}

function fitFields(a: Known, b: Known, { inside: proves }: Fitting): boolean {
  if (b.schema.patternProperties !== undefined && !isSamePatterns(a, b)) return false
  const [left, right] = [fieldsOf(a.schema), fieldsOf(b.schema)]
  const own = (fields: typeof left, name: string, otherwise: Json): Json =>
    Object.hasOwn(fields.named, name) ? (fields.named[name] as Json) : otherwise
  const names = new Set([...Object.keys(left.named), ...Object.keys(right.named)])
  for (const name of names)
    if (!proves(within(a, own(left, name, left.other)), within(b, own(right, name, right.rest)))) return false
  // Names that neither lists: those of a pattern are in both, as the same patterns, or only in `a`.
  const rest = b.schema.patternProperties === undefined ? left.other : left.rest
  return proves(within(a, rest), within(b, right.rest))
}

/** Whether no value can be of both: by type, by value, or by a field that both must have. */
function areApart(a: Type, b: Type): boolean {
  const left = unreferred(a)
  const right = unreferred(b)
  if (!left || !right) return false
  if (!kindsOf(left.schema).some(kind => kindsOf(right.schema).includes(kind))) return true
  const [some, others] = [valuesOf(left.schema), valuesOf(right.schema)]
  if (some && others) return !some.some(value => others.includes(value))
  const both = schemasOf(left.schema.required).filter(name => schemasOf(right.schema.required).includes(name))
  if (!kindsOf(left.schema).every(kind => kind === 'object')) return false
  const field = ({ schema, root }: Known, name: string): Type => ({
    schema: fieldsOf(schema).named[name] ?? true,
    root,
  })
  return both.some(name => typeof name === 'string' && areApart(field(left, name), field(right, name)))
}

function unreferred(type: Type): Known | undefined {
  const [only, ...more] = resolved(type) ?? []
  return only && more.length === 0 && isSchema(only.schema) && only.schema.$ref === undefined
    ? { schema: only.schema, root: only.root }
    : undefined
}

/** All that it may be, an integer as a number. */
function kindsOf(schema: Schema): readonly string[] {
  const values = schema.const !== undefined ? [schema.const] : schema.enum
  const kinds = Array.isArray(values) ? (values as readonly Json[]).map(typeOf) : typesOf(schema)
  return kinds.map(kind => (kind === 'integer' ? 'number' : kind))
}

const valuesOf = (schema: Schema): readonly string[] | undefined =>
  schema.const !== undefined
    ? [canonicalJson(schema.const)]
    : Array.isArray(schema.enum)
      ? (schema.enum as readonly Json[]).map(canonicalJson)
      : undefined
