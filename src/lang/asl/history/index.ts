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
import { processorOf } from '../machine.ts'
import type { Soon } from '../scope.ts'
import { mapOf } from '../state/index.ts'
import type { Execution } from '../work/context.ts'
import { answered, asked, notAnswered, notYet } from './calls.ts'
import { reachChoice } from './dead-end.ts'
import { ended, failedInside, succeed } from './end.ts'
import { boundValue, failureOf, frameOf, valueIn } from './data.ts'
import type { HistoryEvent } from './event.ts'
import { anyAround, newReader, type Of, type Reader, scopeOf, type Told, threadAround } from './reader.ts'
import { enter, fail, finish, leave, open, startWork, succeedWork } from './story.ts'
import { type Current, type Failure, newThread, stateAt, type Thread } from './thread.ts'

export { awsShape } from './aws-shape.ts'
export type { HistoryEvent } from './event.ts'
export { machineAt, type MachineOfRun, machinesOf } from './of-run.ts'
export type { Told } from './reader.ts'

export interface History {
  readonly events: readonly HistoryEvent[]
  /** Who the execution is, where its states could ask for it. */
  readonly execution?: Execution
}

export async function readHistory(told: Told): Promise<History> {
  const reader = newReader(told)
  for (const event of told.events) {
    const done = read(reader, event)
    if (done instanceof Promise) await done
  }
  const { story, execution } = reader
  return { events: story.chain.events, ...(execution ? { execution } : {}) }
}

export const historyOf = async (told: Told): Promise<readonly HistoryEvent[]> => (await readHistory(told)).events

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
    case 'step.stopped':
      return stopped(reader, event)
    case 'run.redriven':
      return redriven(reader, event)
    case 'run.ended':
      return ended(reader, event)
    default:
      return undefined
  }
}

async function started(reader: Reader, { run, args, atMs }: Of<'run.started'>): Promise<void> {
  reader.run = run
  if (!reader.isWhole) return
  const [input] = Object.values(args)
  const value = input === undefined ? {} : await boundValue(input, reader.load)
  begun(reader, (value ?? {}) as Json, atMs)
}

function begun(reader: Reader, input: Json, atMs: number): void {
  reader.input = input
  reader.story.chain.add({ type: 'ExecutionStarted', input }, 0, atMs)
}

async function chosen(reader: Reader, { step, branch, value, atMs }: Of<'chosen'>): Promise<void> {
  const { story } = reader
  const thread = story.threads.get(step) ?? begin(reader, step, atMs)
  if (!thread || thread.status === 'ended') return
  if (value !== undefined) thread.given = frameOf(await boundValue(value, reader.load))
  if (story.chain.events.length === 0) begun(reader, thread.given.input, atMs)
  const [place = '', part] = splitFiring(branch)
  const name = stateAt(thread.machine, place)
  if (name !== undefined && part !== undefined && thread.machine.States[name]?.Type !== 'Choice') {
    goBy(thread, part)
    return
  }
  leave(story, thread, thread.given, atMs)
  if (name === undefined) {
    finish(story, thread, atMs)
    if (thread === story.root && !reader.isWhole) succeed(reader, thread, atMs)
    return
  }
  enter(story, thread, { name, frame: thread.given }, atMs)
  if (part !== undefined) goBy(thread, part)
}

/** A state's work has ended, or a rule of a choice holds. */
function goBy({ current, given }: Thread, way: string): void {
  if (!current) return
  current.way = way
  if (current.state.Type !== 'Choice') current.after = given
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

async function listed(reader: Reader, { step, keys, items, count, atMs }: Of<'items.added'>): Promise<void> {
  const thread = threadAround(reader, step)
  const current = thread?.current
  if (!thread || !current?.work || current.state.Type !== 'Map' || thread.status === 'ended') return
  startWork(reader.story, current.work, current.state.ItemReader ? 0 : (count ?? keys.length), atMs)
  current.work.items = items
}

/** What tells who the execution is (../compile). */
const START = 'start'

const isStart = ({ step: machine = '' }: Reader, step: StepId): boolean => step === `${splitStepId(machine)[0]}${START}`

async function settled(reader: Reader, { step, outcome, atMs }: Of<'step.settled'>): Promise<void> {
  const { story, load, calls } = reader
  if (outcome.kind === 'cancelled') return
  if (!story.root && outcome.kind === 'succeeded' && isStart(reader, step))
    reader.execution = (await valueIn(outcome.output, load)) as Execution
  const thread = story.threads.get(step) ?? calls.get(step) ?? threadAround(reader, step)
  const current = thread?.current
  if (!thread && outcome.kind === 'failed') await noteInside(reader, step)
  if (!thread || !current || thread.status === 'ended') return
  const isJoined = splitStepId(step)[1] === `${idOf(current.name)}#out`
  if (outcome.kind === 'failed') {
    if (isJoined && current.work) succeedWork(story, current.work, atMs)
    return failedBy(reader, thread, current, await failureOf(outcome.fault, load), atMs)
  }
  if (current.state.Type !== 'Task' && !isJoined) return
  const value = await valueIn(outcome.output, load)
  if (isJoined) thread.given = current.after = frameOf(value)
  else answered(reader, thread, current, { step, value, atMs })
}

/** A machine itself fails where it is chosen how to go on: at the state that is left, or at a Choice that is next. */
async function stopped(reader: Reader, { step, fault, atMs }: Of<'step.stopped'>): Promise<void> {
  const isMachine = reader.story.threads.has(step) || splitStepId(step)[1] === MACHINE
  const thread = isMachine ? (reader.story.threads.get(step) ?? begin(reader, step, atMs)) : undefined
  if (!thread || thread.status === 'ended') return
  // It was the catcher that failed, on what it was for.
  if (thread.status === 'failing' && !thread.current?.after) thread.status = 'going'
  else await reachChoice(reader, thread, atMs)
  fail(reader.story, thread, await failureOf(fault, reader.load), atMs)
  failedInside(reader, thread, atMs)
}

/** As ../bind.ts and ../compile call the step that is a machine. */
const MACHINE = 'machine'

/** A distributed map fails because too many of its iterations did, whatever with: that is told where it fails. */
async function noteInside(reader: Reader, step: StepId): Promise<void> {
  const work = anyAround(reader, step)?.current?.work
  if (work?.isDistributed) work.inside = await failureOf(TOO_MANY, reader.load)
}

const TOO_MANY: Fault = { code: 'TOLERANCE_EXCEEDED', message: '' }

async function failedBy(
  reader: Reader,
  thread: Thread,
  current: Current,
  failure: Failure,
  atMs: number,
): Promise<void> {
  if (current.state.Type === 'Map') await beginLate(reader, thread, current, failure, atMs)
  if (thread.status === 'going') notAnswered(reader, thread, current, failure, atMs)
  fail(reader.story, thread, failure, atMs)
  failedInside(reader, thread, atMs)
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
  const { items } = await mapOf(untold, await scopeOf(reader, thread, current, { atMs }))
  thread.last = reader.story.chain.add({ type: 'MapStateStarted', length: items.length }, thread.last, atMs)
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
