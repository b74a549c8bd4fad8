/** What is printed of a property: where it stands, what is wrong, a run that shows it, and what is taken for granted. */
import { expect, test } from 'vitest'
import type { PropertyResult, RunEvent } from '../../src/analysis/index.ts'
import { propertyJson, renderProperty } from '../../src/cli/render/properties.ts'

const at = { file: 'tutti.ts', line: 9, column: 3 }
const about = {
  property: { kind: 'eventually', a: [{ kind: 'step', path: 'a', up: 0 }], at },
  text: 'eventually(a)',
  around: 'ci/',
  at,
  states: 7,
} as const
const event = (text: string, is: RunEvent['is'] = 'event'): RunEvent => ({ text, is, at: { ...at, line: 4 } })
const events = [
  event('when goes by otherwise', 'choice'),
  ...Array.from({ length: 9 }, (_, index) => event(`s${index} begins`)),
]
const violated: PropertyResult = {
  ...about,
  kind: 'violated',
  because: 'The run can go on for ever without a',
  assumptions: ['Only runs that succeed count'],
  shown: { run: { trace: [1], length: 'shortest', then: 'again', cycle: [2] }, events, cycle: [event('x begins')] },
}

test.each<readonly [detail: 'choices' | 'all', result: PropertyResult, lines: readonly string[]]>([
  ['choices', { ...about, kind: 'holds', by: 'order', assumptions: [] }, ['eventually(a) in ci  tutti.ts:9:3']],
  [
    'choices',
    {
      ...about,
      kind: 'unknown',
      why: { kind: 'unseen', text: 'What the flow f calls is known only when it runs' },
      assumptions: [],
    },
    ['eventually(a) in ci  tutti.ts:9:3', '  What the flow f calls is known only when it runs'],
  ],
  [
    'choices',
    violated,
    [
      'eventually(a) in ci  tutti.ts:9:3',
      '  The run can go on for ever without a',
      '    when goes by otherwise  tutti.ts:4:3',
      '    s6 begins               tutti.ts:4:3',
      '    s7 begins               tutti.ts:4:3',
      '    … and 6 events more (--verbose shows them)',
      '    s8 begins               tutti.ts:4:3',
      '    and then for ever:',
      '    x begins                tutti.ts:4:3',
      '  assumed: only runs that succeed count',
    ],
  ],
])('%s', (detail, result, lines) => expect(renderProperty(result, { detail }).split('\n')).toEqual(lines))

test('all of a run, on demand', () =>
  expect(renderProperty(violated, { detail: 'all' }).split('\n')).toHaveLength(2 + events.length + 3))

test('as data', () =>
  expect(propertyJson(violated)).toEqual({
    property: 'eventually',
    text: 'eventually(a)',
    in: 'ci',
    at,
    because: 'The run can go on for ever without a',
    run: events,
    then: 'again',
    length: 'shortest',
    cycle: [event('x begins')],
    assumptions: ['Only runs that succeed count'],
    states: 7,
  }))
