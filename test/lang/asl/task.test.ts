/** Task states: which binding a call means, what it gets, and the shape of what comes of it. */
import { describe, expect, test } from 'vitest'
import type { Bindings } from '../../../src/lang/asl/task/binding.ts'
import { endedResult, resourceOf, startedResult, type TaskRequest } from '../../../src/lang/asl/task/index.ts'
import { effect } from '../../../src/index.ts'
import { type Came, perform, REQUEST_ID, world } from './task-rig.ts'

const FUNCTION = 'arn:aws:lambda:us-east-1:111111111111:function:charge'
const INVOKE = 'arn:aws:states:::lambda:invoke'
const MACHINE = 'arn:aws:states:us-east-1:111111111111:stateMachine:refund'

const RESOURCES: readonly (readonly [arn: string, taken: object])[] = [
  [FUNCTION, { kind: 'lambda', name: 'charge' }],
  [`${FUNCTION}:live`, { kind: 'lambda', name: 'charge', qualifier: 'live' }],
  ['arn:aws:states:us-east-1:1:activity:approve', { kind: 'activity', name: 'approve' }],
  ['approve', { kind: 'activity', name: 'approve' }],
  [INVOKE, { kind: 'service', service: 'lambda', action: 'invoke', pattern: 'request' }],
  [
    'arn:aws:states:::states:startExecution.sync:2',
    { kind: 'service', service: 'states', action: 'startExecution', pattern: 'sync:2' },
  ],
  [
    'arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken',
    { kind: 'service', service: 'aws-sdk:s3', action: 'listBuckets', pattern: 'waitForTaskToken' },
  ],
  [
    'arn:aws-cn:states:::elasticmapreduce:createCluster.sync',
    { kind: 'service', service: 'elasticmapreduce', action: 'createCluster', pattern: 'sync' },
  ],
]

describe('what a resource names', () => {
  test.each(RESOURCES)('%s', (arn, taken) => {
    expect(resourceOf(arn)).toEqual({ arn, ...taken })
  })
})

/** What a queue cannot do without. */
const argument = { MessageBody: 'm', QueueUrl: 'q' }

const echo = (argument: unknown) => ({ got: argument })
const result = (value: unknown): Came => ({ kind: 'result', result: value as never })
const envelope = (Payload: unknown, length: number) =>
  expect.objectContaining({
    kind: 'result',
    result: expect.objectContaining({
      ExecutedVersion: '$LATEST',
      Payload,
      SdkHttpMetadata: expect.objectContaining({
        HttpStatusCode: 200,
        HttpHeaders: expect.objectContaining({ 'Content-Length': String(length), 'X-Amz-Executed-Version': '$LATEST' }),
      }),
      SdkResponseMetadata: { RequestId: REQUEST_ID },
      StatusCode: 200,
    }),
  })

interface Call {
  readonly says: string
  readonly bindings: Bindings
  readonly request?: Partial<TaskRequest>
  readonly came: unknown
}

const CALLS: readonly Call[] = [
  { says: 'a function by its name', bindings: { charge: echo }, came: result({ got: { id: 1 } }) },
  { says: 'a function by its ARN', bindings: { [FUNCTION]: echo }, came: result({ got: { id: 1 } }) },
  {
    says: 'a function by its ARN, called by an alias',
    bindings: { [FUNCTION]: echo },
    request: { resource: `${FUNCTION}:live` },
    came: result({ got: { id: 1 } }),
  },
  {
    says: 'an alias of its own before the function',
    bindings: { charge: echo, 'charge:live': () => 'live' },
    request: { resource: `${FUNCTION}:live` },
    came: result('live'),
  },
  {
    says: 'a state before what it calls',
    bindings: { charge: echo, Charge: () => 'state' },
    came: result('state'),
  },
  {
    says: 'a function that lambda:invoke names gets the payload, and its result is wrapped',
    bindings: { charge: echo },
    request: { resource: INVOKE, argument: { FunctionName: 'charge', Payload: { a: 1 } } },
    came: envelope({ got: { a: 1 } }, 15),
  },
  {
    says: 'a payload that is a text is JSON',
    bindings: { charge: echo },
    request: { resource: INVOKE, argument: { FunctionName: `${FUNCTION}:live`, Payload: '[1]' } },
    came: envelope({ got: [1] }, 11),
  },
  {
    says: 'a payload that is no JSON',
    bindings: { charge: echo },
    request: { resource: INVOKE, argument: { FunctionName: 'charge', Payload: 'x' } },
    came: {
      error: 'Lambda.InvalidRequestContentException',
      cause: expect.stringMatching(/^Could not parse request body into json: .* \(Service: Lambda, Status Code: 400, /),
    },
  },
  {
    says: 'an event: nobody hears how it went',
    bindings: {
      charge: () => {
        throw new Error('boom')
      },
    },
    request: { resource: INVOKE, argument: { FunctionName: 'charge', InvocationType: 'Event' } },
    came: expect.objectContaining({
      result: expect.objectContaining({
        Payload: '',
        SdkHttpMetadata: expect.objectContaining({ HttpStatusCode: 202 }),
        StatusCode: 202,
      }),
    }),
  },
  {
    says: 'a dry run: it is not called',
    bindings: { charge: { lambda: './none.mjs' } },
    request: { resource: INVOKE, argument: { FunctionName: 'charge', InvocationType: 'DryRun' } },
    came: expect.objectContaining({ result: expect.objectContaining({ StatusCode: 204 }) }),
  },
  {
    says: 'lambda:invoke without a function',
    bindings: {},
    request: { resource: INVOKE, argument: { Payload: 1 } },
    came: {
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'Charge' (entered at the event id #2). The Parameters '{\"Payload\":1}' could not be used to start the Task: [The field 'FunctionName' is required but was missing]",
    },
  },
  {
    says: 'a resource itself: the whole argument, and the result as it is',
    bindings: { [INVOKE]: echo },
    request: { resource: INVOKE, argument: { FunctionName: 'charge' } },
    came: result({ got: { FunctionName: 'charge' } }),
  },
  {
    says: 'a service without the pattern behind it',
    bindings: { 'arn:aws:states:::glue:startJobRun': () => ({ JobRunState: 'SUCCEEDED' }) },
    request: { resource: 'arn:aws:states:::glue:startJobRun.sync', argument: { JobName: 'j' } },
    came: result({ JobRunState: 'SUCCEEDED' }),
  },
  {
    says: 'what waits for its token has submitted what its function gave',
    bindings: { 'arn:aws:states:::sqs:sendMessage': () => ({ MessageId: 'm' }) },
    request: { resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', argument },
    came: { kind: 'waiting', submitted: { MessageId: 'm' } },
  },
  {
    says: 'what waits for its token needs no binding',
    bindings: {},
    request: { resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', argument },
    came: { kind: 'waiting', submitted: {} },
  },
  {
    says: 'an activity waits',
    bindings: {},
    request: { resource: 'arn:aws:states:us-east-1:1:activity:approve' },
    came: { kind: 'waiting' },
  },
  {
    says: 'an activity with a function has a result',
    bindings: { approve: echo },
    request: { resource: 'arn:aws:states:us-east-1:1:activity:approve' },
    came: result({ got: { id: 1 } }),
  },
  {
    says: 'a callback answers in the place of the sender of the token',
    bindings: { 'arn:aws:states:::sqs:sendMessage': { callback: () => 'approved' } },
    request: { resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', argument },
    came: result('approved'),
  },
  {
    says: 'a step of Tutti is its function',
    bindings: { charge: effect((event: unknown) => ({ charged: event }), { name: 'charge' }) },
    came: result({ charged: { id: 1 } }),
  },
  {
    says: 'nothing is null, a date is its text',
    bindings: { Charge: () => ({ at: new Date(0), none: undefined }), charge: () => undefined },
    came: result({ at: '1970-01-01T00:00:00.000Z' }),
  },
  {
    says: 'what a service throws has the name of its error',
    bindings: {
      [INVOKE]: () => {
        throw Object.assign(new Error('no key'), { name: 'S3.NoSuchKeyException' })
      },
    },
    request: { resource: INVOKE, argument: { FunctionName: 'charge' } },
    came: { error: 'S3.NoSuchKeyException', cause: 'no key' },
  },
  {
    says: 'a plain error tells no name',
    bindings: {
      'arn:aws:states:::sqs:sendMessage': () => {
        throw new Error('boom')
      },
    },
    request: { resource: 'arn:aws:states:::sqs:sendMessage', argument },
    came: { error: 'States.TaskFailed', cause: 'boom' },
  },
  {
    says: 'a mock answers each call in turn, its last outcome all that come after',
    bindings: { Charge: { mock: [{ error: 'E', cause: { a: 1 } }, { output: 2 }] } },
    came: { error: 'E', cause: '{"a":1}' },
  },
  {
    says: 'a mock that times out',
    bindings: { Charge: { mock: { timedOut: true } } },
    came: { error: 'States.Timeout', cause: undefined },
  },
  {
    says: 'headers that are no lists',
    bindings: {},
    request: {
      resource: 'arn:aws:states:::apigateway:invoke',
      argument: { ApiEndpoint: 'a', Method: 'GET', Headers: { h: 'x' } },
    },
    came: {
      error: 'States.Runtime',
      cause: expect.stringContaining(
        "could not be used to start the Task: [The value of the field 'Headers' has an invalid format]",
      ),
    },
  },
  {
    says: 'fields that a service cannot do without, also of a mock',
    bindings: { Charge: { mock: { output: 1 } } },
    request: { resource: 'arn:aws:states:::sqs:sendMessage', argument: {} },
    came: {
      error: 'States.Runtime',
      cause: expect.stringContaining(
        "[The field 'MessageBody' is required but was missing, The field 'QueueUrl' is required but was missing]",
      ),
    },
  },
  {
    says: 'a machine starts, its input a text of JSON',
    bindings: { refund: { machine: './refund.asl.json' } },
    request: {
      resource: 'arn:aws:states:::states:startExecution.sync:2',
      argument: { StateMachineArn: MACHINE, Name: 'one', Input: '{"a":1}' },
    },
    came: {
      kind: 'child',
      child: {
        key: 'refund',
        machineArn: MACHINE,
        arn: 'arn:aws:states:us-east-1:111111111111:execution:refund:one',
        name: 'one',
        input: { a: 1 },
        until: 'ended-as-data',
      },
    },
  },
  {
    says: 'a machine that is started and not waited for, without an input or a name',
    bindings: { refund: { machine: './refund.asl.json' } },
    request: {
      resource: 'arn:aws:states:::states:startExecution',
      argument: { StateMachineArn: 'refund', Input: null },
    },
    came: {
      kind: 'child',
      child: {
        key: 'refund',
        machineArn: 'refund',
        arn: `arn:aws:states:us-east-1:000000000000:execution:refund:${REQUEST_ID}`,
        name: REQUEST_ID,
        input: {},
        until: 'started',
      },
    },
  },
  {
    says: 'a machine where a function is called',
    bindings: { charge: { machine: './refund.asl.json' } },
    came: expect.objectContaining({ refused: 'ASL_BINDING_BAD' }),
  },
]

describe('F1, F2: what comes of a call', () => {
  test.each(CALLS)('$says', async ({ bindings, request, came }) => {
    expect(await perform({ bindings }, request)).toEqual(came)
  })
})

const UNBOUND: readonly (readonly [resource: string, argument: object, message: string, line: string])[] = [
  [FUNCTION, {}, `calls ${FUNCTION}, which is bound to nothing`, "'charge': { lambda: './charge.mjs' }"],
  [
    INVOKE,
    { FunctionName: 'charge:live' },
    `calls charge:live by ${INVOKE}, which is bound to nothing`,
    "'charge': { lambda: './charge.mjs' }, or 'Charge': { mock: { output: {} } }",
  ],
  [
    'arn:aws:states:::states:startExecution.sync',
    { StateMachineArn: MACHINE },
    `calls ${MACHINE} by arn:aws:states:::states:startExecution.sync,`,
    "'refund': { machine: './refund.asl.json' }",
  ],
  [
    'arn:aws:states:::sqs:sendMessage',
    argument,
    'calls arn:aws:states:::sqs:sendMessage,',
    "'arn:aws:states:::sqs:sendMessage': { command: './Charge.sh' }",
  ],
  [
    'arn:aws:states:::http:invoke',
    { ApiEndpoint: 'https://a.example.com', Method: 'GET' },
    'calls arn:aws:states:::http:invoke,',
    "{ http: 'http://localhost:3000' }",
  ],
]

describe('a call that nothing is bound to says how to bind it', () => {
  test.each(UNBOUND)('%s %j', async (resource, argument, message, line) => {
    const came = await perform({}, { resource, argument: argument as never })
    expect(came).toMatchObject({ refused: 'ASL_UNBOUND' })
    expect(came).toEqual({
      refused: 'ASL_UNBOUND',
      message: expect.stringContaining(`State "Charge" ${message}`),
      hint: expect.stringMatching(/^Add to the binding file: /) && expect.stringContaining(line),
    })
  })
})

describe('256 KiB', () => {
  const large = () => 'a'.repeat(262_144)
  test.each([
    ['none', FUNCTION, {}, { kind: 'result' }],
    [
      'aws',
      FUNCTION,
      {},
      {
        error: 'States.DataLimitExceeded',
        cause: `The state/task '${FUNCTION}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      },
    ],
    [
      'aws',
      INVOKE,
      { FunctionName: 'charge' },
      {
        error: 'States.DataLimitExceeded',
        cause:
          "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
      },
    ],
  ] as const)('with limits: %s, by %s', async (limits, resource, argument, came) => {
    expect(await perform({ bindings: { charge: large }, limits }, { resource, argument })).toMatchObject(came)
  })
})

describe('another machine', () => {
  const child = {
    key: 'refund',
    machineArn: MACHINE,
    arn: 'arn:aws:states:us-east-1:111111111111:execution:refund:one',
    name: 'one',
    input: { a: 1 },
  }
  const times = { startedMs: 1, stoppedMs: 2 }

  test('its start', () => {
    expect(startedResult({ ...child, until: 'started' }, 1, world)).toMatchObject({
      ExecutionArn: child.arn,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      StartDate: 1,
    })
  })

  test.each([
    ['ended', '{"a":1}', '[2]'],
    ['ended-as-data', { a: 1 }, [2]],
  ] as const)('its end, %s', (until, Input, Output) => {
    expect(endedResult({ ...child, until }, { status: 'SUCCEEDED', output: [2] }, times)).toEqual({
      ExecutionArn: child.arn,
      Input,
      InputDetails: { Included: true },
      Name: 'one',
      Output,
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      StartDate: 1,
      StateMachineArn: MACHINE,
      Status: 'SUCCEEDED',
      StopDate: 2,
    })
  })

  test('its failure is one of the task, with all that is known of it', () => {
    const end = { status: 'FAILED', error: 'E', cause: 'c' } as const
    expect(() => endedResult({ ...child, until: 'ended' }, end, times)).toThrow(
      expect.objectContaining({
        error: 'States.TaskFailed',
        reason: expect.stringMatching(/^\{"Cause":"c","Error":"E","ExecutionArn":"arn:.*"Status":"FAILED"/),
      }),
    )
  })
})
