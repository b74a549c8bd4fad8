/** How long a task may take, and how often it has to tell that it lives. */
import type { TaskState } from '../machine.ts'
import type { Scope, Soon } from '../scope.ts'
import { throughPath } from './query.ts'
import { numberOf, SECONDS_MOST } from './numbers.ts'
import { andThen } from './soon.ts'

export interface Timeouts {
  readonly timeoutSeconds?: number
  readonly heartbeatSeconds?: number
}

export function timeoutsOf(state: TaskState, scope: Scope): Soon<Timeouts> {
  const input = scope.language === 'JSONata' ? scope.input : throughPath(state.InputPath, scope, scope.input)
  const seconds = (field: 'TimeoutSeconds' | 'HeartbeatSeconds') =>
    numberOf(
      {
        field,
        value: state[field],
        path: state[`${field}Path`],
        form: 'integer',
        least: scope.language === 'JSONata' ? 0 : 1,
        most: SECONDS_MOST,
      },
      scope,
      input,
    )
  return andThen(seconds('TimeoutSeconds'), timeoutSeconds =>
    andThen(seconds('HeartbeatSeconds'), heartbeatSeconds => ({
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    })),
  )
}
