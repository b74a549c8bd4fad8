/**
 * The node `attempt`: a region that may be tried again, handled, and always followed by `finally`.
 *
 *     body --failed, a rule is left--> backing off --> body
 *          --failed, a handler knows it--> catch --+
 *          --anything else-------------------------+--> finally (shielded) --> passed, failed or cancelled
 *
 *   E13. `finally` runs once, whatever happened: also when the scope around it closes meanwhile.
 */
import { invariant } from '../../util/unreachable.ts'
import { handlerLabel, type Node } from '../graph/graph.ts'
import type { Turn } from './fire.ts'
import type { Bound, Fault } from './protocol.ts'
import { idempotencyKey } from './idempotency.ts'
import { isKnownBy, nextRetry } from './retry.ts'
import { enterRegion } from './scopes.ts'
import { endStopped, passStep } from './settle.ts'
import { countFailure, failureCounts } from './counters.ts'
import { type AttemptState, type Cause, idOf, nodeOf, type Place, ScopeStatus, Status } from './state.ts'
import { armRetry } from './timers.ts'
import { noteWaits } from './watch.ts'

type AttemptNode = Extract<Node, { kind: 'attempt' }>

export function openAttempt(turn: Turn, place: Place): void {
  const attempt: AttemptState = { kind: 'attempt', turn: 0, part: 'body', caught: undefined, end: undefined }
  turn.state.groups.set(place.row, attempt)
  enterBody(turn, place, attempt)
}

function enterBody(turn: Turn, place: Place, attempt: AttemptState): void {
  attempt.part = 'body'
  turn.state.steps.status[place.row] = Status.spawned
  enterRegion(turn, place, 'body', { kind: 'turn', label: 'body', turn: attempt.turn })
}

/** Its back-off is over. */
export function retryBody(turn: Turn, place: Place): void {
  const attempt = mustAttempt(turn, place)
  attempt.turn += 1
  enterBody(turn, place, attempt)
}

/** The part that ran has ended with a value. */
export function endPart(turn: Turn, place: Place, result: Bound): void {
  const attempt = mustAttempt(turn, place)
  if (attempt.part === 'finally') return conclude(turn, place, attempt)
  attempt.end = { kind: 'passed', output: result }
  finalize(turn, place, attempt)
}

/** The part that ran has left by `x`. */
export function exitPart(turn: Turn, place: Place, cause: Cause): void {
  const { state } = turn
  const attempt = mustAttempt(turn, place)
  const node = attemptNode(turn, place)
  if (attempt.part === 'finally') {
    attempt.end = { kind: 'left', cause: chained(cause, endFault(attempt)) }
    return conclude(turn, place, attempt)
  }
  const mayGoOn =
    cause.kind === 'failed' && state.scopes.status[place.scope] === ScopeStatus.open && !state.stops.has(place.row)
  if (mayGoOn && attempt.part === 'body') {
    if (tryAgain(turn, place, node, cause.fault)) return
    const handler = node.handlers.findIndex(({ errors }) => isKnownBy(errors, cause.fault))
    if (handler >= 0) {
      attempt.part = 'catch'
      attempt.caught = cause.fault
      enterRegion(turn, place, handlerLabel(handler), { kind: 'branch', label: handlerLabel(handler) })
      return
    }
  }
  attempt.end = { kind: 'left', cause: attempt.part === 'catch' ? chained(cause, attempt.caught) : cause }
  finalize(turn, place, attempt)
}

function tryAgain(turn: Turn, place: Place, node: AttemptNode, fault: Fault): boolean {
  const { state } = turn
  const key = idempotencyKey(state.run, idOf(state, place))
  const next = nextRetry(node.policy.retry, failureCounts(state, place), fault, key)
  if (!next) return false
  countFailure(state, place, next.rule)
  state.steps.status[place.row] = Status.backingOff
  armRetry(turn, place, turn.atMs + next.delayMs)
  noteWaits(turn, place)
  return true
}

function finalize(turn: Turn, place: Place, attempt: AttemptState): void {
  if (!attemptNode(turn, place).finalizer) return conclude(turn, place, attempt)
  attempt.part = 'finally'
  turn.state.steps.status[place.row] = Status.spawned
  enterRegion(turn, place, 'finally', { kind: 'branch', label: 'finally' })
}

function conclude(turn: Turn, place: Place, { end }: AttemptState): void {
  invariant(end !== undefined, 'E13: an attempt ends with what its body or handler gave')
  if (end.kind === 'passed') return passStep(turn, place, end.output)
  endStopped(turn, place, end.cause)
}

/** Its back-off is cut short by a stop: there is nothing to wait for but `finally`. */
export function stopBackingOff(turn: Turn, place: Place): void {
  const attempt = mustAttempt(turn, place)
  const fault = { code: 'CANCELLED', message: 'the attempt was cancelled', step: idOf(turn.state, place) }
  attempt.end = { kind: 'left', cause: { kind: 'cancelled', fault } }
  finalize(turn, place, attempt)
}

const endFault = ({ end }: AttemptState): Fault | undefined => (end?.kind === 'left' ? end.cause.fault : undefined)

/** A later failure keeps the earlier one as its cause. */
const chained = (cause: Cause, earlier: Fault | undefined): Cause =>
  earlier ? { ...cause, fault: { ...cause.fault, causes: [...(cause.fault.causes ?? []), earlier] } } : cause

function mustAttempt({ state }: Turn, place: Place): AttemptState {
  const group = state.groups.get(place.row)
  invariant(group?.kind === 'attempt', 'E1: a body, a handler and a finalizer belong to an attempt')
  return group
}

function attemptNode({ state }: Turn, place: Place): AttemptNode {
  const node = nodeOf(state, place)
  if (node.kind !== 'attempt') throw new Error(`defect: E1: ${node.kind} is no attempt`)
  return node
}
