/**
 * What a user binds the names of a definition to. A key is, the most particular first:
 *
 *   'Charge card'                                    a state, by its name: it stands for the whole call
 *   'arn:aws:states:::sqs:sendMessage'               a resource, with or without .sync, .waitForTaskToken: so does this
 *   'charge', 'arn:aws:lambda:…:function:charge'     a function: it gets the payload, and what it gives is wrapped as AWS does
 *   'refund', 'arn:aws:states:…:stateMachine:refund' a machine that startExecution starts
 *   'approve', 'arn:aws:states:…:activity:approve'   an activity
 *   's3://bucket'                                    a folder that stands for a bucket
 */
import type { Json } from '../../../util/json.ts'
import type { TaskRequest } from './request.ts'

export type Bindings = { readonly [key: string]: Binding }

export type Binding =
  | BoundFunction
  | CommandBinding
  | HttpBinding
  | LambdaBinding
  | MachineBinding
  | CallbackBinding
  | MockBinding
  /** A folder, of `s3://…`. */
  | string

/** Also what `task()` and `effect()` of Tutti give. It may give a promise. */
// biome-ignore lint/suspicious/noExplicitAny: users' functions have any parameters; they get JSON.
export type BoundFunction = (argument: any, request: TaskRequest) => unknown

/** A program: the argument as JSON on its stdin, the result as JSON on its stdout. */
export interface CommandBinding {
  /** Words, or a text for /bin/sh. */
  readonly command: string | readonly string[]
  /** Relative to the folder of the bindings. */
  readonly cwd?: string
  readonly env?: { readonly [name: string]: string }
}

/** An address that the argument is sent to as JSON; of http:invoke and apigateway:invoke: what its endpoint is replaced with. */
export interface HttpBinding {
  readonly http: string
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
}

/** A handler as AWS Lambda runs it. */
export interface LambdaBinding {
  /** A file, relative to the folder of the bindings: .mjs, .js, .cjs, .ts, .py. */
  readonly lambda: string
  /** Its exported name; `handler` when absent, for Python `lambda_handler` when there is no `handler`. */
  readonly handler?: string
  readonly timeoutSeconds?: number
  readonly memoryMb?: number
  /** Of Python: a JavaScript handler has that of this process. */
  readonly env?: { readonly [name: string]: string }
  /** Which Python; `python3` when absent. */
  readonly python?: string
}

/** A definition, by its file (relative to the folder of the bindings) or as an object. */
export interface MachineBinding {
  readonly machine: string | { readonly [field: string]: unknown }
  readonly type?: 'STANDARD' | 'EXPRESS'
}

/** Answers in the place of who would send the token. */
export interface CallbackBinding {
  readonly callback: Exclude<Binding, string | CallbackBinding>
}

/** Outcomes that were recorded or made up, one for each call; the last one also for all calls after it. */
export interface MockBinding {
  readonly mock: Outcome | readonly Outcome[]
}

export type Outcome =
  | { readonly output: Json }
  | { readonly error?: string | null; readonly cause?: Json }
  | { readonly timedOut: true; readonly error?: string }
