/**
 * Attempts of a replay: each takes as long as it did and ends as it did, if it is called with what it was called with; one
 * without a record ends as a mock says, or not at all.
 */
import {
  type Bound,
  describeStep,
  type Fault,
  findStep,
  type Input,
  type Node,
  type Outcome,
  type State,
  type StepId,
} from '../../core/index.ts'
import { showMs } from '../../exec/middleware/timeout.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { nodeOfStep } from '../../run/downstream.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { MockBook } from '../mocks.ts'
import type { Arguments } from './arguments.ts'
import type { FlowRecording, Flows } from './flows.ts'
import type { Ids } from './ids.ts'
import { mocked } from './mocked.ts'
import type { KnownAnswer, Past, PastAttempt } from './past.ts'
import type { RunRecord } from './record.ts'
import type { Call, Timetable } from './timetable.ts'
import type { Unknown, Unknowns } from './unknown.ts'
import type { Runnable } from '../../run/runnable.ts'

export interface AttemptsOptions {
  readonly past: Past
  readonly state: State
  readonly runnable: Runnable
  readonly evaluation: Evaluation
  readonly arguments: Arguments
  readonly book: MockBook
  readonly ids: Ids
  readonly record: RunRecord
  readonly times: Timetable
  readonly unknowns: Unknowns
  readonly flows: () => Flows
  readonly accept: (input: Input) => boolean
  /** The replay goes on when this is done. */
  readonly later: (work: Promise<unknown>) => void
  /** An effect would be called with other arguments. */
  readonly onOtherArguments: (step: StepId) => void
  /** B4: the replay is over. */
  readonly halt: () => void
}

export interface Attempts {
  /** It may start. */
  toStart(step: StepId, notBeforeMs: number): void
  /** It has. */
  begun(step: StepId, attempt: number): void
  toStop(step: StepId, attempt: number): void
  /** Whether the outcome of a step was known before it could start, or before it began to wait: then it will be again. */
  isKnown(step: StepId): boolean
  /** Of what is recorded the next attempt that begins is this. */
  startsAs(step: StepId, record: PastAttempt | undefined): void
  finisher(step: StepId, attempt: number, outcome: Outcome): Call
}

const WORKER = 'backtest'

export function newAttempts(options: AttemptsOptions): Attempts {
  const { past, state, evaluation, record, times, unknowns, accept, later } = options
  /** What is recorded of the attempt that runs. */
  const current = new Map<StepId, PastAttempt>()

  const finisher =
    (step: StepId, attempt: number, outcome: Outcome): Call =>
    atMs => {
      unknowns.over(step)
      accept({ kind: 'attempt.finished', step, attempt, outcome, atMs })
    }

  const startsAs = (step: StepId, attempt: PastAttempt | undefined): void => {
    if (attempt) current.set(step, attempt)
    else current.delete(step)
  }

  const isKnown = (step: StepId): boolean => {
    const found = record.next(step, 'known')
    if (found) times.like(found, times.now.ms, () => giveKnown(step, found))
    return found !== undefined
  }

  /** A result that was known is that of the same arguments only. */
  const giveKnown = (step: StepId, { outcome, args }: KnownAnswer): void => {
    const description = findStep(state, step)
    if (!description) return
    const give = (): void => {
      const origin = { kind: 'run', run: past.run, step } as const
      accept({ kind: 'step.known', step, outcome, origin, atMs: times.now.atMs })
    }
    if (description.node.kind === 'wait') return give()
    asBefore(args, description.args, { same: give, other: () => unknowns.note(step, 'arguments') })
  }

  /** At once, unless values have to be made. */
  const asBefore = (
    then: readonly Bound[],
    now: readonly Bound[],
    { same, other }: { readonly same: () => void; readonly other: () => void },
  ): void => {
    const likeness = options.arguments.compareNow(then, now)
    switch (likeness) {
      case 'same':
        return same()
      case 'other':
        return other()
      case 'ask':
        return later(options.arguments.compare(then, now).then(answer => (answer === 'same' ? same() : other())))
      default:
        return unreachable(likeness)
    }
  }

  const toStart = (step: StepId, notBeforeMs: number): void => {
    if (isKnown(step)) return
    const next = record.next(step, 'attempts')
    if (!next && record.waitedForSlot(step)) return unknowns.hold(step)
    const fromMs = Math.max(times.now.ms, notBeforeMs)
    const grant: Call = atMs => {
      startsAs(step, next)
      accept({ kind: 'attempt.granted', step, worker: WORKER, atMs })
    }
    if (next) times.like(next, fromMs, grant)
    else times.after(fromMs - times.now.ms, grant)
  }

  const begun = (step: StepId, attempt: number): void => {
    const { node, args } = describeStep(state, step)
    const then = current.get(step)
    if (node.kind === 'flow') return beginFlow(step, attempt, { node, args }, then)
    if (!then) return withoutRecord(step, attempt)
    if (sourceOf(node) !== sourceOf(then.node)) return withoutOutcome(step, attempt, 'source')
    asBefore(then.args, args, {
      same: () => asRecorded(step, attempt, node, then),
      other: () => {
        if (node.kind === 'effect') options.onOtherArguments(step)
        withoutOutcome(step, attempt, 'arguments')
      },
    })
  }

  const asRecorded = (step: StepId, attempt: number, node: Node, then: PastAttempt): void => {
    const { end } = then
    if (!end) return withoutOutcome(step, attempt, 'stopped')
    const tookMs = end.at.ms - then.at.ms
    const limitMs = shorterLimit(then.node, node)
    if (limitMs !== undefined && tookMs > limitMs)
      return void times.after(limitMs, finisher(step, attempt, timedOut(node, limitMs)))
    const answer = { at: end.at, waitedMs: tookMs }
    if (end.kind === 'lost') return void times.like(answer, times.now.ms, atMs => supersede(step, attempt, atMs))
    if (hadLessTime(end.outcome, then.node, node)) return withoutOutcome(step, attempt, 'more-time')
    // How it would have ended is not known; when it is stopped again, it ends as it did then.
    if (then.stopped && end.outcome.kind !== 'succeeded') return unknowns.hold(step)
    times.like(answer, times.now.ms, finisher(step, attempt, end.outcome))
  }

  /** Its process died. */
  const supersede = (step: StepId, attempt: number, atMs: number): void => {
    const next = record.next(step, 'attempts')
    if (!next) return unknowns.note(step, 'stopped')
    current.set(step, next)
    accept({ kind: 'attempt.granted', step, worker: WORKER, supersedes: attempt, atMs })
  }

  /** A mock tells; else it is the last failure once more, and nobody knows; or nobody knows at all. */
  const withoutRecord = (step: StepId, attempt: number): void => {
    if (isMocked(step, attempt)) return
    const last = record.of(step)?.attempts.at(-1)
    if (last?.end?.kind !== 'ended' || last.end.outcome.kind !== 'failed')
      return unknowns.note(step, nodeOfStep(past.graph, options.ids.then(step)) ? 'not-run' : 'new')
    unknowns.guess(step, last.node)
    times.after(last.end.at.ms - last.at.ms, finisher(step, attempt, last.end.outcome))
  }

  const withoutOutcome = (step: StepId, attempt: number, why: Unknown): void => {
    if (!isMocked(step, attempt)) unknowns.note(step, why)
  }

  const isMocked = (step: StepId, attempt: number): boolean => {
    const { node, args } = describeStep(state, step)
    const definition = 'task' in node ? options.runnable.bindings.definitions.get(node.task) : undefined
    const found = options.book.find({ step, name: node.name }, definition)
    if (!found) return false
    const call = { step, attempt, name: node.name, args, evaluation, nowMs: times.now.ms, seed: past.run }
    later(
      mocked(found.mock, call).then(
        ({ outcome, takenMs }) => void times.after(takenMs, finisher(step, attempt, outcome)),
      ),
    )
    return true
  }

  const beginFlow = (
    step: StepId,
    attempt: number,
    described: Parameters<Flows['begin']>[2],
    then: PastAttempt | undefined,
  ): void => {
    const whole = then && flowRecording(step, then)
    if (whole) current.set(step, whole)
    options.flows().begin(step, attempt, described, whole)
  }

  /** A flow goes on where its process died; it is one attempt here, with the last one's end. */
  const flowRecording = (step: StepId, first: PastAttempt): FlowRecording => {
    let last = first
    while (last.end?.kind === 'lost') {
      const next = record.next(step, 'attempts')
      if (!next) break
      last = next
    }
    const isCut = last !== first && last.stopped && last.end?.kind === 'ended' && last.end.outcome.kind === 'cancelled'
    return { ...last, at: first.at, progress: isCut ? 'cut' : 'whole' }
  }

  return {
    toStart,
    begun,
    isKnown,
    startsAs,
    finisher,
    toStop(step, attempt) {
      if (options.flows().stop(step)) return
      if (unknowns.has(step)) return options.halt()
      const then = current.get(step)
      if (then?.stopped === undefined || then.end?.kind !== 'ended')
        return void times.soon(finisher(step, attempt, { kind: 'cancelled' }))
      const { at, outcome } = then.end
      times.like({ at, waitedMs: at.ms - then.stopped.ms }, times.now.ms, finisher(step, attempt, outcome))
    },
  }
}

const timedOut = ({ name }: Node, limitMs: number): Outcome => ({
  kind: 'failed',
  fault: { code: 'TIMEOUT', message: `${name} took longer than its timeout of ${showMs(limitMs)}` },
})

/** The timeout, when it is shorter than it was. How long an attempt took is known to some milliseconds only. */
function shorterLimit(then: Node, now: Node): number | undefined {
  const [before, after] = [then.policy.timeoutMs, now.policy.timeoutMs]
  return after !== undefined && (before === undefined || after < before) ? after : undefined
}

function hadLessTime(outcome: Outcome, then: Node, now: Node): boolean {
  if (outcome.kind !== 'failed') return false
  const { fault } = outcome
  return (
    (isCode(fault, 'TIMEOUT') && isLonger(then.policy.timeoutMs, now.policy.timeoutMs)) ||
    (isCode(fault, 'HEARTBEAT_TIMEOUT') && isLonger(then.policy.heartbeatMs, now.policy.heartbeatMs))
  )
}

const isLonger = (before: number | undefined, after: number | undefined): boolean =>
  before !== undefined && (after === undefined || after > before)

const isCode = ({ code }: Fault, wanted: string): boolean => code === wanted

/** What a source takes in; a function's is called like a task's. */
const sourceOf = (node: Node): string =>
  node.kind === 'source' && node.source.kind !== 'function' ? JSON.stringify(node.source) : node.kind
