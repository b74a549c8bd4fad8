/** Values of JSONata texts in a state machine, and what their errors say. What AWS answers was measured there by others and is written down publicly. */
import fc from 'fast-check'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'

import { evaluateJsonata, fillJsonata, type JsonataScope } from '../../../src/lang/asl/jsonata/evaluate.ts'
import { isExpression } from '../../../src/lang/asl/jsonata/expression.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import type { Json } from '../../../src/util/json.ts'

const scope = (change: Partial<JsonataScope> = {}): JsonataScope => ({
  states: {
    input: { n: 3, name: 'Ada', list: [{ v: 1 }, { v: 2 }], nothing: null, one: [7] },
    context: { State: { Name: 'Sum' } },
  },
  vars: { m: 4, sum2: 'shadow' },
  world: {
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    random: () => 0.25,
    uuid: () => '0b0e7a3e-51b4-4f3e-9d11-6c1f2a3b4c5d',
  },
  name: 'Sum',
  enteredId: 2,
  field: 'Output',
  ...change,
})

const evaluated = async (source: string, change?: Partial<JsonataScope>): Promise<Json> =>
  evaluateJsonata(`{% ${source} %}`, scope(change))

const errorOf = async (source: string, ...rest: [] | [Parameters<typeof evaluateJsonata>[2]]): Promise<StateError> => {
  try {
    await evaluateJsonata(`{% ${source} %}`, scope(), ...rest)
  } catch (error) {
    if (error instanceof StateError) return error
    throw error
  }
  throw new Error(`${source} gives a value`)
}

describe('a text between {% and %}', () => {
  it.each([
    ['{% 1 %}', true],
    ['{%1%}', true],
    ['{%%}', true],
    ['{%}', false],
    [' {% 1 %}', false],
    ['{% 1 %} ', false],
    ['a {% 1 %}', false],
    [1, false],
    [null, false],
  ])('%j is an expression: %j', (text, expected) => expect(isExpression(text)).toBe(expected))
})

describe('a value', () => {
  const values: readonly (readonly [source: string, expected: Json])[] = [
    ['1 + 2', 3],
    ['$states.input.n < 5', true],
    ['$m + 1', 5],
    ['$states.input.name & "!"', 'Ada!'],
    ['$states.context.State.Name', 'Sum'],
    ['$states.input.list.v', [1, 2]],
    ['$states.input.list[0].v', 1],
    ['$states.input.list[v = 2].v', 2],
    ['$states.input.list[v = 2][]', [{ v: 2 }]],
    ['$states.input.one', [7]],
    ['$states.input.nothing', null],
    ['$exists($states.input.nothing)', true],
    ['$count(null)', 1],
    ['[1]', [1]],
    ['{"a": $states.input.absent, "b": 1}', { b: 1 }],
    ['$sum($states.input.list.v) + $m', 7],
    ["$contains('hello$world', /^hello\\$/)", true],
    ["$contains('hello$world', /^hello\\ /)", false],
    ["$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", 'Smith, John'],
    ["$split('a1b22c', /\\d+/)", ['a', 'b', 'c']],
    ["$match('abcabd', /ab(.)/).groups", ['c', 'd']],
    ["$match('aaa', /a/, 2).index", [0, 1]],
    ["$replace('price 5', /(?<=price )\\d/, '6')", 'price 6'],
    ["$merge([{'a': 1}, {'b': 2}])", { a: 1, b: 2 }],
    // One number alone is no list.
    ['$range(0, 9, 3)', [0, 3, 6, 9]],
    ['$range(1, 9, 9)', 1],
    ['$append([], $range(1, 9, 9))', [1]],
    ['$range(10, 0, -5)', [10, 5, 0]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(5, 1, -1.5)', [5, 4, 3, 2, 1]],
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3])', [[1, 2, 3]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([0], 5)', [[0]]],
    ["$hash('Hello', 'MD5')", '8b1a9953c4611296a827abf8c47804d7'],
    ["$hash('Hello', 'SHA-1')", 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
    ["$hash('Hello', 'SHA-256')", '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
    ["$substring($hash('Hello', 'SHA-384'), 0, 8)", '3519fe5a'],
    ["$substring($hash('Hello', 'SHA-512'), 0, 8)", '3615f80c'],
    ["$hash('ñ', 'MD5')", '94e9342ecbb1458b6043ecd3bfcbc192'],
    ["$map(['a', 'b'], $hash(?, 'MD5'))", ['0cc175b9c0f1b6a831c399e269772661', '92eb5ffee6ae2fec3ad71c777531578f']],
    ['$random()', 0.25],
    ['$random(42)', 0.7275636800328681],
    ['$random(0.9)', 0.730967787376657],
    ['$random(7)', 0.7306990420600421],
    ['$random(77)', 0.7240700207191966],
    ['$range(1.4, 5.6, 2.2)', [1, 3, 5]],
    ['$count($range(1, 1001, 1))', 1001],
    ['$parse(\' {"a:": "x:"} \')', { 'a:': 'x:' }],
    ['$shuffle([1, 2, 3, 4])', [4, 3, 1, 2]],
    ['$uuid()', '0b0e7a3e-51b4-4f3e-9d11-6c1f2a3b4c5d'],
    ['$now()', '2026-01-02T03:04:05.000Z'],
    ["$now('[Y0001]-[M01]', '+0000')", '2026-01'],
    ['$millis()', 1767323045000],
    ['$parse(\'{"b":1,"a":[1.0,1e2]}\')', { b: 1, a: [1, 100] }],
    ["$parse('null')", null],
    ["$parse('-0')", 0],
    ["$map(['1', '[2]'], $parse)", [1, [2]]],
    // What JSON has no word for.
    ['1/0', 'Infinity'],
    ['[-1/0, 0/0]', ['-Infinity', 'NaN']],
    ['{"k": 1e308 * 10}', { k: 'Infinity' }],
    ['$string(1/0)', 'Infinity'],
    ['$string(1e20)', '100000000000000000000'],
    ['$string(1e21)', '1e+21'],
    ['$string(1/3)', '0.333333333333333'],
    ['$sort([3, 1, 2])', [1, 2, 3]],
    ['$sort(["b", "a", "B"])', ['B', 'a', 'b']],
    ['$sort([3, 1, 2], function($a, $b) { $a < $b })', [3, 2, 1]],
    ['$pad("x", 3, "-")', 'x--'],
    ["$map(['a', 'b'], $pad(?, 3, '.'))", ['a..', 'b..']],
    ['[[1..3]]', [[1, 2, 3]]],
    ['$distinct([1, 1, 2])', [1, 2]],
    [
      '$states.input ~> |list|{"w": v * 2}|',
      {
        n: 3,
        name: 'Ada',
        list: [
          { v: 1, w: 2 },
          { v: 2, w: 4 },
        ],
        nothing: null,
        one: [7],
      },
    ],
    ['($f := function($x){ $x <= 0 ? 0 : 1 + $f($x-1) }; $f(200))', 200],
    ['$count([1..100000][$ % 2 = 0])', 50000],
  ]
  it.each(values)('%s', async (source, expected) => {
    expect(await evaluated(source)).toEqual(expected)
  })

  it('of $sort is what jsonata itself sorts', async () => {
    const lists = fc.oneof(fc.array(fc.integer({ min: -3, max: 3 })), fc.array(fc.string({ maxLength: 2 })))
    await fc.assert(
      fc.asyncProperty(lists, async list => {
        const input = { states: { input: { list }, context: {} } }
        const sorted: unknown = await jsonata('$count($sort($list))=0 ? [] : [$sort($list)]').evaluate(undefined, {
          list,
        })
        expect(await evaluated('$count($states.input.list) = 0 ? [] : [$sort($states.input.list)]', input)).toEqual([
          ...(sorted as Json[]),
        ])
      }),
    )
  })

  it('is plain JSON: a list is marked as none of jsonata’s own', async () => {
    const list = await evaluated('$states.input.list.v')
    expect(Object.keys(list as object)).toEqual(['0', '1'])
  })

  it('keeps a name that objects have a meaning for', async () => {
    const value = await evaluated('$states.input', {
      states: { input: JSON.parse('{"__proto__": {"a": 1}}') as Json, context: {} },
    })
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}')
  })
})

describe('an error', () => {
  const prefix =
    "An error occurred while executing the state 'Sum' (entered at the event id #2). The JSONata expression"
  const errors: readonly (readonly [source: string, words: string])[] = [
    ['$doesNotExist', 'returned nothing (undefined).'],
    ['$states.input.absent', 'returned nothing (undefined).'],
    ['$states.result', 'returned nothing (undefined).'],
    ['$range(5, 1, 1)', 'returned nothing (undefined).'],
    ['$range(1, 5)', 'returned nothing (undefined).'],
    ['$range(1, 5, 0)', 'returned nothing (undefined).'],
    ['$partition([], 2)', 'returned nothing (undefined).'],
    ['$partition([1], 0)', 'returned nothing (undefined).'],
    ["$hash('a')", 'returned nothing (undefined).'],
    ['$parse()', 'returned nothing (undefined).'],
    ['function($x){$x}', 'returned an unsupported result type.'],
    ['$fn := function($x){$x}', 'returned an unsupported result type.'],
    ['[$sum]', 'returned an unsupported result type.'],
    ['/a/', 'returned an unsupported result type.'],
    ['$randomSeeded(1)', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    ["$eval('1+1')", 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    [
      "$abs('x')",
      'threw an error during evaluation. T0410: Argument 1 of function "abs" does not match function signature',
    ],
    [
      '$range(1)',
      'threw an error during evaluation. T0410: Argument 2 of function "range" does not match function signature',
    ],
    [
      "$range(1, 5, 1, 'x')",
      'threw an error during evaluation. T0410: Argument 4 of function "range" does not match function signature',
    ],
    [
      '$parse(null)',
      'threw an error during evaluation. T0410: Argument 1 of function "parse" does not match function signature',
    ],
    [
      "$uuid('x')",
      'threw an error during evaluation. T0410: Argument 1 of function "uuid" does not match function signature',
    ],
    [
      '$partition("not", 2)',
      'threw an error during evaluation. T0412: Argument 1 of function "partition" must be an array of undefined',
    ],
    [
      '$partition(null)',
      'threw an error during evaluation. T0412: Argument 1 of function "partition" must be an array of undefined',
    ],
    [
      '$partition([1], null)',
      'threw an error during evaluation. T0410: Argument 2 of function "partition" does not match function signature',
    ],
    [
      '$partition([1], 2, 3)',
      'threw an error during evaluation. T0410: Argument 3 of function "partition" does not match function signature',
    ],
    [
      '$range(1, 5, null)',
      'threw an error during evaluation. T0410: Argument 3 of function "range" does not match function signature',
    ],
    ['$range(1, 10, 0.49)', 'returned nothing (undefined).'],
    [
      '$hash()',
      'threw an error during evaluation. T0410: Argument 1 of function "hash" does not match function signature',
    ],
    [
      '$hash(1, "MD5")',
      'threw an error during evaluation. T0410: Argument 1 of function "hash" does not match function signature',
    ],
    [
      '$random(null)',
      'threw an error during evaluation. T0410: Argument 1 of function "random" does not match function signature',
    ],
    [
      '$random(77, 88)',
      'threw an error during evaluation. T0410: Argument 2 of function "random" does not match function signature',
    ],
    [
      '$parse("1", 1)',
      'threw an error during evaluation. T0410: Argument 2 of function "parse" does not match function signature',
    ],
    [
      '$uuid(1, 2)',
      'threw an error during evaluation. T0410: Argument 1 of function "uuid" does not match function signature',
    ],
    ['"a" + 5', 'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number'],
    ['$partition([1], -1)', 'threw an error during evaluation. D3137: Second argument must be zero or greater'],
    [
      "$hash('a', 'md5')",
      "threw an error during evaluation. D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5",
    ],
    ["$error('no')", 'threw an error during evaluation. D3137: no'],
    [
      "1 < 'a'",
      'threw an error during evaluation. T2009: The values 1 and "a" either side of operator "<" must be of the same data type',
    ],
    [
      '$sqrt(-1)',
      'threw an error during evaluation. D3060: The sqrt function cannot be applied to a negative number: -1',
    ],
    ['10 + * 2', 'threw an error during evaluation. S0201: Syntax error: 2'],
  ]
  it.each(errors)('%s', async (source, words) => {
    const error = await errorOf(source)
    expect(error.error).toBe('States.QueryEvaluationError')
    expect(error.location).toBe('Output')
    expect(error.reason).toBe(`${prefix} '${source}' specified for the field 'Output' ${words}`)
  })

  it.each(["''", '\'{"a":1}{}\'', "'1e400'", "'x'", '\'[{"a:":1,"b\\\\"":2,"a:":3}]\''])(
    '$parse(%s) refuses what is no JSON',
    async text => {
      expect((await errorOf(`$parse(${text})`)).reason).toMatch(/D3137: Invalid JSON$/)
    },
  )

  it.each([
    ['true', "Expected 'array', but was 'boolean' for value: true"],
    ['null', "Expected 'array', but was 'null' for value: null"],
    ['"string"', "Expected 'array', but was 'string' for value: \"string\""],
    ["{'foo': 'bar'}", 'Expected \'array\', but was \'object\' for value: {"foo":"bar"}'],
  ])('%s where a list is expected', async (source, words) => {
    expect((await errorOf(source, 'array')).reason).toBe(
      `${prefix} '${source}' specified for the field 'Output' returned an unexpected result type. ${words}`,
    )
  })
})

describe('a template', () => {
  it('has the value of each expression in its place, and other text as it stands', async () => {
    const template = { a: '{% $m %}', b: ['{% null %}', ' {% 1 %} ', { c: '{% $states.input.n %}' }], d: { e: '$m' } }
    expect(await fillJsonata(template, scope())).toEqual({ a: 4, b: [null, ' {% 1 %} ', { c: 3 }], d: { e: '$m' } })
  })

  it('without an expression is given back itself', async () => {
    const template = { a: [1, { b: 'x' }] }
    expect(await fillJsonata(template, scope())).toBe(template)
  })

  it.each([
    [{ v: '{% $x %}' }, 'Output/v'],
    [{ a: { b: [[1, '{% $x %}']] } }, 'Output/a/b[0][1]'],
    ['{% $x %}', 'Output'],
  ])('names the place of an error: %j', async (template, location) => {
    await expect((async () => fillJsonata(template as Json, scope()))()).rejects.toMatchObject({ location })
  })
})
