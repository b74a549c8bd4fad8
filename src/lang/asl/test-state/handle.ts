/** What comes of an error: another attempt, a catcher, or the end. */
import type { Json } from '../../../util/json.ts'
import type { Retrier } from '../machine.ts'
import type { Scope } from '../scope.ts'
import { catcherOf, exitOfCatch, retrierOf, type WorkState } from '../state/index.ts'
import type { StateError } from '../state-error.ts'
import type { ErrorDetails, StateConfiguration, TestStateResult } from './request.ts'

export type Handled = Omit<TestStateResult, 'inspectionData'> & { readonly errorDetails?: ErrorDetails }

/** `scope`: without the stages of what has failed. */
export async function handled(
  state: WorkState,
  scope: Scope,
  error: StateError,
  { retrierRetryCount = 0 }: StateConfiguration,
): Promise<Handled> {
  const retryIndex = retrierOf(state, error)
  const retrier = retryIndex === undefined ? undefined : state.Retry?.[retryIndex]
  if (retryIndex !== undefined && retrier && retrierRetryCount < (retrier.MaxAttempts ?? 3)) {
    const retryBackoffIntervalSeconds = backoffOf(retrier, retrierRetryCount)
    return { status: 'RETRIABLE', ...named(error), errorDetails: { retryIndex, retryBackoffIntervalSeconds } }
  }
  const catchIndex = catcherOf(state, error)
  const catcher = catchIndex === undefined ? undefined : state.Catch?.[catchIndex]
  // A retrier that has no attempt left is named all the same.
  const spent = retryIndex === undefined ? {} : { retryIndex }
  if (catchIndex === undefined || !catcher)
    return { ...failed(error), ...(retryIndex === undefined ? {} : { errorDetails: spent }) }
  const { output } = await exitOfCatch(state, catchIndex, scope, { Error: error.error, Cause: error.reason })
  return {
    status: 'CAUGHT_ERROR',
    ...named(error),
    output,
    nextState: catcher.Next,
    errorDetails: { ...spent, catchIndex },
  }
}

export const failed = (error: StateError): Handled => ({ status: 'FAILED', ...named(error) })

const named = (error: StateError): { error?: string; cause?: string } => ({
  ...(error.error === undefined ? {} : { error: error.error }),
  ...(error.reason === undefined ? {} : { cause: error.reason }),
})

/** Seconds before the next attempt, jitter left out. */
const backoffOf = (retrier: Retrier, made: number): number =>
  Math.min((retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** made, retrier.MaxDelaySeconds ?? Infinity)

export const succeeded = (output: Json, nextState: string | undefined): Handled => ({
  status: 'SUCCEEDED',
  output,
  ...(nextState === undefined ? {} : { nextState }),
})
