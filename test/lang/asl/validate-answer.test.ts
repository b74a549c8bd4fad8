/** What AWS answers, by its two ways of being asked; and on recorded answers, where there are some. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { awsAnswer } from '../../../src/lang/asl/validate/answer.ts'

const loop = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } })

test('CreateStateMachine throws, and lists all in one sentence', () => {
  expect(awsAnswer(loop, { api: 'CreateStateMachine' })).toMatchObject({
    status: 'INVALID',
    error: 'InvalidDefinition',
    cause:
      "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, MISSING_END_STATE: Workflow has no terminal state at null'",
  })
})

test('ValidateStateMachineDefinition gives diagnostics', () => {
  expect(awsAnswer(loop, { api: 'ValidateStateMachineDefinition' })).toMatchObject({
    status: 'INVALID',
    error: 'MISSING_TRANSITION_TARGET',
    cause: "Missing 'Next' target: B",
    diagnostics: [
      { severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Next' },
      { severity: 'ERROR', code: 'MISSING_END_STATE', message: 'Workflow has no terminal state' },
    ],
  })
})

test.each([
  ['', 'SCHEMA_VALIDATION_FAILED'],
  [' ', 'SCHEMA_VALIDATION_FAILED'],
  ['[]', 'SCHEMA_VALIDATION_FAILED'],
  ['{', 'INVALID_JSON_DESCRIPTION'],
  ['{"StartAt":"A","StartAt":"A","States":{"A":{"Type":"Succeed"}}}', 'INVALID_JSON_DESCRIPTION'],
])('%j is no definition', (text, error) => {
  expect(awsAnswer(text, { api: 'ValidateStateMachineDefinition' })).toMatchObject({ status: 'INVALID', error })
})

test('a definition of more than a megabyte is not looked at', () => {
  const long = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed', Comment: 'x'.repeat(2 ** 20) } } })
  expect(awsAnswer(long, { api: 'CreateStateMachine' })).toMatchObject({
    error: 'ValidationException',
    diagnostics: [],
  })
})

test('what is only warned of is valid', () => {
  const bound = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: 'charge', End: true } } })
  expect(awsAnswer(bound, { api: 'CreateStateMachine' })).toEqual({ status: 'VALID', diagnostics: [] })
})

const recorded = fileURLToPath(new URL('../../../../shared/conformance/asl/cases/', import.meta.url))

describe.skipIf(!existsSync(recorded))('recorded definitions', () => {
  const cases = existsSync(recorded)
    ? readdirSync(recorded).map(name => JSON.parse(readFileSync(recorded + name, 'utf8')) as Recorded)
    : []

  test('V1: all that was taken is taken, and all that was refused is refused', () => {
    const asked = cases.filter(each => each.kind !== 'teststate')
    expect(asked.length).toBeGreaterThan(0)
    expect(
      asked.filter(each => answerTo(each) !== (each.kind === 'invalid' ? 'INVALID' : 'VALID')).map(each => each.id),
    ).toEqual([])
  })
})

interface Recorded {
  readonly id: string
  readonly kind: 'execution' | 'choice' | 'teststate' | 'invalid' | 'valid'
  readonly api?: 'CreateStateMachine' | 'ValidateStateMachineDefinition'
  readonly type?: 'STANDARD' | 'EXPRESS'
  readonly definition?: unknown
  readonly definitionText?: string
}

const answerTo = ({ api = 'CreateStateMachine', type, definition, definitionText }: Recorded): string =>
  awsAnswer(definitionText ?? JSON.stringify(definition), { api, ...(type ? { type } : {}) }).status
