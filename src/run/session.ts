/**
 * One run in this process: its state, and what it asks of the world. A session is driven by turns (./shell.ts): inputs queue
 * up, are decided in batches, committed, and only then are their commands performed.
 *
 *   R1. Nothing is performed, and nobody is told, before the events that it follows from are durable. (To evaluate a guard
 *       is no performance: it changes nothing, and its answer is committed with what it follows from.)
 *   R2. A refused input (a duplicate, a late completion) changes nothing.
 *   R3. After a failed append the state is dropped: it says things that are not in the log.
 *   R4. What is known from an earlier life of the run is answered in the order of its log, before anything else starts: so
 *       races have the winners that they had.
 *   R5. A step that cancels another one cancels it, and an item that a signal adds is taken in, before anything else that
 *       has come in is decided: nothing comes between what has happened and what follows from it.
 */
import {
  type Answer,
  apply,
  type Bound,
  calledStep,
  type Command,
  decide,
  describeStep,
  findStep,
  isThere,
  callScopePath,
  type Event,
  type Fault,
  type FlowCall,
  type Input,
  type Origin,
  type Outcome,
  type RunStatus,
  type State,
  type StepDescription,
  type StepId,
  type Wait,
  waits,
} from '../core/index.ts'
import type { Executor, Reports } from '../exec/attempt.ts'
import type { Lease, RunRow, Trace } from '../store/store.ts'
import { Refusal } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import { type Alarm, newAlarms } from './alarms.ts'
import { type CalledNode, type KeepingOptions, knownCall, newKeeping, nodeOfCall, outcomeOf } from './keeping.ts'
import { type Answered, newAskers } from './askers.ts'
import type { Clock } from './clock.ts'
import { askEvaluation, type Evaluating } from './evaluate/ask.ts'
import type { Evaluation } from './evaluate/evaluation.ts'
import { type Known, type KnownAnswer, newKnownAnswers } from './known-answers.ts'
import { newLending } from './lending.ts'
import type { Prospect } from './prospect.ts'
import { newRunning, type Start } from './running.ts'
import type { Candidate, Scheduler } from './scheduler.ts'
import { type UnclaimedCalls, unclaimedCalls } from './unclaimed.ts'

export interface SessionOptions {
  readonly state: State
  readonly lease: Lease
  readonly row: Omit<RunRow, 'lastSeq'>
  /** Under which the executor finds the code. */
  readonly bundleId: string
  readonly executor: Executor
  readonly evaluation: Evaluation
  readonly scheduler: Scheduler
  readonly prospect: Prospect
  readonly clock: Clock
  readonly known: Known
  /** Signals that added items to an each in an earlier life of the run. */
  readonly knownSignals: (step: StepId) => readonly { readonly signal: string; readonly value: Bound }[]
  /** What steps may take from other runs; absent: nothing is taken, and nothing is kept for others. */
  readonly reuse?: Pick<KeepingOptions, 'freshness' | 'looked'>
  readonly cwd: string
  readonly worker: string
  /** Asks for a turn. */
  readonly wake: () => void
  readonly onLine: (line: Line) => void
  /** A flow's attempt begins: who answers its calls. */
  readonly flows: FlowDesk
  /** Events have become durable. */
  readonly afterCommit: () => void
  /**
   * When nothing is left but waiting. 'wait': for signals and timers; a run in which only parked steps are left is paused,
   * because nothing here will change that. 'pause': whatever it waits for.
   */
  readonly whenIdle: 'wait' | 'pause'
  /** Whether it lets go of the run when somebody asks, and whoever follows it takes it up again. */
  readonly whenAsked: 'yield' | 'keep'
}

export interface FlowDesk {
  answer(step: StepId, key: string, answer: Answer): void
  /** Whether the flow's body does nothing but wait for its calls. */
  isResting(step: StepId): boolean
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
  /** Stopped and resumable. `waiting`: what for, when that is why. */
  | { readonly kind: 'paused'; readonly waiting?: readonly Wait[] }
  /** Let go of for a moment, because somebody asked. */
  | { readonly kind: 'yielded' }
  /** The store refused; resumable once that is mended. */
  | { readonly kind: 'broken'; readonly error: unknown }

export interface Session {
  readonly run: string
  readonly state: State
  readonly lease: Lease
  readonly ended: Promise<SessionEnd>
  submit(input: Input): void
  /** As `submit`, and says what became of it once that is durable. */
  ask(input: Input): Promise<Answered>
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
  /** What others may take from these events. */
  takeTraces(): readonly Trace[]
  /** After the commit (R1). */
  perform(): void
  /** What it waits for that none of its attempts will bring. */
  waiting(): readonly Wait[]
  /** Starts no more; open attempts are asked to stop. Resolves when none is left. */
  pause(): Promise<void>
  /**
   * Starts no more, and lets what runs settle; a flow that only waits for its calls is stopped, and runs again later. Resolves
   * when nothing runs. `busy`: something still did after `withinMs`, and the run goes on here; `kept`: so it does in any case.
   */
  yield(withinMs: number): Promise<SessionEnd | 'busy' | 'kept'>
  /** A flow has nothing to do but to wait. */
  noteRest(): void
  /** Something for this run is on its way: until the returned function is called it is not idle. */
  expect(): () => void
  fail(error: unknown): void
  begin(commands: readonly Command[]): void
  /** Queues a flow's call to a definition for a slot. */
  enqueueCall(call: FlowCall): void
  /** Lets a call go on that was in flight when the process died. */
  reviveCall(call: FlowCall): void
}

export function newSession(options: SessionOptions): Session {
  const { state, lease, evaluation, scheduler, clock, prospect } = options
  const run = lease.run
  const queue: Input[] = []
  let queueHead = 0
  /** R5. */
  const urgent: Input[] = []
  const commands: Command[] = []
  const starts: Start[] = []
  const known = newKnownAnswers(options.known)
  const askers = newAskers()
  let unclaimed: UnclaimedCalls | undefined
  /** Candidates of this run that wait for a slot. */
  let queuedCount = 0
  /** Answers of the user's functions that are on their way. */
  let evaluatingCount = 0
  const kept = options.reuse && newKeeping({ run, clock, warn: (step, text) => warn(step, text), ...options.reuse })
  let expectedCount = 0
  let hasParked = false
  let pausedFor: readonly Wait[] | undefined
  let isYielding = false
  let row: Omit<RunRow, 'lastSeq'> | undefined = options.row
  let phase: 'running' | 'pausing' | 'over' = 'running'
  const lending = newLending(clock, options.wake)
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
    askers.note(input, decision)
    if (decision.kind === 'refused') {
      if (input.kind === 'timer.fired' && decision.code === 'NOT_DUE') setAgain(input)
      return false
    }
    for (const event of decision.events) {
      events.push(event)
      if (event.kind === 'step.settled') kept?.settled(event)
      if (event.kind === 'step.parked') hasParked = true
      for (const command of apply(state, event)) schedule(command)
    }
    return true
  }

  /** R5. */
  const decideUrgent = (): void => {
    for (let input = urgent.shift(); input; input = urgent.shift()) accept(input)
  }

  const propose = (step: StepId): void => {
    const input = { kind: 'grant.proposed', step, atMs: clock.now() } as const
    if (describeStep(state, step).node.kind === 'cancel') urgent.push(input)
    else queueNow(input)
  }

  /** In the turn that is on: it is decided in it, so nobody need be woken. */
  const queueNow = (input: Input): void => void queue.push(input)

  /** What needs no commit first: queueing steps, evaluating. All else waits for `perform`. */
  const schedule = (command: Command): void => {
    if (isOutdated(command) || unclaimed?.hold(command)) return
    switch (command.kind) {
      case 'startAttempt':
        return scheduleStart(command)
      case 'proposeGrant':
        return propose(command.step)
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateResult':
        return evaluate(command)
      case 'evaluateTimer':
        kept?.block(command.step)
        return known.ask(command.step) ? undefined : evaluate(command)
      case 'awaitSignal':
        kept?.block(command.step)
        if (known.ask(command.step)) return
        for (const { signal, value } of options.knownSignals(command.step))
          queueNow({ kind: 'signal.sent', signal, value, step: command.step, atMs: clock.now() })
        return
      case 'armTimer':
        if (command.timer === 'wake') kept?.block(command.step)
        if (command.timer === 'wake' && known.ask(command.step)) return
        return alarms.set({ step: command.step, kind: command.timer, atMs: command.atMs })
      case 'stopAttempt':
      case 'answerCall':
        commands.push(command)
        return
      default:
        return unreachable(command)
    }
  }

  /** The event that opened the step has also ended it: its scope was closed by what followed. */
  const isOutdated = (command: Command): boolean => {
    switch (command.kind) {
      case 'proposeGrant':
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateTimer':
      case 'awaitSignal':
        return !isThere(state, command.step)
      // Asked when it is queued.
      case 'startAttempt':
      case 'armTimer':
      case 'stopAttempt':
      case 'answerCall':
      case 'evaluateResult':
        return false
      default:
        return unreachable(command)
    }
  }

  const scheduleStart = ({ step, notBeforeMs, supersedes }: Extract<Command, { kind: 'startAttempt' }>): void => {
    if (supersedes === undefined && known.ask(step)) return
    if (notBeforeMs <= 0 || notBeforeMs <= clock.now()) enqueue(step, supersedes)
    else alarms.set({ step, kind: 'start', atMs: notBeforeMs, ...(supersedes === undefined ? {} : { supersedes }) })
  }

  const submitKnown = ({ step, outcome, from }: KnownAnswer): boolean =>
    accept({ kind: 'step.known', step, outcome, origin: { kind: 'run', run, step: from }, atMs: clock.now() })

  const ring = ({ step, kind, supersedes }: Alarm): void => {
    if (kind !== 'start') return submit({ kind: 'timer.fired', step, timer: kind, atMs: clock.now() })
    enqueue(step, supersedes)
    options.wake()
  }

  /** The host's clock was put back between ringing and deciding. */
  const setAgain = ({ step, timer, atMs }: Extract<Input, { kind: 'timer.fired' }>): void =>
    alarms.set({ step, kind: timer, atMs: Math.max(atMs, clock.now()) + NOT_DUE_MS })

  const alarms = newAlarms({ clock, ring, isWanted: ({ step }) => step === '' || isThere(state, step) })

  const evaluate = (command: Evaluating): void => {
    const answer = askEvaluation(evaluation, state, command, clock.now)
    if (!(answer instanceof Promise)) {
      if (command.kind === 'evaluateItems' && command.added) return void urgent.push(answer)
      return queueNow(answer)
    }
    evaluatingCount += 1
    void answer.then(input => {
      evaluatingCount -= 1
      submit(input)
    })
  }

  const enqueue = (step: StepId, supersedes: number | undefined): void => {
    if (known.isAnswering) known.hold({ step, supersedes })
    else addCandidate(step, supersedes)
  }

  const addCandidate = (step: StepId, supersedes: number | undefined): void => {
    // Its arguments are bound now: all that they hang on has settled, and a settled step's value never changes.
    const description = findStep(state, step)
    // Its scope may have closed while it waited for its next try, or for what is known.
    if (!description) return
    const verdict = kept?.ask(step, description)
    if (verdict === undefined) return addRunning(step, supersedes, description)
    if (!(verdict instanceof Promise)) return follow(step, supersedes, description, verdict)
    evaluatingCount += 1
    void verdict.then(later => {
      evaluatingCount -= 1
      follow(step, supersedes, description, later)
      options.wake()
    })
  }

  /** A result that is known is as good as one's own, if nobody has started an attempt that may still be running. */
  const follow = (
    step: StepId,
    supersedes: number | undefined,
    description: StepDescription,
    trace: Trace | undefined,
  ): void => {
    if (phase !== 'running') return
    if (lending.isOn) return lending.defer(() => follow(step, supersedes, description, trace))
    if (!trace) return addRunning(step, supersedes, description)
    const origin: Origin = { kind: 'run', run: trace.run, step: trace.step }
    queueNow({ kind: 'step.known', step, outcome: outcomeOf(trace), origin, atMs: clock.now() })
  }

  const addRunning = (step: StepId, supersedes: number | undefined, description: StepDescription): void => {
    const { policy, kind } = description.node
    const candidate: Candidate = {
      pool: policy.pool,
      priority: policy.priority ?? 0,
      step,
      prospect,
      weight: kind === 'flow' ? 0 : 1,
      grant: () => {
        queuedCount -= 1
        if (phase !== 'running') return false
        if (lending.isOn) return put(() => addRunning(step, supersedes, description))
        const input: Input = { kind: 'attempt.granted', step, worker: options.worker, atMs: clock.now() }
        if (!accept(supersedes === undefined ? input : { ...input, supersedes })) return false
        noteStarted(candidate, description)
        decideUrgent()
        return true
      },
    }
    queuedCount += 1
    scheduler.add(candidate)
  }

  /** No slot is taken. */
  const put = (go: () => void): false => {
    lending.defer(go)
    return false
  }

  /** The event just accepted started an attempt: it runs once that is durable. */
  const noteStarted = (candidate: Candidate, description?: StepDescription): void => {
    const event = events.at(-1)
    if (event?.kind !== 'attempt.started') return
    const { step, attempt } = event
    starts.push({ step, attempt, candidate, description: description ?? describeStep(state, step) })
  }

  const reportsOf = (step: StepId, attempt: number): Reports => ({
    line: (stream, text) => options.onLine({ run, step, attempt, stream, text, atMs: clock.now() }),
    record: (name, value) => submit({ kind: 'value.recorded', step, attempt, name, value, atMs: clock.now() }),
    // The layer that watches over the silence of an attempt has heard it (exec/middleware/heartbeat.ts).
    alive: () => undefined,
    saw: access => kept?.saw(step, access),
  })

  const warn = (step: StepId, text: string): void =>
    options.onLine({ run, step, attempt: 0, stream: 'stderr', text: `warning: ${text}`, atMs: clock.now() })

  const fail = (error: unknown): void => {
    running.forget(error)
    over({ kind: 'broken', error })
  }

  const finishAttempt = (step: StepId, attempt: number, outcome: Outcome): void => {
    // What was done could not be kept: no failure of the task's, so nothing is recorded and the run can be resumed.
    if (outcome.kind === 'failed' && STORE_FAULTS.has(outcome.fault.code)) return fail(storeRefusal(run, outcome.fault))
    // An attempt that only stopped because we pause has not happened: the resumed run makes another.
    const interrupted = phase === 'pausing' && outcome.kind !== 'succeeded'
    if (!interrupted) submit({ kind: 'attempt.finished', step, attempt, outcome, atMs: clock.now() })
    if ((phase === 'pausing' || lending.isOn) && running.size === 0) options.wake()
  }

  const running = newRunning({
    run,
    keyOf: step => kept?.keyOf(step),
    bundleId: options.bundleId,
    cwd: options.cwd,
    executor: kept ? kept.around(options.executor) : options.executor,
    reportsOf,
    release: scheduler.release,
    finished: finishAttempt,
  })

  const performOne = (command: Command): void => {
    if (command.kind === 'answerCall') return options.flows.answer(command.flow, command.key, command.answer)
    if (command.kind !== 'stopAttempt') return
    const { step, attempt } = command
    if (running.stop(step, attempt, new Error('cancelled'))) return
    // It died with an earlier process and was not started again: nobody else will say that it is over.
    submit({ kind: 'attempt.finished', step, attempt, outcome: { kind: 'cancelled' }, atMs: clock.now() })
  }

  const over = (end: SessionEnd): void => {
    if (phase === 'over') return
    phase = 'over'
    lending.close()
    alarms.clear()
    askers.drop()
    finish(end)
  }

  /** Nothing of this run will happen by itself, but for what it waits for. */
  const isIdle = (): boolean =>
    running.every(step => options.flows.isResting(step)) &&
    queueHead === queue.length &&
    queuedCount === 0 &&
    evaluatingCount === 0 &&
    expectedCount === 0 &&
    known.isEmpty &&
    events.length === 0 &&
    state.phase.kind === 'running'

  const pauseIfIdle = (): void => {
    if (!mayPause() || !isIdle()) return
    for (const wait of options.whenIdle === 'wait' ? waits(state) : []) if (!NEEDS_SOMEBODY[wait.kind]) return
    phase = 'pausing'
    pausedFor = [...waits(state)]
    running.stopAll(new Error('interrupted'))
    overIfPaused()
  }

  /** What has come in is kept first; what else is on its way is owed again, or stays in the mailbox. */
  const letGo = (): void => {
    if (phase !== 'running' || !running.every(step => options.flows.isResting(step))) return
    if (queueHead < queue.length || urgent.length > 0 || events.length > 0) return options.wake()
    phase = 'pausing'
    isYielding = true
    lending.close()
    running.stopAll(new Error('interrupted'))
    overIfPaused()
  }

  const mayPause = (): boolean => options.whenIdle === 'pause' || hasParked

  const overIfPaused = (): void => {
    if (phase !== 'pausing' || running.size > 0) return
    if (isYielding) over({ kind: 'yielded' })
    else over({ kind: 'paused', ...(pausedFor ? { waiting: pausedFor } : {}) })
  }

  return {
    run,
    state,
    lease,
    ended,
    submit,
    ask(input) {
      if (phase === 'over') return Promise.resolve({ kind: 'dropped' })
      const answered = askers.ask(input)
      submit(input)
      return answered
    },
    get hasQueued() {
      return queueHead < queue.length || events.length > 0 || !known.isEmpty
    },
    decideQueued(limit) {
      for (decideUrgent(); events.length < limit; decideUrgent()) {
        const input = queueHead < queue.length ? queue[queueHead++] : undefined
        if (input) accept(input)
        else {
          const next = known.next()
          if (!next) break
          submitKnown(next)
        }
      }
      // What has been decided is given back at each turn: a loop that needs no attempt never leaves the queue empty.
      queue.splice(0, queueHead)
      queueHead = 0
      for (const { step, supersedes } of known.release()) addCandidate(step, supersedes)
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
    takeTraces: () => kept?.takeTraces() ?? NO_TRACES,
    takeRow() {
      const taken = row
      row = undefined
      return taken
    },
    perform() {
      options.afterCommit()
      askers.committed()
      const due = commands.splice(0)
      const dueStarts = starts.splice(0)
      for (const start of dueStarts) running.start(start)
      for (const command of due) performOne(command)
      if (state.phase.kind === 'ended') over({ kind: 'ended', status: state.phase.status })
      else if (lending.isOn) letGo()
      else if (phase === 'running') pauseIfIdle()
      else overIfPaused()
    },
    waiting: () => [...waits(state)],
    async pause() {
      if (phase === 'running') phase = 'pausing'
      isYielding = false
      lending.close()
      running.stopAll(new Error('interrupted'))
      overIfPaused()
      await ended
    },
    async yield(withinMs) {
      if (options.whenAsked === 'keep') return 'kept'
      if (phase !== 'running') return ended
      return Promise.race([ended, lending.begin(withinMs).then(() => 'busy' as const)])
    },
    noteRest: () => {
      if (mayPause() || lending.isOn) options.wake()
    },
    expect() {
      expectedCount += 1
      return () => {
        expectedCount -= 1
        if (mayPause()) options.wake()
      }
    },
    fail,
    begin(owed) {
      for (const wait of waits(state)) hasParked ||= wait.kind === 'parked'
      unclaimed = unclaimedCalls(state)
      for (const command of owed) schedule(command)
      options.wake()
    },
    enqueueCall(call) {
      const { target } = call
      if (target.kind !== 'node') throw new Error('defect: only calls to definitions take a slot')
      const verdict = kept?.ask(calledStep(call), { node: nodeOfCall(target.node), args: call.args })
      const go = (trace: Trace | undefined): void => {
        if (trace) queueNow(knownCall(call, trace, clock.now()))
        else addCall(call, target.node)
        options.wake()
      }
      if (!(verdict instanceof Promise)) return go(verdict)
      evaluatingCount += 1
      void verdict.then(trace => {
        evaluatingCount -= 1
        go(trace)
      })
    },
    reviveCall(call) {
      for (const command of unclaimed?.claim(callScopePath(call)) ?? []) schedule(command)
      options.wake()
    },
  }

  function addCall(call: FlowCall, node: CalledNode): void {
    const { policy, kind } = node
    const candidate: Candidate = {
      pool: policy.pool,
      priority: policy.priority ?? 0,
      step: calledStep(call),
      prospect,
      weight: kind === 'flow' ? 0 : 1,
      grant: () => {
        queuedCount -= 1
        if (phase !== 'running') return false
        if (lending.isOn) return put(() => addCall(call, node))
        if (!accept({ kind: 'call.granted', call, worker: options.worker, atMs: clock.now() })) return false
        noteStarted(candidate)
        decideUrgent()
        return true
      },
    }
    queuedCount += 1
    scheduler.add(candidate)
  }
}

const NO_TRACES: readonly Trace[] = []

/** How long after an alarm that came too early it is set again. */
const NOT_DUE_MS = 10

/** What somebody has to do something about. Locks are held by something else that waits. */
const NEEDS_SOMEBODY: { readonly [K in Wait['kind']]: boolean } = {
  parked: true,
  lock: true,
  signal: false,
  timer: false,
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
