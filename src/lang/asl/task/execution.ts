/** startExecution between local machines: what it asks for, and how AWS answers (StartExecution, DescribeExecution). */
import type { Json } from '../../../util/json.ts'
import { StateError } from '../state-error.ts'
import type { World } from '../scope.ts'
import { fieldsOf, required } from './parameters.ts'
import type { Child, TaskRequest } from './request.ts'
import { nameIn, type Pattern } from './resource.ts'
import { sdkMetadata, sdkRefusal } from './sdk.ts'

const ACCOUNT = 'arn:aws:states:us-east-1:000000000000'

/** What the state asks for. `key`: by which the machine was found. */
export function childOf(request: TaskRequest, key: string, pattern: Pattern): Child {
  const fields = fieldsOf(request)
  const machineArn = required(request, fields, 'StateMachineArn')
  const { Name } = fields
  const name = typeof Name === 'string' ? Name : request.world.uuid()
  return {
    key,
    machineArn,
    arn: executionArn(machineArn, name),
    name,
    input: inputOf(request, fields.Input),
    until: pattern === 'sync' ? 'ended' : pattern === 'sync:2' ? 'ended-as-data' : 'started',
  }
}

function executionArn(machineArn: string, name: string): string {
  const parts = machineArn.split(':')
  if (parts.length < 7) return `${ACCOUNT}:execution:${nameIn(machineArn)}:${name}`
  return [...parts.slice(0, 5), 'execution', parts[6], name].join(':')
}

/** A text is JSON already; nothing is an empty object. */
function inputOf(request: TaskRequest, given: Json | undefined): Json {
  if (given === undefined || given === null) return {}
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given) as Json
  } catch {
    const words = `Invalid State Machine Execution Input: '${given}'`
    throw new StateError(
      'StepFunctions.InvalidExecutionInputException',
      sdkRefusal(words, 'AWSStepFunctions', 400, request.world),
    )
  }
}

/** What StartExecution answers. */
export function startedResult(child: Child, startedMs: number, world: World): Json {
  const body = { ExecutionArn: child.arn, StartDate: startedMs }
  return {
    ExecutionArn: child.arn,
    ...sdkMetadata(world, { body: JSON.stringify(body), type: 'application/x-amz-json-1.0' }),
    StartDate: startedMs,
  }
}

export type ChildEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error?: string; readonly cause?: string }

export interface ChildTimes {
  readonly startedMs: number
  readonly stoppedMs: number
}

/** What the state that waits for the child gives. Throws when the child did not succeed. */
export function endedResult(child: Child, end: ChildEnd, { startedMs, stoppedMs }: ChildTimes): Json {
  const shown = (value: Json): Json => (child.until === 'ended-as-data' ? value : JSON.stringify(value))
  const described: { [field: string]: Json } = {
    ...(end.status !== 'SUCCEEDED' && end.cause !== undefined ? { Cause: end.cause } : {}),
    ...(end.status !== 'SUCCEEDED' && end.error !== undefined ? { Error: end.error } : {}),
    ExecutionArn: child.arn,
    Input: shown(child.input),
    InputDetails: { Included: true },
    Name: child.name,
    ...(end.status === 'SUCCEEDED' ? { Output: shown(end.output), OutputDetails: { Included: true } } : {}),
    RedriveCount: 0,
    ...(end.status === 'SUCCEEDED'
      ? { RedriveStatus: 'NOT_REDRIVABLE', RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }
      : { RedriveStatus: 'REDRIVABLE' }),
    StartDate: startedMs,
    StateMachineArn: child.machineArn,
    Status: end.status,
    StopDate: stoppedMs,
  }
  if (end.status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(described))
  return described
}
