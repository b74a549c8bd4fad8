/**
 * `apply(state, event)`: the only writer. Folds one past fact into the state, fires what it enables, and returns what the
 * world is now asked to do. It never refuses: what is in the log has happened.
 */
import { invariant, unreachable } from '../../util/unreachable.ts'
import {
  beginTurn,
  closeScope,
  enterBranch,
  enterItems,
  enterScope,
  settleStep,
  settleTurn,
  type Turn,
} from './play.ts'
import { callUnit } from './program.ts'
import { type Command, type Event, EVENT_VERSION, type FlowCall } from './protocol.ts'
import { type Cause, emptyState, mustLocate, NONE, type State, Status } from './state.ts'
import { keyedPath, splitStepId } from './step-id.ts'

export function apply(state: State, event: Event): readonly Command[] {
  if (event.v !== EVENT_VERSION)
    throw new Error(`defect: this engine knows events of version ${EVENT_VERSION}, not ${String(event.v)}`)
  const turn = beginTurn(state)
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
      return begin(turn)
    case 'call.added':
      return addCall(turn, event.call)
    case 'attempt.started':
      if (event.call) withoutStart(turn, event.call)
      return startAttempt(state, event.step, event.attempt)
    case 'attempt.failed': {
      const { row } = mustLocate(state, event.step)
      state.steps.status[row] = Status.waiting
      state.steps.retryAtMs[row] = event.retryAtMs
      if (event.counts) state.steps.failures[row]! += 1
      else state.steps.losses[row]! += 1
      turn.commands.push({ kind: 'startAttempt', step: event.step, notBeforeMs: event.retryAtMs })
      return
    }
    case 'step.settled':
      if (event.call) withoutStart(turn, event.call)
      return settleStep(turn, mustLocate(state, event.step), event.outcome)
    case 'chosen': {
      const { scope, node } = mustLocate(state, event.step)
      return enterBranch(turn, scope, node, event.branch)
    }
    case 'items.added': {
      const { scope, node } = mustLocate(state, event.step)
      return enterItems(turn, scope, node, event.keys, event.items)
    }
    case 'value.recorded':
      return
    case 'scope.closed':
      return closeNamedScope(turn, event.scope, { kind: event.cause, fault: event.fault })
    case 'run.redriven':
      return redrive(turn)
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

function startAttempt(state: State, step: string, attempt: number): void {
  const { row } = mustLocate(state, step)
  state.steps.status[row] = Status.running
  state.steps.attempt[row] = attempt
  state.attemptMax = Math.max(state.attemptMax, attempt)
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

function closeNamedScope(turn: Turn, path: string, cause: Cause): void {
  const scope = turn.state.byPath.get(path)
  invariant(scope !== undefined, 'E1: an event names a scope that is there')
  closeScope(turn, scope, cause)
}

/** The run begins anew; what is known comes as `step.settled` events from whoever asked for it. */
function redrive(turn: Turn): void {
  const { state } = turn
  const fresh = emptyState(state.program)
  Object.assign(state, fresh, {
    run: state.run,
    args: state.args,
    attemptBase: state.attemptMax,
    attemptMax: state.attemptMax,
    eventCount: state.eventCount,
  })
  begin(turn)
}
