import { describe, expect, test } from 'vitest'
import { seekPath } from '../../../src/lang/asl/path/index.ts'
import type { Json } from '../../../src/util/json.ts'

const input: Json = {
  limit: 2,
  wanted: ['a', 'c'],
  items: [
    { id: 'a', n: 1, tags: ['x', 'y'] },
    { id: 'b', n: 2, tags: [], text: 'Hello' },
    { id: 'c', n: 3, tags: ['y'], text: '', gone: null },
  ],
}

function ids(filter: string): Json {
  const sought = seekPath(`$.items[?(${filter})].id`, { input, vars: {}, context: {} })
  return sought.kind === 'found' ? sought.value : sought.words
}

describe('a filter', () => {
  test.each<[string, readonly string[]]>([
    ['@.n == 2', ['b']],
    ["@.n == '2'", ['b']],
    ["@.n === '2'", []],
    ['@.n != 2', ['a', 'c']],
    ["@.n !== '2'", ['a', 'b', 'c']],
    ['@.n < 2', ['a']],
    ['@.n<=2', ['a', 'b']],
    ['@.n > $.limit', ['c']],
    ['@.n>=$.limit', ['b', 'c']],
    ["@.id > 'a'", ['b', 'c']],
    ["@.n < 'z'", []],
    ["@.id in ['a','b']", ['a', 'b']],
    ['@.id IN $.wanted', ['a', 'c']],
    ["@.id nin ['a']", ['b', 'c']],
    ["@.tags contains 'y'", ['a', 'c']],
    ["@.text contains 'ell'", ['b']],
    ["@.tags all ['x','y']", ['a']],
    ['@.tags size 2', ['a']],
    ['@.tags empty true', ['b']],
    ['@.text empty false', ['b']],
    ["@.tags subsetof ['y']", ['b', 'c']],
    ["@.tags anyof ['x']", ['a']],
    ["@.tags noneof ['x']", ['b', 'c']],
    ['@.text =~ /h.*o/i', ['b']],
    ['@.text =~ /(?i)HELLO/', ['b']],
    ['@.text =~ /ell/', []],
    ['@.text', ['b', 'c']],
    ['!@.text', ['a']],
    ['@.gone', ['c']],
    ['@.gone == null', ['c']],
    ["@.n > 1 && @.text == 'Hello' || @.id == 'a'", ['a', 'b']],
    ["!(@.n > 1 && @.text == 'Hello')", ['a', 'c']],
    ['@[\'id\'] == "a"', ['a']],
    ['@.tags.length() == 1', ['c']],
    ["@.tags[?(@ == 'x')].length() == 1", []],
    ['@.id == a', ['a']],
    ["'a' == @.id", ['a']],
    ['@.n in [1, 3]', ['a', 'c']],
  ])('%s', (filter, expected) => {
    expect(ids(filter)).toEqual(expected)
  })

  test('of an object asks the object itself', () => {
    const scope = { input: { a: { n: 1 } }, vars: {}, context: {} }
    expect(seekPath('$.a[?(@.n == 1)]', scope)).toEqual({ kind: 'found', value: [{ n: 1 }] })
    expect(seekPath('$..[?(@.n == 1)]', scope)).toEqual({ kind: 'found', value: [{ n: 1 }] })
  })
})

describe('a hostile path stops at its limit', () => {
  const deep = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json
  const wide: Json = Array.from({ length: 300 }, (_, at) => ({ at, list: Array.from({ length: 10 }, () => at) }))

  test.each<[string, string, Json, RegExp]>([
    ['of levels', '$..a', deep(100_000), /more than 1000 levels/],
    ['of nodes', '$..*..*..*', deep(900), /too many nodes/],
    ['of nodes, within a filter', '$[?($..*..*..*)]', wide, /too many nodes/],
    ['of time, by a pattern', '$[?(@ =~ /(a+)+b/)]', ['a'.repeat(40)], /cannot be searched/],
    ['of steps', `$${'.a'.repeat(100_000)}`, {}, /more than 1000 steps/],
    ['of nested filters', `$${'[?(@'.repeat(500)}${')]'.repeat(500)}`, [], /nested more than 100 deep/],
    ['of parentheses', `$[?(${'('.repeat(500)}@${')'.repeat(500)})]`, [], /nested more than 100 deep/],
    ['of exclamation marks', `$[?(${'!'.repeat(5000)}@)]`, [], /nested more than 100 deep/],
  ])('%s', (_, text, document, words) => {
    const sought = seekPath(text, { input: document, vars: {}, context: {} })
    expect(sought).toMatchObject({ kind: 'missing', words: expect.stringMatching(words) })
  })

  test('and a slice from far before a list costs nothing', () => {
    const sought = seekPath('$[-2147483648:-1]', { input: [1, 2, 3], vars: {}, context: {} })
    expect(sought).toEqual({ kind: 'found', value: [1, 2] })
  })
})
