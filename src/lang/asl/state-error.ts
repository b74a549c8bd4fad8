/** An error as a state machine knows it: a name that `ErrorEquals` is compared with, and a cause for people. */

export class StateError extends Error {
  /** `States.Runtime`, `Lambda.TooManyRequestsException`, or what the user's code called it. Absent: a Fail that names none. */
  readonly error: string | undefined
  /** As AWS words it. */
  readonly reason: string | undefined
  /** AWS's `location` of an EvaluationFailed event, such as `Output/result`. */
  readonly location: string | undefined

  constructor(error: string | undefined, reason?: string, location?: string) {
    super([error, reason].filter(each => each !== undefined && each !== '').join(': ') || 'failed')
    this.name = 'StateError'
    this.error = error
    this.reason = reason
    this.location = location
  }
}
