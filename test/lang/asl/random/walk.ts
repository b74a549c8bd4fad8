/**
 * Machines, walked one state after another by recursion: no graph, no log, no clock. It shares with the engine only what single
 * states make of data.
 */
import {
  type Machine,
  type MapState,
  type ParallelState,
  processorOf,
  type QueryLanguage,
  type State,
  type TaskState,
} from '../../../../src/lang/asl/machine.ts'
import type { Exit, Scope, Vars } from '../../../../src/lang/asl/scope.ts'
import {
  argumentOf,
  catcherOf,
  exitOf,
  exitOfCatch,
  exitOfChoice,
  failureOf,
  holds,
  itemOf,
  mapOf,
  noChoice,
  passExit,
  retrierOf,
  succeedExit,
  waitExit,
  waitOf,
} from '../../../../src/lang/asl/state/index.ts'
import { StateError } from '../../../../src/lang/asl/state-error.ts'
import type { Json } from '../../../../src/util/json.ts'
import { work } from './work.ts'

/** The states that a machine, a branch or an iteration has entered. */
export interface Way {
  readonly thread: string
  readonly entered: string[]
  /** The tasks that have given something, in their order. */
  readonly done: string[]
  /** It has failed in the last state that it entered. */
  hasFailed: boolean
  /** A Choice that it could not leave: nothing is chosen there. */
  deadEnd: string | undefined
  /** Of a child execution, which has a history of its own. */
  isApart: boolean
  /** Something beside it has failed, and may have stopped it at any of its states. */
  isCut: boolean
}

export type Ended =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'FAILED'; readonly error: string | undefined }

export interface Walked {
  readonly end: Ended
  readonly ways: readonly Way[]
  /** Two have failed side by side, each in its own way: which is the first is not told. */
  readonly isOpen: boolean
}

interface Walk {
  readonly ways: Way[]
  readonly input: Json
  readonly standard: QueryLanguage
  isOpen: boolean
}

interface Inside {
  readonly vars: Vars
  readonly context: Scope['context']
  readonly thread: string
}

const WORLD = { now: () => Date.UTC(2030, 0, 1), random: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' }

export async function walk(machine: Machine, input: Json): Promise<Walked> {
  const walked: Walk = { ways: [], input, standard: machine.QueryLanguage ?? 'JSONPath', isOpen: false }
  const end = await walkMachine(walked, machine, input, { vars: {}, context: {}, thread: '' }).then(
    (output): Ended => ({ status: 'SUCCEEDED', output }),
    (error: unknown): Ended => ({ status: 'FAILED', error: stateError(error).error }),
  )
  return { end, ways: walked.ways, isOpen: walked.isOpen }
}

function stateError(error: unknown): StateError {
  if (error instanceof StateError) return error
  throw error
}

async function walkMachine(walked: Walk, machine: Machine, input: Json, inside: Inside): Promise<Json> {
  const way: Way = {
    thread: inside.thread,
    entered: [],
    done: [],
    isApart: false,
    hasFailed: false,
    deadEnd: undefined,
    isCut: false,
  }
  walked.ways.push(way)
  let [name, data, vars] = [machine.StartAt, input, inside.vars]
  for (;;) {
    const state = machine.States[name] as State
    const scope: Scope = {
      name,
      language: state.QueryLanguage ?? machine.QueryLanguage ?? walked.standard,
      input: data,
      vars,
      context: { ...inside.context, Execution: { Input: walked.input }, State: { Name: name } },
      enteredId: 0,
      world: WORLD,
    }
    const before = way.entered.filter(entered => entered === name).length
    way.entered.push(name)
    try {
      const { exit, next, isDone } = await step(walked, state, scope, `${inside.thread}/${name}:${before}`)
      if (isDone) way.done.push(name)
      data = exit.output
      vars = exit.vars
      if (next === undefined) return data
      name = next
    } catch (error) {
      const own = stateError(error)
      if (state.Type === 'Choice') way.deadEnd = way.entered.pop()
      else way.hasFailed = true
      throw own
    }
  }
}

interface Left {
  readonly exit: Exit
  readonly next: string | undefined
  /** A task gave something. */
  readonly isDone?: boolean
}

async function step(walked: Walk, state: State, scope: Scope, thread: string): Promise<Left> {
  switch (state.Type) {
    case 'Pass':
      return { exit: await passExit(state, scope), next: state.Next }
    case 'Succeed':
      return { exit: await succeedExit(state, scope), next: undefined }
    case 'Wait':
      await waitOf(state, scope)
      return { exit: await waitExit(state, scope), next: state.Next }
    case 'Fail': {
      const { error, cause } = await failureOf(state, scope)
      throw new StateError(error, cause)
    }
    case 'Choice': {
      for (const [index, { Next }] of state.Choices.entries())
        if (await holds(state, index, scope)) return { exit: await exitOfChoice(state, index, scope), next: Next }
      if (state.Default === undefined) throw noChoice(state, scope)
      return { exit: await exitOfChoice(state, 'default', scope), next: state.Default }
    }
    case 'Task':
      return handled(state, scope, async tries => call(state, withTries(scope, tries)))
    case 'Parallel':
      return handled(state, scope, tries => branches(walked, state, scope, `${thread}:${tries}`))
    case 'Map':
      return handled(state, scope, tries => iterations(walked, state, scope, `${thread}:${tries}`))
  }
}

const withTries = (scope: Scope, tries: number): Scope => ({
  ...scope,
  context: { ...scope.context, State: { Name: scope.name, RetryCount: tries } },
})

type Working = TaskState | ParallelState | MapState

/** Each retrier counts for itself; an error whose retrier has none left is for the catchers. */
async function handled(state: Working, scope: Scope, once: (tries: number) => Promise<Exit>): Promise<Left> {
  const used = new Map<number, number>()
  for (let tries = 0; ; tries += 1) {
    try {
      return { exit: await once(tries), next: state.Next, isDone: state.Type === 'Task' }
    } catch (error) {
      const own = stateError(error)
      const retrier = retrierOf(state, own)
      if (retrier !== undefined) {
        const count = used.get(retrier) ?? 0
        used.set(retrier, count + 1)
        if (count < (state.Retry?.[retrier]?.MaxAttempts ?? 3)) continue
      }
      const catcher = catcherOf(state, own)
      if (catcher === undefined) throw own
      const exit = await exitOfCatch(state, catcher, scope, { Error: own.error, Cause: own.reason })
      return { exit, next: state.Catch?.[catcher]?.Next }
    }
  }
}

async function call(state: TaskState, scope: Scope): Promise<Exit> {
  const argument = await argumentOf(state, scope)
  return exitOf(state, scope, attempted(argument as unknown as Parameters<typeof work>[0]))
}

function attempted(argument: Parameters<typeof work>[0]): Json {
  try {
    return work(argument) as unknown as Json
  } catch (error) {
    const { name, message } = error as Error
    throw new StateError(name, message)
  }
}

async function branches(walked: Walk, state: ParallelState, scope: Scope, thread: string): Promise<Exit> {
  const argument = await argumentOf(state, scope)
  const outputs = await all(walked, state.Branches, 0, (machine, index) =>
    walkMachine(walked, machine, argument, nested(scope, scope.context, `${thread}#${index}`)),
  )
  return exitOf(state, scope, outputs)
}

async function iterations(walked: Walk, state: MapState, scope: Scope, thread: string): Promise<Exit> {
  const { items, tolerated } = await mapOf(state, scope)
  const inputs: Json[] = []
  for (const [index, item] of items.entries()) inputs.push(await itemOf(state, scope, item, index))
  const processor = processorOf(state)
  const outputs = await all(
    walked,
    inputs,
    tolerated?.count ?? 0,
    (input, index) => {
      const context = { ...scope.context, Map: { Item: { Index: index, Value: items[index] ?? null } } }
      return walkMachine(walked, processor, input, nested(scope, context, `${thread}#${index}`))
    },
    processor.ProcessorConfig?.Mode === 'DISTRIBUTED',
  )
  return exitOf(state, scope, outputs)
}

const nested = ({ vars }: Scope, context: Scope['context'], thread: string): Inside => ({
  vars,
  context,
  thread,
})

/** What all give, without those that failed and may; of too many failures, the first in their order. */
async function all<T>(
  walked: Walk,
  parts: readonly T[],
  tolerated: number,
  each: (part: T, index: number) => Promise<Json>,
  isDistributed = false,
): Promise<readonly Json[]> {
  const from = walked.ways.length
  const outputs: Json[] = []
  const errors: StateError[] = []
  for (const [index, part] of parts.entries()) {
    try {
      outputs.push(await each(part, index))
    } catch (error) {
      errors.push(stateError(error))
    }
  }
  if (isDistributed) for (const way of walked.ways.slice(from)) way.isApart = true
  const [first] = errors
  if (!first || errors.length <= tolerated) return outputs
  for (const way of walked.ways.slice(from)) way.isCut = true
  if (errors.some(({ error }) => error !== first.error)) walked.isOpen = true
  throw isDistributed
    ? new StateError('States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded')
    : first
}
