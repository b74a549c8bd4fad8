/** Texts that would run for ever, or fill the memory: each stops at a limit, with AWS's words for it, while others have their turn. */
import { describe, expect, it } from 'vitest'

import { evaluateJsonata } from '../../../src/lang/asl/jsonata/evaluate.ts'
import { LIMITS, WORDS } from '../../../src/lang/asl/jsonata/limits.ts'
import { inTime, WatchedRegExp } from '../../../src/lang/asl/jsonata/watch.ts'

const scope = {
  states: { input: {}, context: {} },
  vars: {},
  world: { now: () => 0, random: () => 0.5, uuid: () => 'uuid' },
  name: 'S',
  enteredId: 2,
  field: 'Output',
}

const evaluate = async (source: string): Promise<string> => {
  try {
    return `gave ${JSON.stringify(await evaluateJsonata(`{% ${source} %}`, scope)).slice(0, 200)}`
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error)
  }
}

const { slow, deep, large } = WORDS
const DAG = '($a := {"x": 1}; $f := function($v, $n) { $n = 0 ? $v : $f({"l": $v, "r": $v}, $n - 1) }; $f($a, 60))'

/** Without end: they use up their steps. */
const endless: readonly (readonly [source: string, words: readonly string[]])[] = [
  ['($f := function($x) { $f($x + 1) }; $f(1))', [slow]],
  ['($f := function($x) { 1 + $f($x + 1) }; $f(1))', [slow, deep]],
]

/** Large, or long in one call alone. */
const hostile: readonly (readonly [source: string, words: readonly string[]])[] = [
  ['[1..1e9]', [large]],
  ['[1..9000000]', [large]],
  ['$range(1, 1e12, 1)', [large]],
  ['$map([1..1000], function($i) { [1..4000000] })', [large]],
  ['$map([1..10000], function($i) { $append([1..2000000], [1..2000000]) })', [large]],
  ['($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f("x", 60))', [large]],
  ['$pad("x", 1e10)', [large]],
  ['$length($pad("x", -1e9))', [large]],
  ['$map($split($pad("", 5000, "x"), ""), $pad(?, 6000000))', [slow, large]],
  ['$join($split($pad("", 10000, "x"), ""), $pad("", 10000, "y"))', [large]],
  ['$replace($pad("", 100000, "x"), "x", $pad("", 100000, "y"))', [large]],
  [DAG, [large]],
  [`$string(${DAG})`, [large]],
  [`${DAG} = ${DAG}`, [large]],
  [`$count(${DAG}.**)`, [large]],
  ['$distinct([1..500000])', [slow]],
  ['$match($pad("", 40, "a") & "!", /^(a+)+$/)', [slow]],
  ['$match($pad("", 200000, "a"), /a[^b]*b|a/)', [slow]],
  [`${'('.repeat(100_000)}1${')'.repeat(100_000)}`, [deep]],
  [`${'['.repeat(100_000)}1${']'.repeat(100_000)}`, [deep]],
]

describe('a hostile text ends at a limit (JB2, JB3)', () => {
  const titled = [...endless, ...hostile].map(([source, words]) => [source.slice(0, 100), source, words] as const)
  it.each(titled)('%s', async (_title, source, words) => {
    const reason = await evaluate(source)
    expect(words.some(each => reason.includes(`threw an error during evaluation: ${each}`)) || reason.slice(-300)).toBe(
      true,
    )
  })
})

it('lets others have the thread while a long evaluation goes on, and leaves nothing behind (JB1)', async () => {
  // The first in nodes of the text, the second in calls of functions alone.
  const sources = ['$sum($map([1..60000], function($x) { $x * 2 }))', '$count($map([1..60000], $string))']
  const waiting = () =>
    process.getActiveResourcesInfo().filter(each => each === 'Timeout' || each === 'Immediate').length
  const before = waiting()
  let [longestMs, lastMs, turns] = [0, performance.now(), 0]
  const [given] = await Promise.all([
    Promise.all(sources.map(evaluate)),
    (async () => {
      for (; turns < 5; turns += 1) {
        await new Promise(setImmediate)
        longestMs = Math.max(longestMs, performance.now() - lastMs)
        lastMs = performance.now()
      }
    })(),
  ])
  expect(given).toEqual(['gave 3600060000', 'gave 60000'])
  expect(longestMs).toBeLessThan(LIMITS.milliseconds / 2)
  expect(waiting()).toBeLessThanOrEqual(before)
})

it('is not kept from an object with many fields that are evaluated side by side', async () => {
  const fields = Array.from({ length: 400 }, (_, at) => `"f${at}": $string(${at} + 1) & "!"`)
  expect(await evaluate(`$count($keys({ ${fields.join(', ')}, "last": $join(["a"]) }))`)).toBe('gave 401')
})

describe('a watched regular expression', () => {
  const all = (pattern: RegExp, text: string): readonly (readonly [string, number])[] => {
    const watched = new WatchedRegExp(pattern)
    const found: [string, number][] = []
    for (let match = watched.exec(text); match !== null && match[0] !== ''; match = watched.exec(text))
      found.push([match[0], match.index])
    return found
  }
  it.each([
    [/a./g, 'abacad'],
    [/^a|b/g, 'aab'],
    [/(?<=x)\d+/g, 'x1 x22 y3'],
    [/\d/g, '1234567890'.repeat(50)],
    [/z/g, 'abc'],
  ])('finds what %s finds', (pattern, text) => {
    expect(all(pattern, text)).toEqual([...text.matchAll(pattern)].map(match => [match[0], match.index]))
  })

  it('stops calls within calls', () => {
    expect(() => inTime(() => inTime(() => /^(a+)+$/.exec(`${'a'.repeat(40)}!`), 30), 1000)).toThrow(slow)
    expect(inTime(() => 1 + inTime(() => 1))).toBe(2)
  })
})
