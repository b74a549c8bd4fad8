/** TestState: what is answered, at which level, and what is refused. */
import { describe, expect, it } from 'vitest'
import { type TaskCall, type TestStateRequest, testState } from '../../../src/lang/asl/test-state/index.ts'
import type { Json } from '../../../src/util/json.ts'

const world = { now: () => Date.UTC(2026, 0, 1), random: () => 0.5, uuid: () => 'uuid' }

/** The answer, or `ERROR: words` of a refusal. */
async function tested(
  definition: Json,
  request: TestStateRequest = {},
  perform?: (call: TaskCall) => Promise<Json>,
): Promise<unknown> {
  const answer = await testState(definition, request, { world, ...(perform ? { perform } : {}) })
  return answer.ok ? answer.value : `${answer.error.error}: ${answer.error.cause}`
}

const LAMBDA = 'arn:aws:states:::lambda:invoke'
const task = (fields: { readonly [field: string]: Json } = {}): Json => ({
  Type: 'Task',
  Resource: LAMBDA,
  Parameters: { FunctionName: 'f', 'Payload.$': '$.n' },
  Next: 'After',
  ...fields,
})
const map = (fields: { readonly [field: string]: Json } = {}): Json => ({
  Type: 'Map',
  ItemsPath: '$.list',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'P',
    States: { P: { Type: 'Pass', End: true } },
  },
  End: true,
  ...fields,
})
const result = (value: Json): TestStateRequest => ({ mock: { result: JSON.stringify(value) } })
const failure = { mock: { errorOutput: { error: 'E', cause: 'c' } } }
const input = JSON.stringify({ n: 1, list: ['a', 'b', 'c'] })

describe('the answer', () => {
  it('of a state without work', async () => {
    expect(await tested({ Type: 'Pass', Result: 1, Next: 'B' })).toEqual({
      status: 'SUCCEEDED',
      output: 1,
      nextState: 'B',
    })
    expect(await tested({ Type: 'Succeed' })).toEqual({ status: 'SUCCEEDED', output: {} })
    expect(await tested({ Type: 'Fail', Error: 'E' })).toEqual({ status: 'FAILED', error: 'E' })
    expect(await tested({ Type: 'Wait', Seconds: 99, End: true })).toEqual({ status: 'SUCCEEDED', output: {} })
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'One' }], Default: 'Other' }
    expect(await tested(choice, { input })).toMatchObject({ nextState: 'One' })
    expect(await tested(choice, { input: '{"n":2}' })).toMatchObject({ nextState: 'Other' })
  })

  it('names no event in a cause: there is no history', async () => {
    expect(await tested({ Type: 'Pass', InputPath: '$.x', End: true })).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: "Invalid path '$.x' : No results for path: $['x']",
    })
  })

  it('of a task that is carried out', async () => {
    const calls: TaskCall[] = []
    const answer = await tested(task({ TimeoutSeconds: 5, ResultPath: '$.r' }), { input }, async call => {
      calls.push(call)
      return { StatusCode: 200 }
    })
    expect(answer).toMatchObject({ output: { n: 1, r: { StatusCode: 200 } }, nextState: 'After' })
    expect(calls).toMatchObject([{ name: 'StateName', argument: { FunctionName: 'f', Payload: 1 }, timeoutSeconds: 5 }])
  })

  it('shows the way of the data from DEBUG on (T2)', async () => {
    expect(
      await tested(task({ ResultPath: '$.r' }), { ...result({ StatusCode: 200 }), input, inspectionLevel: 'DEBUG' }),
    ).toMatchObject({
      inspectionData: {
        afterParameters: { FunctionName: 'f', Payload: 1 },
        result: { StatusCode: 200 },
        afterResultPath: { n: 1, r: { StatusCode: 200 } },
      },
    })
    const assigning = { Type: 'Pass', Assign: { v: 2 }, End: true }
    expect(await tested(assigning, { variables: '{"w":1}', inspectionLevel: 'TRACE' })).toMatchObject({
      inspectionData: { variables: { v: 2, w: 1 } },
    })
    expect(await tested(assigning, { variables: '{"w":1}' })).not.toHaveProperty('inspectionData')
  })

  it('shows with TRACE what an HTTP task sends and gets', async () => {
    const http = task({
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: {
        ApiEndpoint: 'https://example.com/orders',
        Method: 'GET',
        Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:111111111111:connection/c/1' },
        QueryParameters: { id: ['1', '2'], 'q.$': '$.n' },
      },
    })
    const answers = async () => ({ StatusCode: 200, StatusText: 'OK', Headers: {}, ResponseBody: { ok: true } })
    expect(await tested(http, { input, inspectionLevel: 'TRACE' }, answers)).toMatchObject({
      inspectionData: {
        request: { protocol: 'https', method: 'GET', url: 'https://example.com/orders?id=1&id=2&q=1' },
        response: { protocol: 'https', statusCode: '200', statusMessage: 'OK', headers: '{}', body: '{"ok":true}' },
      },
    })
    const shown = (await tested(http, { input, inspectionLevel: 'DEBUG' }, answers)) as { inspectionData: object }
    expect(shown.inspectionData).not.toHaveProperty('request')
  })

  it('of a state by its name, however deep it stands', async () => {
    const inner = {
      Type: 'Parallel',
      Branches: [{ StartAt: 'In', States: { In: { Type: 'Pass', Output: '{% 1 + 1 %}', End: true } } }],
      End: true,
    }
    const machine = { QueryLanguage: 'JSONata', StartAt: 'Out', States: { Out: inner } }
    expect(await tested(machine, { stateName: 'In' })).toEqual({ status: 'SUCCEEDED', output: 2 })
    expect(await tested(machine, { stateName: 'Nowhere' })).toBe('ValidationException: State not found in definition')
  })
})

describe('an error', () => {
  const Retry = [{ ErrorEquals: ['E'], IntervalSeconds: 2, MaxAttempts: 3, MaxDelaySeconds: 5 }]
  const Catch = [
    { ErrorEquals: ['Other'], Next: 'A' },
    { ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'B' },
  ]

  it('is tried again while its retrier has attempts left', async () => {
    const tried = (retrierRetryCount: number) =>
      tested(task({ Retry, Catch }), {
        ...failure,
        input,
        stateConfiguration: { retrierRetryCount },
        inspectionLevel: 'DEBUG',
      })
    expect(await tried(0)).toMatchObject({
      status: 'RETRIABLE',
      error: 'E',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 2 } },
    })
    expect(await tried(2)).toMatchObject({ inspectionData: { errorDetails: { retryBackoffIntervalSeconds: 5 } } })
    expect(await tried(3)).toMatchObject({
      status: 'CAUGHT_ERROR',
      inspectionData: { errorDetails: { retryIndex: 0, catchIndex: 1 } },
    })
  })

  it('is caught, or ends the state', async () => {
    expect(await tested(task({ Catch }), { ...failure, input: '{"n":1}', inspectionLevel: 'DEBUG' })).toMatchObject({
      status: 'CAUGHT_ERROR',
      output: { n: 1, e: { Error: 'E', Cause: 'c' } },
      nextState: 'B',
      inspectionData: { errorDetails: { catchIndex: 1 } },
    })
    expect(await tested(task(), { ...failure, input })).toEqual({ status: 'FAILED', error: 'E', cause: 'c' })
  })
})

describe('a map', () => {
  const exceeded = { status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' }

  it('gives what is mocked, and shows its numbers', async () => {
    const fields = { ItemSelector: { 'v.$': '$$.Map.Item.Value' }, MaxConcurrency: 2, ToleratedFailureCount: 1 }
    expect(await tested(map(fields), { ...result([1, 2, 3]), input, inspectionLevel: 'DEBUG' })).toMatchObject({
      output: [1, 2, 3],
      inspectionData: {
        afterItemsPath: ['a', 'b', 'c'],
        afterItemSelector: [{ v: 'a' }, { v: 'b' }, { v: 'c' }],
        maxConcurrency: 2,
        toleratedFailureCount: 1,
      },
    })
  })

  it('shows items before they are batched, and batches', async () => {
    const fields = { ItemSelector: { 'v.$': '$$.Map.Item.Value' }, ItemBatcher: { MaxItemsPerBatch: 2 } }
    expect(await tested(map(fields), { ...result([1, 2]), input, inspectionLevel: 'DEBUG' })).toMatchObject({
      inspectionData: {
        afterItemSelector: [{ v: 'a' }, { v: 'b' }, { v: 'c' }],
        afterItemBatcher: [{ Items: [{ v: 'a' }, { v: 'b' }] }, { Items: [{ v: 'c' }] }],
      },
    })
  })

  it('fails when more iterations have failed than it tolerates', async () => {
    const failed = (mapIterationFailureCount: number, fields: { readonly [field: string]: Json }) =>
      tested(map(fields), { ...result([0, 0, 0]), input, stateConfiguration: { mapIterationFailureCount } })
    expect(await failed(1, { ToleratedFailureCount: 1 })).toMatchObject({ status: 'SUCCEEDED' })
    expect(await failed(2, { ToleratedFailureCount: 1 })).toMatchObject(exceeded)
    expect(await failed(2, { ToleratedFailurePercentage: 50 })).toMatchObject(exceeded)
    expect(await failed(3, {})).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('has the items that its reader is said to have read', async () => {
    const reading = map({
      ItemsPath: '$',
      ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'b', Key: 'k' } },
    })
    const said =
      'ValidationException: ItemReader data must be specified when testing a Map state with ItemReader specified.'
    expect(await tested(reading, { ...result([1]), input })).toBe(said)
    const stateConfiguration = { mapItemReaderData: '[1]' }
    expect(await tested(reading, { ...result([1]), input, stateConfiguration })).toMatchObject({ output: [1] })
  })
})

describe('what is refused (T1)', () => {
  const pass: Json = { Type: 'Pass', End: true }
  it.each<[string, Json, TestStateRequest, string]>([
    ['no definition', 'text', {}, 'InvalidDefinition: Definition must be a valid JSON object'],
    ['input that is no JSON', pass, { input: '{' }, 'InvalidExecutionInput: Invalid State Machine Execution Input: '],
    ['variables that are no object', pass, { variables: '[]' }, 'ValidationException: Variables must be a JSON object'],
    [
      'a mock of a Pass',
      pass,
      failure,
      "ValidationException: State type 'Pass' is not supported when a mock is specified",
    ],
    [
      'two mocks',
      task(),
      { mock: { ...failure.mock, result: '1' } },
      'ValidationException: A test mock should have only one',
    ],
    [
      'a mock that is no JSON',
      task(),
      { mock: { result: '{' } },
      'ValidationException: Mocked result must be valid JSON',
    ],
    ['a map without a mock', map(), {}, 'InvalidDefinition: TestState API does not support Map or Parallel states.'],
    ['a map’s result that is no list', map(), result({}), 'ValidationException: Mocked result must be an array.'],
    [
      'a task nothing carries out',
      task(),
      { input },
      "ValidationException: The task 'StateName' needs a mock, or a binding of arn",
    ],
    [
      'counts of failures without a mock',
      map(),
      { stateConfiguration: { mapIterationFailureCount: 0 } },
      'ValidationException: TestState does not support MapIterationFailureCount',
    ],
    [
      'a context of its own making',
      pass,
      { context: '{"Pokedex":{}}' },
      "ValidationException: Invalid Context object provided: Field 'Pokedex' is not allowed",
    ],
    [
      'a context of wrong types',
      pass,
      { context: '{"State":{"RetryCount":"1"}}' },
      'ValidationException: Invalid Context object provided: State.RetryCount must be a number',
    ],
  ])('%s', async (_, definition, request, words) => {
    expect(await tested(definition, request)).toContain(words)
  })

  it('a definition that is not well-formed', async () => {
    expect(await tested({ Type: 'Pass', Nxt: 'B', End: true })).toContain(
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field 'Nxt' is not supported",
    )
  })
})

/** Those that the services ask for. */
const PARAMETERS: { readonly [resource: string]: Json } = {
  'lambda:invoke': { FunctionName: 'f' },
  'events:putEvents': { Entries: [{ Detail: {}, DetailType: 't', Source: 's' }] },
  'states:startExecution': { StateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:m' },
  'sqs:sendMessage': { QueueUrl: 'q', MessageBody: 'm' },
}

describe('a mocked result is held against the model of the service', () => {
  const of = (Resource: string, value: Json, fieldValidationMode?: 'PRESENT' | 'NONE') =>
    tested(
      {
        Type: 'Task',
        Resource: `arn:aws:states:::${Resource}`,
        Parameters: PARAMETERS[Resource.split('.')[0] ?? ''] ?? {},
        End: true,
      },
      { mock: { result: JSON.stringify(value), ...(fieldValidationMode ? { fieldValidationMode } : {}) } },
    )
  const wrong = (words: string) => `ValidationException: Mock result schema validation error: ${words}`

  it.each<[string, Json, string]>([
    ['lambda:invoke', { StatusCode: '200' }, "Field 'StatusCode' must be a number"],
    ['events:putEvents', { Entries: 'none' }, "Field 'Entries' must be an array"],
    ['events:putEvents', { Entries: [{ EventId: 'a' }, { EventId: [] }] }, "Field 'EventId' must be a string"],
    ['aws-sdk:s3:getObject', { StorageClass: 'Papyrus' }, "Field 'StorageClass' is not an expected value"],
    ['aws-sdk:kms:encrypt', { CiphertextBlob: '' }, "Field 'CiphertextBlob' is smaller than the minimum length"],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 10241 } },
      "Field 'MemorySize' exceeds the maximum value",
    ],
    ['aws-sdk:lambda:getFunction', { Tags: { a: 1 } }, "Field 'Tags' must be a string"],
    ['states:startExecution', {}, "Required field 'ExecutionArn' is missing"],
    ['states:startExecution.sync:2', { Output: { any: 1 } }, "Required field 'ExecutionArn' is missing"],
  ])('%s, %j', async (resource, value, words) => {
    expect(await of(resource, value)).toBe(wrong(words))
  })

  it('less so with PRESENT, and not with NONE', async () => {
    expect(await of('states:startExecution', {}, 'PRESENT')).toMatchObject({ status: 'SUCCEEDED' })
    expect(await of('states:startExecution', { ExecutionArn: 1 }, 'PRESENT')).toBe(
      wrong("Field 'ExecutionArn' must be a string"),
    )
    expect(await of('states:startExecution', { ExecutionArn: 1 }, 'NONE')).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('but for what users themselves return, and what no model is known of', async () => {
    expect(await of('lambda:invoke', { Payload: { any: [1] }, other: true })).toMatchObject({ status: 'SUCCEEDED' })
    expect(await of('sqs:sendMessage.waitForTaskToken', { MessageId: 1 })).toMatchObject({ status: 'SUCCEEDED' })
    expect(await of('aws-sdk:rekognition:detectFaces', { FaceDetails: 1 })).toMatchObject({ status: 'SUCCEEDED' })
    expect(
      await tested({ Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:f', End: true }, result('any')),
    ).toMatchObject({ output: 'any' })
  })
})

describe('the context object', () => {
  const shown = { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.context %}', End: true } as const
  const Token = { context: '{"Task":{"Token":"t"}}' }

  it('is that of a fresh execution, or the one that is given', async () => {
    expect(await tested(shown, { input: '{"n":1}' })).toMatchObject({
      output: {
        Execution: { Input: { n: 1 }, StartTime: '2026-01-01T00:00:00.000Z' },
        State: { Name: 'StateName', RetryCount: 0 },
      },
    })
    const context = { State: { Name: 'Mine', RetryCount: 3 } }
    expect(await tested(shown, { context: JSON.stringify(context) })).toMatchObject({ output: context })
  })

  it('has a token where the state waits for it', async () => {
    const waiting = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: PARAMETERS['sqs:sendMessage'] ?? {},
      ResultSelector: { 't.$': '$$.Task.Token' },
      End: true,
    }
    expect(await tested(waiting, { ...Token, ...result({}) })).toMatchObject({ output: { t: 't' } })
    expect(await tested(shown, Token)).toContain("Invalid Context object provided: Context object contains 'Task' when")
    expect(await tested(waiting, {})).toContain(
      "InvalidDefinition: TestState API does not support the '.waitForTaskToken'",
    )
  })
})
