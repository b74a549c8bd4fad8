/** AWS's mock configurations: what they answer, and each mistake at its place. */
import { describe, expect, test } from 'vitest'
import { run } from '../../../src/index.ts'
import { asl } from '../../../src/lang/asl/index.ts'
import { parseMockConfig, testCaseOf } from '../../../src/lang/asl/task/mock/config.ts'
import { newPerformer } from '../../../src/lang/asl/task/index.ts'
import { memoryStore } from '../../../src/store/index.ts'
import { Refusal } from '../../../src/util/diagnostic.ts'
import { cameOf, requestOf } from './task-rig.ts'

const parse = (value: unknown, path = 'Mock.json') =>
  parseMockConfig({ path, text: typeof value === 'string' ? value : JSON.stringify(value, null, 1) })

const CONFIG = {
  StateMachines: {
    order: { TestCases: { Happy: { Charge: 'Ok', Send: 'Sent' }, Retry: { Charge: 'Later' }, Real: {} } },
  },
  MockedResponses: {
    Ok: { '0': { Return: { StatusCode: 200, Payload: 1 } } },
    Sent: { '0': { Return: 'sent' } },
    Later: {
      '0-1': { Throw: { Error: 'Lambda.TooManyRequestsException', Cause: 'slow down' } },
      '2': { Return: { done: true } },
    },
  },
}

function performer(testCase: string) {
  const config = parse(CONFIG)
  if (!config.ok) throw new Refusal(config.error)
  const mocks = testCaseOf(config.value, { machine: 'order', testCase })
  return newPerformer({ bindings: { charge: () => 'real' }, mocks, folder: '/' })
}

describe('a test case', () => {
  test('answers the calls of a state by their numbers', async () => {
    const { perform } = performer('Retry')
    const calls = []
    for (let retryCount = 0; retryCount < 4; retryCount += 1)
      calls.push(await cameOf(perform(requestOf({ retryCount }))))
    expect(calls).toEqual([
      { error: 'Lambda.TooManyRequestsException', cause: 'slow down' },
      { error: 'Lambda.TooManyRequestsException', cause: 'slow down' },
      { kind: 'result', result: { done: true } },
      expect.objectContaining({ refused: 'ASL_MOCK_EXHAUSTED', hint: 'Add "3": { "Return": … } to it.' }),
    ])
  })

  test('answers the turns of a loop one after the other, then each as the first one', async () => {
    const { perform } = performer('Retry')
    const came = []
    for (let turn = 0; turn < 5; turn += 1) came.push(await cameOf(perform(requestOf())))
    const failed = expect.objectContaining({ error: 'Lambda.TooManyRequestsException' })
    expect(came).toEqual([failed, failed, { kind: 'result', result: { done: true } }, failed, failed])
  })

  test('answers each iteration of a map from the first on, whatever its state is called', async () => {
    const name = 'Charge it. [Now]'
    const item = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:charge', End: true }
    const definition = {
      StartAt: 'All',
      States: { All: { Type: 'Map', End: true, ItemProcessor: { StartAt: name, States: { [name]: item } } } },
    }
    const config = {
      StateMachines: { all: { TestCases: { a: { [name]: 'Two' } } } },
      MockedResponses: { Two: { '0': { Return: 'first' }, '1': { Return: 'second' } } },
    }
    const parsed = parse(config)
    const mocks = parsed.ok ? testCaseOf(parsed.value, { machine: 'all', testCase: 'a' }) : {}
    const ran = await run(asl(definition, {}, { name: 'all', mocks }), {
      store: memoryStore(),
      args: { input: [1, 2] },
    })
    expect(ran).toMatchObject({ status: 'succeeded', output: ['first', 'first'] })
  })

  test('answers each execution anew', async () => {
    const { perform } = performer('Happy')
    const execution = { ...requestOf().execution, id: 'run-2' }
    expect(await cameOf(perform(requestOf()))).toMatchObject({ result: { Payload: 1 } })
    expect(await cameOf(perform(requestOf({ execution })))).toMatchObject({ result: { Payload: 1 } })
  })

  test('leaves alone what it does not name', async () => {
    expect(await cameOf(performer('Real').perform(requestOf()))).toEqual({ kind: 'result', result: 'real' })
  })

  test('answers for the sender of a token', async () => {
    const resource = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'
    const waits = requestOf({ state: 'Send', resource, argument: { MessageBody: 'm', QueueUrl: 'q' } })
    expect(await cameOf(performer('Happy').perform(waits))).toEqual({ kind: 'result', result: 'sent' })
  })

  test.each([
    ['orders', 'Happy', 'Mock.json has no state machine "orders"', 'Did you mean order?'],
    ['order', 'Sad', 'Mock.json has no test case of order "Sad"', 'It has Happy, Retry, Real.'],
  ])('%s/%s is not there', (machine, testCase, message, hint) => {
    const config = parse(CONFIG)
    expect(() => config.ok && testCaseOf(config.value, { machine, testCase })).toThrow(
      expect.objectContaining({ diagnostics: [expect.objectContaining({ code: 'ASL_MOCK_UNKNOWN', message, hint })] }),
    )
  })
})

const ok = CONFIG.MockedResponses
const withResponse = (response: unknown) => ({ StateMachines: {}, MockedResponses: { R: response } })

const WRONG: readonly (readonly [what: string, config: unknown, problems: readonly string[]])[] = [
  ['no JSON', '{', ['1:1 This is not JSON']],
  ['a list', [], ['1:1 A mock configuration is an object']],
  ['nothing of it', {}, ['1:1 MockedResponses is missing', '1:1 StateMachines is missing']],
  [
    'a field of another name',
    { StateMachines: {}, MockedResponse: {}, MockedResponses: {} },
    ['3:2 A mock configuration has no field MockedResponse'],
  ],
  [
    'a response that is not there',
    { StateMachines: { m: { TestCases: { a: { S: 'Okk' } } } }, MockedResponses: ok },
    ['6:6 There is no mocked response "Okk"'],
  ],
  [
    'a response that is no name',
    { StateMachines: { m: { TestCases: { a: { S: 1 } } } }, MockedResponses: ok },
    ['6:6 There is no mocked response 1'],
  ],
  ['no test cases', { StateMachines: { m: {} }, MockedResponses: ok }, ['3:8 StateMachines.m.TestCases is missing']],
  ['calls that are no numbers', withResponse({ first: { Return: 1 } }), ['5:4 "first" names no calls']],
  ['calls backwards', withResponse({ '3-1': { Return: 1 } }), ['5:4 "3-1" names no calls']],
  ['a gap', withResponse({ '0': { Return: 1 }, '2': { Return: 1 } }), ['8:4 R answers call 1 not, before "2"']],
  ['not from 0', withResponse({ '1-2': { Return: 1 } }), ['5:4 R answers call 0 not, before "1-2"']],
  ['twice', withResponse({ '0-2': { Return: 1 }, '2': { Return: 1 } }), ['5:4 R answers call 3 twice, before "2"']],
  [
    'both',
    withResponse({ '0': { Return: 1, Throw: { Error: 'E' } } }),
    ['5:4 MockedResponses.R.0 has neither Return nor Throw, or both'],
  ],
  ['neither', withResponse({ '0': {} }), ['5:4 MockedResponses.R.0 has neither Return nor Throw, or both']],
  ['an error without a name', withResponse({ '0': { Throw: { Cause: 'c' } } }), ['6:5 Throw has no Error']],
  [
    'a name twice',
    '{"StateMachines":{},"StateMachines":{},"MockedResponses":{}}',
    ['1:21 StateMachines is there twice'],
  ],
  ['machines that are no object', { StateMachines: 1, MockedResponses: {} }, ['2:2 StateMachines is not an object']],
]

describe('a mistake is told with its place, all at once', () => {
  test.each(WRONG)('%s', (_, config, problems) => {
    const parsed = parse(config)
    const told = parsed.ok ? [] : parsed.error.map(({ at, message }) => `${at?.line}:${at?.column} ${message}`)
    expect(told).toEqual(problems.map(problem => expect.stringContaining(problem)))
  })
})

test('a file may be YAML', () => {
  const parsed = parse(
    'StateMachines:\n  m: {TestCases: {a: {S: R}}}\nMockedResponses:\n  R: {"0": {Return: 1}}\n',
    'm.yaml',
  )
  expect(parsed.ok && [...parsed.value.machines.keys()]).toEqual(['m'])
})
