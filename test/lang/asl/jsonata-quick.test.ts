/** Simple texts have their value at once: that which jsonata gives, or jsonata is asked. */
import fc from 'fast-check'
import jsonata from 'jsonata'
import { expect, it } from 'vitest'

import { evaluateJsonata } from '../../../src/lang/asl/jsonata/evaluate.ts'
import { parseExpression } from '../../../src/lang/asl/jsonata/expression.ts'
import { LEAVE, type Quick, type Seen } from '../../../src/lang/asl/jsonata/quick.ts'
import { plainValue } from '../../../src/lang/asl/jsonata/value.ts'
import type { Json } from '../../../src/util/json.ts'

const NAMES = ['a', 'b', 'c'] as const

/** Texts of the kinds that are quick, and of some that nearly are. */
const { source } = fc.letrec<{ source: string; path: string; value: string }>(tie => ({
  path: fc
    .tuple(
      fc.constantFrom('$states', '$states.input', '$a', '$b', '$none', '$sum'),
      fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom('a[0]', 'b[-1]', 'c[1.5]', 'a[]')), {
        maxLength: 3,
      }),
    )
    .map(([start, steps]) => [start, ...steps].join('.')),
  value: fc.constantFrom('1', '0', '-2.5', '1e308', '"x"', '""', '"a"', 'true', 'false', 'null', '[]', '{}'),
  source: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('path'),
    tie('value'),
    fc
      .tuple(
        tie('source'),
        fc.constantFrom('+', '-', '*', '/', '%', '<', '<=', '>', '>=', '=', '!=', 'and', 'or', '&', 'in'),
        tie('source'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`.replaceAll(/\(([^()]*)\)/g, '$1')),
    fc.tuple(tie('source'), tie('source'), tie('source')).map(([test, one, other]) => `${test} ? ${one} : ${other}`),
    fc.tuple(tie('source'), tie('source')).map(([test, one]) => `${test} ? ${one}`),
    fc.array(tie('source'), { maxLength: 3 }).map(items => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 })
      .chain(names => fc.tuple(...names.map(name => tie('source').map(field => `"${name}": ${field}`))))
      .map(fields => `{${fields.join(', ')}}`),
    tie('source').map(of => `-${of}`),
    tie('source').map(of => `$exists(${of})`),
    tie('source').map(of => `$not(${of})`),
  ),
}))

const { data } = fc.letrec<{ data: Json }>(tie => ({
  data: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, false, 0, 1, -2.5, '', 'x', [], {}),
    fc.array(tie('data'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('data')),
  ),
}))

const quickly = (quick: Quick, seen: Seen): unknown => {
  try {
    return quick(seen)
  } catch (error) {
    if (error === LEAVE) return LEAVE
    throw error
  }
}

const parsed = (text: string): Quick | undefined => {
  try {
    return parseExpression(text).quick()
  } catch {
    return undefined // The generator wrote what is no JSONata.
  }
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : plainValue(value))

/** Whether it had a value at once; that must be jsonata's. */
async function agrees(text: string, seen: Seen): Promise<boolean> {
  const quick = parsed(text)
  const given = quick === undefined ? LEAVE : quickly(quick, seen)
  if (given === LEAVE) return false
  const expected: unknown = await jsonata(text).evaluate(undefined, { ...seen.vars, states: seen.states })
  expect([text, plain(given)]).toEqual([text, plain(expected)])
  return true
}

it('gives what jsonata gives for each operator and all kinds of values', async () => {
  const operators = ['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '=', '!=', 'and', 'or', '&', 'in', '? 5 :']
  const values: readonly (Json | undefined)[] = [
    undefined,
    null,
    true,
    false,
    0,
    1,
    -2.5,
    1e308,
    '',
    'a',
    'b',
    [],
    [1],
    {},
  ]
  let answered = 0
  for (const operator of operators)
    for (const left of values)
      for (const right of values) {
        const vars = Object.fromEntries(Object.entries({ left, right }).filter(([, value]) => value !== undefined))
        const seen: Seen = { states: {}, vars: vars as Seen['vars'] }
        answered += (await agrees(`$left ${operator} $right`, seen)) ? 1 : 0
      }
  expect(answered).toBeGreaterThan(800)
})

it('gives what jsonata gives, and nothing where jsonata gives none or an error', async () => {
  let answered = 0
  await fc.assert(
    fc.asyncProperty(source, data, data, data, async (text, input, a, b) => {
      answered += (await agrees(text, { states: { input, context: { a: 1 } }, vars: { a, b } })) ? 1 : 0
    }),
    { numRuns: 1500 },
  )
  expect(answered).toBeGreaterThan(300)
})

it.each([
  ['$states.input.n < 5', true],
  ['$n + 1', 5],
  ['{"n": $states.input.n + 1, "all": $states.input}', { n: 4, all: { n: 3, list: [{ v: 1 }] } }],
  ['$exists($states.input.m) ? "there" : "not"', 'not'],
  ['$states.input.list[0].v', 1],
])('%s needs no waiting', (text, expected) => {
  const scope = {
    states: { input: { n: 3, list: [{ v: 1 }] }, context: {} },
    vars: { n: 4 },
    world: { now: () => 0, random: () => 0, uuid: () => '' },
    name: 'S',
    enteredId: 2,
    field: 'Output',
  }
  expect(evaluateJsonata(`{% ${text} %}`, scope)).toEqual(expected)
})
