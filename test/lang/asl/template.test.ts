import { describe, expect, test } from 'vitest'
import { checkDynamic, fillTemplate } from '../../../src/lang/asl/template/index.ts'
import type { Json } from '../../../src/util/json.ts'

const fill = (template: Json, input: Json): Json =>
  fillTemplate(template, {
    input,
    context: { Task: { Token: 't' } },
    vars: { v: 4 },
    name: 'S',
    enteredId: 2,
    world: { now: () => 0, random: () => 0, uuid: () => 'u' },
  })

describe('a template is filled', () => {
  test.each<[string, Json, Json, Json]>([
    [
      'by paths and calls',
      { 'a.$': '$.x', 'b.$': "States.Format('{}', $.x)", c: '$.x' },
      { x: 1 },
      { a: 1, b: '1', c: '$.x' },
    ],
    [
      'at every depth, in lists too',
      { a: [{ 'b.$': '$.x' }, 2], c: { 'd.$': '$' } },
      { x: 1 },
      { a: [{ b: 1 }, 2], c: { d: { x: 1 } } },
    ],
    ['by variables and the context object', { 'a.$': '$v', 'b.$': '$$.Task.Token' }, {}, { a: 4, b: 't' }],
    ['with null where a list is too short', { 'a.$': '$.x[5]' }, { x: [1] }, { a: null }],
    ['with lists where a path may find many', { 'a.$': '$.x[*].y' }, {}, { a: [] }],
    ['and is any JSON', ['$.x', 1, null], {}, ['$.x', 1, null]],
  ])('%s', (_, template, input, result) => {
    expect(fill(template, input)).toEqual(result)
  })

  test('its plain fields first', () => {
    expect(JSON.stringify(fill({ 'b.$': '$.x', a: 1, 'c.$': '$.x' }, { x: 2 }))).toBe('{"a":1,"b":2,"c":2}')
  })

  test('and given as it stands when it names nothing', () => {
    const template = { a: [{ b: 1 }] }
    expect(fill(template, {})).toBe(template)
  })

  test('or fails, naming the field', () => {
    expect(() => fill({ a: { 'b.$': '$.x' } }, { y: 1 })).toThrow(
      expect.objectContaining({
        error: 'States.Runtime',
        reason:
          "An error occurred while executing the state 'S' (entered at the event id #2). The JSONPath '$.x' specified for the " +
          `field 'b.$' could not be found in the input '{"y":1}'`,
      }),
    )
    expect(() => fill({ 'b.$': '$$.x' }, {})).toThrow(`'b.$' could not be found in the input '{"Task":{"Token":"t"}}'`)
  })

  test('whatever its fields are called', () => {
    const template = JSON.parse('{"__proto__.$": "$.x", "constructor": {"a.$": "$.x"}}') as Json
    expect(JSON.stringify(fill(template, { x: 1 }))).toBe('{"constructor":{"a":1},"__proto__":1}')
  })
})

test.each<[Json, string | undefined]>([
  ['ipsum', "Path must start with '$' or '@'"],
  [1, 'It is not a text'],
  ['States.Nothing()', 'No intrinsic function at position 0'],
  ["States.Format('{}', $.a)", undefined],
  ['$$.Task.Token', undefined],
])('%j in a template is told what is wrong with it', (value, why) => {
  expect(checkDynamic(value)).toBe(why)
})
