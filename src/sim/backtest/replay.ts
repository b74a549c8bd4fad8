/**
 * A past run once more, through the graph of another version. The engine is the real one; what would be done is answered from
 * the record: each attempt takes as long as it did and ends as it did. Guards, items, instants, the result and the bodies of
 * flows are the new version's own. Nothing else is called.
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
  type Fault,
  findStep,
  flowRecords,
  isThere,
  type Input,
  type Node,
  type Outcome,
  type Program,
  type Region,
  type State,
  type StepId,
  type Wait,
  waits,
} from '../../core/index.ts'
import { showMs } from '../../exec/middleware/timeout.ts'
import { askEvaluation, type Evaluating } from '../../run/evaluate/ask.ts'
import type { WorkflowDefinition } from '../../dsl/definition.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { nodeOfStep } from '../../run/downstream.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Blobs } from '../../store/store.ts'
import type { Hash } from '../../util/hash.ts'
import { newHeap } from '../../util/heap.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { MockBook } from '../mocks.ts'
import type { Arguments } from './arguments.ts'
import { type FlowRecording, type Flows, newFlows } from './flows.ts'
import type { Ids } from './ids.ts'
import { mocked } from './mocked.ts'
import {
  type Answer,
  answerKey,
  type Instant,
  type Past,
  type PastAttempt,
  type PastStep,
  type TimerAnswer,
  timerKey,
} from './past.ts'
import { choiceOf, newTrail, type Trail } from './trail.ts'

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

/** Why nobody can tell how a step would end. */
export type Unknown =
  /** The version that ran has no such step. */
  | 'new'
  /** It has one, but the run did not come to it. */
  | 'not-run'
  /** There is a record, of other arguments. */
  | 'arguments'
  /** It takes in something else than then. */
  | 'source'
  /** It would be tried more often than it was. */
  | 'retried'
  /** It would have more time than it had when it was given up. */
  | 'more-time'
  /** It was stopped then, and is not now. */
  | 'stopped'
  /** The body of a flow awaits something that is no call of its own. */
  | 'hangs'
  /** The replay has far more events than the run had. */
  | 'endless'

export interface UnknownStep {
  readonly step: StepId
  readonly why: Unknown
  /** How many facts of the replay come before it. */
  readonly after: number
  readonly node: Node | undefined
}

export interface Decided {
  readonly step: StepId
  readonly node: Node
  readonly args: readonly Bound[]
}

export interface Replayed {
  readonly state: State
  readonly trail: Trail
  readonly end: Extract<Event, { kind: 'run.ended' }> | undefined
  readonly unknown: readonly UnknownStep[]
  /** Effects that would be called with other arguments. */
  readonly otherArguments: readonly { readonly step: StepId; readonly after: number }[]
  /** The first choice that came out differently, with what decided it. */
  readonly decided: Decided | undefined
  /** What it waits for when it has not ended and nothing is unknown. */
  readonly waits: readonly Wait[]
}

interface Entry {
  readonly ms: number
  readonly order: number
  readonly seq: number
  readonly atMs: number
  readonly call: (atMs: number) => void
  taken: boolean
}

interface Cursor {
  starts: number
  attempts: number
  known: number
  choices: number
  instants: number
  grants: number
}

/** Replays that go on for more events than this, and than so many times those of the run, have no end. */
const EVENTS_MAX = 100_000
const EVENTS_FACTOR = 20
/** After all that is recorded of the same millisecond. */
const LATE = Number.MAX_SAFE_INTEGER
const WORKER = 'backtest'
const ATTEMPTS_LOST = 'lost'

export async function replayPast(past: Past, stage: ReplayStage): Promise<Replayed> {
  const { evaluation, ids } = stage
  const state = emptyState(stage.program)
  const heap = newHeap<Entry>(isBefore)
  const trail = newTrail()
  const cursors = new Map<StepId, Cursor>()
  /** What is recorded of the attempt that runs. */
  const current = new Map<StepId, PastAttempt>()
  const proposals = new Map<StepId, Entry>()
  const usedTimers = new Map<string, number>()
  const unknown: UnknownStep[] = []
  /** Attempts without an end. */
  const open = new Set<StepId>()
  const otherArguments: { step: StepId; after: number }[] = []
  const pending = new Set<Promise<unknown>>()
  const eventsMax = Math.max(EVENTS_MAX, past.eventCount * EVENTS_FACTOR)
  let now: Instant = past.started
  let seq = 0
  let eventCount = 0
  let halted = false
  let defect: unknown
  let decided: Decided | undefined
  let end: Replayed['end']

  // ---- time

  const put = (ms: number, order: number, atMs: number, call: Entry['call']): Entry => {
    const entry: Entry = { ms: Math.max(ms, now.ms), order, seq: (seq += 1), atMs, call, taken: false }
    heap.push(entry)
    return entry
  }
  /** Before anything else happens. */
  const soon = (call: Entry['call']): Entry => put(now.ms, now.order, now.atMs, call)
  /** B3. As long after `fromMs` as it was then. */
  const putAnswer = (answer: Answer, fromMs: number, call: Entry['call']): Entry => {
    const ms = fromMs + answer.waitedMs
    return put(ms, answer.at.order, ms === answer.at.ms ? answer.at.atMs : ms, call)
  }
  const putAt = (at: Instant, shiftMs: number, call: Entry['call']): Entry =>
    put(at.ms + shiftMs, at.order, shiftMs === 0 && at.ms >= now.ms ? at.atMs : Math.max(now.ms, at.ms + shiftMs), call)

  const later = (work: Promise<unknown>): void => {
    const done = work.catch(error => {
      defect ??= error
      halted = true
    })
    pending.add(done)
    void done.then(() => pending.delete(done))
  }

  // ---- the record

  const pastOf = (step: StepId): PastStep | undefined => past.steps.get(ids.then(step))
  const cursorOf = (step: StepId): Cursor => {
    const known = cursors.get(step)
    if (known) return known
    const made: Cursor = { starts: 0, attempts: 0, known: 0, choices: 0, instants: 0, grants: 0 }
    cursors.set(step, made)
    return made
  }
  const next = <K extends Exclude<keyof Cursor, 'starts'>>(step: StepId, what: K): PastStep[K][number] | undefined => {
    const cursor = cursorOf(step)
    const found = pastOf(step)?.[what][cursor[what]]
    if (found) cursor[what] += 1
    return found as PastStep[K][number] | undefined
  }

  const noteUnknown = (step: StepId, why: Unknown): void => {
    open.add(step)
    unknown.push({ step, why, after: trail.facts.length, node: findStep(state, step)?.node })
  }

  // ---- the engine

  const accept = (input: Input): boolean => {
    const decision = decide(state, input)
    if (decision.kind === 'refused') return false
    for (const event of decision.events) fold(event)
    return true
  }

  const fold = (event: Event): void => {
    eventCount += 1
    if (event.kind === 'chosen' || event.kind === 'items.added') compareChoice(event)
    const commands = apply(state, event)
    trail.add(event)
    if (event.kind === 'run.ended') end = event
    for (const command of commands) perform(command)
    if (event.kind === 'attempt.started') begun(event.step, event.attempt)
  }

  const compareChoice = (event: Extract<Event, { kind: 'chosen' | 'items.added' }>): void => {
    if (decided) return
    const nth = trail.choices.get(event.step)?.length ?? 0
    const then = past.trail.choices.get(ids.then(event.step))?.[nth]
    if (then === undefined || then === choiceOf(event)) return
    decided = { step: event.step, ...describeStep(state, event.step) }
  }

  const perform = (command: Command): void => {
    if (MAY_BE_OUTDATED.has(command.kind) && 'step' in command && !isThere(state, command.step)) return
    switch (command.kind) {
      case 'startAttempt':
        return toStart(command.step, command.notBeforeMs)
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateResult':
        return ask(command)
      case 'evaluateTimer':
        if (!isKnown(command.step)) ask(command)
        return
      case 'awaitSignal':
        isKnown(command.step)
        return
      case 'armTimer':
        if (command.timer === 'wake' && isKnown(command.step)) return
        return armTimer(command)
      case 'proposeGrant':
        return propose(command.step)
      case 'stopAttempt':
        return toStop(command.step, command.attempt)
      case 'answerCall':
        return flows.answer(command, past.answered.get(answerKey({ flow: ids.then(command.flow), key: command.key })))
      default:
        return unreachable(command)
    }
  }

  // ---- steps

  const isKnown = (step: StepId): boolean => {
    const found = next(step, 'known')
    if (!found) return false
    putAnswer(found, now.ms, atMs => {
      if (!sameOrUnknown(step, found.args)) return
      accept({ kind: 'step.known', step, outcome: found.outcome, origin: { kind: 'run', run: past.run, step }, atMs })
    })
    return true
  }

  /** A result that was known is that of the same arguments only. */
  const sameOrUnknown = (step: StepId, args: readonly Bound[]): boolean => {
    const description = findStep(state, step)
    if (!description || description.node.kind === 'wait') return true
    if (stage.arguments.compareNow(args, description.args) !== 'other') return true
    noteUnknown(step, 'arguments')
    return false
  }

  const toStart = (step: StepId, notBeforeMs: number): void => {
    if (isKnown(step)) return
    const record = next(step, 'attempts')
    // It waited for a slot then, until it was stopped.
    if (!record && (cursorOf(step).starts += 1) <= (pastOf(step)?.starts ?? 0) - (pastOf(step)?.attempts.length ?? 0))
      return void open.add(step)
    const grant = (atMs: number): void => {
      if (record) current.set(step, record)
      else current.delete(step)
      accept({ kind: 'attempt.granted', step, worker: WORKER, atMs })
    }
    const fromMs = Math.max(now.ms, notBeforeMs)
    if (record) putAnswer(record, fromMs, grant)
    else put(fromMs, now.order, Math.max(now.atMs, notBeforeMs), grant)
  }

  /** An attempt has begun. */
  const begun = (step: StepId, attempt: number): void => {
    const { node, args } = describeStep(state, step)
    const record = current.get(step)
    if (node.kind === 'flow') return beginFlow(step, attempt, { node, args }, record)
    if (!record) return withoutRecord(step, attempt)
    const verdict = sourceOf(node) === sourceOf(record.node) ? stage.arguments.compareNow(record.args, args) : 'source'
    switch (verdict) {
      case 'same':
        return recorded(step, attempt, node, record)
      case 'source':
        return withoutOutcome(step, attempt, 'source')
      case 'other':
        return calledOtherwise(step, attempt, node)
      case 'ask':
        return later(
          stage.arguments.compare(record.args, args).then(answer => {
            if (answer === 'same') recorded(step, attempt, node, record)
            else calledOtherwise(step, attempt, node)
          }),
        )
      default:
        return unreachable(verdict)
    }
  }

  const calledOtherwise = (step: StepId, attempt: number, node: Node): void => {
    if (node.kind === 'effect') otherArguments.push({ step, after: trail.facts.length })
    withoutOutcome(step, attempt, 'arguments')
  }

  /** A mock tells, or nobody. */
  const withoutOutcome = (step: StepId, attempt: number, why: Unknown): void => {
    if (!isMocked(step, attempt)) noteUnknown(step, why)
  }

  const isMocked = (step: StepId, attempt: number): boolean => {
    const { node, args } = describeStep(state, step)
    const definition = 'task' in node ? stage.runnable.bindings.definitions.get(node.task) : undefined
    const found = stage.book.find({ step, name: node.name }, definition)
    if (!found) return false
    const given = { step, attempt, name: node.name, args, evaluation, nowMs: now.ms, seed: past.run }
    later(
      mocked(found.mock, given).then(({ outcome, takenMs }) => {
        const ms = now.ms + takenMs
        put(ms, now.order, ms, finisher(step, attempt, outcome))
      }),
    )
    return true
  }

  const finisher =
    (step: StepId, attempt: number, outcome: Outcome) =>
    (atMs: number): void => {
      open.delete(step)
      accept({ kind: 'attempt.finished', step, attempt, outcome, atMs })
    }

  /** The last failure once more, and nobody knows; or nobody knows at all. */
  const withoutRecord = (step: StepId, attempt: number): void => {
    if (isMocked(step, attempt)) return
    const before = pastOf(step)?.attempts
    const last = before?.at(-1)
    if (last?.end?.kind === 'ended' && last.end.outcome.kind === 'failed') {
      unknown.push({ step, why: 'retried', after: trail.facts.length, node: last.node })
      const tookMs = last.end.at.ms - last.at.ms
      put(now.ms + tookMs, now.order, now.ms + tookMs, finisher(step, attempt, last.end.outcome))
      return
    }
    noteUnknown(step, nodeOfStep(past.graph, ids.then(step)) ? 'not-run' : 'new')
  }

  const recorded = (step: StepId, attempt: number, node: Node, record: PastAttempt): void => {
    const limitMs = node.policy.timeoutMs
    const beforeMs = record.node.policy.timeoutMs
    const { end: over } = record
    if (!over) return withoutOutcome(step, attempt, 'stopped')
    const tookMs = over.at.ms - record.at.ms
    if (limitMs !== undefined && (beforeMs === undefined || limitMs < beforeMs) && tookMs > limitMs)
      return void put(now.ms + limitMs, now.order, now.atMs + limitMs, finisher(step, attempt, timeout(node, limitMs)))
    if (over.kind === ATTEMPTS_LOST)
      return void putAnswer({ at: over.at, waitedMs: tookMs }, now.ms, atMs => {
        const following = next(step, 'attempts')
        if (!following) return noteUnknown(step, 'stopped')
        current.set(step, following)
        accept({ kind: 'attempt.granted', step, worker: WORKER, supersedes: attempt, atMs })
      })
    if (hadLessTime(over.outcome, record.node, node)) return withoutOutcome(step, attempt, 'more-time')
    // How it would have ended is not known; when it is stopped again, it ends as it did then.
    if (record.stopped && over.outcome.kind !== 'succeeded') return void open.add(step)
    putAnswer({ at: over.at, waitedMs: tookMs }, now.ms, finisher(step, attempt, over.outcome))
  }

  const toStop = (step: StepId, attempt: number): void => {
    if (flows.stop(step)) return
    const record = current.get(step)
    const isUnknown = unknown.some(each => each.step === step && each.why !== 'retried') && open.has(step)
    // B4.
    if (isUnknown) {
      halted = true
      return
    }
    if (record?.stopped && record.end?.kind === 'ended') {
      const { end: over, stopped } = record
      return void putAnswer(
        { at: over.at, waitedMs: over.at.ms - stopped.ms },
        now.ms,
        finisher(step, attempt, over.outcome),
      )
    }
    soon(finisher(step, attempt, { kind: 'cancelled' }))
  }

  const beginFlow = (
    step: StepId,
    attempt: number,
    described: Parameters<Flows['begin']>[2],
    record: PastAttempt | undefined,
  ): void => {
    const whole = record && flowRecord(step, record)
    if (whole) current.set(step, whole)
    flows.begin(step, attempt, described, whole)
  }

  /** A flow goes on where its process died; it is one attempt here, with the last one's end. */
  const flowRecord = (step: StepId, record: PastAttempt): FlowRecording => {
    let last = record
    while (last.end?.kind === ATTEMPTS_LOST) {
      const following = next(step, 'attempts')
      if (!following) break
      last = following
    }
    const isCut = last !== record && last.stopped && last.end?.kind === 'ended' && last.end.outcome.kind === 'cancelled'
    return { ...last, at: record.at, progress: isCut ? 'cut' : 'whole' }
  }

  // ---- what the engine asks

  const ask = (command: Evaluating): void => {
    const fromMs = now.ms
    const answer = askEvaluation(evaluation, state, command, () => now.atMs)
    if (answer instanceof Promise) later(answer.then(input => putInput(command, input, fromMs)))
    else putInput(command, answer, fromMs)
  }

  const putInput = (command: Evaluating, input: Input, fromMs: number): void => {
    const record = recordOf(command)
    const call = (atMs: number): void => void accept({ ...input, atMs } as Input) // every input has an instant
    if (!record) return void unanswered('step' in command ? command.step : '', call)
    if (input.kind !== 'timer.evaluated' || input.result.kind === 'failed' || !('dueAtMs' in record))
      return void putAnswer(record, fromMs, call)
    const dueAtMs = dueLike(record, input.result.dueAtMs - now.atMs, fromMs) ?? input.result.dueAtMs
    putAnswer(record, fromMs, atMs => void accept({ ...input, result: { kind: 'due', dueAtMs }, atMs }))
  }

  /** It was asked then, too, and came to rest before it answered. */
  const unanswered = (step: StepId, call: Entry['call']): void => {
    const then = pastOf(step)
    if (then) put(Math.max(now.ms, then.rested?.ms ?? 0), LATE, now.atMs, call)
    else soon(call)
  }

  const recordOf = (command: Evaluating): Answer | TimerAnswer | undefined => {
    switch (command.kind) {
      case 'evaluateBranch':
      case 'evaluateItems':
        return next(command.step, 'choices')
      case 'evaluateTimer':
        return next(command.step, 'instants')
      case 'evaluateResult':
        return past.ended
      default:
        return unreachable(command)
    }
  }

  const armTimer = ({ step, timer, atMs: dueAtMs }: Extract<Command, { kind: 'armTimer' }>): void => {
    const fire = (atMs: number): void => {
      if (timer === 'deadline' && isAroundUnknown(step)) {
        halted = true
        return
      }
      accept({ kind: 'timer.fired', step, timer, atMs: Math.max(atMs, dueAtMs) })
    }
    const key = timerKey(timer, ids.then(step))
    const index = usedTimers.get(key) ?? 0
    const record = past.timers.get(key)?.[index]
    usedTimers.set(key, index + 1)
    if (record?.dueAtMs !== dueAtMs) return void put(dueAtMs, LATE, dueAtMs, fire)
    if (record.fired) return void putAt(record.fired, 0, fire)
    // It had not fired when its step came to rest, however late that was.
    const rested = record.rested ?? past.ended?.at
    put(Math.max(dueAtMs, rested?.ms ?? 0), LATE, Math.max(dueAtMs, rested?.ms ?? 0), fire)
  }

  const isAroundUnknown = (step: StepId): boolean =>
    unknown.some(
      each =>
        each.why !== 'retried' &&
        open.has(each.step) &&
        (step === '' || each.step === step || isInside(each.step, step)),
    )

  /** The newest proposal is the one that counts. */
  const propose = (step: StepId): void => {
    const before = proposals.get(step)
    if (before) before.taken = true
    const then = pastOf(step)
    const record = then?.grants[cursorOf(step).grants]
    const call = (atMs: number): void => {
      proposals.delete(step)
      const cursor = cursorOf(step)
      // Before: what follows from the grant may propose another one.
      if (record) cursor.grants += 1
      if (!accept({ kind: 'grant.proposed', step, atMs }) && record) cursor.grants -= 1
    }
    // It was proposed in vain: what got in before it does so again.
    const late = (): Entry => put(now.ms, LATE, now.atMs, call)
    proposals.set(step, record ? putAnswer(record, now.ms, call) : then ? late() : soon(call))
  }

  // ---- flows

  const flows = newFlows({
    run: past.run,
    runnable: stage.runnable,
    evaluation,
    library: stage.library,
    blobs: stage.blobs,
    traced: stage.traced,
    records: step => flowRecords(state, step),
    now: () => now,
    put: putAt,
    soon,
    accept,
    finish: finisher,
    recordOf: {
      made: path => past.calls.get(ids.then(path)),
      known: step => next(step, 'known'),
      attempt: step => next(step, 'attempts'),
    },
    startsAs: (step, record) => {
      if (record) current.set(step, record)
      else current.delete(step)
    },
    unknown: noteUnknown,
  })

  // ---- the world

  const tell = (): void => {
    for (const each of past.told) {
      const { at } = each
      switch (each.kind) {
        case 'signal':
          putAt(at, 0, atMs => receive(each.event, atMs))
          break
        case 'retry':
          putAt(at, 0, atMs => void accept({ kind: 'retry.requested', step: ids.now(each.step), atMs }))
          break
        case 'cancel':
          putAt(at, 0, atMs => cancel(each, atMs))
          break
        default:
          unreachable(each)
      }
    }
  }

  /** By who took it then, if it waits for it now. */
  const receive = ({ signal, value, id, step }: Extract<Event, { kind: 'signal.received' }>, atMs: number): void => {
    const sent = { kind: 'signal.sent', signal, value, ...(id === undefined ? {} : { id }), atMs } as const
    if (step !== undefined && accept({ ...sent, step: ids.now(step) })) return
    accept(sent)
  }

  const cancel = (
    { reason, scope, step }: { readonly reason: string; readonly scope?: string; readonly step?: StepId },
    atMs: number,
  ): void => {
    accept({
      kind: 'cancel.requested',
      reason,
      ...(scope === undefined ? {} : { scope: ids.now(scope) }),
      ...(step === undefined ? {} : { step: ids.now(step) }),
      atMs,
    })
  }

  // ---- the whole

  const begin = (): void => {
    accept({
      kind: 'run.requested',
      run: past.run,
      graph: '',
      args: stage.args,
      ...(stage.deadlineAtMs === undefined ? {} : { deadlineAtMs: stage.deadlineAtMs }),
      atMs: past.started.atMs,
    })
    tell()
  }

  const isOver = (): boolean => halted || state.phase.kind === 'ended'

  begin()
  try {
    while (!isOver()) {
      if (pending.size > 0) {
        await Promise.all(pending)
        continue
      }
      if (flows.isMoving) {
        const stuck = await flows.settle()
        if (stuck === undefined) continue
        noteUnknown(stuck, 'hangs')
        break
      }
      if (eventCount > eventsMax) {
        noteUnknown('', 'endless')
        break
      }
      const entry = heap.pop()
      if (!entry) break
      if (entry.taken) continue
      now = { ms: entry.ms, order: entry.order, atMs: entry.atMs }
      entry.call(entry.atMs)
    }
  } finally {
    flows.close()
  }
  if (defect !== undefined) throw defect
  return {
    state,
    trail,
    end,
    unknown: unknown.length > 0 || end ? unknown : openSteps(),
    otherArguments,
    decided,
    waits: end ? [] : [...waits(state)],
  }

  /** Attempts that were stopped then, and by nobody now. */
  function openSteps(): readonly UnknownStep[] {
    return [...open].map(step => ({
      step,
      why: 'stopped' as const,
      after: trail.facts.length,
      node: findStep(state, step)?.node,
    }))
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

const isBefore = (a: Entry, b: Entry): boolean =>
  a.ms === b.ms ? (a.order === b.order ? a.seq < b.seq : a.order < b.order) : a.ms < b.ms

/** `step` lies in a scope of `owner`. */
const isInside = (step: StepId, owner: StepId): boolean =>
  step.startsWith(owner) && /^[/.[]/.test(step.slice(owner.length))

/** The same length of time as then, counted from an instant between question and answer. */
function dueLike({ dueAtMs, at, waitedMs }: TimerAnswer, lengthMs: number, fromMs: number): number | undefined {
  const countedFrom = dueAtMs - lengthMs
  if (countedFrom < at.atMs - waitedMs - CLOCKS_MS || countedFrom > at.atMs + CLOCKS_MS) return undefined
  return dueAtMs + fromMs + waitedMs - at.ms
}

/** By how much the clock may have gone on between two looks at it in one turn. */
const CLOCKS_MS = 5

const timeout = ({ name }: Node, limitMs: number): Outcome => ({
  kind: 'failed',
  fault: { code: 'TIMEOUT', message: `${name} took longer than its timeout of ${showMs(limitMs)}` },
})

function hadLessTime(outcome: Outcome, then: Node, now: Node): boolean {
  if (outcome.kind !== 'failed') return false
  const isLonger = (before: number | undefined, after: number | undefined): boolean =>
    before !== undefined && (after === undefined || after > before)
  return (
    (isCode(outcome.fault, 'TIMEOUT') && isLonger(then.policy.timeoutMs, now.policy.timeoutMs)) ||
    (isCode(outcome.fault, 'HEARTBEAT_TIMEOUT') && isLonger(then.policy.heartbeatMs, now.policy.heartbeatMs))
  )
}

const isCode = ({ code }: Fault, wanted: string): boolean => code === wanted

const sourceOf = (node: Node): string =>
  node.kind === 'source' && node.source.kind !== 'function' ? JSON.stringify(node.source) : node.kind
