/**
 * A past run once more, through the graph of another version. The engine is the real one; what would be done is answered from
 * the record (./attempts.ts, ./asking.ts, ./flows.ts). Guards, items, instants, the result and the bodies of flows are the new
 * version's own. Nothing else is called.
 *
 *   B3. While nothing is different, every fact comes at its recorded instant and in its recorded order, so an unchanged
 *       graph gives the run that there was.
 *   B4. What has no record is never made up: such a step does not end, and when something would hang on when it does (a
 *       deadline around it, somebody who stops it), the replay is over.
 */
import {
  apply,
  type Bound,
  type Command,
  decide,
  describeStep,
  emptyState,
  type Event,
  flowRecords,
  type Input,
  isThere,
  type Node,
  type Program,
  type Region,
  type StepId,
  type Wait,
  waits,
} from '../../core/index.ts'
import type { WorkflowDefinition } from '../../dsl/definition.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Blobs } from '../../store/store.ts'
import type { Hash } from '../../util/hash.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { MockBook } from '../mocks.ts'
import type { Arguments } from './arguments.ts'
import { newAsking } from './asking.ts'
import { type Attempts, newAttempts } from './attempts.ts'
import { type Flows, newFlows } from './flows.ts'
import type { Ids } from './ids.ts'
import { answerKey, type Past, type Told } from './past.ts'
import { newRecord } from './record.ts'
import { newTimetable } from './timetable.ts'
import { choiceOf, newTrail, type Trail } from './trail.ts'
import { newUnknowns, type UnknownStep } from './unknown.ts'

export interface ReplayStage {
  readonly runnable: Runnable
  readonly program: Program
  readonly library: Map<Hash, Region>
  /** Workflows that flows have called. */
  readonly traced: Map<WorkflowDefinition, Region>
  readonly evaluation: Evaluation
  readonly blobs: Blobs
  readonly ids: Ids
  readonly book: MockBook
  readonly arguments: Arguments
  /** The new version's arguments of the run. */
  readonly args: { readonly [param: string]: Bound }
  readonly deadlineAtMs: number | undefined
}

/** A choice that came out differently. */
export interface Decided {
  readonly step: StepId
  readonly node: Node
  readonly args: readonly Bound[]
}

export interface Replayed {
  readonly trail: Trail
  readonly end: Extract<Event, { kind: 'run.ended' }> | undefined
  readonly unknown: readonly UnknownStep[]
  /** Effects that would be called with other arguments. `after`: how many facts come before. */
  readonly otherArguments: readonly { readonly step: StepId; readonly after: number }[]
  /** The first of them, with what decided it. */
  readonly decided: Decided | undefined
  /** What it waits for when it has not ended. */
  readonly waits: readonly Wait[]
}

/** Replays that go on for more events than this, and than so many times those of the run, have no end. */
const EVENTS_MAX = 100_000
const EVENTS_FACTOR = 20

export async function replayPast(past: Past, stage: ReplayStage): Promise<Replayed> {
  const { ids, evaluation, runnable, library, blobs, traced, book } = stage
  const state = emptyState(stage.program)
  const trail = newTrail()
  const times = newTimetable(past.started)
  const record = newRecord(past, ids)
  const unknowns = newUnknowns(state, () => trail.facts.length)
  const otherArguments: { step: StepId; after: number }[] = []
  const pending = new Set<Promise<unknown>>()
  const eventsMax = Math.max(EVENTS_MAX, past.eventCount * EVENTS_FACTOR)
  let eventCount = 0
  let phase: 'going' | 'halted' = 'going'
  let decided: Decided | undefined
  let end: Replayed['end']

  const accept = (input: Input): boolean => {
    const decision = decide(state, input)
    if (decision.kind === 'refused') return false
    for (const event of decision.events) fold(event)
    return true
  }

  const fold = (event: Event): void => {
    eventCount += 1
    if (event.kind === 'chosen' || event.kind === 'items.added') decided ??= decidedBy(event)
    const commands = apply(state, event)
    trail.add(event)
    if (event.kind === 'run.ended') end = event
    for (const command of commands) perform(command)
    if (event.kind === 'attempt.started') attempts.begun(event.step, event.attempt)
  }

  /** Before it is folded: what it hangs on is there. */
  const decidedBy = (event: Extract<Event, { kind: 'chosen' | 'items.added' }>): Decided | undefined => {
    const nth = trail.choices.get(event.step)?.length ?? 0
    const then = past.trail.choices.get(ids.then(event.step))?.[nth]
    if (then === undefined || then === choiceOf(event)) return undefined
    return { step: event.step, ...describeStep(state, event.step) }
  }

  const perform = (command: Command): void => {
    if (MAY_BE_OUTDATED.has(command.kind) && 'step' in command && !isThere(state, command.step)) return
    switch (command.kind) {
      case 'startAttempt':
        return attempts.toStart(command.step, command.notBeforeMs)
      case 'stopAttempt':
        return attempts.toStop(command.step, command.attempt)
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateResult':
        return asking.ask(command)
      case 'evaluateTimer':
        return attempts.isKnown(command.step) ? undefined : asking.ask(command)
      case 'awaitSignal':
        return void attempts.isKnown(command.step)
      case 'armTimer':
        return command.timer === 'wake' && attempts.isKnown(command.step) ? undefined : asking.armTimer(command)
      case 'proposeGrant':
        return asking.propose(command.step)
      case 'answerCall':
        return flows.answer(command, past.answered.get(answerKey({ flow: ids.then(command.flow), key: command.key })))
      default:
        return unreachable(command)
    }
  }

  const halt = (): void => {
    phase = 'halted'
  }
  const failures: unknown[] = []
  const later = (work: Promise<unknown>): void => {
    const done = work
      .catch(error => {
        failures.push(error)
        halt()
      })
      .then(() => void pending.delete(done))
    pending.add(done)
  }

  const common = { past, state, evaluation, record, times, unknowns, accept, later, halt }
  const asking = newAsking(common)
  const attempts: Attempts = newAttempts({
    ...common,
    runnable,
    book,
    ids,
    arguments: stage.arguments,
    flows: () => flows,
    onOtherArguments: step => void otherArguments.push({ step, after: trail.facts.length }),
  })
  const flows: Flows = newFlows({
    run: past.run,
    runnable,
    evaluation,
    library,
    blobs,
    traced,
    times,
    record,
    accept,
    records: step => flowRecords(state, step),
    madeAt: path => past.calls.get(ids.then(path)),
    finish: attempts.finisher,
    startsAs: attempts.startsAs,
    isLike: (then, now) => stage.arguments.compareNow(then, now) !== 'other',
    unknown: unknowns.note,
  })

  /** By who took it then, if it waits for it now. */
  const receive = ({ signal, value, id, step }: Extract<Event, { kind: 'signal.received' }>, atMs: number): void => {
    const sent = { kind: 'signal.sent', signal, value, ...(id === undefined ? {} : { id }), atMs } as const
    if (step === undefined || !accept({ ...sent, step: ids.now(step) })) accept(sent)
  }

  const tell = (told: Told, atMs: number): void => {
    switch (told.kind) {
      case 'signal':
        return receive(told.event, atMs)
      case 'retry':
        return void accept({ kind: 'retry.requested', step: ids.now(told.step), atMs })
      case 'cancel': {
        const { reason, scope, step } = told
        const what = step === undefined ? { scope: ids.now(scope ?? '') } : { step: ids.now(step) }
        return void accept({ kind: 'cancel.requested', reason, ...what, atMs })
      }
      default:
        return unreachable(told)
    }
  }

  accept({
    kind: 'run.requested',
    run: past.run,
    graph: '',
    args: stage.args,
    ...(stage.deadlineAtMs === undefined ? {} : { deadlineAtMs: stage.deadlineAtMs }),
    atMs: past.started.atMs,
  })
  for (const told of past.told) times.at(told.at, 0, atMs => tell(told, atMs))

  const isGoing = (): boolean => phase === 'going' && state.phase.kind !== 'ended'
  /** One thing after another, as long as nothing has to be waited for; false when nothing comes any more. */
  const goOn = (): boolean => {
    while (isGoing() && pending.size === 0 && !flows.isMoving) {
      if (eventCount > eventsMax) unknowns.note('', 'endless')
      if (eventCount > eventsMax || !times.advance()) return false
    }
    return isGoing()
  }
  /** False when a flow does not go on by itself. */
  const waited = async (): Promise<boolean> => {
    await Promise.all(pending)
    const stuck = flows.isMoving ? await flows.settle() : undefined
    if (stuck !== undefined) unknowns.note(stuck, 'hangs')
    return stuck === undefined
  }

  try {
    while (goOn() && (await waited()));
  } finally {
    flows.close()
  }
  if (failures.length > 0) throw failures[0]
  return {
    trail,
    end,
    unknown: unknowns.all(end ? 'ended' : 'open'),
    otherArguments,
    decided,
    waits: end ? [] : [...waits(state)],
  }
}

/** The event that opened the step may also have ended it. */
const MAY_BE_OUTDATED: ReadonlySet<Command['kind']> = new Set([
  'proposeGrant',
  'evaluateBranch',
  'evaluateItems',
  'evaluateTimer',
  'awaitSignal',
])
