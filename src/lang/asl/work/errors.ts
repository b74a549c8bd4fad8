/** Errors on their way through the engine: thrown by work, kept with the log, seen by handlers. */
import { retrierType } from '../compile/words.ts'
import type { StateOf } from '../compile/state-text.ts'
import type { WorkingState } from '../compile/errors.ts'
import { HEARTBEAT, retrierOf } from '../state/index.ts'
import { StateError } from '../state-error.ts'

/** A fault as a handler gets it (src/core/engine/bind.ts). */
export interface GivenFault {
  readonly code: string
  readonly message: string
  readonly types?: readonly string[]
  readonly causes?: readonly GivenFault[]
  /** The error as it was thrown. */
  readonly error?: unknown
}

export const outOfTime = (): StateError => new StateError('States.Timeout')
export const silent = (): StateError => new StateError('States.Timeout', undefined, HEARTBEAT)

/** The error in the language's words; undefined: none that a machine may handle (a mistake in its bindings, a defect). */
export function stateErrorIn(fault: GivenFault): StateError | undefined {
  switch (fault.code) {
    case 'TIMEOUT':
      return outOfTime()
    case 'HEARTBEAT_TIMEOUT':
      return silent()
    case 'TOLERANCE_EXCEEDED':
      return new StateError(
        'States.ExceedToleratedFailureThreshold',
        'The specified tolerated failure threshold was exceeded',
      )
    default:
      return asStateError(fault.error)
  }
}

/** Thrown here, or read from the log, where it has the fields but not the class. */
export function asStateError(error: unknown): StateError | undefined {
  if (error instanceof StateError) return error
  if (!(error instanceof Error) || !('reason' in error || 'error' in error)) return undefined
  const { error: name, reason, location } = error as unknown as Partial<Record<keyof StateError, unknown>>
  return new StateError(textOf(name), textOf(reason), textOf(location))
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const classes = new Map<number, new (error: StateError) => StateError>()

/** The error, of the class that the retrier's rule knows. */
export function classified({ state }: StateOf<WorkingState>, error: StateError): StateError {
  const index = retrierOf(state, error)
  if (index === undefined) return error
  const Class = classes.get(index) ?? newClass(index)
  classes.set(index, Class)
  return new Class(error)
}

/** Rules know errors by the names of their classes, so each rule has one. */
function newClass(index: number): new (error: StateError) => StateError {
  const name = retrierType(index)
  return {
    [name]: class extends StateError {
      constructor({ error, reason, location }: StateError) {
        super(error, reason, location)
      }
    },
  }[name] as new (
    error: StateError,
  ) => StateError
}
