/**
 * What happens to threads, in AWS's events. AWS chains each event to the one before it on its way: an iteration to the end of
 * the one whose place it takes; how an iteration or the whole of them ended stands beside the chain.
 */
import { unreachable } from '../../../util/unreachable.ts'
import { idOf } from '../compile/build.ts'
import { isDistributed, type Machine, type QueryLanguage } from '../machine.ts'
import type { Frame } from '../scope.ts'
import { catcherOf, retrierOf } from '../state/index.ts'
import {
  assignedOf,
  type Chain,
  type Current,
  type Failure,
  newThread,
  newWork,
  type Thread,
  type Visit,
  type Work,
} from './thread.ts'

export interface Story {
  readonly chain: Chain
  readonly threads: Map<string, Thread>
  root: Thread | undefined
  /** Of a run that was driven again: the states that were entered before, by thread, in their order. */
  before: ReadonlyMap<string, readonly Visit[]>
  readonly visits: Map<string, Visit[]>
  /** Branches and iterations whose end has been told. */
  readonly ended: Set<string>
  /** ARN of the next map run. */
  readonly mapRunArn: (label: string) => string
}

export function enter(
  story: Story,
  thread: Thread,
  { name, frame }: { readonly name: string; readonly frame: Frame },
  atMs: number,
): void {
  const state = thread.machine.States[name]
  if (!state) throw new Error(`defect: ${name} is no state of the machine`)
  const place = idOf(name)
  const known = knownVisit(story, thread, place)
  const before = known?.before ?? thread.last
  const enteredId =
    known?.enteredId ?? story.chain.add({ type: `${state.Type}StateEntered`, name, input: frame.input }, before, atMs)
  if (!known) thread.last = enteredId
  const visit: Visit = known ?? { place, enteredId, before, isStarted: false, isLeft: false }
  const visits = story.visits.get(thread.path)
  if (visits) visits.push(visit)
  else story.visits.set(thread.path, [visit])
  thread.turn += 1
  const isApart = state.Type === 'Map' && isDistributed(state)
  const work = state.Type === 'Map' || state.Type === 'Parallel' ? newWork(thread, name, isApart) : undefined
  if (work && known?.isStarted) {
    work.isStarted = true
    work.startedId = thread.last
  }
  thread.current = {
    visit,
    name,
    state,
    frame,
    enteredId,
    before,
    work,
    way: undefined,
    after: undefined,
    call: 'none',
  }
}

/** What is done again only because the run was driven again has been told before. */
function knownVisit(story: Story, thread: Thread, place: string): Visit | undefined {
  const visit = story.before.get(thread.path)?.[thread.turn]
  return visit?.place === place ? visit : undefined
}

/** The state is over, and `frame` is what it hands on. */
export function leave(story: Story, thread: Thread, frame: Frame, atMs: number): void {
  const { current } = thread
  if (!current) return
  const { state, name, work, visit } = current
  const isCaught = thread.status === 'failing' || frame.caught !== undefined
  if (work && !visit.isLeft) endWork(story, work, isCaught, atMs)
  thread.status = 'going'
  thread.failure = undefined
  thread.current = undefined
  if (state.Type === 'Fail' || visit.isLeft) return
  visit.isLeft = true
  thread.last = story.chain.add(
    { type: `${state.Type}StateExited`, name, output: frame.input, ...assignedOf(frame) },
    thread.last,
    atMs,
  )
}

function endWork(story: Story, work: Work, isCaught: boolean, atMs: number): void {
  flush(story, work, atMs)
  if (isCaught) failWork(story, work.thread, work, atMs)
  else succeedWork(story, work, atMs)
}

/** All in it have ended; what they gave may still not be what the state can hand on. */
export function succeedWork(story: Story, work: Work, atMs: number): void {
  const { thread } = work
  if (work.isDone) return
  work.isDone = true
  const add = (type: 'MapRunSucceeded' | 'MapStateSucceeded' | 'ParallelStateSucceeded'): number =>
    story.chain.add({ type }, thread.last, atMs)
  if (work.isStarted && work.lastEnded > 0) thread.last = work.lastEnded
  if (work.isDistributed) thread.last = add('MapRunSucceeded')
  add(thread.current?.state.Type === 'Map' ? 'MapStateSucceeded' : 'ParallelStateSucceeded')
}

/** A list of items is known, or a branch has begun: for the first time, or again after all have failed. */
export function startWork(story: Story, work: Work, length: number | undefined, atMs: number): void {
  const { thread } = work
  flush(story, work, atMs)
  const isAgain = work.failure !== undefined || work.inside !== undefined || work.isDone
  if (work.isStarted && work.isDistributed && work.inside) failRun(story, work, work.inside, atMs)
  work.threads.clear()
  work.free.length = 0
  work.lastEnded = 0
  work.failure = undefined
  work.inside = undefined
  work.isDone = false
  thread.status = 'going'
  if (work.isStarted && !isAgain) return
  work.isStarted = true
  if (thread.current) thread.current.visit.isStarted = true
  const started =
    length === undefined ? ({ type: 'ParallelStateStarted' } as const) : ({ type: 'MapStateStarted', length } as const)
  thread.last = story.chain.add(started, thread.last, atMs)
  const { current } = thread
  if (work.isDistributed && current?.state.Type === 'Map')
    thread.last = story.chain.add(
      { type: 'MapRunStarted', mapRunArn: story.mapRunArn(current.state.Label ?? current.name) },
      thread.last,
      atMs,
    )
  work.startedId = thread.last
}

export interface Place {
  readonly path: string
  readonly machine: Machine
  readonly language: QueryLanguage
  readonly index: number
}

/** A branch or an iteration begins. */
export function open(story: Story, work: Work, { index, ...given }: Place, atMs: number): Thread {
  const before = work.free.shift() ?? work.startedId
  const isMap = work.thread.current?.state.Type === 'Map'
  const isKnown = story.before.has(given.path)
  const last =
    isMap && !isKnown
      ? story.chain.add({ type: 'MapIterationStarted', name: work.name, index }, before, atMs)
      : isKnown
        ? work.thread.last
        : before
  const thread = newThread({ ...given, index, owner: work, last })
  work.threads.set(thread.path, thread)
  story.threads.set(thread.path, thread)
  return thread
}

/** A machine has come to its end. */
export function finish(story: Story, thread: Thread, atMs: number): void {
  thread.status = 'ended'
  const { owner, index, path } = thread
  if (!owner) return
  owner.lastEnded = thread.last
  if (owner.thread.current?.state.Type !== 'Map') return
  owner.free.push(thread.last)
  if (story.ended.has(path)) return
  story.ended.add(path)
  owner.lastEnded = story.chain.add({ type: 'MapIterationSucceeded', name: owner.name, index }, thread.last, atMs)
}

/** The state of a thread has failed, and is not tried again by the step itself. */
export function fail(story: Story, thread: Thread, failure: Failure, atMs: number): void {
  const { current } = thread
  if (!current || thread.status !== 'going') return
  if (isEvaluation(failure))
    thread.last = story.chain.add(
      {
        type: 'EvaluationFailed',
        state: current.name,
        error: failure.error ?? '',
        ...(failure.cause === undefined ? {} : { cause: failure.cause }),
        ...(failure.location === undefined ? {} : { location: failure.location }),
      },
      beforeEvaluation(thread, current),
      atMs,
    )
  suffer(story, thread, failure, atMs)
}

const isEvaluation = ({ error, cause }: Failure): boolean =>
  error === 'States.QueryEvaluationError' && cause?.startsWith('An error occurred while executing the state') === true

/** AWS evaluates as a state is entered, beside its entering; a Wait only afterwards. */
const beforeEvaluation = ({ last }: Thread, { enteredId, before, state }: Current): number =>
  last === enteredId && state.Type !== 'Wait' ? before : last

/** Pending while the state may be tried again or caught; else the thread is over. */
function suffer(story: Story, thread: Thread, failure: Failure, atMs: number): void {
  thread.status = 'failing'
  thread.failure = failure
  if (!thread.current || !isPending(thread.current, failure)) escalate(story, thread, atMs)
}

function isPending({ state }: Current, failure: Failure): boolean {
  switch (state.Type) {
    case 'Task':
    case 'Map':
    case 'Parallel':
      return catcherOf(state, failure) !== undefined || retrierOf(state, failure) !== undefined
    case 'Pass':
    case 'Choice':
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return false
    default:
      return unreachable(state)
  }
}

/** Nobody catches it: what is around fails with it. */
function escalate(story: Story, thread: Thread, atMs: number): void {
  const { current, owner, failure = {} } = thread
  if (current?.work) failWork(story, thread, current.work, atMs)
  thread.status = 'ended'
  if (owner) failInside(story, owner, thread, failure, atMs)
}

/** What fails before anything has begun in it, or when all has ended, has no word of its own, unless an expression failed. */
function failWork(story: Story, thread: Thread, work: Work, atMs: number): void {
  const failure = thread.failure ?? work.inside ?? {}
  const isWorking = work.failure !== undefined || (work.isStarted && !work.isDone)
  if (!isWorking && (work.isDone || !isEvaluation(failure))) return
  if (work.isDistributed && work.isStarted) failRun(story, work, failure, atMs)
  const type = thread.current?.state.Type === 'Map' ? 'MapStateFailed' : 'ParallelStateFailed'
  thread.last = story.chain.add({ type }, thread.last, atMs)
}

function failRun(story: Story, { thread }: Work, { location: _, ...why }: Failure, atMs: number): void {
  thread.last = story.chain.add({ type: 'MapRunFailed', ...why }, thread.last, atMs)
}

function failInside(story: Story, work: Work, thread: Thread, failure: Failure, atMs: number): void {
  if (work.failure || work.thread.status === 'ended') return
  work.failure = failure
  if (work.thread.current?.state.Type === 'Map')
    story.chain.add({ type: 'MapIterationFailed', name: work.name, index: thread.index }, thread.last, atMs)
  else if (thread.current?.state.Type === 'Task') story.chain.add({ type: 'TaskStateAborted' }, thread.last, atMs)
  for (const other of work.threads.values()) if (other !== thread) abort(story, other, atMs)
  work.thread.last = thread.last
  suffer(story, work.thread, failure, atMs)
}

function abort(story: Story, thread: Thread, atMs: number): void {
  if (thread.status === 'ended') return
  thread.status = 'ended'
  const { current, owner, index } = thread
  for (const inner of current?.work?.threads.values() ?? []) abort(story, inner, atMs)
  const type = current?.state.Type
  if (type === 'Task' || type === 'Wait' || type === 'Map' || type === 'Parallel')
    thread.last = story.chain.add({ type: `${type}StateAborted` }, thread.last, atMs)
  if (owner?.thread.current?.state.Type === 'Map')
    story.chain.add({ type: 'MapIterationAborted', name: owner.name, index }, thread.last, atMs)
}

/** What has failed inside and was still awaited (a retrier that is used up, say) has failed for good. */
function flush(story: Story, work: Work, atMs: number): void {
  for (const thread of work.threads.values()) {
    if (thread.current?.work) flush(story, thread.current.work, atMs)
    if (thread.status === 'failing') escalate(story, thread, atMs)
  }
}

/** The run has failed with what the root has failed with, if anything here has. */
export function failRoot(story: Story, thread: Thread, fallback: Failure, atMs: number): Failure {
  if (thread.current?.work) flush(story, thread.current.work, atMs)
  if (thread.status === 'going') fail(story, thread, fallback, atMs)
  if (thread.status === 'failing') escalate(story, thread, atMs)
  return thread.failure ?? fallback
}
