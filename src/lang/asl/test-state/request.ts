/** What is asked of TestState and what it answers, field by field as AWS names them (API reference of Step Functions, TestState). */
import type { Json } from '../../../util/json.ts'
import type { TaskState } from '../machine.ts'
import type { Stage, World } from '../scope.ts'
import type { Timeouts } from '../state/index.ts'

export type InspectionLevel = 'INFO' | 'DEBUG' | 'TRACE'
/** How a mocked result is held against the service's model: all of it, only the fields that are there, or not at all. */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE'

export interface Mock {
  /** JSON text. */
  readonly result?: string
  readonly errorOutput?: { readonly error?: string; readonly cause?: string }
  readonly fieldValidationMode?: FieldValidationMode
}

export interface StateConfiguration {
  /** Attempts that the retrier for the mocked error has made already. */
  readonly retrierRetryCount?: number
  /** Iterations of a Map that have failed. */
  readonly mapIterationFailureCount?: number
  /** The state inside of a Map or a Parallel that the mocked error comes from. */
  readonly errorCausedByState?: string
  /** JSON text: what the ItemReader of a Map has read. */
  readonly mapItemReaderData?: string
}

export interface TestStateRequest {
  /** Of a whole machine: the state to test. Absent: the definition is one state. */
  readonly stateName?: string
  /** JSON text; absent: `{}`. */
  readonly input?: string
  readonly inspectionLevel?: InspectionLevel
  readonly mock?: Mock
  readonly stateConfiguration?: StateConfiguration
  /** JSON text: the whole context object. Absent: one as a fresh execution has it. */
  readonly context?: string
  /** JSON text: variables by name. */
  readonly variables?: string
  readonly revealSecrets?: boolean
}

/** How a task that is not mocked is carried out, and where time and chance come from. */
export interface Surroundings {
  readonly world: World
  readonly perform?: (call: TaskCall) => Promise<Json>
}

export interface TaskCall extends Timeouts {
  readonly name: string
  readonly state: TaskState
  readonly argument: Json
  readonly context: { readonly [field: string]: Json }
}

export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  readonly output?: Json
  readonly error?: string
  readonly cause?: string
  readonly nextState?: string
  /** From DEBUG on. */
  readonly inspectionData?: InspectionData
}

export type InspectionData = { readonly [stage in Stage]?: Json } & {
  readonly maxConcurrency?: number
  readonly toleratedFailureCount?: number
  readonly toleratedFailurePercentage?: number
  readonly errorDetails?: ErrorDetails
  /** Of an HTTP task, from TRACE on. */
  readonly request?: HttpRequest
  readonly response?: HttpResponse
}

export interface HttpRequest {
  readonly protocol: string
  readonly method: string
  readonly url: string
  /** JSON text. */
  readonly headers?: string
  readonly body?: string
}

export interface HttpResponse {
  readonly protocol: string
  readonly statusCode?: string
  readonly statusMessage?: string
  /** JSON text. */
  readonly headers?: string
  readonly body?: string
}

export interface ErrorDetails {
  /** From 0. */
  readonly catchIndex?: number
  /** From 0. */
  readonly retryIndex?: number
  /** Seconds. */
  readonly retryBackoffIntervalSeconds?: number
}

/** Why nothing was tested. */
export interface Refusal {
  readonly error: 'ValidationException' | 'InvalidDefinition' | 'InvalidExecutionInput'
  readonly cause: string
}
