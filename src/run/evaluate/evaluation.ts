/**
 * What the engine asks the shell to evaluate, with the user's pure functions: guards, lists of items, instants, results.
 * Answers come at once when nothing has to be loaded, so a loop of a million turns waits for no promise; they change
 * nothing, so they need not wait for the commit of what they follow from, and are committed with it.
 */
import type { Bound, Fault } from '../../core/index.ts'
import { faultOf } from '../../exec/index.ts'
import { type Environment, evaluateSoon, type ValueStore, whenHere } from '../../values/index.ts'

export interface Evaluation {
  readonly values: ValueStore
  readonly environment: Environment
}

/** A promise only where something has to be waited for. */
export type Soon<T> = T | Promise<T>

export interface Failed {
  readonly kind: 'failed'
  readonly fault: Fault
}

export const failed = (code: string, message: string): Failed => ({ kind: 'failed', fault: { code, message } })

/** The value of `bound`, and what follows from it. What the user's code throws fails the step `name`, not the shell. */
export function evaluated<T>(
  { environment, values }: Evaluation,
  name: string,
  bound: Bound,
  next: (value: unknown) => Soon<T>,
): Soon<T | Failed> {
  return guarded(values, name, () => whenHere<unknown, Soon<T>>(evaluateSoon(bound, environment), next) as Soon<T>)
}

export function guarded<T>(values: ValueStore, name: string, body: () => Soon<T>): Soon<T | Failed> {
  const fail = async (error: unknown): Promise<Failed> => ({
    kind: 'failed',
    fault: await faultOf(error, values, name),
  })
  try {
    const result = body()
    return result instanceof Promise ? result.catch(fail) : result
  } catch (error) {
    return fail(error)
  }
}
