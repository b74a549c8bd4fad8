/**
 * How a step comes to rest, and how a scope closes: the two are one file because a failed step closes its scope, and a
 * closing scope brings its steps to rest.
 *
 *   E6. A closing scope opens nothing; it is left, by `x`, when its last open step has settled. What is shielded (`finally`
 *       and undoing) is the exception: it begins in a closing scope, and closing does not reach it.
 *   E7. A flow comes to rest after all its calls have: what it leaves open is interrupted and awaited.
 *   E8. A step that was stopped or withdrawn ends so, unless its success was already on the way.
 */
import { unreachable } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { drainTransition, failTransition, passTransition, spillTransition, voidTransition } from '../net/net.ts'
import { lingers } from '../net/compile.ts'
import { bindAll, UNDEFINED, WHOLE } from './bind.ts'
import { fire, type Turn } from './fire.ts'
import { releaseLocks } from './locks.ts'
import type { Bound, Outcome } from './protocol.ts'
import { stopWaiting } from './signals.ts'
import {
  type Cause,
  idOf,
  NONE,
  nodeOf,
  type Place,
  placeAt,
  ScopeStatus,
  type State,
  Status,
  type Stop,
  UNDO,
  unitOf,
} from './state.ts'
import { noteRested, noteWaits } from './watch.ts'

/** A step has its value: what waited for it may open. In a closing scope the value is kept, and opens nothing. */
export function passStep(turn: Turn, place: Place, output: Bound): void {
  const { state } = turn
  const { scope, row } = place
  const unit = unitOf(state, scope)
  state.steps.output[row] = output
  if (state.unbegun.size > 0 && isWork(nodeOf(state, place))) noteBegun(state, scope)
  if (unit.isPlain[place.node] === 1) {
    state.steps.status[row] = Status.passed
    noteRested(turn, place, 'passed')
    if (state.scopes.status[scope] === ScopeStatus.open) fire(turn, scope, passTransition(unit.net, place.node))
    return rest(turn, place)
  }
  const node = nodeOf(state, place)
  if (node.undo) pushUndo(state, place, output)
  const stays = lingers(node) && hasChildren(state, place)
  state.steps.status[row] = stays ? Status.lingering : Status.passed
  if (state.scopes.status[scope] === ScopeStatus.open) {
    fire(turn, scope, passTransition(unit.net, place.node))
    if (lingers(node) && !stays) fire(turn, scope, drainTransition(unit.net, place.node))
  }
  noteRested(turn, place, stays ? 'lingers' : 'passed')
  if (!stays) rest(turn, place)
}

/** What does something itself, and is no mere order of other steps. */
function isWork({ kind }: Node): boolean {
  return (
    kind === 'task' || kind === 'effect' || kind === 'flow' || kind === 'source' || kind === 'wait' || kind === 'cancel'
  )
}

/** Something in this scope has begun, so the milestones around it stay. */
export function noteBegun({ scopes, unbegun }: State, scope: number): void {
  for (let inner = scope; scopes.parent[inner] !== NONE; inner = scopes.parent[inner]!) {
    const node = scopes.parentNode[inner]!
    if (node >= 0) unbegun.delete(scopes.step[scopes.parent[inner]!]! + node)
  }
}

/** The last of what lingered has ended. */
export function drainStep(turn: Turn, place: Place): void {
  const { state } = turn
  const { scope, node, row } = place
  state.steps.status[row] = Status.passed
  noteRested(turn, place, 'passed')
  if (state.scopes.status[scope] === ScopeStatus.open)
    fire(turn, scope, drainTransition(unitOf(state, scope).net, node))
  rest(turn, place)
}

/** A step has failed for good: its scope is interrupted, or, in a region that finishes, what depends on it is skipped. */
export function failStep(turn: Turn, place: Place, cause: Cause): void {
  const { state } = turn
  const { scope, node, row } = place
  const wasLingering = state.steps.status[row] === Status.lingering
  state.steps.status[row] = Status.failed
  noteRested(turn, place, 'failed', cause.fault)
  if (state.scopes.status[scope] === ScopeStatus.open) {
    const { net, region } = unitOf(state, scope)
    fire(turn, scope, wasLingering ? spillTransition(net, node) : failTransition(net, node))
    if (region.onFailure !== 'finish') closeScope(turn, scope, cause)
    else {
      if (!wasLingering) state.steps.output[row] = UNDEFINED
      if (!state.causes.has(scope)) state.causes.set(scope, cause)
    }
  }
  rest(turn, place)
}

/** A step of a closing scope has come to rest without a value. */
function cancelStep(turn: Turn, place: Place): void {
  turn.state.steps.status[place.row] = Status.cancelled
  noteRested(turn, place, 'cancelled')
  rest(turn, place)
}

/** A step was withdrawn: its dependents are skipped, or go on with `value`. */
function withdrawStep(turn: Turn, place: Place, dependents: 'skip' | 'run', value: Bound = UNDEFINED): void {
  const { state } = turn
  const { scope, node, row } = place
  if (state.scopes.status[scope] !== ScopeStatus.open) return cancelStep(turn, place)
  state.steps.status[row] = Status.skipped
  state.steps.output[row] = value
  noteRested(turn, place, 'skipped')
  const { net } = unitOf(state, scope)
  if (dependents === 'skip') fire(turn, scope, voidTransition(net, node))
  else {
    fire(turn, scope, passTransition(net, node))
    if (lingers(nodeOf(state, place))) fire(turn, scope, drainTransition(net, node))
  }
  rest(turn, place)
}

/** E3: one open step less; what it held is free, what it waited for is forgotten. */
function rest(turn: Turn, place: Place): void {
  const { state } = turn
  const { scope, row } = place
  if (state.locks.size > 0) releaseLocks(turn, place)
  if (state.signals.size > 0) stopWaiting(state, place)
  if (state.timers.size > 0) state.timers.delete(row)
  if (state.stops.size > 0) state.stops.delete(row)
  if (state.unbegun.size > 0) state.unbegun.delete(row)
  if (state.groups.size > 0) state.groups.delete(row)
  restScope(turn, scope)
}

/** E3: nothing of a closing scope may be open when it is left. */
export function restScope(turn: Turn, scope: number): void {
  const { scopes } = turn.state
  scopes.live[scope]! -= 1
  if (scopes.live[scope] === 0 && scopes.status[scope] === ScopeStatus.closing) turn.exits.push(scope)
}

function pushUndo(state: State, place: Place, output: Bound): void {
  const { undo } = nodeOf(state, place)
  if (!undo) return
  const record = {
    step: idOf(state, place),
    unit: unitOf(state, place.scope).index,
    node: place.node,
    args: { value: output, ...bindAll(state, place.scope, undo.captures) },
  }
  const stack = state.undos.get(place.scope)
  if (stack) stack.push(record)
  else state.undos.set(place.scope, [record])
}

/**
 * Interrupts an open scope and all scopes below it: nothing more starts, what runs is asked to stop. What is shielded goes
 * on. A scope in which nothing is open is left at once.
 */
export function closeScope(turn: Turn, root: number, cause: Cause): void {
  const { scopes, causes } = turn.state
  const pending = [root]
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    if (scopes.status[scope] !== ScopeStatus.open || (scope !== root && isShielded(turn.state, scope))) continue
    scopes.status[scope] = ScopeStatus.closing
    causes.set(scope, cause)
    for (let child = scopes.firstChild[scope]!; child !== NONE; child = scopes.next[child]!) pending.push(child)
    const wasEmpty = scopes.live[scope] === 0
    stopSteps(turn, scope)
    if (wasEmpty) turn.exits.push(scope)
  }
}

/** Whether closing the scope around it does not reach it. */
export function isShielded(state: State, scope: number): boolean {
  const parentNode = state.scopes.parentNode[scope]!
  if (parentNode === UNDO) return true
  const parent = state.scopes.parent[scope]!
  if (parent === NONE || state.groups.size === 0) return false
  const group = state.groups.get(state.scopes.step[parent]! + parentNode)
  return group?.kind === 'attempt' && group.part === 'finally'
}

function stopSteps(turn: Turn, scope: number): void {
  const count = unitOf(turn.state, scope).region.nodes.length
  for (let node = 0; node < count; node++) stopStep(turn, placeAt(turn.state, scope, node))
}

/** Asks one step to come to rest: at once when nothing of it runs. Its scopes are closed by who calls this. */
function stopStep(turn: Turn, place: Place): void {
  const { state } = turn
  switch (state.steps.status[place.row]) {
    case Status.running:
      turn.commands.push({
        kind: 'stopAttempt',
        step: idOf(state, place),
        attempt: state.steps.attempt[place.row]!,
      })
      return
    case Status.waiting:
      // It may be a flow between two attempts, with calls of the first.
      return settleStep(turn, place, { kind: 'cancelled' })
    case Status.evaluating:
    case Status.queued:
    case Status.sleeping:
    case Status.parked:
      return comeToRest(turn, place, { kind: 'cancelled' })
    case Status.backingOff:
      // Its `finally` is still to run: see ./attempt.ts.
      turn.interrupted.push(place)
      return
    case Status.spawned:
      // What takes signals as further items takes no more.
      if (state.signals.size > 0) stopWaiting(state, place)
      // It waits for an answer of the shell only; otherwise it comes to rest when its last scope has left.
      if (!hasChildren(state, place)) comeToRest(turn, place, { kind: 'cancelled' })
      return
    default:
      return
  }
}

/** E8: stops one step of an open scope for a reason of its own, or marks it, when it has not begun. */
export function stopAlone(turn: Turn, place: Place, stop: Stop): void {
  const { state } = turn
  const status = state.steps.status[place.row]
  if (isAtRest(status)) return
  state.stops.set(place.row, stop)
  if (status === Status.idle) return
  const fault =
    stop.kind === 'failed'
      ? stop.fault
      : { code: 'CANCELLED', message: 'the step was withdrawn', step: idOf(state, place) }
  const kind = stop.kind === 'failed' ? stop.cause : 'cancelled'
  for (const child of childrenOf(state, place)) if (!isShielded(state, child)) closeScope(turn, child, { kind, fault })
  stopStep(turn, place)
}

const isAtRest = (status: number | undefined): boolean =>
  status === Status.passed || status === Status.failed || status === Status.cancelled || status === Status.skipped

/** What became of a step that had attempts. A flow comes to rest after its calls: what it leaves behind is interrupted. */
export function settleStep(turn: Turn, place: Place, outcome: Outcome): void {
  const flow = turn.state.flows.get(place.row)
  if (flow === undefined || flow.open === 0) return comeToRest(turn, place, outcome)
  turn.state.steps.status[place.row] = Status.draining
  noteWaits(turn, place)
  flow.end = outcome
  const cause = causeOfEnd(turn.state, place)
  for (const call of childrenOf(turn.state, place)) closeScope(turn, call, cause)
}

/** Why calls are interrupted that their flow leaves open: the scope around it closes, or the flow has ended by itself. */
function causeOfEnd(state: State, place: Place): Cause {
  const closing = state.scopes.status[place.scope] === ScopeStatus.closing ? state.causes.get(place.scope) : undefined
  const message = 'the flow that made this call has ended'
  return closing ?? { kind: 'cancelled', fault: { code: 'FLOW_ENDED', message, step: idOf(state, place) } }
}

/** Ends a step by its outcome, or by the reason for which it was stopped (E8). */
export function comeToRest(turn: Turn, place: Place, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'succeeded':
      return passStep(turn, place, { kind: 'value', value: outcome.output, path: WHOLE })
    case 'failed':
      return endStopped(turn, place, {
        kind: 'failed',
        fault: { ...outcome.fault, step: outcome.fault.step ?? idOf(turn.state, place) },
      })
    case 'cancelled':
      return endStopped(turn, place, undefined)
    default:
      return unreachable(outcome)
  }
}

/**
 * A step ends without success: by the reason for which it was stopped when there is one, else by `cause`. In a closing
 * scope it just comes to rest. `value`: what a withdrawn step has all the same.
 */
export function endStopped(turn: Turn, place: Place, cause: Cause | undefined, value?: Bound): void {
  const { state } = turn
  if (state.scopes.status[place.scope] !== ScopeStatus.open) {
    if (cause?.kind === 'failed') return failStep(turn, place, cause)
    return cancelStep(turn, place)
  }
  const stop = state.stops.get(place.row)
  if (stop?.kind === 'withdrawn') {
    return state.steps.status[place.row] === Status.lingering
      ? drainStep(turn, place)
      : withdrawStep(turn, place, stop.dependents, value)
  }
  if (stop)
    return failStep(turn, place, {
      kind: 'failed',
      fault: { ...stop.fault, step: stop.fault.step ?? idOf(state, place) },
    })
  if (cause) return failStep(turn, place, cause)
  const fault = { code: 'CANCELLED', message: 'the attempt was cancelled', step: idOf(state, place) }
  return failStep(turn, place, { kind: 'failed', fault })
}

/** The scopes under a step. */
export function childrenOf(state: State, { scope, node }: Place): readonly number[] {
  const found: number[] = []
  for (let child = state.scopes.firstChild[scope]!; child !== NONE; child = state.scopes.next[child]!) {
    if (state.scopes.parentNode[child] === node) found.push(child)
  }
  return found
}

function hasChildren(state: State, { scope, node }: Place): boolean {
  for (let child = state.scopes.firstChild[scope]!; child !== NONE; child = state.scopes.next[child]!) {
    if (state.scopes.parentNode[child] === node) return true
  }
  return false
}
