import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { checkPath, type PathScope, seekPath } from '../../../src/lang/asl/path/index.ts'
import type { Json } from '../../../src/util/json.ts'

const store: Json = {
  items: [
    { name: 'a', price: 1, tags: ['x', 'y'] },
    { name: 'b', price: 2.5, sold: true },
    { name: 'c', price: 3, tags: [] },
  ],
  numbers: [4, 1, 3],
  'two words': { "it's": 1 },
  owner: { name: 'd', address: null },
  nothing: null,
}

const scope = (input: Json, vars = {}, context = {}): PathScope => ({ input, vars, context })

function found(text: string, input: Json = store): Json {
  const sought = seekPath(text, scope(input))
  return sought.kind === 'found' ? sought.value : { missing: sought.words }
}

describe('what a path finds', () => {
  test.each<[string, Json]>([
    ['$', store],
    ['$.owner.name', 'd'],
    ["$['owner']['name']", 'd'],
    ['$["owner"].name', 'd'],
    ['$.owner.address', null],
    ["$['two words']['it\\'s']", 1],
    ['$.items[0].name', 'a'],
    ['$.items[-1].name', 'c'],
    ['$.numbers[0,2]', [4, 3]],
    ['$.numbers[1:]', [1, 3]],
    ['$.numbers[:1]', [4]],
    ['$.numbers[:-1]', [4, 1]],
    ['$.numbers[-2:]', [1, 3]],
    ['$.numbers[0:2]', [4, 1]],
    ['$.items[(@.length-1)].name', 'c'],
    ['$.items[*].name', ['a', 'b', 'c']],
    ['$.owner.*', ['d', null]],
    ['$..name', ['a', 'b', 'c', 'd']],
    ['$.items..name', ['a', 'b', 'c']],
    ["$.items[0]['name','price']", { name: 'a', price: 1 }],
    ["$['items','owner'].name", ['d']],
    ['$..tags[0]', ['x']],
    ['$.items[?(@.sold)].name', ['b']],
    ['$.items[?(!@.sold)].name', ['a', 'c']],
    ['$.items.length()', 3],
    ['$.numbers.max()', 4],
    ['$.numbers.min()', 1],
    ['$.numbers.sum()', 8],
    ['$.numbers.first()', 4],
    ['$.numbers.last()', 3],
    ['$.numbers.index(1)', 1],
    ['$.owner.keys()', ['name', 'address']],
    ['$..price.sum()', 6.5],
    ['$.numbers.append(9)', [4, 1, 3, 9]],
    ['$.items[*].length()', [3, 3, 3]],
  ])('%s', (text, value) => {
    expect(found(text)).toEqual(value)
  })
})

describe('where there is nothing', () => {
  test.each<[string, Json, Json]>([
    ['$.a', {}, { missing: "No results for path: $['a']" }],
    ['$.a.b', {}, { missing: "Missing property in path $['a']" }],
    ['$.a[3]', { a: [1] }, { missing: "No results for path: $['a'][3]" }],
    ['$.a[0]', { a: 1 }, { missing: 'Filter: [0] can only be applied to arrays. Current context is: 1' }],
    ['$.a[0]', { a: null }, { missing: "The path $['a'] is null" }],
    ['$.constructor', {}, { missing: "No results for path: $['constructor']" }],
    ['$.length', [], expect.objectContaining({ missing: expect.stringContaining("found 'java.util.ArrayList'") })],
    ['$.a.b', { a: 'x' }, expect.objectContaining({ missing: expect.stringContaining("found 'java.lang.String'") })],
    // J1: what may find many finds none.
    ['$.a[*]', {}, []],
    ['$.a[1:]', {}, []],
    ['$.a.b[1:5].c', {}, []],
    ['$[*]', {}, []],
    ['$..a', {}, []],
    ['$.numbers[5:9]', { numbers: [1] }, []],
    ['$.a[?(@.b)]', {}, []],
    ['$.a.min()', { a: [] }, { missing: 'Aggregation function attempted to calculate value using empty array' }],
  ])('%s in %j', (text, input, value) => {
    expect(found(text, input)).toEqual(value)
  })
})

test('$$ is the context object, and $name a variable', () => {
  const all = scope({ id: 1 }, { id: 2, order: { lines: [3, 4] } }, { Execution: { Id: 5 } })
  const values = ['$.id', '$id', '$order.lines[1]', '$order.lines[*]', '$$.Execution.Id', '$$'].map(text => {
    const sought = seekPath(text, all)
    return sought.kind === 'found' && sought.value
  })
  expect(values).toEqual([1, 2, 4, [3, 4], 5, { Execution: { Id: 5 } }])
  expect(seekPath('$toString', all)).toMatchObject({ kind: 'missing' })
})

describe('what is no path is told why', () => {
  test.each([
    ['', "Path must start with '$' or '@'"],
    ['a.b', "Path must start with '$' or '@'"],
    ['$.', "Path must not end with a '.' or '..'"],
    ['$..', "Path must not end with a '.' or '..'"],
    ['$...a', "Character '.' on position 3 is not valid."],
    ['$.a b', "Use bracket notion ['my prop'] if your property contains blank characters. position: 2"],
    ['$[', "Could not parse token starting at position 1. Expected ?, ', 0-9, * "],
    ['$[a]', "Could not parse token starting at position 1. Expected ?, ', 0-9, * "],
    ["$['a", "Property has not been closed - missing closing '"],
    ['$[:]', 'Failed to parse SliceOperation: :'],
    ['$[99999999999]', 'Failed to parse token in ArrayIndexOperation: 99999999999'],
    ['$.a.nothing()', 'Function with name: nothing does not exist.'],
    ['$.a.sum($.b', "Arguments to function: 'sum' are not closed properly."],
    ['$[?(@.a ~ 1)]', "Expected ')' at position 8"],
    ['$[?(@.a is 1)]', 'Filter operator is at position 8 is not supported!'],
    ['$[?(@.a =~ /[/)]', 'The pattern /[/ at position 11 cannot be used'],
  ])('%s', (text, why) => {
    expect(checkPath(text, 'path')).toBe(why)
  })
})

const name = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' })
const quoted = (text: string): string => `['${text.replace(/[\\']/g, '\\$&')}']`

test('any field of any name is found by its own path, and only there (J3)', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.jsonValue(), (names, leaf) => {
      const value = leaf as Json
      const input = names.reduceRight<Json>((inner, each) => Object.fromEntries([[each, inner]]), value)
      expect(found(`$${names.map(quoted).join('')}`, input)).toBe(value)
    }),
  )
})

test('slices are those of the language where it knows them', () => {
  const bound = fc.option(fc.integer({ min: -8, max: 8 }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 6 }), bound, bound, (list, from, to) => {
      fc.pre(from === undefined || to === undefined || (from >= 0 && to >= 0))
      fc.pre(from !== undefined || to !== undefined)
      expect(found(`$[${from ?? ''}:${to ?? ''}]`, list)).toEqual(list.slice(from, to))
    }),
  )
})
