/** Which conditions of a Choice hold, operator by operator, and what a condition ends with that cannot be asked. */
import { describe, expect, it } from 'vitest'
import type { ChoiceState, QueryLanguage, Test } from '../../../src/lang/asl/machine.ts'
import type { Scope } from '../../../src/lang/asl/scope.ts'
import { exitOfChoice, holds, noChoice } from '../../../src/lang/asl/state/index.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import type { Json } from '../../../src/util/json.ts'

const scope = (input: Json, language: QueryLanguage = 'JSONPath'): Scope => ({
  name: 'Check',
  language,
  input,
  vars: { limit: 5 },
  context: { State: { Name: 'Check' } },
  enteredId: 2,
  world: { now: () => 0, random: () => 0, uuid: () => 'uuid' },
})

const choice = (rule: object): ChoiceState => ({ Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' })

/** `true`, `false`, or the error's name and cause. */
async function asked(rule: object, input: Json, language?: QueryLanguage): Promise<boolean | string> {
  try {
    return await holds(choice(rule), 0, scope(input, language))
  } catch (error) {
    if (error instanceof StateError) return error.message
    throw error
  }
}

/** The operator with its operand, then values of `$.v` for which it holds, and for which it does not. */
const OPERATORS: readonly (readonly [test: Test, holding: readonly Json[], others: readonly Json[]])[] = [
  [{ StringEquals: 'b' }, ['b'], ['B', '', 1, null, ['b']]],
  [{ StringLessThan: 'b' }, ['a', '', 'B'], ['b', 'c', 1]],
  [{ StringLessThanEquals: 'b' }, ['a', 'b'], ['c', null]],
  [{ StringGreaterThan: 'b' }, ['ba', 'c'], ['b', 'a', 9]],
  [{ StringGreaterThanEquals: 'b' }, ['b', 'ba'], ['a', true]],
  [{ NumericEquals: 1.5 }, [1.5], [1, '1.5', true, [1.5]]],
  [{ NumericEquals: 1 }, [1, 1.0], [true, '1']],
  [{ NumericLessThan: 2 }, [1, -3, 1.99], [2, '1', null]],
  [{ NumericLessThanEquals: 2 }, [2, 1], [3, false]],
  [{ NumericGreaterThan: 2 }, [2.5], [2, '3', {}]],
  [{ NumericGreaterThanEquals: 2 }, [2, 3], [1, '2']],
  [{ BooleanEquals: false }, [false], [true, 0, '', null]],
  [{ TimestampEquals: '2026-01-01T12:00:00Z' }, ['2026-01-01T07:00:00-05:00', '2026-01-01T12:00Z'], ['2026-01-01', 1]],
  [{ TimestampLessThan: '2026-01-01T12:00:00Z' }, ['2026-01-01T11:59:59.999999999Z'], ['2026-01-01T12:00:00Z', 'soon']],
  [
    { TimestampLessThanEquals: '2026-01-01T12:00:00Z' },
    ['2026-01-01T12:00:00+00:00'],
    ['2026-01-01T12:00:00.000000001Z'],
  ],
  [{ TimestampGreaterThan: '2026-01-01T12:00:00Z' }, ['2026-01-01T12:00:00.1Z'], ['2026-01-01T13:00:00+01:00', null]],
  [{ TimestampGreaterThanEquals: '2026-01-01T12:00:00Z' }, ['2026-01-01T13:00:00+01:00'], ['2026-01-01T11:00:00Z']],
  [{ IsNull: true }, [null], [0, '', false, [], {}]],
  [{ IsNull: false }, [0, ''], [null]],
  [{ IsPresent: true }, [null, 0, ''], []],
  [{ IsPresent: false }, [], [null, 0]],
  [{ IsString: true }, ['', 'a'], [1, null, ['a']]],
  [{ IsNumeric: true }, [0, -1.5], ['1', true, null]],
  [{ IsBoolean: true }, [true, false], ['true', 0, null]],
  [
    { IsTimestamp: true },
    ['2012-10-09T19:00:55Z', '2012-10-09T19:00:55+01:00', '2024-02-29T00:00:00.5Z', '2012-10-09t19:00:55z'],
    [
      '2012-10-09T19:00:55',
      '2023-02-24',
      '2023-02-29T00:00:00Z',
      '2012-10-09 19:00:55Z',
      '2012-10-09T24:00:00Z',
      1,
      null,
    ],
  ],
  [{ IsTimestamp: false }, ['2023-02-24', 1], ['2012-10-09T19:00:55Z']],
  [{ StringMatches: 'log-*.txt' }, ['log-.txt', 'log-a.b.txt', 'log-log-.txt'], ['log.txt', 'log-a.txt.gz', 1]],
  [{ StringMatches: '*' }, ['', 'any'], [0, null]],
  [{ StringMatches: 'a*b*c' }, ['abc', 'a--b--c', 'abbc'], ['acb', 'ab', 'xabc']],
  [{ StringMatches: 'ab*ba' }, ['abba', 'abxba'], ['aba', 'ab']],
  [{ StringMatches: 'a\\*b' }, ['a*b'], ['axb', 'a\\*b']],
  [{ StringMatches: 'a\\\\*' }, ['a\\', 'a\\x'], ['a*', 'ax']],
]

describe('an operator', () => {
  it.each(OPERATORS)('%j', async (test, holding, others) => {
    const answers = async (values: readonly Json[]) =>
      Promise.all(values.map(async v => [v, await asked({ Variable: '$.v', ...test }, { v })]))
    expect(await answers(holding)).toEqual(holding.map(v => [v, true]))
    expect(await answers(others)).toEqual(others.map(v => [v, false]))
  })

  it('with a path compares with what is there, taken as the operator has it', async () => {
    const rows: readonly (readonly [string, Json, Json, boolean])[] = [
      ['StringEqualsPath', 'a', 'a', true],
      ['StringLessThanPath', 'a', 'b', true],
      ['NumericEqualsPath', 2, 2, true],
      ['NumericGreaterThanPath', 7, [6], true],
      ['NumericGreaterThanEqualsPath', 8, false, true],
      ['NumericLessThanPath', 7, true, false],
      ['NumericEqualsPath', 7, { value: 7 }, false],
      ['NumericLessThanPath', null, 8, false],
      ['NumericLessThanPath', '7', 8, false],
      ['BooleanEqualsPath', 'true', true, false],
      ['BooleanEqualsPath', true, true, true],
      ['TimestampEqualsPath', '2025-01-01T07:00:00.000-05:00', '2025-01-01T12:00:00Z', true],
      ['TimestampLessThanPath', '2025-01-01T07:00:00Z', 'not-a-timestamp', false],
    ]
    for (const [operator, left, right, expected] of rows)
      expect([
        operator,
        left,
        right,
        await asked({ Variable: '$.left', [operator]: '$.right' }, { left, right }),
      ]).toEqual([operator, left, right, expected])
  })

  it('reads the context object and variables', async () => {
    expect(await asked({ Variable: '$$.State.Name', StringEquals: 'Check' }, {})).toBe(true)
    expect(await asked({ Variable: '$.n', NumericLessThanPath: '$limit' }, { n: 4 })).toBe(true)
  })
})

describe('a path to nothing', () => {
  const words = (path: string) =>
    "States.Runtime: An error occurred while executing the state 'Check' (entered at the event id #2). " +
    `Invalid path '${path}': The choice state's condition path references an invalid value.`

  it.each([
    [{ Variable: '$.gone', StringEquals: 'a' }, '$.gone'],
    [{ Variable: '$.gone', IsNull: true }, '$.gone'],
    [{ Variable: '$.here', NumericEqualsPath: '$.gone' }, '$.gone'],
    [{ Not: { Variable: '$.gone', IsString: true } }, '$.gone'],
    [
      {
        And: [
          { Variable: '$.here', NumericEquals: 1 },
          { Variable: '$.gone', NumericEquals: 1 },
        ],
      },
      '$.gone',
    ],
  ])('fails the state: %j', async (rule, path) => {
    expect(await asked(rule, { here: 1 })).toBe(words(path))
  })

  it('is what IsPresent asks for', async () => {
    expect(await asked({ Variable: '$.gone.deeper', IsPresent: false }, {})).toBe(true)
    expect(await asked({ Variable: '$.gone', IsPresent: true }, {})).toBe(false)
  })

  it('is not asked once the answer is known', async () => {
    const present = { Variable: '$.gone', IsPresent: true }
    const gone = { Variable: '$.gone', NumericEquals: 1 }
    expect(await asked({ And: [present, gone] }, {})).toBe(false)
    expect(await asked({ Or: [{ Variable: '$.gone', IsPresent: false }, gone] }, {})).toBe(true)
  })
})

describe('JSONata', () => {
  it.each([
    ['{% $states.input.n < 10 %}', true],
    ['{% $states.input.n > $limit %}', false],
    [
      '{% $states.input.n %}',
      "States.QueryEvaluationError: An error occurred while executing the state 'Check' (entered at the event id #2). " +
        "The JSONata expression '$states.input.n' specified for the field 'Choices[0]/Condition' returned an unexpected " +
        "result type. Expected 'boolean', but was 'number' for value: 4",
    ],
  ])('%s', async (Condition, expected) => {
    expect(await asked({ Condition }, { n: 4 }, 'JSONata')).toBe(expected)
  })
})

describe('the way out', () => {
  it('is the chosen rule’s own Assign and Output, and those of the state for its default', async () => {
    const state: ChoiceState = {
      Type: 'Choice',
      Choices: [{ Condition: true, Next: 'Yes', Assign: { of: 'rule' }, Output: '{% $states.input.n %}' }],
      Default: 'No',
      Assign: { of: 'state' },
      Output: { all: '{% $states.input %}' },
    }
    const at = scope({ n: 1 }, 'JSONata')
    expect(await exitOfChoice(state, 0, at)).toEqual({ output: 1, vars: { limit: 5, of: 'rule' }, assigned: ['of'] })
    expect(await exitOfChoice(state, 'default', at)).toMatchObject({ output: { all: { n: 1 } }, vars: { of: 'state' } })
  })

  it('is an error nothing catches, where no rule holds and there is no default', () => {
    expect(noChoice(choice({}), scope({})).message).toBe(
      "States.Runtime: An error occurred while executing the state 'Check' (entered at the event id #2). " +
        'Failed to transition out of the state. The state does not point to a next state.',
    )
  })
})
