/** What an invocation of a function came to, as the runtime of AWS Lambda answers it: a text of JSON. */
import { StateError } from '../../state-error.ts'

export type Invoked =
  | { readonly kind: 'returned'; readonly body: string }
  /** `body`: `{errorMessage, errorType, …}`. */
  | { readonly kind: 'failed'; readonly body: string }

/** One invocation. */
export interface Invocation {
  readonly functionName: string
  readonly arn: string
  /** JSON. */
  readonly payload: string
  readonly requestId: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly nowMs: number
  /** Of the handler's file, where it has one. */
  readonly folder?: string
}

/** The error that a state fails with. `shown`: how its cause is written. */
export function invocationError(body: string, shown: (body: string) => string): StateError {
  return new StateError(typeOf(body), shown(body))
}

function typeOf(body: string): string {
  try {
    const { errorType } = JSON.parse(body) as { readonly errorType?: unknown }
    return typeof errorType === 'string' ? errorType : 'Lambda.Unknown'
  } catch {
    return 'Lambda.Unknown'
  }
}

export const failed = (error: {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}): Invoked => ({ kind: 'failed', body: JSON.stringify(error) })

export const timedOut = ({ requestId, timeoutSeconds }: Invocation): Invoked =>
  failed({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  })

export const exited = ({ requestId }: Invocation, status: string): Invoked =>
  failed({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${status}`,
  })
