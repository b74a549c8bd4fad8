import { describe, expect, test } from 'vitest'
import { checkIntrinsic, evaluateIntrinsic, type IntrinsicScope } from '../../../src/lang/asl/intrinsic/index.ts'
import type { Json } from '../../../src/util/json.ts'

const scope = (input: Json): IntrinsicScope => ({
  input,
  context: { Execution: { Name: 'run-1' }, StateMachine: { Id: 'arn', Name: 'm' } },
  vars: { step: 5 },
  name: 'S',
  enteredId: 2,
  world: { now: () => 0, random: () => 0.5, uuid: () => '4d6a1d3e-0000-4000-8000-000000000000' },
})

const list: Json = [1, 2, 3, 4, 5]

describe('an intrinsic function', () => {
  test.each<[string, Json, Json]>([
    ["States.Format('no place')", {}, 'no place'],
    ["States.Format('{}-{}', 'a', 1.5)", {}, 'a-1.5'],
    ["States.Format('{} {} {}', null, true, 10000000000)", {}, 'null true 10000000000'],
    ["States.Format('{}', $)", { Id: 'a', Names: ['b', { c: null }] }, '{Id=a, Names=[b, {c=null}]}'],
    ["States.Format('{}|{}', $.small, $.large)", { small: 0.0001, large: 12345678.5 }, '1.0E-4|1.23456785E7'],
    ["States.Format('\\{{}\\} it\\'s \\\\', 1)", {}, "{1} it's \\"],
    ['States.Format($.template, 1)', { template: 'n={}' }, 'n=1'],
    ["States.Format('{}', States.StringToJson($.json))", { json: '{"a": "b"}' }, '{"a":"b"}'],
    ["States.Format('{}:{}', $$.Execution.Name, $step)", {}, 'run-1:5'],
    ['States.StringToJson(\'{"a": [1]}\')', {}, { a: [1] }],
    ['States.StringToJson($.text)', { text: ' ' }, null],
    ['States.StringToJson($.text)', { text: '-0' }, 0],
    ['States.StringToJson($.text)', { text: '"[{\\"["' }, '[{"['],
    ['States.JsonToString($)', { a: [1, 1.5, 'b', null], c: {} }, '{"a":[1,1.5,"b",null],"c":{}}'],
    ["States.JsonToString('x')", {}, '"x"'],
    ['States.Array()', {}, []],
    ["States.Array( $.a ,'b', -1e2, true,null )", { a: [] }, [[], 'b', -100, true, null]],
    ['States.ArrayPartition($, 2)', list, [[1, 2], [3, 4], [5]]],
    ['States.ArrayPartition($, 2.9)', list, [[1, 2], [3, 4], [5]]],
    ['States.ArrayPartition($, 9)', list, [list]],
    ['States.ArrayPartition($, 1)', [], []],
    ['States.ArrayContains($, 3)', list, true],
    ['States.ArrayContains($, 9)', list, false],
    ['States.ArrayContains($.all, $.one)', { all: [{ a: 1 }], one: { a: 1 } }, true],
    ['States.ArrayContains($.all, $.one)', { all: [{ a: 1, b: 2 }], one: { b: 2, a: 1 } }, false],
    ['States.ArrayContains($, 5)', ['5'], true],
    ['States.ArrayContains($, false)', [0, ''], false],
    ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
    ['States.ArrayRange(5, 1, -2)', {}, [5, 3, 1]],
    ['States.ArrayRange(5.4, -0.6, -2.4)', {}, [5, 3, 1]],
    ['States.ArrayRange(1, 5, -1)', {}, []],
    ['States.ArrayRange(3, 3, 1)', {}, [3]],
    ['States.ArrayLength(States.ArrayRange(1, 1000, 1))', {}, 1000],
    ['States.ArrayGetItem($, 1)', list, 2],
    ['States.ArrayGetItem($, 1.9)', list, 2],
    ['States.ArrayGetItem($, 0)', [null], null],
    ['States.ArrayGetItem($, 7)', [], null],
    ['States.ArrayLength($)', list, 5],
    ['States.ArrayUnique($)', [1, '1', 1, null, 'b', 'a', 'b'], [null, 1, '1', 'a', 'b']],
    ['States.ArrayUnique($)', [true, false, true], [false, true]],
    [
      'States.ArrayUnique($)',
      [[1, 2], [2, 1], [1, 2], { a: 1, b: 2 }, { b: 2, a: 1 }],
      [[2, 1], { a: 1, b: 2 }, [1, 2]],
    ],
    ["States.Base64Encode('✓ done')", {}, '4pyTIGRvbmU='],
    ["States.Base64Decode('4pyTIGRvbmU=')", {}, '✓ done'],
    ["States.Base64Decode(' YWJjZA ')", {}, 'abcd'],
    ["States.Hash('hello', 'MD5')", {}, '5d41402abc4b2a76b9719d911017c592'],
    ["States.Hash('hello', 'SHA-1')", {}, 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: 1, y: { p: 1 } }, b: { y: { q: 2 } } }, { x: 1, y: { q: 2 } }],
    ['States.MathRandom(1, 100, 42)', {}, 63],
    ['States.MathRandom(1, 1000, 1)', {}, 106],
    ['States.MathRandom(1, 1000, 2)', {}, 806],
    ['States.MathRandom(2147483640, 2147483647, 1)', {}, 2147483644],
    ['States.MathRandom(1, 9)', {}, 5],
    ['States.MathAdd(-0.5, 0.5)', {}, 1],
    ['States.MathAdd(-1.5, 0)', {}, -1],
    ['States.MathAdd(2147483646, 1)', {}, 2147483647],
    ['States.MathAdd(States.MathAdd($step, 1), -2)', {}, 4],
    ["States.StringSplit('1+2,3.4', '.+,')", {}, ['1', '2', '3', '4']],
    ["States.StringSplit(',,a,, b,', ',')", {}, ['a', ' b']],
    ["States.StringSplit('abc', '')", {}, ['abc']],
    ["States.StringSplit('', ',')", {}, []],
    ['States.UUID()', {}, '4d6a1d3e-0000-4000-8000-000000000000'],
    ["States.ArrayGetItem($.a[?(@.k == 'x,)')].v, 0)", { a: [{ k: 'x,)', v: 7 }] }, 7],
  ])('%s of %j', (text, input, value) => {
    expect(evaluateIntrinsic(text, scope(input))).toEqual(value)
  })
})

const long = 'a'.repeat(10_001)

describe('a call fails as Amazon words it', () => {
  test.each<[string, Json, string]>([
    ['States.ArrayRange(1, 5)', {}, 'Invalid arguments in States.ArrayRange'],
    ["States.ArrayRange('a', 5, 1)", {}, 'Invalid arguments in States.ArrayRange'],
    ['States.ArrayRange(1, 5, 0)', {}, 'Invalid arguments in States.ArrayRange'],
    ['States.ArrayRange(1, 10, 0.49)', {}, 'Invalid arguments in States.ArrayRange'],
    ['States.ArrayRange(1, 1001, 1)', {}, 'Invalid arguments in States.ArrayRange'],
    ['States.ArrayRange(1, 9007199254740991, 1)', {}, 'Invalid arguments in States.ArrayRange'],
    ['States.ArrayPartition($, 0.6)', list, 'Invalid arguments in States.ArrayPartition'],
    ['States.ArrayPartition($, 2)', {}, 'Invalid arguments in States.ArrayPartition'],
    ['States.ArrayGetItem($, 5)', list, 'Invalid arguments in States.ArrayGetItem'],
    ['States.ArrayGetItem($, -1)', list, 'Invalid arguments in States.ArrayGetItem'],
    ['States.ArrayUnique($)', {}, 'Invalid arguments in States.ArrayUnique'],
    ['States.Base64Encode($)', long, 'Invalid arguments in States.Base64Encode'],
    ['States.Base64Decode(1)', {}, 'Invalid arguments in States.Base64Decode'],
    ["States.Hash($, 'MD5')", long, 'Invalid arguments in States.Hash'],
    ["States.Hash('a', 'sha-256')", {}, 'Invalid arguments in States.Hash'],
    ['States.JsonMerge($, $, true)', {}, 'Invalid arguments in States.JsonMerge'],
    ['States.MathRandom(1, 1)', {}, 'Invalid arguments in States.MathRandom'],
    ['States.MathAdd(2147483647, 1)', {}, 'Invalid arguments in States.MathAdd'],
    ['States.MathAdd(3000000000, 1)', {}, 'Invalid arguments in States.MathAdd'],
    ["States.MathAdd(1, 'b')", {}, 'Invalid arguments in States.MathAdd'],
    ['States.StringSplit(1, 2)', {}, 'Invalid arguments in States.StringSplit'],
    ['States.StringToJson(1)', {}, 'Invalid arguments in States.StringToJson'],
    [
      "States.Format('{}')",
      {},
      'Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.',
    ],
    ["States.Format('{', 1)", {}, "Invalid template in States.Format: matching '}' not found for '{'."],
    [
      'States.StringToJson($)',
      '['.repeat(100_000),
      'Cannot convert String to Json in States.StringToJson, caused by: more than 1000 levels',
    ],
    ["States.Format('}')", {}, "Invalid template in States.Format: matching '{' not found for '}'."],
  ])('%s', (text, input, words) => {
    expect(() => evaluateIntrinsic(text, scope(input))).toThrow(
      expect.objectContaining({
        error: 'States.Runtime',
        reason:
          "An error occurred while executing the state 'S' (entered at the event id #2). " +
          `There was an error while evaluating the intrinsic function: ${text}. ${words}`,
      }),
    )
  })

  test.each<[string, Json, string]>([
    [
      "States.Format('{}', States.Format('{}', $.nope))",
      { other: 1 },
      `The JsonPath argument for the field '$.nope' could not be found in the input '{"other":1}'`,
    ],
    [
      "States.Format('{}', $.items[5])",
      { items: [1] },
      `The JsonPath argument for the field '$.items[5]' could not be found in the input '{"items":[1]}'`,
    ],
    [
      "States.Format('{}', $$.Nope.Deep)",
      {},
      `The JsonPath argument for the field '$.Nope.Deep' could not be found in the input '{}'`,
    ],
    ["States.Format('{}', $.a[0])", { a: 1 }, 'Filter: [0] can only be applied to arrays. Current context is: 1'],
  ])('%s finds nothing', (text, input, words) => {
    expect(() => evaluateIntrinsic(text, scope(input))).toThrow(
      `An error occurred while executing the state 'S' (entered at the event id #2). ` +
        `The function '${text}' had the following error: ${words}`,
    )
  })
})

describe('a call is refused beforehand', () => {
  test.each([
    ['States.Nothing(1)', 'No intrinsic function at position 0'],
    ['States.Array(1', "Expected ',' or ')' at position 14"],
    ['States.Array(1,)', 'Unexpected text at position 15'],
    ['States.Array(1) more', 'Unexpected text at position 16'],
    ['States.Array([1,2])', 'Unexpected text at position 13'],
    ['States.Array(1.)', 'Unexpected text at position 13'],
    ['States.Array(.5)', 'Unexpected text at position 13'],
    ['States.Array("a")', 'Unexpected text at position 13'],
    ["States.Array('a)", 'The text at position 13 does not end'],
    ["States.Array('\\n')", "'\\n' in the text at position 13 escapes nothing"],
    ["States.Format('say \\\"{}\\\"', 'a')", "'\\\"' in the text at position 14 escapes nothing"],
    ['States.Array($.a b)', "Use bracket notion ['my prop'] if your property contains blank characters. position: 2"],
    ["States.MathAdd(1,'-1')", "'-1' is a text: a number stands without quotes"],
    [`${'States.Array('.repeat(12)}${')'.repeat(12)}`, 'Intrinsic functions are nested more than 10 deep'],
    [`${'States.Array('.repeat(50_000)}`, 'Intrinsic functions are nested more than 10 deep'],
  ])('%s', (text, why) => {
    expect(checkIntrinsic(text)).toBe(why)
  })

  test('and otherwise is fine, whatever its inputs will be', () => {
    const texts = ["States.ArrayRange('a')", 'States.StringToJson(\'{"a": "b"}\')', 'States.Format($.a, $b.c[0], $$.d)']
    expect(texts.map(checkIntrinsic)).toEqual([undefined, undefined, undefined])
  })
})
