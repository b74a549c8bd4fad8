/** `tutti test-state`: AWS's answer on stdout, and what is wrong with the request for people. */
import { expect, test } from 'vitest'
import { type TestStateFlags, testStateCommand } from '../../src/cli/commands/test-state.ts'
import { inside } from '../versions-cli/inside.ts'

const ORDER = `{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:charge",
      "ResultPath": "$.charge",
      "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Refuse" }],
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" },
    "Refuse": { "Type": "Fail", "Error": "Refused" }
  }
}`
const BOUND = 'export default { charge: (event: { id: number }) => ({ paid: event.id > 0 }) }\n'

async function tested(files: { readonly [name: string]: string }, file: string, flags: TestStateFlags) {
  const { code, out, err } = await inside(files).run(io => testStateCommand(io, file, flags))
  return { code, answer: out === '' ? err : JSON.parse(out) }
}
const order = (flags: TestStateFlags, more: { readonly [name: string]: string } = {}) =>
  tested({ 'order.asl.json': ORDER, ...more }, 'order.asl.json', flags)

test('a task runs as its file binds it, and values are JSON texts as in AWS’s API', async () => {
  const flags: TestStateFlags = { state: 'Charge', input: '{"id":1}', inspectionLevel: 'DEBUG' }
  expect(await order(flags, { 'order.bind.ts': BOUND })).toMatchObject({
    code: 0,
    answer: {
      status: 'SUCCEEDED',
      output: '{"id":1,"charge":{"paid":true}}',
      nextState: 'Done',
      inspectionData: { input: '{"id":1}', result: '{"paid":true}' },
    },
  })
})

test('a mock stands for the work, with its result as JSON or as text', async () => {
  const mocked = (mock: string) => order({ state: 'Charge', input: '{}', mock })
  expect(await mocked('{"result":{"paid":false}}')).toMatchObject({
    code: 0,
    answer: { output: '{"charge":{"paid":false}}' },
  })
  expect(await mocked('{"result":"7"}')).toMatchObject({ code: 0, answer: { output: '{"charge":7}' } })
  expect(await mocked('{"errorOutput":{"error":"Busy","cause":"c"}}')).toMatchObject({
    code: 0,
    answer: { status: 'CAUGHT_ERROR', nextState: 'Refuse', output: '{"Error":"Busy","Cause":"c"}' },
  })
})

test('a state that fails is an answer, and the exit code says so', async () => {
  expect(await order({ state: 'Refuse' })).toEqual({ code: 1, answer: { status: 'FAILED', error: 'Refused' } })
})

test('one state alone, also in YAML', async () => {
  const files = { 'state.yaml': 'Type: Pass\nResult: {a: 1}\nEnd: true\n' }
  expect(await tested(files, 'state.yaml', {})).toEqual({ code: 0, answer: { status: 'SUCCEEDED', output: '{"a":1}' } })
})

test.each<[string, TestStateFlags, string]>([
  ['a name that no state has', { state: 'Chrge' }, 'State not found in definition\n  hint: Did you mean Charge?'],
  ['a whole machine without a name', {}, 'name the state to test with --state NAME'],
  ['a task that is bound to nothing', { state: 'Charge' }, 'charge'],
  ['a mock that is no object', { state: 'Charge', mock: '7' }, '--mock and --config take a JSON object'],
  ['input that is no JSON', { state: 'Done', input: '{' }, '--input is not JSON'],
])('%s is refused', async (_, flags, words) => {
  const { code, answer } = await order(flags)
  expect(code).toBeGreaterThan(1)
  expect(answer).toContain(words)
})

test('a binding that is none is refused, as it is before a run', async () => {
  const { code, answer } = await order({ state: 'Charge' }, { 'order.bind.json': '{"charge": {"comand": "true"}}' })
  expect(code).toBeGreaterThan(1)
  expect(answer).toContain('Did you mean command?')
})
