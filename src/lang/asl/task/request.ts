/** What a Task state asks for, and what comes of it. */
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'

export interface TaskRequest {
  /** The state's name. */
  readonly state: string
  readonly resource: string
  /** What the state's input processing gave: Parameters, Arguments, or the input. */
  readonly argument: Json
  readonly credentials?: Json
  /** 0 of the first attempt, as `$$.State.RetryCount`. */
  readonly retryCount: number
  readonly execution: ExecutionContext
  /** AWS's id of the event by which the state was entered: causes name it. */
  readonly enteredId: number
  /** Of a state that waits for it. */
  readonly token?: string
  readonly timeoutSeconds?: number
  /** The same for all attempts of this step in this run. */
  readonly idempotencyKey?: string
  readonly world: World
  /** Aborts when the attempt is cancelled or out of time. */
  readonly signal: AbortSignal
  /** Says that it still works. */
  heartbeat(): void
}

/** As the context object has it. */
export interface ExecutionContext {
  readonly id: string
  readonly name: string
  readonly input: Json
  /** ISO 8601. */
  readonly startTime: string
}

export type Performed =
  | { readonly kind: 'result'; readonly result: Json }
  /** The token's sender gives the result. `submitted`: what the service answered; absent for an activity. */
  | { readonly kind: 'waiting'; readonly submitted?: Json }
  /** Another machine is to be started: ./execution.ts tells what its start and its end give. */
  | { readonly kind: 'child'; readonly child: Child }

/** A machine that startExecution starts. */
export interface Child {
  /** The key that binds it. */
  readonly key: string
  /** As the state names it, and the execution's own. */
  readonly machineArn: string
  readonly arn: string
  readonly name: string
  readonly input: Json
  /** What the state goes on with: the start, or the end with its JSON as text or as data. */
  readonly until: 'started' | 'ended' | 'ended-as-data'
}

export const resulting = (result: Json): Performed => ({ kind: 'result', result })
