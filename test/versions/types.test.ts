/** T1, T2: what is said of two types, against a validator that knows nothing of us. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareTypes } from '../../src/versions/index.ts'
import type { Json } from '../../src/util/json.ts'

const string = { type: 'string' }
const number = { type: 'number' }
const record = (
  properties: { readonly [name: string]: Json },
  required = Object.keys(properties),
  rest: Json = {},
): Json => ({
  type: 'object',
  properties,
  required,
  ...(rest as object),
})
const list = { $ref: '#/$defs/list' }
const listOf = (item: Json): Json => ({
  ...list,
  $defs: { list: { anyOf: [{ type: 'null' }, record({ head: item, tail: list })] } },
})

test.each<readonly [string, Json, Json, string]>([
  ['the same', string, { type: 'string' }, 'equal'],
  ['the same, with a title', string, { type: 'string', title: 'Name' }, 'equal'],
  ['two ways to write it', { type: ['string', 'number'] }, { anyOf: [number, string] }, 'equal'],
  ['an enum and its constants', { enum: [1, 'b'] }, { anyOf: [{ const: 'b' }, { const: 1 }] }, 'equal'],
  ['a boolean and its values', { type: 'boolean' }, { enum: [true, false] }, 'equal'],
  ['known, unknown', string, {}, 'widened'],
  ['unknown, known', {}, string, 'narrowed'],
  ['never', false, string, 'widened'],
  ['another type', string, number, 'changed'],
  ['integers', { type: 'integer' }, number, 'widened'],
  ['one more type', string, { type: ['string', 'null'] }, 'widened'],
  ['nullable', string, { type: 'string', nullable: true }, 'widened'],
  ['undefined too', string, { anyOf: [string, { not: {} }] }, 'widened'],
  ['a constant of it', number, { const: 3 }, 'narrowed'],
  ['one more value', { enum: ['b'] }, { enum: ['c', 'b'] }, 'widened'],
  ['other values', { enum: ['b', 'c'] }, { enum: ['c', 'd'] }, 'changed'],
  ['a bound', number, { type: 'number', minimum: 0 }, 'narrowed'],
  ['an open bound', { type: 'number', minimum: 0 }, { type: 'number', exclusiveMinimum: 0 }, 'narrowed'],
  ['bounds that cross', { type: 'number', minimum: 0 }, { type: 'number', maximum: 0 }, 'changed'],
  ['a length', { type: 'string', minLength: 1 }, { type: 'string', minLength: 2 }, 'narrowed'],
  ['a pattern', string, { type: 'string', pattern: '^a' }, 'narrowed'],
  [
    'another pattern, which cannot be told',
    { type: 'string', pattern: '^ab' },
    { type: 'string', pattern: '^a' },
    'changed',
  ],
  ['a value that has the pattern', { const: 'ab' }, { type: 'string', pattern: '^a' }, 'widened'],
  ['a field that must be there', record({ b: string }), record({ b: string, c: string }), 'narrowed'],
  ['a field that may be there', record({ b: string }), record({ b: string, c: string }, ['b']), 'narrowed'],
  ['a field that may be left out', record({ b: string }), record({ b: string }, []), 'widened'],
  ['a field that takes more', record({ b: string }), record({ b: {} }), 'widened'],
  ['no others', record({ b: string }), record({ b: string }, ['b'], { additionalProperties: false }), 'narrowed'],
  [
    'one more where there were no others',
    record({ b: string }, ['b'], { additionalProperties: false }),
    record({ b: string, c: string }, ['b'], { additionalProperties: false }),
    'widened',
  ],
  ['fields of any name', { type: 'object', additionalProperties: string }, { type: 'object' }, 'widened'],
  ['items', { type: 'array', items: string }, { type: 'array' }, 'widened'],
  [
    'a tuple',
    { type: 'array', items: string },
    { type: 'array', prefixItems: [string], items: false, minItems: 1 },
    'narrowed',
  ],
  [
    'a tuple of draft 7',
    { type: 'array', items: [string], additionalItems: false },
    { type: 'array', prefixItems: [string], items: false },
    'equal',
  ],
  [
    'one more case',
    { oneOf: [record({ kind: { const: 'b' }, x: number })] },
    { oneOf: [record({ kind: { const: 'b' }, x: number }), record({ kind: { const: 'c' } })] },
    'widened',
  ],
  ['an intersection', record({ b: string }), { allOf: [record({ b: string }), record({ c: string })] }, 'narrowed'],
  ['what it refers to', { $ref: '#/$defs/b', $defs: { b: string } }, string, 'equal'],
  ['what recurs', listOf(string), listOf({}), 'widened'],
  [
    'what recurs, with another name',
    listOf(string),
    JSON.parse(JSON.stringify(listOf(string)).replaceAll('/list', '/l').replace('"list"', '"l"')),
    'equal',
  ],
  [
    'a reference to itself',
    { $ref: '#/$defs/b', $defs: { b: { anyOf: [{ $ref: '#/$defs/b' }, string] } } },
    number,
    'changed',
  ],
  ['nobody knows', string, { type: 'string', format: 'email' }, 'narrowed'],
  ['a keyword that is not understood', { not: string }, { not: number }, 'changed'],
])('%s', (_, before, after, how) => {
  expect(compareTypes(before, after)).toBe(how)
  const back = how === 'widened' ? 'narrowed' : how === 'narrowed' ? 'widened' : how
  expect(compareTypes(after, before)).toBe(back)
})

/** Small, so that two of them meet. */
const value: fc.Arbitrary<Json> = fc.letrec<{ readonly value: Json }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, 1, 2, 3, 0.5, '', 'a', 'b', 'ab', 'abc'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
})).value

const few = fc.integer({ min: 0, max: 3 })
const keyword = (type: fc.Arbitrary<Json>): fc.Arbitrary<{ readonly [word: string]: Json }> => {
  const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), type, { maxKeys: 3 })
  const some = fc.array(type, { minLength: 1, maxLength: 2 })
  const word = (name: string, json: fc.Arbitrary<Json>) => json.map(each => ({ [name]: each }))
  const kind = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object')
  return fc.oneof(
    { weight: 4, arbitrary: word('type', fc.oneof(kind, fc.uniqueArray(kind, { minLength: 1, maxLength: 3 }))) },
    word('const', value),
    word('enum', fc.array(value, { minLength: 1, maxLength: 3 })),
    word('minimum', few),
    word('exclusiveMinimum', few),
    word('maximum', few),
    word('exclusiveMaximum', few),
    word('multipleOf', fc.constantFrom(1, 2, 0.5)),
    word('minLength', few),
    word('maxLength', few),
    word('pattern', fc.constantFrom('^a', 'b$')),
    word('minItems', few),
    word('maxItems', few),
    word('uniqueItems', fc.boolean()),
    word('items', type),
    word('prefixItems', some),
    { weight: 2, arbitrary: word('properties', fields) },
    { weight: 2, arbitrary: word('required', fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 })) },
    word('additionalProperties', type),
    word('patternProperties', fc.dictionary(fc.constantFrom('^a', 'b'), type, { minKeys: 1, maxKeys: 1 })),
    word('minProperties', few),
    word('maxProperties', few),
    word('not', type),
    { weight: 2, arbitrary: word('anyOf', some) },
    word('oneOf', some),
    word('allOf', some),
    word('$ref', fc.constantFrom('#', '#/$defs/b')),
  )
}

const type: fc.Arbitrary<Json> = fc
  .letrec<{ readonly type: Json }>(tie => ({
    type: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Json>({}, true, false, string, number),
      fc.array(keyword(tie('type')), { minLength: 1, maxLength: 4 }).map(words => Object.assign({}, ...words) as Json),
    ),
  }))
  .type.chain(schema =>
    typeof schema === 'object' && schema !== null
      ? fc
          .constantFrom<Json>(string, { type: 'array', items: { $ref: '#' } })
          .map(b => ({ ...schema, $defs: { b } }) as Json)
      : fc.constant(schema),
  )

/** One for all: a new one compiles the schema of schemas first. */
const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false })

/** A reference that leads to itself without an end is no type at all: the validator overflows. */
function validator(schema: Json): ((json: Json) => boolean) | undefined {
  try {
    const check = ajv.compile(schema as object)
    return json => check(json)
  } catch {
    return undefined
  }
}

const isFit = (check: (json: Json) => boolean, json: Json): boolean | undefined => {
  try {
    return check(json)
  } catch {
    return undefined
  }
}

describe('never says what is not so', () => {
  /** The second is often the first with one thing done to it: else hardly anything would be said. */
  const edited = (schema: Json): fc.Arbitrary<Json> =>
    fc.oneof(
      type,
      keyword(type).map(word => (typeof schema === 'object' ? ({ ...(schema as object), ...word } as Json) : schema)),
      keyword(type).map(word => ({ anyOf: [schema, word] })),
      fc.nat().map(at => {
        const entries = typeof schema === 'object' && schema !== null ? Object.entries(schema) : []
        return Object.fromEntries(entries.filter((_, index) => index !== at % entries.length)) as Json
      }),
    )

  test('in 500 pairs of types', () => {
    const said = { equal: 0, widened: 0, narrowed: 0, changed: 0 }
    const pairs = type.chain(before =>
      fc.tuple(fc.constant(before), edited(before), fc.array(value, { minLength: 12, maxLength: 12 })),
    )
    fc.assert(
      fc.property(pairs, ([before, after, values]) => {
        const how = compareTypes(before, after)
        said[how]++
        expect(compareTypes(after, before)).toBe(how === 'widened' ? 'narrowed' : how === 'narrowed' ? 'widened' : how)
        const [old, now] = [validator(before), validator(after)]
        if (!old || !now || how === 'changed') return
        for (const json of values) {
          const [was, is] = [isFit(old, json), isFit(now, json)]
          if (was === undefined || is === undefined) continue
          if (how !== 'narrowed' && was) expect(is, JSON.stringify(json)).toBe(true)
          if (how !== 'widened' && is) expect(was, JSON.stringify(json)).toBe(true)
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 500), seed: Number(process.env.SEED ?? 1) },
    )
    expect(Math.min(...Object.values(said))).toBeGreaterThan(5)
  })
})
