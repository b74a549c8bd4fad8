/** What the pure functions of compiled graphs do (../compile/words.ts). They give data for data, and may give a promise (JSONata). */
import type { AnyFunction } from '../../../dsl/definition.ts'
import { PURE } from '../compile/words.ts'
import { readState, type StateOf } from '../compile/state-text.ts'
import type {
  ChoiceState,
  MapState,
  ParallelState,
  PassState,
  State,
  SucceedState,
  TaskState,
  WaitState,
} from '../machine.ts'
import type { Exit, Frame, Scope, Soon, World } from '../scope.ts'
import {
  andThen,
  argumentOf,
  catcherOf,
  exitOfCatch,
  exitOfChoice,
  holds,
  inTurn,
  itemOf,
  type MapWork,
  mapOf,
  noChoice,
  passExit,
  type Read,
  succeedExit,
  timeoutsOf,
  waitExit,
  waitOf,
} from '../state/index.ts'
import { type GivenContext, scopeOf } from './context.ts'
import { type GivenFault, stateErrorIn } from './errors.ts'
import { FAILED_EVENTS, firstFrame, type Limits, nextFrame, PLAIN_EVENTS, within } from './frames.ts'

export function pureFunctions(world: World, limits: Limits): { readonly [id: string]: AnyFunction } {
  const at = (
    text: string,
    frame: Frame,
    context: GivenContext | null,
  ): { readonly of: StateOf; readonly scope: Scope } => {
    const of = readState(text)
    return { of, scope: scopeOf(of, frame, context, world) }
  }
  const next = (of: StateOf, frame: Frame, exit: Exit): Frame =>
    nextFrame(frame, within(limits, of.name, exit), PLAIN_EVENTS)
  return {
    [PURE.frame]: firstFrame,

    [PURE.leave]: (text: string, frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      return andThen(leave(of.state, scope), exit => next(of, frame, exit))
    },

    [PURE.holds]: (text: string, index: number, frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      const state = of.state as ChoiceState
      return andThen(holds(state, index, scope), is => {
        // The last one that there is: nothing else would say that none holds.
        if (!is && state.Default === undefined && index === state.Choices.length - 1) throw noChoice(state, scope)
        return is
      })
    },

    [PURE.choose]: (text: string, which: number | 'default', frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      return andThen(exitOfChoice(of.state as ChoiceState, which, scope), exit => next(of, frame, exit))
    },

    [PURE.pause]: (text: string, frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      return andThen(waitOf(of.state as WaitState, scope), pause =>
        pause.kind === 'seconds' ? pause.seconds * 1000 : new Date(pause.instant),
      )
    },

    [PURE.caught]: (text: string, frame: Frame, context: GivenContext | null, fault: GivenFault) =>
      caught(at(text, frame, context), frame, fault),

    [PURE.went]: (which: number | null, caught: number | undefined) => (caught ?? null) === which,

    [PURE.argument]: (text: string, frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      return argumentOf(of.state as TaskState | ParallelState, scope)
    },

    [PURE.items]: (text: string, frame: Frame, context: GivenContext | null, read: Read | null) => {
      const { of, scope } = at(text, frame, context)
      const state = of.state as MapState
      return andThen(mapOf(state, scope, read ?? undefined), ({ items }) =>
        andThen(
          inTurn(items, (item, index) => itemOf(state, scope, item, index, read ?? undefined)),
          inputs => items.map((value, index) => ({ value, input: inputs[index] ?? null })),
        ),
      )
    },

    [PURE.limits]: (text: string, frame: Frame, context: GivenContext | null, read: Read | null) => {
      const { of, scope } = at(text, frame, context)
      return andThen(mapOf(of.state as MapState, scope, read ?? undefined), ({ items, concurrency, tolerated }) => ({
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(tolerated ? { tolerate: tolerable(tolerated, items.length) } : {}),
      }))
    },

    [PURE.timeout]: (text: string, frame: Frame, context: GivenContext | null) => {
      const { of, scope } = at(text, frame, context)
      return andThen(timeoutsOf(of.state as TaskState, scope), ({ timeoutSeconds = 0 }) => timeoutSeconds * 1000)
    },

    [PURE.patience]: (which: 'timeout' | 'heartbeat', { timeoutAtMs, heartbeatMs }: Patience) =>
      which === 'timeout' ? timeoutAtMs : heartbeatMs,

    [PURE.isLate]: (won: unknown) => won === 'late',
  }
}

/** What a task that waits for its answer says of how long. */
export interface Patience {
  /** Milliseconds since 1970. */
  readonly timeoutAtMs?: number
  readonly heartbeatMs?: number
}

/** Either limit ends the map. */
const tolerable = ({ count, percentage }: NonNullable<MapWork['tolerated']>, items: number): number =>
  Math.min(count ?? items, percentage === undefined ? items : Math.floor((percentage / 100) * items))

function leave(state: State, scope: Scope): Soon<Exit> {
  switch (state.Type) {
    case 'Pass':
      return passExit(state satisfies PassState, scope)
    case 'Wait':
      return waitExit(state, scope)
    case 'Succeed':
      return succeedExit(state satisfies SucceedState, scope)
    case 'Task':
    case 'Choice':
    case 'Fail':
    case 'Parallel':
    case 'Map':
      throw new Error(`defect: a ${state.Type} does not just leave`)
  }
}

function caught(
  { of, scope }: { readonly of: StateOf; readonly scope: Scope },
  frame: Frame,
  fault: GivenFault,
): Soon<Frame> {
  const error = stateErrorIn(fault)
  // A mistake in the bindings is for the user, not for the machine.
  if (!error) throw fault.error ?? new Error(fault.message)
  const state = of.state as TaskState
  const index = catcherOf(state, error)
  if (index === undefined) throw error
  const told = { Error: error.error, Cause: error.reason }
  return andThen(exitOfCatch(state, index, scope, told), exit => ({
    ...nextFrame(frame, exit, PLAIN_EVENTS + FAILED_EVENTS),
    caught: index,
  }))
}
