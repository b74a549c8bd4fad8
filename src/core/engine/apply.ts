/**
 * `apply(state, event)`: the only writer. Folds one past fact into the state, fires what it enables, and returns what the
 * world is now asked to do. It never refuses: what is in the log has happened.
 */
import { invariant, unreachable } from '../../util/unreachable.ts'
import { retryBody } from './attempt.ts'
import { UNDEFINED } from './bind.ts'
import { countFailure, forgetFailures } from './counters.ts'
import { beginTurn, type Turn } from './fire.ts'
import { chooseTransition } from './free-net.ts'
import { takeLocks } from './locks.ts'
import { chooseTurn } from './loop.ts'
import { addItem, awaitItem, enterArms, enterItems } from './many.ts'
import { enterGate, skipGated } from './open.ts'
import type { Note } from './note.ts'
import { settleTurn } from './play.ts'
import { callUnit } from './program.ts'
import { type Command, type Event, EVENT_VERSION, type Fault, type FlowCall, type StepId } from './protocol.ts'
import { enterRegion, enterScope } from './scopes.ts'
import { closeScope, comeToRest, noteBegun, passStep, settleStep, stopAlone } from './settle.ts'
import { keepSignal, stopWaiting, takeKept } from './signals.ts'
import { type Cause, emptyState, mustLocate, NONE, nodeOf, type Place, type State, Status } from './state.ts'
import { keyedPath, splitStepId } from './step-id.ts'
import { setTimer } from './timers.ts'

/** `notes`: is told what follows from the event. */
export function apply(state: State, event: Event, notes?: Note[]): readonly Command[] {
  if (event.v !== EVENT_VERSION)
    throw new Error(`defect: this engine knows events of version ${EVENT_VERSION}, not ${String(event.v)}`)
  const turn = beginTurn(state, event.atMs, notes)
  write(turn, event)
  settleTurn(turn)
  state.eventCount += 1
  return turn.commands
}

function write(turn: Turn, event: Event): void {
  const { state } = turn
  switch (event.kind) {
    case 'run.started':
      state.run = event.run
      state.args = event.args
      state.afresh = { names: event.fresh ?? [], from: [] }
      armRunDeadline(turn, event.deadlineAtMs)
      return begin(turn)
    case 'call.added':
      return addCall(turn, event.call)
    case 'attempt.started':
      if (event.call) withoutStart(turn, event.call)
      return startAttempt(turn, event.step, event.attempt)
    case 'attempt.failed': {
      const place = mustLocate(state, event.step)
      state.steps.status[place.row] = Status.waiting
      state.steps.retryAtMs[place.row] = event.retryAtMs
      if (event.counts) countFailure(state, place, event.rule ?? 0)
      else state.steps.losses[place.row]! += 1
      turn.commands.push({ kind: 'startAttempt', step: event.step, notBeforeMs: event.retryAtMs })
      return
    }
    case 'step.settled':
      if (event.call) withoutStart(turn, event.call)
      return settle(turn, mustLocate(state, event.step), event)
    case 'chosen':
      return choose(turn, mustLocate(state, event.step), event)
    case 'chosen.none': {
      const place = mustLocate(state, event.step)
      const node = nodeOf(state, place)
      if (node.kind === 'net') chooseTransition(turn, place, node, 'none')
      return
    }
    case 'items.added': {
      const place = mustLocate(state, event.step)
      if (event.added) return addItem(turn, place, event.keys[0] ?? '', event.items)
      return enterItems(turn, place, event)
    }
    case 'granted': {
      const place = mustLocate(state, event.step)
      takeLocks(state, place)
      return enterGate(turn, place, nodeOf(state, place))
    }
    case 'timer.set':
      return setTimer(turn, mustLocate(state, event.step), event.dueAtMs)
    case 'timer.fired':
      return fireTimer(turn, event)
    case 'signal.received':
      return receiveSignal(turn, event)
    case 'step.stopped':
      return stopAlone(turn, mustLocate(state, event.step), { kind: 'failed', fault: event.fault, cause: 'cancelled' })
    case 'step.parked':
      state.steps.status[mustLocate(state, event.step).row] = Status.parked
      return
    case 'step.retried': {
      const place = mustLocate(state, event.step)
      forgetFailures(state, place)
      state.steps.status[place.row] = Status.waiting
      state.steps.retryAtMs[place.row] = 0
      turn.commands.push({ kind: 'startAttempt', step: event.step, notBeforeMs: 0 })
      return
    }
    case 'value.recorded':
    // The state is that of the graph that the whole log is folded with.
    case 'run.moved':
      return
    case 'scope.closed':
      return closeNamedScope(turn, event.scope, { kind: event.cause, fault: event.fault })
    case 'run.redriven':
      return redrive(turn, event.from)
    case 'run.ended':
      state.phase = {
        kind: 'ended',
        status: event.status,
        ...(event.output ? { output: event.output } : {}),
        ...(event.fault ? { fault: event.fault } : {}),
      }
      return
    default:
      return unreachable(event)
  }
}

function begin(turn: Turn): void {
  const { state } = turn
  state.phase = { kind: 'running' }
  enterScope(turn, state.program.root, { parent: NONE, node: NONE, item: 0, path: '' })
}

function armRunDeadline(turn: Turn, deadlineAtMs: number | undefined): void {
  if (deadlineAtMs === undefined) return
  turn.state.deadlineAtMs = deadlineAtMs
  turn.commands.push({ kind: 'armTimer', step: '', timer: 'deadline', atMs: deadlineAtMs })
}

function startAttempt(turn: Turn, step: string, attempt: number): void {
  const { state } = turn
  const place = mustLocate(state, step)
  state.steps.status[place.row] = Status.running
  state.steps.attempt[place.row] = attempt
  state.attemptMax = Math.max(state.attemptMax, attempt)
  if (state.unbegun.size > 0) noteBegun(state, place.scope)
  skipGated(turn, place)
}

type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

function choose(turn: Turn, place: Place, event: EventOf<'chosen'>): void {
  const { state } = turn
  const node = nodeOf(state, place)
  switch (node.kind) {
    case 'when':
    case 'match':
      state.steps.status[place.row] = Status.spawned
      enterRegion(turn, place, event.branch, { kind: 'branch', label: event.branch })
      return
    case 'any':
      return enterArms(turn, place, event.branches ?? [event.branch])
    case 'loop':
      return chooseTurn(turn, place, node, event)
    case 'net':
      return chooseTransition(turn, place, node, event)
    default:
      throw new Error(`defect: E1: ${node.kind} has no branches`)
  }
}

function fireTimer(turn: Turn, { step, timer }: EventOf<'timer.fired'>): void {
  const { state } = turn
  if (step === '') {
    const fault: Fault = { code: 'TIMEOUT', message: 'the run has reached its deadline' }
    state.deadlineAtMs = 0
    return closeNamedScope(turn, '', { kind: 'timed-out', fault })
  }
  const place = mustLocate(state, step)
  switch (timer) {
    case 'wake':
      return passStep(turn, place, UNDEFINED)
    case 'retry':
      return retryBody(turn, place)
    case 'deadline': {
      const fault: Fault = { code: 'TIMEOUT', message: `${nodeOf(state, place).name} has reached its deadline`, step }
      return stopAlone(turn, place, { kind: 'failed', fault, cause: 'timed-out' })
    }
    default:
      return unreachable(timer)
  }
}

function receiveSignal(turn: Turn, event: EventOf<'signal.received'>): void {
  const { state } = turn
  if (event.id !== undefined) state.signalIds.add(event.id)
  if (event.step === undefined) return keepSignal(state, event.signal, event.value)
  const place = mustLocate(state, event.step)
  const isWait = nodeOf(state, place).kind === 'wait'
  if (isWait) stopWaiting(state, place)
  if (event.kept) takeKept(turn, event.signal)
  if (isWait) passStep(turn, place, event.value)
  else awaitItem(turn, place, event.value)
}

/** A flow's call comes into being as a scope under the flow's step. */
function addCall(turn: Turn, call: FlowCall): void {
  const { state } = turn
  const { scope, node, row } = mustLocate(state, call.flow)
  let flow = state.flows.get(row)
  if (!flow) state.flows.set(row, (flow = { calls: new Map(), open: 0, answers: 0, end: undefined }))
  const path = callScopePath(call)
  flow.calls.set(path, { call, order: NONE, answer: undefined })
  flow.open += 1
  enterScope(turn, callUnit(state.program, call, call.args.length), { parent: scope, node, item: 0, path })
  settleTurn(turn)
}

/** As `addCall`, when the same event says that the step has started or settled: it need not be asked for. */
function withoutStart(turn: Turn, call: FlowCall): void {
  const before = turn.commands.length
  addCall(turn, call)
  turn.commands.length = before
}

/** The scope path of a flow's call. */
export function callScopePath(call: Pick<FlowCall, 'flow' | 'key'>): string {
  const [path, node] = splitStepId(call.flow)
  return keyedPath(path, node, call.key)
}

/** An outcome that is known, of a step that waits for its attempt, an instant or a signal. */
function settle(turn: Turn, place: Place, event: EventOf<'step.settled'>): void {
  if (nodeOf(turn.state, place).kind === 'wait') return comeToRest(turn, place, event.outcome)
  settleStep(turn, place, event.outcome)
}

function closeNamedScope(turn: Turn, path: string, cause: Cause): void {
  const scope = turn.state.byPath.get(path)
  invariant(scope !== undefined, 'E1: an event names a scope that is there')
  closeScope(turn, scope, cause)
}

/** The run begins anew; what is known comes as `step.settled` events from whoever asked for it. */
function redrive(turn: Turn, from: readonly StepId[]): void {
  const { state } = turn
  const fresh = emptyState(state.program)
  Object.assign(state, fresh, {
    run: state.run,
    args: state.args,
    afresh: { names: [], from },
    attemptBase: state.attemptMax,
    attemptMax: state.attemptMax,
    eventCount: state.eventCount,
  })
  begin(turn)
}
