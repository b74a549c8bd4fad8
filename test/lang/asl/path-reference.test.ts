import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPath, readReference, seekPath, writeReference } from '../../../src/lang/asl/path/index.ts'
import type { Json } from '../../../src/util/json.ts'

const at = { name: 'S', enteredId: 2 }
const prefix = "An error occurred while executing the state 'S' (entered at the event id #2)."

describe('a result is written', () => {
  test.each<[string, Json, string, Json]>([
    ['instead of all', { a: 1 }, '$', 9],
    ['as a new field', { a: 1 }, '$.b', { a: 1, b: 9 }],
    ['over an old field', { a: { b: 1, c: 2 } }, '$.a', { a: 9 }],
    ['with the objects above it', { a: 1 }, '$.b.c.d', { a: 1, b: { c: { d: 9 } } }],
    ['beside what is there', { a: { b: 1 } }, '$.a.c', { a: { b: 1, c: 9 } }],
    ['over an item', { a: [1, 2] }, '$.a[1]', { a: [1, 9] }],
    ['over the last item', { a: [1, 2] }, '$.a[-1]', { a: [1, 9] }],
    ['into an item', { a: [{ b: 1 }] }, '$.a[0].c', { a: [{ b: 1, c: 9 }] }],
    ['by a quoted name', {}, "$['two words']", { 'two words': 9 }],
  ])('%s', (_, target, path, result) => {
    const before = structuredClone(target)
    expect(writeReference(target, path, 9, at)).toEqual(result)
    expect(target).toEqual(before)
  })

  test('even by the name that objects hide behind', () => {
    const written = writeReference({}, '$.__proto__.polluted', 9, at)
    expect(JSON.stringify(written)).toBe('{"__proto__":{"polluted":9}}')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each<[Json, string]>([
    [1, '$.a'],
    ['text', '$.a'],
    [null, '$.a'],
  ])('%j has no place at all for %s', (target, path) => {
    expect(() => writeReference(target, path, 9, at)).toThrow(
      expect.objectContaining({
        error: 'States.ResultPathMatchFailure',
        reason: `${prefix} Unable to apply ReferencePath ${path} to input ${JSON.stringify(target)}`,
      }),
    )
  })

  test.each<[Json, string, string]>([
    [[], '$.a', 'a'],
    [{ a: 1 }, '$.a.b', 'b'],
    [{ a: null }, '$.a.b', 'b'],
    [{ a: [1] }, '$.a.b', 'b'],
    [{ a: [1] }, '$.a[1]', '1'],
    [{ a: [1] }, '$.a[-2]', '-2'],
    [{ a: {} }, '$.a[0]', '0'],
    [{}, '$.a[0]', '0'],
  ])('in %j something is in the way of %s', (target, path, step) => {
    expect(() => writeReference(target, path, 9, at)).toThrow(
      expect.objectContaining({
        error: 'States.ReferencePathConflict',
        reason: `${prefix} Unable to apply step "${step}" to input ${JSON.stringify(target)}`,
      }),
    )
  })
})

describe('what a reference path names', () => {
  const input: Json = { a: { b: [1, 2] }, c: null }

  test.each<[string, Json]>([
    ['$.a.b', [1, 2]],
    ['$.a.b[1]', 2],
    ['$.c', null],
    ['$list', [3]],
  ])('%s is read', (path, value) => {
    expect(readReference(path, { input, vars: { list: [3] }, context: {} }, at)).toEqual(value)
  })

  test.each([
    ['$.x', 'x'],
    ['$.x.y', 'x'],
    ['$.a.x', 'x'],
    ['$.c.x', 'x'],
    ['$.a.b[2]', '2'],
  ])('%s is not there', (path, step) => {
    expect(() => readReference(path, { input, vars: {}, context: {} }, at)).toThrow(
      expect.objectContaining({
        error: 'States.ReferencePathConflict',
        reason: `${prefix} Unable to apply step "${step}" to input {"a":{"b":[1,2]},"c":null}`,
      }),
    )
  })

  test('a variable without a value is told as such', () => {
    expect(() => readReference('$list', { input, vars: {}, context: {} }, at)).toThrow(
      `${prefix} Invalid path '$list' : The variable 'list' is not assigned`,
    )
  })
})

const step = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }).map(text => `['${text.replace(/[\\']/g, '\\$&')}']`),
  fc.stringMatching(/^[a-z]{1,6}$/).map(text => `.${text}`),
)

test('what was written is found again, and nothing else is changed (J2)', () => {
  const target = fc.dictionary(fc.stringMatching(/^[A-Z]$/), fc.jsonValue())
  fc.assert(
    fc.property(target, fc.array(step, { minLength: 1, maxLength: 5 }), fc.jsonValue(), (fields, steps, leaf) => {
      const input = fields as Json
      const path = `$${steps.join('')}`
      const before = structuredClone(input)
      fc.pre(!steps[0]!.match(/^\['[A-Z]'\]$/))
      const written = writeReference(input, path, leaf as Json, at)
      expect(seekPath(path, { input: written, vars: {}, context: {} })).toEqual({ kind: 'found', value: leaf })
      expect(input).toEqual(before)
      expect(written).toMatchObject(before as object)
    }),
  )
})

describe('a reference path', () => {
  test.each(['$', '$.a', '$.a.b[0]', "$['a'][-1]"])('%s may be written to', path => {
    expect(checkPath(path, 'result')).toBeUndefined()
  })

  test.each(['$$.Execution.Id', '$name', '$name.a[0]'])('%s may be read alone', path => {
    expect(checkPath(path, 'reference')).toBeUndefined()
    expect(checkPath(path, 'result')).toBe("A path that is written to begins with '$.', or is '$'")
  })

  test.each([
    ['$.a[*]', '[*]'],
    ['$..a', '..'],
    ['$.a[1:2]', '[1:2]'],
    ['$.a[0,1]', '[0,1]'],
    ['$.a[?(@.b)]', '[?]'],
    ["$['a','b']", "['a','b']"],
    ['$.a.length()', '.length()'],
  ])('%s is none', (path, odd) => {
    expect(checkPath(path, 'path')).toBeUndefined()
    expect(checkPath(path, 'reference')).toBe(
      `A reference path holds fields and single items alone, and this one has ${odd}`,
    )
  })
})
