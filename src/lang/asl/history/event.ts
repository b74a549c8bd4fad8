/**
 * Events of an execution as AWS has them: one flat record each, whose fields are those of AWS's `…EventDetails`. JSON texts
 * (input, output, parameters, assigned) are values here, and texts again in ./aws-shape.ts.
 */
import type { Json } from '../../../util/json.ts'

/** Resource of a task that is neither a function nor an activity: `sqs` and `sendMessage.waitForTaskToken`. */
interface OfService {
  readonly resource: string
  readonly resourceType: string
}

interface Failed {
  readonly error?: string
  readonly cause?: string
}

interface Limits {
  readonly timeoutInSeconds?: number
  readonly heartbeatInSeconds?: number
}

interface Iteration {
  readonly name: string
  readonly index: number
}

type StateName = 'Choice' | 'Fail' | 'Map' | 'Parallel' | 'Pass' | 'Succeed' | 'Task' | 'Wait'

/** What happened. */
export type Happening =
  | { readonly type: 'ExecutionStarted'; readonly input: Json }
  | { readonly type: 'ExecutionSucceeded'; readonly output: Json }
  | ({ readonly type: 'ExecutionFailed' | 'ExecutionTimedOut' | 'ExecutionAborted' } & Failed)
  | { readonly type: 'ExecutionRedriven'; readonly redriveCount: number }
  | { readonly type: `${StateName}StateEntered`; readonly name: string; readonly input: Json }
  | {
      readonly type: `${Exclude<StateName, 'Fail'>}StateExited`
      readonly name: string
      readonly output: Json
      readonly assigned?: { readonly [name: string]: Json }
    }
  | { readonly type: 'TaskStateAborted' | 'WaitStateAborted' | 'MapStateAborted' | 'ParallelStateAborted' }
  | ({
      readonly type: 'EvaluationFailed'
      readonly state: string
      readonly location?: string
    } & Failed)
  | ({ readonly type: 'TaskScheduled'; readonly parameters: Json; readonly role?: string } & OfService & Limits)
  | ({ readonly type: 'TaskStarted' } & OfService)
  | ({ readonly type: 'TaskSucceeded'; readonly output: Json } & OfService)
  /** `output`: what the service said, where it is known. */
  | ({ readonly type: 'TaskSubmitted'; readonly output?: Json } & OfService)
  | ({ readonly type: 'TaskFailed' | 'TaskTimedOut' } & OfService & Failed)
  | ({
      readonly type: 'LambdaFunctionScheduled'
      readonly resource: string
      readonly input: Json
      readonly role?: string
    } & Limits)
  | { readonly type: 'LambdaFunctionStarted' }
  | { readonly type: 'LambdaFunctionSucceeded' | 'ActivitySucceeded'; readonly output: Json }
  | ({
      readonly type: 'LambdaFunctionFailed' | 'LambdaFunctionTimedOut' | 'ActivityFailed' | 'ActivityTimedOut'
    } & Failed)
  | ({ readonly type: 'ActivityScheduled'; readonly resource: string; readonly input: Json } & Limits)
  | { readonly type: 'ActivityStarted'; readonly workerName?: string }
  | { readonly type: 'ParallelStateStarted' | 'ParallelStateSucceeded' | 'ParallelStateFailed' }
  | { readonly type: 'MapStateStarted'; readonly length: number }
  | { readonly type: 'MapStateSucceeded' | 'MapStateFailed' | 'MapRunSucceeded' | 'MapRunAborted' }
  | ({
      readonly type: 'MapIterationStarted' | 'MapIterationSucceeded' | 'MapIterationFailed' | 'MapIterationAborted'
    } & Iteration)
  | { readonly type: 'MapRunStarted'; readonly mapRunArn: string }
  | ({ readonly type: 'MapRunFailed' } & Failed)

/** `id` counts from 1; `previousEventId` is 0 where AWS says that nothing came before. */
export type HistoryEvent = Happening & {
  readonly id: number
  readonly previousEventId: number
  readonly atMs: number
}

export type HappeningType = Happening['type']
