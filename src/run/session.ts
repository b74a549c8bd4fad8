/**
 * One run in this process: its state, its open attempts, and what it asks of the world. A session is driven by turns
 * (./shell.ts): inputs queue up, are decided in batches, committed, and only then are their commands performed.
 *
 *   R1. Nothing is performed, and nobody is told, before the events that it follows from are durable.
 *   R2. A refused input (a duplicate, a late completion) changes nothing.
 *   R3. After a failed append the state is dropped: it says things that are not in the log.
 */
import {
  type Answer,
  apply,
  type Command,
  decide,
  describeStep,
  isThere,
  callScopePath,
  enclosingCall,
  type Event,
  type Fault,
  type FlowCall,
  type Input,
  type Outcome,
  type RunStatus,
  type State,
  type StepDescription,
  type StepId,
} from '../core/index.ts'
import type { Executor, Reports } from '../exec/attempt.ts'
import type { Lease, RunRow } from '../store/store.ts'
import { Refusal } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import { attemptOf, execute } from './attempts.ts'
import type { Clock } from './clock.ts'
import { evaluateBranch, evaluateItems, evaluateResult, type Evaluation } from './evaluation.ts'
import type { Candidate, Scheduler } from './scheduler.ts'

/** What is known before a step runs: its outcome of an earlier life of the run. */
export type Known = (
  step: StepId,
) => { readonly outcome: Extract<Outcome, { kind: 'succeeded' }>; readonly from: StepId } | undefined

export interface SessionOptions {
  readonly state: State
  readonly lease: Lease
  readonly row: Omit<RunRow, 'lastSeq'>
  /** Under which the executor finds the code. */
  readonly bundleId: string
  readonly executor: Executor
  readonly evaluation: Evaluation
  readonly scheduler: Scheduler
  readonly clock: Clock
  readonly known: Known
  readonly cwd: string
  readonly worker: string
  /** Asks for a turn. */
  readonly wake: () => void
  readonly onLine: (line: Line) => void
  /** A flow's attempt begins: who answers its calls. */
  readonly flows: FlowDesk
  /** Events have become durable. */
  readonly afterCommit: () => void
}

export interface FlowDesk {
  answer(step: StepId, key: string, answer: Answer): void
}

export interface Line {
  readonly run: string
  readonly step: StepId
  readonly attempt: number
  readonly stream: 'stdout' | 'stderr' | 'log'
  readonly text: string
  readonly atMs: number
}

/** How a session ends in this process. */
export type SessionEnd =
  | { readonly kind: 'ended'; readonly status: RunStatus }
  /** Stopped and resumable. */
  | { readonly kind: 'paused' }
  /** The store refused; resumable once that is mended. */
  | { readonly kind: 'broken'; readonly error: unknown }

export interface Session {
  readonly run: string
  readonly state: State
  readonly lease: Lease
  readonly ended: Promise<SessionEnd>
  submit(input: Input): void
  /** Decides what has come in, until about `limit` events wait for their commit. */
  decideQueued(limit: number): void
  readonly hasQueued: boolean
  /** Whether attempts are open: their ends may be on the way. */
  readonly isWaiting: boolean
  readonly eventCount: number
  /** The events to be made durable. */
  takeEvents(): readonly Event[]
  /** The index row, when it changed. */
  takeRow(): Omit<RunRow, 'lastSeq'> | undefined
  /** After the commit (R1). */
  perform(): void
  /** Starts no more; open attempts are asked to stop. Resolves when none is left. */
  pause(): Promise<void>
  fail(error: unknown): void
  begin(commands: readonly Command[]): void
  /** Queues a flow's call to a definition for a slot. */
  enqueueCall(call: FlowCall): void
  /** Lets a call go on that was in flight when the process died. */
  reviveCall(call: FlowCall): void
}

interface Running {
  readonly attempt: number
  readonly abort: AbortController
  readonly candidate: Candidate
}

/** An attempt that begins after the commit. */
interface Start {
  readonly step: StepId
  readonly attempt: number
  readonly candidate: Candidate
  readonly description: StepDescription
}

export function newSession(options: SessionOptions): Session {
  const { state, lease, executor, evaluation, scheduler, clock } = options
  const run = lease.run
  const queue: Input[] = []
  let queueHead = 0
  const commands: Command[] = []
  const starts: Start[] = []
  const running = new Map<StepId, Running>()
  const timers = new Set<() => void>()
  /** By the scope path of the call. */
  const waitingCalls = new Map<string, readonly Command[]>()
  let row: Omit<RunRow, 'lastSeq'> | undefined = options.row
  let phase: 'running' | 'pausing' | 'over' = 'running'
  let events: Event[] = []
  let finish: (end: SessionEnd) => void = () => undefined
  const ended = new Promise<SessionEnd>(resolve => {
    finish = resolve
  })

  const submit = (input: Input): void => {
    if (phase === 'over') return
    queue.push(input)
    options.wake()
  }

  /** Decides one input now; false when it was refused. */
  const accept = (input: Input): boolean => {
    const decision = decide(state, input)
    if (decision.kind === 'refused') return false
    for (const event of decision.events) {
      events.push(event)
      for (const command of apply(state, event)) schedule(command)
    }
    return true
  }

  /** What needs no commit first: queueing steps. All else waits for `perform`. */
  const schedule = (command: Command): void => {
    if (command.kind !== 'startAttempt') {
      commands.push(command)
      return
    }
    const wait = command.notBeforeMs - clock.now()
    if (wait <= 0) return enqueue(command.step, command.supersedes)
    const cancel = clock.at(command.notBeforeMs, () => {
      timers.delete(cancel)
      // The run may have been cancelled meanwhile.
      if (isThere(state, command.step)) enqueue(command.step, command.supersedes)
      options.wake()
    })
    timers.add(cancel)
  }

  const enqueue = (step: StepId, supersedes: number | undefined): void => {
    const known = supersedes === undefined ? options.known(step) : undefined
    if (known)
      return submit({
        kind: 'step.known',
        step,
        outcome: known.outcome,
        origin: { kind: 'run', run, step: known.from },
        atMs: clock.now(),
      })
    // Its arguments are bound now: all that they hang on has settled, and a settled step's value never changes.
    const description = describeStep(state, step)
    const { node } = description
    const candidate: Candidate = {
      pool: node.policy.pool,
      priority: node.policy.priority ?? 0,
      weight: node.kind === 'flow' ? 0 : 1,
      grant: () => {
        if (phase !== 'running') return false
        if (
          !accept({
            kind: 'attempt.granted',
            step,
            worker: options.worker,
            ...(supersedes === undefined ? {} : { supersedes }),
            atMs: clock.now(),
          })
        )
          return false
        noteStarted(candidate, description)
        return true
      },
    }
    scheduler.add(candidate)
  }

  /** The event just accepted started an attempt: it runs once that is durable. */
  const noteStarted = (candidate: Candidate, description?: StepDescription): void => {
    const event = events.at(-1)
    if (event?.kind !== 'attempt.started') return
    const { step, attempt } = event
    starts.push({ step, attempt, candidate, description: description ?? describeStep(state, step) })
  }

  const startAttempt = ({ step, attempt, candidate, description }: Start): void => {
    const abort = new AbortController()
    running.set(step, { attempt, abort, candidate })
    const work = attemptOf(description, { run, step, attempt, bundleId: options.bundleId, cwd: options.cwd })
    execute(executor, work, { signal: abort.signal, reports: reportsOf(step, attempt) }, outcome =>
      finishAttempt(step, attempt, outcome),
    )
  }

  const reportsOf = (step: StepId, attempt: number): Reports => ({
    line: (stream, text) => options.onLine({ run, step, attempt, stream, text, atMs: clock.now() }),
    record: (name, value) => submit({ kind: 'value.recorded', step, attempt, name, value, atMs: clock.now() }),
  })

  const fail = (error: unknown): void => {
    for (const { abort, candidate } of running.values()) {
      abort.abort(error)
      scheduler.release(candidate)
    }
    running.clear()
    over({ kind: 'broken', error })
  }

  const finishAttempt = (step: StepId, attempt: number, outcome: Outcome): void => {
    // What was done could not be kept: no failure of the task's, so nothing is recorded and the run can be resumed.
    if (outcome.kind === 'failed' && STORE_FAULTS.has(outcome.fault.code)) return fail(storeRefusal(run, outcome.fault))
    const mine = running.get(step)
    if (mine?.attempt === attempt) {
      running.delete(step)
      scheduler.release(mine.candidate)
    }
    // An attempt that only stopped because we pause has not happened: the resumed run makes another.
    const interrupted = phase === 'pausing' && outcome.kind !== 'succeeded'
    if (!interrupted) submit({ kind: 'attempt.finished', step, attempt, outcome, atMs: clock.now() })
    if (phase === 'pausing' && running.size === 0) options.wake()
  }

  const performOne = (command: Command): void => {
    const atMs = (): number => clock.now()
    switch (command.kind) {
      case 'startAttempt':
        return
      case 'stopAttempt': {
        const { step, attempt } = command
        const mine = running.get(step)
        if (mine) mine.abort.abort(new Error('cancelled'))
        // It died with an earlier process and was not started again: nobody else will say that it is over.
        else submit({ kind: 'attempt.finished', step, attempt, outcome: { kind: 'cancelled' }, atMs: atMs() })
        return
      }
      case 'evaluateBranch': {
        if (!isThere(state, command.step)) return
        const { node, args } = describeStep(state, command.step)
        void evaluateBranch(evaluation, node, args).then(result =>
          submit({ kind: 'branch.evaluated', step: command.step, result, atMs: atMs() }),
        )
        return
      }
      case 'evaluateItems':
        if (!isThere(state, command.step)) return
        void evaluateItems(evaluation, state, command.step).then(result =>
          submit({ kind: 'items.evaluated', step: command.step, result, atMs: atMs() }),
        )
        return
      case 'answerCall':
        return options.flows.answer(command.flow, command.key, command.answer)
      case 'evaluateResult':
        void evaluateResult(evaluation, command).then(result =>
          submit({ kind: 'result.evaluated', ...result, atMs: atMs() }),
        )
        return
      default:
        return unreachable(command)
    }
  }

  const over = (end: SessionEnd): void => {
    if (phase === 'over') return
    phase = 'over'
    for (const cancel of timers) cancel()
    timers.clear()
    finish(end)
  }

  return {
    run,
    state,
    lease,
    ended,
    submit,
    get hasQueued() {
      return queueHead < queue.length || events.length > 0
    },
    decideQueued(limit) {
      while (queueHead < queue.length && events.length < limit) {
        const input = queue[queueHead++]
        if (input) accept(input)
      }
      if (queueHead === queue.length) {
        queue.length = 0
        queueHead = 0
      }
    },
    get isWaiting() {
      return running.size > 0
    },
    get eventCount() {
      return events.length
    },
    takeEvents() {
      const decided = events
      events = []
      if (decided.length > 0) row = rowAfter(row, options.row, state, clock.now())
      return decided
    },
    takeRow() {
      const taken = row
      row = undefined
      return taken
    },
    perform() {
      options.afterCommit()
      const due = commands.splice(0)
      const dueStarts = starts.splice(0)
      for (const start of dueStarts) startAttempt(start)
      for (const command of due) performOne(command)
      if (state.phase.kind === 'ended') over({ kind: 'ended', status: state.phase.status })
      else if (phase === 'pausing' && running.size === 0) over({ kind: 'paused' })
    },
    async pause() {
      if (phase === 'running') phase = 'pausing'
      for (const { abort } of running.values()) abort.abort(new Error('interrupted'))
      if (running.size === 0) over({ kind: 'paused' })
      await ended
    },
    fail,
    begin(owed) {
      for (const command of owed) {
        // A call that was in flight goes on when its flow asks for it again, not before (./flow.ts).
        const call =
          'step' in command && command.kind !== 'stopAttempt' ? enclosingCall(state, command.step) : undefined
        if (call === undefined) schedule(command)
        else waitingCalls.set(call, [...(waitingCalls.get(call) ?? []), command])
      }
      options.wake()
    },
    enqueueCall(call) {
      const { target } = call
      if (target.kind !== 'node') throw new Error('defect: only calls to definitions take a slot')
      const candidate: Candidate = {
        pool: target.node.policy.pool,
        priority: target.node.policy.priority ?? 0,
        weight: target.node.kind === 'flow' ? 0 : 1,
        grant: () => {
          if (phase !== 'running') return false
          if (!accept({ kind: 'call.granted', call, worker: options.worker, atMs: clock.now() })) return false
          noteStarted(candidate)
          return true
        },
      }
      scheduler.add(candidate)
      options.wake()
    },
    reviveCall(call) {
      const path = callScopePath(call)
      for (const command of waitingCalls.get(path) ?? []) schedule(command)
      waitingCalls.delete(path)
      options.wake()
    },
  }
}

/** What stops the store from keeping anything, whichever step's result comes first. */
const STORE_FAULTS: ReadonlySet<string> = new Set(['STORE_FULL', 'STORE_READONLY'])

const storeRefusal = (run: string, { code, message }: Fault): Refusal =>
  new Refusal({ code, severity: 'error', message, hint: `Make room or make it writable, then: tutti resume ${run}` })

/** The index row is written again only when the run's status changes. */
function rowAfter(
  pending: Omit<RunRow, 'lastSeq'> | undefined,
  first: Omit<RunRow, 'lastSeq'>,
  state: State,
  atMs: number,
): Omit<RunRow, 'lastSeq'> | undefined {
  if (state.phase.kind !== 'ended') return pending
  return { ...first, status: state.phase.status, updatedAtMs: atMs, endedAtMs: atMs }
}
