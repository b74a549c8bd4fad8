/**
 * The history of an execution as AWS tells it, from the log of a run: the same events in the same order, whoever reads it.
 *
 * Every state is entered by a `chosen` event that holds its Frame (../compile/machine.ts), so inputs and outputs are read, not
 * computed again. Computed again is only what no event holds: what a Task asked for.
 *
 *   AH1. The same log gives the same history; its length is the time it takes.
 *   AH2. Ids count from 1, and an event follows one that stands before it.
 */
import type { Event, Fault, StepId } from '../../../core/engine/protocol.ts'
import { splitStepId } from '../../../core/engine/step-id.ts'
import type { Json } from '../../../util/json.ts'
import { idOf } from '../compile/build.ts'
import { languageOf, type Machine, processorOf, type TaskState } from '../machine.ts'
import type { Scope, Soon, World } from '../scope.ts'
import { argumentOf, credentialsOf, mapOf, timeoutsOf } from '../state/index.ts'
import { boundValue, failureOf, frameOf, givenOf, type Load, valueIn } from './data.ts'
import type { Happening, HistoryEvent } from './event.ts'
import { enter, fail, failRoot, finish, leave, open, startWork, type Story } from './story.ts'
import { failed, scheduled, submitted, succeeded } from './task.ts'
import { type Current, type Failure, newChain, newThread, stateAt, type Thread } from './thread.ts'

export { awsShape, type AwsHistory, type Execution } from './aws-shape.ts'
export type { HistoryEvent } from './event.ts'

export interface Told {
  readonly definition: Machine
  /** All of the run, in their order. */
  readonly events: readonly Event[]
  /** Reads a value that is not in its event. */
  readonly load: Load
  readonly world: World
  /** The context object of the execution, without the state's own part. */
  readonly context?: { readonly [field: string]: Json }
  /** The step that is the machine, where the run has others. Absent: the first. */
  readonly step?: StepId
  /** ARN of a map run, by its label. */
  readonly mapRunArn?: (label: string) => string
}

export async function historyOf(told: Told): Promise<readonly HistoryEvent[]> {
  const reader = newReader(told)
  for (const event of told.events) {
    const done = read(reader, event)
    if (done instanceof Promise) await done
  }
  return reader.story.chain.events
}

interface Reader extends Told {
  readonly story: Story
  /** The thread around a scope. */
  readonly scopes: Map<string, Thread | undefined>
  /** Of attempts that failed, by step and number: whether anything had been asked for. */
  readonly failures: ReadonlyMap<string, Fault>
  /** Steps by which Tasks ask. */
  readonly calls: Map<StepId, Thread>
  redrives: number
}

function newReader(told: Told): Reader {
  const story: Story = {
    chain: newChain(),
    threads: new Map(),
    root: undefined,
    before: new Map(),
    visits: new Map(),
    mapRunArn: told.mapRunArn ?? (label => `arn:aws:states:us-east-1:123456789012:mapRun:tutti/${label}`),
  }
  return { ...told, story, scopes: new Map(), failures: failuresOf(told.events), calls: new Map(), redrives: 0 }
}

const attemptKey = (step: StepId, attempt: number): string => `${step} ${attempt}`

function failuresOf(events: readonly Event[]): ReadonlyMap<string, Fault> {
  const failures = new Map<string, Fault>()
  for (const event of events) {
    if (event.kind === 'attempt.failed') failures.set(attemptKey(event.step, event.attempt), event.fault)
    if (event.kind === 'step.settled' && event.outcome.kind === 'failed')
      failures.set(attemptKey(event.step, event.attempt), event.outcome.fault)
  }
  return failures
}

/** Of a whole run the root is the machine; the events of other steps are about what the machine is among. */
function read(reader: Reader, event: Event): Soon<unknown> {
  switch (event.kind) {
    case 'run.started':
      return started(reader, event)
    case 'chosen':
      return chosen(reader, event)
    case 'items.added':
      return listed(reader, event)
    case 'attempt.started':
      return asked(reader, event)
    case 'attempt.failed':
      return notYet(reader, event)
    case 'step.settled':
      return settled(reader, event)
    case 'run.redriven':
      return redriven(reader, event)
    case 'run.ended':
      return ended(reader, event)
    default:
      return undefined
  }
}

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>

async function started({ story, load }: Reader, { args, atMs }: Of<'run.started'>): Promise<void> {
  const [input] = Object.values(args)
  const value = input === undefined ? {} : await boundValue(input, load)
  story.chain.add({ type: 'ExecutionStarted', input: (value ?? {}) as Json }, 0, atMs)
}

async function chosen(reader: Reader, { step, branch, value, atMs }: Of<'chosen'>): Promise<void> {
  const { story } = reader
  const thread = story.threads.get(step) ?? begin(reader, step, atMs)
  if (!thread || thread.status === 'ended') return
  if (value !== undefined) thread.given = frameOf(await boundValue(value, reader.load))
  const [place = '', part] = splitFiring(branch)
  const name = stateAt(thread.machine, place)
  if (name !== undefined && part !== undefined && thread.machine.States[name]?.Type !== 'Choice') return
  leave(story, thread, thread.given, atMs)
  if (name === undefined) finish(story, thread, atMs)
  else enter(story, thread, { name, frame: thread.given }, atMs)
}

/** `S`, `S#1` of a choice, `S#ok` and `S#catch1` when a state's work has ended, `#end`. */
const splitFiring = (branch: string): readonly string[] => branch.split('#')

/** The first state of a machine: of the execution, of a branch, or of an iteration. Executions that a Task starts tell their own. */
function begin(reader: Reader, step: StepId, atMs: number): Thread | undefined {
  const { story, definition } = reader
  if (!story.root) {
    if (reader.step !== undefined && step !== reader.step) return undefined
    const language = definition.QueryLanguage ?? 'JSONPath'
    const root = newThread({ path: step, machine: definition, language, owner: undefined, index: 0, last: 0 })
    story.threads.set(step, root)
    story.root = root
    return root
  }
  const owner = threadAround(reader, step)
  const current = owner?.current
  const work = current?.work
  if (!owner || !current || !work || work.isDistributed) return undefined
  const index = indexIn(step.slice(owner.path.length), idOf(current.name))
  const { state } = current
  const { language } = owner
  if (state.Type === 'Map') return open(story, work, { path: step, machine: processorOf(state), language, index }, atMs)
  const machine = state.Type === 'Parallel' ? state.Branches[index] : undefined
  if (!machine) return undefined
  const isAgain = work.failure !== undefined || [...work.threads.values()].some(thread => thread.index === index)
  if (!work.isStarted || isAgain) startWork(story, work, undefined, atMs)
  return open(story, work, { path: step, machine, language, index }, atMs)
}

/** `…/S#each[3]/machine`, `…/S#2.body/machine`: an item counts from 0, a branch from 1. */
function indexIn(rest: string, id: string): number {
  const from = rest.indexOf(`${id}#each[`)
  if (from !== -1) return Number.parseInt(rest.slice(from + id.length + '#each['.length), 10)
  const marks = rest.split('/').flatMap(each => (each.startsWith(`${id}#`) ? [each.slice(id.length + 1)] : []))
  return Number.parseInt(marks.find(mark => /^\d/.test(mark)) ?? '0', 10) - 1
}

/** The innermost thread whose firings the step is in. */
function threadAround(reader: Reader, step: StepId): Thread | undefined {
  const [scope] = splitStepId(step)
  const known = reader.scopes.get(scope)
  if (known) return known
  const found = findAround(reader.story, scope)
  if (found) reader.scopes.set(scope, found)
  return found
}

/** A firing's scope is named `step.transition`, and either may hold dots. */
function findAround({ threads }: Story, scope: string): Thread | undefined {
  for (let end = scope.length - 1; end > 0; end = scope.lastIndexOf('/', end - 1)) {
    const from = scope.lastIndexOf('/', end - 1) + 1
    for (let dot = scope.indexOf('.', from); dot !== -1 && dot < end; dot = scope.indexOf('.', dot + 1)) {
      const thread = threads.get(scope.slice(0, dot))
      if (thread) return thread
    }
  }
  return undefined
}

async function listed(reader: Reader, { step, keys, count, atMs }: Of<'items.added'>): Promise<void> {
  const thread = threadAround(reader, step)
  const current = thread?.current
  if (!thread || !current?.work || current.state.Type !== 'Map' || thread.status === 'ended') return
  startWork(reader.story, current.work, current.state.ItemReader ? 0 : (count ?? keys.length), atMs)
}

/** The Task of whose effect the step is the step. */
function taskAt(
  reader: Reader,
  step: StepId,
): { readonly thread: Thread; readonly current: Current; readonly state: TaskState } | undefined {
  const thread = reader.calls.get(step) ?? threadAround(reader, step)
  const current = thread?.current
  if (!thread || current?.state.Type !== 'Task' || thread.status === 'ended') return undefined
  return { thread, current, state: current.state }
}

async function asked(reader: Reader, event: Of<'attempt.started'>): Promise<void> {
  const task = taskAt(reader, event.step)
  if (!task || splitStepId(event.step)[1] !== idOf(task.current.name)) return
  const { thread, current, state } = task
  thread.status = 'going'
  thread.failure = undefined
  reader.calls.set(event.step, thread)
  if (await isRefused(reader, event)) return
  const scope = scopeOf(reader, thread, current)
  try {
    const argument = await argumentOf(state, scope)
    const limits = await timeoutsOf(state, scope)
    const credentials = (await credentialsOf(state, scope)) as { readonly RoleArn?: string } | undefined
    const role = credentials?.RoleArn
    tell(
      reader,
      thread,
      scheduled(state.Resource, { argument, ...limits, ...(role === undefined ? {} : { role }) }),
      event.atMs,
    )
    current.isScheduled = true
  } catch {
    // The state cannot make its argument: nothing was asked for, and the attempt's own end says why.
  }
}

/** What a state cannot ask for is refused before anything is scheduled. */
async function isRefused({ failures, load }: Reader, { step, attempt }: Of<'attempt.started'>): Promise<boolean> {
  const fault = failures.get(attemptKey(step, attempt))
  if (!fault) return false
  const { error, cause } = await failureOf(fault, load)
  return error === 'States.Runtime' && cause?.startsWith('An error occurred while executing the state') === true
}

function tell({ story }: Reader, thread: Thread, happenings: readonly Happening[], atMs: number): void {
  for (const happening of happenings) thread.last = story.chain.add(happening, thread.last, atMs)
}

async function notYet(reader: Reader, { step, fault, counts, atMs }: Of<'attempt.failed'>): Promise<void> {
  const task = reader.calls.has(step) ? taskAt(reader, step) : undefined
  if (!task?.current.isScheduled || !counts) return
  task.current.isScheduled = false
  tell(reader, task.thread, [failed(task.state.Resource, await failureOf(fault, reader.load))], atMs)
}

async function settled(reader: Reader, { step, outcome, atMs }: Of<'step.settled'>): Promise<void> {
  const { story, load, calls } = reader
  if (outcome.kind === 'cancelled') return
  const thread = story.threads.get(step) ?? calls.get(step) ?? threadAround(reader, step)
  const current = thread?.current
  if (!thread || !current || thread.status === 'ended') return
  if (outcome.kind === 'failed') return failedBy(reader, thread, current, await failureOf(outcome.fault, load), atMs)
  const isJoined = splitStepId(step)[1] === `${idOf(current.name)}#out`
  if (current.state.Type !== 'Task' && !isJoined) return
  const value = await valueIn(outcome.output, load)
  if (isJoined) thread.given = frameOf(value)
  else answered(reader, thread, current, { step, value, atMs })
}

async function failedBy(
  reader: Reader,
  thread: Thread,
  current: Current,
  failure: Failure,
  atMs: number,
): Promise<void> {
  if (current.state.Type === 'Map') await beginLate(reader, thread, current, failure, atMs)
  if (current.isScheduled && thread.status === 'going') notAnswered(reader, thread, current, failure, atMs)
  fail(reader.story, thread, failure, atMs)
}

/** Most Tasks end with their effect; of others it is the request alone, and another step ends them. */
function answered(
  reader: Reader,
  thread: Thread,
  current: Current,
  { step, value, atMs }: { readonly step: StepId; readonly value: unknown; readonly atMs: number },
): void {
  const { state } = current
  if (state.Type !== 'Task' || !current.isScheduled) return
  const [, node] = splitStepId(step)
  const id = idOf(current.name)
  const isRequest = reader.calls.has(step)
  const given = givenOf(value)
  if (isRequest && given.frame === undefined)
    return tell(reader, thread, submitted(state.Resource, given.submitted ?? null), atMs)
  if (!isRequest && node !== `${id}#done`) return
  current.isScheduled = false
  tell(reader, thread, [succeeded(state.Resource, given.result ?? given.frame?.input ?? null)], atMs)
}

/** A result that could not be made the state's output had come all the same. */
function notAnswered(reader: Reader, thread: Thread, current: Current, failure: Failure, atMs: number): void {
  if (current.state.Type !== 'Task') return
  const isOutput = /^(?:Output|Assign)\b/.test(failure.location ?? '')
  current.isScheduled = false
  const { Resource } = current.state
  tell(reader, thread, [isOutput ? succeeded(Resource, null) : failed(Resource, failure)], atMs)
}

/** What a Map is refused for after its items are known. */
async function beginLate(
  reader: Reader,
  thread: Thread,
  current: Current,
  failure: Failure,
  atMs: number,
): Promise<void> {
  const { state, work } = current
  if (state.Type !== 'Map' || !work || work.isStarted || thread.status !== 'going') return
  if (state.ItemReader) return startWork(reader.story, work, 0, atMs)
  if (failure.error !== 'States.Runtime' || !/\bToleratedFailure/.test(failure.cause ?? '')) return
  const { ToleratedFailureCount: _, ToleratedFailureCountPath: __, ...rest } = state
  const { ToleratedFailurePercentage: ___, ToleratedFailurePercentagePath: ____, ...untold } = rest
  const { items } = await mapOf(untold, scopeOf(reader, thread, current))
  tell(reader, thread, [{ type: 'MapStateStarted', length: items.length }], atMs)
}

function scopeOf({ world, context = {} }: Reader, thread: Thread, { name, state, frame, enteredId }: Current): Scope {
  const { input, vars } = frame
  const language = languageOf(state, thread.language)
  return { name, language, input, vars, context: { ...context, State: { Name: name } }, enteredId, world }
}

/** What was known is told once; the states that had failed go on where they were. */
function redriven(reader: Reader, { atMs }: Of<'run.redriven'>): void {
  const { story } = reader
  reader.redrives += 1
  const last = story.chain.add(
    { type: 'ExecutionRedriven', redriveCount: reader.redrives },
    story.chain.events.length,
    atMs,
  )
  story.before = new Map(story.visits)
  story.visits.clear()
  story.threads.clear()
  reader.scopes.clear()
  reader.calls.clear()
  if (story.root) story.threads.set(story.root.path, (story.root = newThread({ ...story.root, last })))
}

async function ended(reader: Reader, { status, fault, atMs }: Of<'run.ended'>): Promise<void> {
  const { story } = reader
  const { root, chain } = story
  const last = root?.last ?? chain.events.length
  switch (status) {
    case 'succeeded':
      chain.add({ type: 'ExecutionSucceeded', output: outputOf(root, chain.events) }, last, atMs)
      return
    case 'failed':
    case 'diverged': {
      const fallback = fault ? await failureOf(fault, reader.load) : {}
      const { error, cause } = root ? failRoot(story, root, fallback, atMs) : fallback
      chain.add({ type: 'ExecutionFailed', ...why(error, cause) }, root?.last ?? last, atMs)
      return
    }
    case 'timed-out':
      chain.add({ type: 'ExecutionTimedOut', error: 'States.Timeout' }, last, atMs)
      return
    case 'cancelled':
      chain.add({ type: 'ExecutionAborted' }, last, atMs)
      return
  }
}

const why = (error: string | undefined, cause: string | undefined) => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
})

/** What the last state gave. */
function outputOf(root: Thread | undefined, events: readonly HistoryEvent[]): Json {
  const exit = root === undefined ? undefined : events[root.last - 1]
  return exit && 'output' in exit ? exit.output : null
}
