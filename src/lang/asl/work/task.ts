/** A Task's work: its input, the call, its output; in one attempt, or in two halves round an answer from elsewhere. */
import { ctx } from '../../../exec/index.ts'
import { refuse } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { readState, type StateOf } from '../compile/state-text.ts'
import { STARTED } from '../compile/words.ts'
import type { TaskState } from '../machine.ts'
import type { Frame, Scope } from '../scope.ts'
import { argumentOf, credentialsOf, exitOf, timeoutsOf, type Timeouts } from '../state/index.ts'
import { StateError } from '../state-error.ts'
import {
  type Callback,
  type Child,
  endedResult,
  hasToken,
  type Performed,
  resourceOf,
  startedResult,
  tokenOf,
} from '../task/index.ts'
import { type Execution, type GivenContext, scopeOf } from './context.ts'
import { type GivenFault, outOfTime, silent, stateErrorIn } from './errors.ts'
import { FAILED_EVENTS, nextFrame, TASK_EVENTS, within } from './frames.ts'
import type { Host } from './host.ts'
import type { Patience } from './pure.ts'
import { answerStep } from './token-place.ts'
import { turnsBefore } from './turns.ts'

/** What the first half gives: the next frame, or what the second half goes on with. */
export type Half =
  | { readonly frame: Frame; readonly result: Json }
  /** `argument`: what a worker is asked to do, `tutti task list`. */
  | ({ readonly waits: true; readonly argument: Json; readonly submitted?: Json } & Patience)
  | { readonly starts: string; readonly child: Child; readonly execution: Execution; readonly startedMs: number }

export async function perform(host: Host, text: string, frame: Frame, context: GivenContext): Promise<Half> {
  const of = readState(text) as StateOf<TaskState>
  const { state, name } = of
  const { run, step, failures, idempotencyKey, signal, heartbeat } = ctx()
  const retryCount = failures + turnsBefore(step, name)
  const token = hasToken(resourceOf(state.Resource))
    ? tokenOf({ run, signal: name, step: answerStep(step) })
    : undefined
  const scope = scopeOf(of, frame, context, host.world, { retryCount, ...(token === undefined ? {} : { token }) })
  const argument = await argumentOf(state, scope)
  const credentials = await credentialsOf(state, scope)
  const times = await timeoutsOf(state, scope)
  const performed = await host.performer.perform({
    state: name,
    resource: state.Resource,
    argument,
    retryCount,
    execution: { ...context.execution, input: context.input },
    enteredId: scope.enteredId,
    world: host.world,
    idempotencyKey,
    signal,
    heartbeat,
    ...(credentials === undefined ? {} : { credentials }),
    ...(token === undefined ? {} : { token }),
    ...(times.timeoutSeconds === undefined ? {} : { timeoutSeconds: times.timeoutSeconds }),
  })
  return half(host, of, scope, { frame, argument, performed, times, retryCount })
}

async function half(
  host: Host,
  of: StateOf<TaskState>,
  scope: Scope,
  given: {
    readonly frame: Frame
    readonly argument: Json
    readonly performed: Performed
    readonly times: Timeouts
    readonly retryCount: number
  },
): Promise<Half> {
  const { performed, times, retryCount, frame } = given
  const now = host.world.now()
  switch (performed.kind) {
    case 'result':
      return whole(host, of, scope, { frame, result: performed.result, retryCount })
    case 'waiting':
      return {
        waits: true,
        argument: given.argument,
        ...(performed.submitted === undefined ? {} : { submitted: performed.submitted }),
        ...(times.timeoutSeconds === undefined ? {} : { timeoutAtMs: now + times.timeoutSeconds * 1000 }),
        ...(times.heartbeatSeconds === undefined ? {} : { heartbeatMs: times.heartbeatSeconds * 1000 }),
      }
    case 'child': {
      const { child } = performed
      const execution: Execution = {
        ...host.execution(child.name),
        id: child.arn,
        name: child.name,
        machineArn: child.machineArn,
        machineName: child.machineArn.split(':').at(-1) ?? child.key,
      }
      return { starts: child.key, child, execution, startedMs: now }
    }
  }
}

async function whole(
  { limits }: Host,
  of: StateOf<TaskState>,
  scope: Scope,
  given: { readonly frame: Frame; readonly result: Json; readonly retryCount: number },
) {
  const { frame, result, retryCount } = given
  const exit = within(limits, of.name, await exitOf(of.state, scope, result))
  return { frame: nextFrame(frame, exit, TASK_EVENTS + retryCount * FAILED_EVENTS), result }
}

export interface Concluding {
  readonly text: string
  readonly frame: Frame
  readonly context: GivenContext
  readonly performed: unknown
  readonly answer: unknown
}

export async function conclude(
  host: Host,
  given: Concluding,
): Promise<{ readonly frame: Frame; readonly result: Json }> {
  const { text, frame, context, answer } = given
  const performed = given.performed === null ? inTime(answer as TimedAnswer) : (given.performed as Half)
  if ('frame' in performed) return performed
  const of = readState(text) as StateOf<TaskState>
  const retryCount = turnsBefore(ctx().step, of.name)
  const scope = scopeOf(of, frame, context, host.world, { retryCount })
  const result =
    'waits' in performed
      ? answered(answer as Answer)
      : childResult(host, performed, startedBy(performed, of.name, answer))
  return whole(host, of, scope, { frame, result, retryCount })
}

/** What the race of a task against its own clock gives: its failure is data, so that it does not wait for the clock. */
type TimedAnswer =
  | { readonly won: 'timeout' }
  | { readonly won: 'work'; readonly value: { readonly done: Half } | { readonly failed: GivenFault } }

function inTime(answer: TimedAnswer): Half {
  if (answer.won === 'timeout') throw outOfTime()
  if ('done' in answer.value) return answer.value.done
  const { failed } = answer.value
  throw stateErrorIn(failed) ?? failed.error ?? new Error(failed.message)
}

/** What the race for the answer gives. */
interface Answer {
  readonly won: 'answer' | 'timeout' | 'silence'
  readonly value: unknown
}

function answered({ won, value }: Answer): Json {
  if (won === 'timeout') throw outOfTime()
  if (won === 'silence') throw silent()
  const callback = value as Exclude<Callback, { heartbeat: true }>
  if (typeof callback === 'object' && callback !== null && 'output' in callback) return callback.output as Json
  const { error, cause } = (callback ?? {}) as { readonly error?: string; readonly cause?: string }
  throw new StateError(error, cause)
}

/** A machine that is running around the state cannot be a part of itself. */
function startedBy({ child }: Extract<Half, { readonly starts: string }>, state: string, answer: unknown) {
  if (answer !== null) return answer as ChildAnswer | typeof STARTED
  return refuse(
    'ASL_STARTS_ITSELF',
    `State "${state}" starts ${child.key}, which cannot be a part of it: it is running around it, or too deep inside`,
    {
      hint: `Bind it to a function that starts a run of its own: '${state}': input => …`,
    },
  )
}

type ChildAnswer = { readonly output: Json } | { readonly failed: GivenFault }

function childResult(
  host: Host,
  { child, startedMs }: Extract<Half, { readonly starts: string }>,
  answer: ChildAnswer | typeof STARTED,
): Json {
  if (answer === STARTED) return startedResult(child, startedMs, host.world)
  const times = { startedMs, stoppedMs: host.world.now() }
  if ('output' in answer) return endedResult(child, { status: 'SUCCEEDED', output: answer.output }, times)
  const error = stateErrorIn(answer.failed)
  const status = answer.failed.code === 'TIMEOUT' ? 'TIMED_OUT' : 'FAILED'
  return endedResult(
    child,
    {
      status,
      ...(error?.error === undefined ? {} : { error: error.error }),
      ...(error?.reason === undefined ? { cause: error ? '' : answer.failed.message } : { cause: error.reason }),
    },
    times,
  )
}
