/** Tasks: their calls are scheduled with the attempts of an effect, and end with it, or with the step that concludes them. */
import type { StepId } from '../../../core/engine/protocol.ts'
import { splitStepId } from '../../../core/engine/step-id.ts'
import { idOf } from '../compile/build.ts'
import type { TaskState } from '../machine.ts'
import { argumentOf, credentialsOf, timeoutsOf } from '../state/index.ts'
import { startedResult } from '../task/execution.ts'
import { hasToken, resourceOf } from '../task/resource.ts'
import { tokenOf } from '../task/token.ts'
import { answerStep } from '../work/token-place.ts'
import { turnsBefore } from '../work/turns.ts'
import { failureOf, type Given, givenOf } from './data.ts'
import type { Happening } from './event.ts'
import { attemptKey, type Of, type Reader, scopeOf, threadAround } from './reader.ts'
import { type Call, failed, scheduled, submitted, succeeded, wasSubmitted } from './task.ts'
import type { Current, Failure, Thread } from './thread.ts'

interface Task {
  readonly thread: Thread
  readonly current: Current
  readonly state: TaskState
}

/** The Task of whose effect the step is the step. */
function taskAt(reader: Reader, step: StepId): Task | undefined {
  const thread = reader.calls.get(step) ?? threadAround(reader, step)
  const current = thread?.current
  if (!thread || current?.state.Type !== 'Task' || thread.status === 'ended') return undefined
  return { thread, current, state: current.state }
}

export async function asked(reader: Reader, event: Of<'attempt.started'>): Promise<void> {
  const task = taskAt(reader, event.step)
  if (!task || splitStepId(event.step)[1] !== idOf(task.current.name)) return
  const { thread, current, state } = task
  // An attempt that died with its process is begun again, and has been told.
  if (current.call === 'scheduled' && reader.calls.get(event.step) === thread) return
  thread.status = 'going'
  thread.failure = undefined
  current.call = 'none'
  reader.calls.set(event.step, thread)
  const call = (await isRefused(reader, event)) ? undefined : await callOf(reader, task, event)
  if (!call) return
  tell(reader, thread, scheduled(state.Resource, call), event.atMs)
  current.call = 'scheduled'
}

/** What a state cannot ask for is refused before anything is scheduled. */
async function isRefused({ failures, load }: Reader, { step, attempt }: Of<'attempt.started'>): Promise<boolean> {
  const fault = failures.get(attemptKey(step, attempt))
  if (!fault) return false
  const { error, cause } = await failureOf(fault, load)
  return error === 'States.Runtime' && REFUSED.test(cause ?? '')
}

/** In AWS's words. */
const REFUSED = /could not be used to start the Task|\(entered at the event id #\d+\)\. The activity .* does not exist/

/** Undefined when the state cannot make its argument: the attempt's own end says why. */
async function callOf(
  reader: Reader,
  { thread, current, state }: Task,
  { step, atMs }: Of<'attempt.started'>,
): Promise<Call | undefined> {
  const token = hasToken(resourceOf(state.Resource))
    ? { token: tokenOf({ run: reader.run, signal: current.name, step: answerStep(step) }) }
    : {}
  const scope = await scopeOf(reader, thread, current, {
    atMs,
    retryCount: (reader.retried.get(step) ?? 0) + turnsBefore(step, current.name),
    ...token,
  })
  try {
    const argument = await argumentOf(state, scope)
    const limits = await timeoutsOf(state, scope)
    const credentials = (await credentialsOf(state, scope)) as { readonly RoleArn?: string } | undefined
    return { argument, ...limits, ...(credentials?.RoleArn === undefined ? {} : { role: credentials.RoleArn }) }
  } catch {
    return undefined
  }
}

function tell({ story }: Reader, thread: Thread, happenings: readonly Happening[], atMs: number): void {
  for (const happening of happenings) thread.last = story.chain.add(happening, thread.last, atMs)
}

export async function notYet(reader: Reader, { step, fault, counts, atMs }: Of<'attempt.failed'>): Promise<void> {
  if (counts) reader.retried.set(step, (reader.retried.get(step) ?? 0) + 1)
  const task = reader.calls.has(step) && counts ? taskAt(reader, step) : undefined
  if (task) notAnswered(reader, task.thread, task.current, await failureOf(fault, reader.load), atMs)
}

/** Most Tasks end with their effect; of others it is the request alone, and another step ends them. */
export function answered(
  reader: Reader,
  thread: Thread,
  current: Current,
  { step, value, atMs }: { readonly step: StepId; readonly value: unknown; readonly atMs: number },
): void {
  const { state, name } = current
  if (state.Type !== 'Task' || current.call === 'none') return
  const given = givenOf(value)
  if (reader.calls.has(step) && given.frame === undefined)
    return submit(reader, thread, current, saidAtOnce(reader, given), atMs)
  if (!reader.calls.has(step) && splitStepId(step)[1] !== `${idOf(name)}#done`) return
  if (current.call === 'scheduled') submit(reader, thread, current, given.submitted, atMs)
  current.call = 'none'
  current.after = given.frame
  tell(reader, thread, [succeeded(state.Resource, given.result ?? given.frame?.input ?? null)], atMs)
}

/** What the service answered to the request alone. */
const saidAtOnce = (
  { world }: Reader,
  { submitted: said, child, startedMs = 0 }: Given,
): Call['argument'] | undefined => (child ? startedResult(child, startedMs, { ...world, now: () => startedMs }) : said)

function submit(
  reader: Reader,
  thread: Thread,
  current: Current,
  output: Call['argument'] | undefined,
  atMs: number,
): void {
  if (current.state.Type !== 'Task') return
  tell(reader, thread, submitted(current.state.Resource, output), atMs)
  current.call = 'submitted'
}

/** Whether a state has failed at what came after its call: at its output. What it asks for was made before. */
const isAfterwards = ({ error, cause, location }: Failure): boolean =>
  /^(?:Output|Assign)\b/.test(location ?? '') ||
  (error === 'States.Runtime' && cause?.startsWith('An error occurred while executing the state') === true)

/** A result that could not be made the state's output had come all the same. */
export function notAnswered(reader: Reader, thread: Thread, current: Current, failure: Failure, atMs: number): void {
  const { state } = current
  if (state.Type !== 'Task' || current.call === 'none') return
  const isOutput = isAfterwards(failure)
  if (current.call === 'scheduled' && (isOutput || wasSubmitted(state.Resource, failure)))
    submit(reader, thread, current, undefined, atMs)
  current.call = 'none'
  tell(reader, thread, [isOutput ? succeeded(state.Resource, null) : failed(state.Resource, failure)], atMs)
}
