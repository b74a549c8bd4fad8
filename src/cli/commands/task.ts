/** `tutti task`: what workers and callbacks of state machines say by a token, as SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat do. */
import { type Callback, placeOf, type TokenPlace, tokenOf } from '../../lang/asl/task/token.ts'
import { askerOf, silenceOf } from '../../lang/asl/work/token-place.ts'
import type { RunView, StepView } from '../../observe/index.ts'
import { valuesOf } from '../../run/launch.ts'
import { signalRun } from '../../run/requests.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { parseJson } from '../parameters.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { answer, refuseEnded } from './answer.ts'
import { foldRun } from './stored-run.ts'

export interface TaskFlags extends StoreFlags {
  readonly json?: boolean
}

export const taskSuccess = (io: Io, token: string, output: string | undefined, flags: TaskFlags): Promise<number> =>
  send(io, token, { output: output === undefined ? {} : parseJson(output, 'The output of a task') }, flags)

export interface FailureFlags extends TaskFlags {
  readonly error?: string
  readonly cause?: string
}

export const taskFailure = (io: Io, token: string, { error, cause, ...flags }: FailureFlags): Promise<number> =>
  send(io, token, { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) }, flags)

const send = (io: Io, token: string, value: Callback, flags: TaskFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const { run, place } = await openTask(store, token)
    const { signal, step } = place
    // The same answer twice is one; another one comes too late.
    const delivery = await signalRun(store, run, { signal, value, id: token, ...(step === undefined ? {} : { step }) })
    const asked = { kind: 'task', state: signal }
    answer(io, flags, { run, delivery, asked, done: `run ${run} took the answer to ${signal}` })
    return EXIT.succeeded
  })

export const taskHeartbeat = (io: Io, token: string, flags: TaskFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const { run, place, view } = await openTask(store, token)
    const before = place.step === undefined ? undefined : silenceOf(place.step)
    const step = before === undefined ? undefined : heldAt(view, before)
    if (step === undefined)
      return refuse('TASK_UNWATCHED', `The state ${place.signal} of run ${run} asks for no heartbeat now`, {
        hint: 'A state asks for heartbeats by HeartbeatSeconds.',
      })
    const signal = `${place.signal} heartbeat`
    const delivery = await signalRun(store, run, { signal, value: null, step: step.id })
    const asked = { kind: 'task', state: place.signal }
    answer(io, flags, { run, delivery, asked, done: `run ${run} took the heartbeat of ${place.signal}` })
    return EXIT.succeeded
  })

/** The one wait for a signal below a step. */
const heldAt = (view: RunView, before: string): StepView | undefined =>
  [...view.steps.values()].find(
    ({ id, state }) => id.startsWith(before) && state.kind === 'awaiting' && state.what.kind === 'signal',
  )

interface OpenTask {
  readonly run: string
  readonly place: TokenPlace
  readonly view: RunView
}

/** Refuses tokens that are none of ours, and those of tasks that have ended. */
async function openTask(store: Store, token: string): Promise<OpenTask> {
  const place = placeOf(token)
  if (!place)
    return refuse('TASK_TOKEN_INVALID', 'That is no token of a task', {
      hint: 'tutti task list shows the tokens of the tasks that are waited for.',
    })
  const row = findRun(store, place.run)
  refuseEnded(row, 'Its tasks take no answer any more.')
  const { view } = await foldRun(store, row)
  const step = place.step === undefined ? undefined : view.steps.get(place.step)
  if (step && isOver(step))
    return refuse('TASK_CLOSED', `The task ${place.signal} of run ${row.run} has its answer, or none in time`, {
      hint: 'A token is good for one attempt of its state.',
    })
  return { run: row.run, place, view }
}

const isOver = ({ state }: StepView): boolean =>
  state.kind !== 'waiting' && state.kind !== 'awaiting' && state.kind !== 'running'

/** What waits for somebody's answer: token, state and input, as GetActivityTask gives them. */
export const taskList = (io: Io, run: string | undefined, flags: TaskFlags): Promise<number> =>
  withStore(io, flags, async store => {
    for (const task of await openTasks(io, store, run)) {
      if (flags.json) io.out(`${JSON.stringify(task)}\n`)
      else io.out(`${task.run}  ${task.state}  ${JSON.stringify(task.input)}\n  ${task.taskToken}\n`)
    }
    return EXIT.succeeded
  })

interface ListedTask {
  readonly taskToken: string
  readonly run: string
  readonly state: string
  readonly input: unknown
}

const RUNS_MAX = 1_000

async function openTasks(io: Io, store: Store, run: string | undefined): Promise<readonly ListedTask[]> {
  const rows = run === undefined ? store.runs.list({ limit: RUNS_MAX }) : [findRun(store, run)]
  const tasks: ListedTask[] = []
  for (const row of rows) if (row.endedAtMs === undefined) tasks.push(...(await tasksOf(io, store, row)))
  return tasks
}

async function tasksOf(io: Io, store: Store, row: RunRow): Promise<readonly ListedTask[]> {
  const { view } = await foldRun(store, row)
  const tasks: ListedTask[] = []
  for (const { id, state } of view.steps.values()) {
    const asker = askerOf(id)
    if (asker === undefined || state.kind !== 'awaiting' || state.what.kind !== 'signal') continue
    const { signal } = state.what
    const taskToken = tokenOf({ run: row.run, signal, step: id })
    tasks.push({ taskToken, run: row.run, state: signal, input: await argumentOf(io, store, view.steps.get(asker)) })
  }
  return tasks
}

async function argumentOf(io: Io, store: Store, asker: StepView | undefined): Promise<unknown> {
  if (asker?.state.kind !== 'succeeded' || !asker.state.output) return null
  const given = (await valuesOf(store, { cwd: io.cwd }).decode(asker.state.output)) as { readonly argument?: unknown }
  return given.argument ?? null
}
