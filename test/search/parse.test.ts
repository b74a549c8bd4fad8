/** The text form: what it means, where it is refused, and that nothing makes it fail otherwise. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELDS, SUBJECTS } from '../../src/search/fields.ts'
import { parseQuery, printQuery } from '../../src/search/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { ODD, queryOf } from './arbitrary.ts'

const NOW_MS = Date.parse('2026-11-26T12:30:00Z')
const parse = (text: string) => parseQuery(text, NOW_MS)

const MEANINGS: readonly (readonly [text: string, printed: string])[] = [
  ['step', 'step'],
  ['steps where failed', 'step where failed'],
  ['step where retried = false', 'step where not retried'],
  ['step where retried != false', 'step where retried'],
  ['step where a = 1'.replace('a', 'attempts'), 'step where attempts = 1'],
  ['step where duration > p95 and retried', 'step where duration > p95 and retried'],
  ['step where duration>2*avg', 'step where duration > 2 * avg'],
  ['step where duration > 1h30m', 'step where duration > 5400000ms'],
  ['step where not not failed', 'step where not (not failed)'],
  ['step where failed or known and retried', 'step where failed or (known and retried)'],
  ['step where (failed or known) and retried', 'step where (failed or known) and retried'],
  ['step where failed and (known and retried)', 'step where failed and known and retried'],
  ['step where step = compile and run = c1', "step where name = 'compile' and run.id = 'c1'"],
  ['step where status == failed', "step where status = 'failed'"],
  ['step where status in (timed-out)'.replace('step', 'run'), "run where status in ('timed-out')"],
  ['run where version = 1.2.0', "run where version = '1.2.0'"],
  ['run where started >= -2d', 'run where started >= 2026-11-24T12:30:00.000Z'],
  ['run where started = yesterday', 'run where started = 2026-11-25'],
  ['run where started<-2d', 'run where started < 2026-11-24T12:30:00.000Z'],
  ['run where started > 2026-11-01T09:30+01:00', 'run where started > 2026-11-01T08:30:00.000Z'],
  ['value where size > 1.5MB', 'value where size > 1500000B'],
  ["value where value.items[0].'odd name' = 'x'", "value where value.items[0].'odd name' = 'x'"],
  [
    'value where value = null or value.a = true or value.b = 1e3',
    'value where value = null or value.a = true or value.b = 1000',
  ],
  ["log where text contains 'it\\'s'", "log where text contains 'it\\'s'"],
  ['log where text ~ /a\\/b/i', 'log where text ~ /a\\/b/i'],
  ["log where text ~ '^a'", "log where text ~ '^a'"],
  ['a -> b', "node[name = 'a'] -> node where name = 'b'"],
  ['a->*->b', "node[name = 'a'] -> * -> node where name = 'b'"],
  ["'ci/test' <- step[failed]", "step[path = 'ci/test'] <- step where failed"],
  [
    'step[kind=effect] -> * -> step[name~deploy] where failed',
    "step[kind = 'effect'] -> * -> step where name ~ 'deploy' and failed",
  ],
  ['a -> * -> b -> c', "node[name = 'a'] -> * -> node[name = 'b'] -> node where name = 'c'"],
  ['count step where failed', 'count step where failed'],
  [
    'step where failed group by name, error.code order by count desc limit 3',
    'step where failed group by name, error.code order by count desc limit 3',
  ],
]

test.each(MEANINGS)('%s', (text, printed) => {
  expect(printQuery(parse(text))).toBe(printed)
  expect(parse(printed)).toEqual(parse(text))
})

const REFUSALS: readonly (readonly [text: string, column: number, code: string, message: RegExp, hint?: RegExp])[] = [
  ['', 1, 'QUERY_SYNTAX', /Expected run, step, .*but the query ends/],
  ['stop where failed', 1, 'QUERY_UNKNOWN_SUBJECT', /"stop"/, /Did you mean step\?/],
  ['step where', 11, 'QUERY_SYNTAX', /Expected a field of step, but the query ends/],
  ['step wher failed', 6, 'QUERY_SYNTAX', /Expected 'where', .*there is "wher"/],
  ['step where duraton > 5s', 12, 'QUERY_UNKNOWN_FIELD', /no duraton/, /Did you mean duration\?/],
  ['step where run.workflw = ci', 12, 'QUERY_UNKNOWN_FIELD', /no run\.workflw/, /Did you mean run\.workflow\?/],
  ['step where error = x', 12, 'QUERY_UNKNOWN_FIELD', /no error/, /error\.code, error\.message/],
  ['count step group by status', 12, 'QUERY_SYNTAX', /Groups have their count already/, /Leave 'count' out/],
  ['step where failed and', 22, 'QUERY_SYNTAX', /Expected a field/],
  ['step where failed, known', 18, 'QUERY_SYNTAX', /Expected 'and', 'or'/],
  ['step where name', 16, 'QUERY_SYNTAX', /Expected an operator after name/],
  ['step where name deploy', 17, 'QUERY_SYNTAX', /Expected an operator/, /= deploy/],
  ['step where name =', 18, 'QUERY_SYNTAX', /Expected a value for name/],
  ['step where name < b', 17, 'QUERY_VALUE', /no order/],
  ['step where duration > 5', 23, 'QUERY_VALUE', /"5" does not fit duration/, /5ms, 5s or 5m/],
  ['step where duration > soon', 23, 'QUERY_VALUE', /expected a duration/],
  ["step where duration > '5s'", 23, 'QUERY_VALUE', /expected a duration/],
  ['step where attempts > p95', 23, 'QUERY_VALUE', /no p95 of attempts/],
  ['step where attempts ~ 3', 21, 'QUERY_VALUE', /no text/],
  ['step where status = faild', 21, 'QUERY_VALUE', /expected one of succeeded/, /Did you mean failed\?/],
  ['step where started > 2026-02-30', 22, 'QUERY_VALUE', /expected an instant/],
  ['step where started > tomorow', 22, 'QUERY_VALUE', /expected an instant/, /-2d/],
  ['step where name ~ /a', 19, 'QUERY_SYNTAX', /pattern has no end/],
  ["step where name ~ '('", 19, 'QUERY_VALUE', /no regular expression/],
  ['step where name ~ /a/g', 19, 'QUERY_VALUE', /flags/],
  ["step where name = 'deploy", 19, 'QUERY_SYNTAX', /text has no end/],
  ['step where (failed', 19, 'QUERY_SYNTAX', /'\)'/],
  ['step where failed)', 18, 'QUERY_SYNTAX', /Expected .* there is "\)"/],
  ['step where name in deploy', 20, 'QUERY_SYNTAX', /'\('/],
  ['step where name in (a b)', 23, 'QUERY_SYNTAX', /',' or '\)'/],
  ['step where name = a & b', 21, 'QUERY_SYNTAX', /"&" means nothing/],
  ['value where value[x] = 1', 19, 'QUERY_SYNTAX', /index from 0/],
  ["value where value.'a\"b' = 1", 19, 'QUERY_VALUE', /quotes/],
  ['step[failed -> step', 20, 'QUERY_SYNTAX', /'\]'/],
  ['step[faild] -> step', 6, 'QUERY_UNKNOWN_FIELD', /no faild/],
  ['step -> run', 9, 'QUERY_SYNTAX', /not to a run/],
  ['step -> node', 9, 'QUERY_SYNTAX', /about a step and about a node/],
  ['step -> ', 9, 'QUERY_SYNTAX', /Expected run, step/],
  ['step -> * <- * -> step', 11, 'QUERY_SYNTAX', /Expected '->'/],
  ['step limit 1.5', 12, 'QUERY_SYNTAX', /whole number/],
  ['step limit 5 5', 14, 'QUERY_SYNTAX', /Expected the end/],
  ['step group name', 12, 'QUERY_SYNTAX', /'by' after 'group'/],
  ['step group by name order by path', 29, 'QUERY_VALUE', /ordered by count or by name/],
  ['value order by value', 16, 'QUERY_VALUE', /no order/],
  [`step where ${'('.repeat(200)}failed`, 112, 'QUERY_SYNTAX', /nested/],
]

describe('refusals point to the column', () => {
  for (const [text, column, code, message, hint = /^/] of REFUSALS)
    test(text, () => {
      const refusal = refusalOf(text)
      expect(refusal).toMatchObject({ code, at: { file: 'query', line: 1, column } })
      expect(refusal?.message).toMatch(message)
      expect(refusal?.hint ?? '').toMatch(hint)
    })

  test('and to the line', () => {
    expect(refusalOf('step\nwhere failed\n  and duraton > 5s')?.at).toEqual({ file: 'query', line: 3, column: 7 })
  })
})

function refusalOf(text: string) {
  try {
    parse(text)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics[0]
    throw error
  }
}

test('Q1: a query that was printed is the same query', () => {
  fc.assert(
    fc.property(queryOf(ODD), query => {
      expect(parse(printQuery(query))).toEqual(query)
    }),
    { numRuns: 200 },
  )
})

describe('Q2: whatever the text, it is parsed or refused', () => {
  const words = [
    ...SUBJECTS,
    ...Object.keys(FIELDS.step),
    ...[
      'where',
      'and',
      'or',
      'not',
      'has',
      'in',
      'contains',
      'group',
      'by',
      'order',
      'limit',
      'count',
      'p95',
      'avg',
      'true',
      'null',
    ],
    ...[
      '->',
      '<-',
      '*',
      '(',
      ')',
      '[',
      ']',
      ',',
      '.',
      '=',
      '!=',
      '<',
      '<=',
      '~',
      "'x'",
      '"',
      "'",
      '/a/',
      '/',
      '10s',
      '-2d',
      '1e999',
      '2026-11-01',
      '99',
      '\\',
      'é',
      '🎵',
    ],
  ]
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map(list => list.join(' '))
  const joined = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map(list => list.join(''))
  const broken = fc
    .tuple(queryOf(ODD), fc.nat(), fc.string({ maxLength: 3 }), fc.nat({ max: 4 }))
    .map(([query, at, text, cut]) => {
      const printed = printQuery(query)
      const index = at % (printed.length + 1)
      return printed.slice(0, index) + text + printed.slice(index + cut)
    })
  test.each([
    ['anything', fc.string({ unit: 'binary', maxLength: 60 })],
    ['words', soup],
    ['words without blanks', joined],
    ['a query with something broken in it', broken],
  ] as const)('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, text => {
        const refusal = refusalOf(text)
        if (!refusal) return
        expect(refusal.code).toMatch(/^QUERY_/)
        if (refusal.at) expect(refusal.at.column).toBeGreaterThan(0)
      }),
      { numRuns: 600 },
    )
  })
})
