/** Plays the nets until nothing is left to do: what fires opens steps, what ends leaves scopes. Called by ./apply.ts only. */
import { invariant } from '../../util/unreachable.ts'
import { END, ROLES } from '../net/net.ts'
import { endPart, exitPart, stopBackingOff } from './attempt.ts'
import { bind, UNDEFINED } from './bind.ts'
import { fire, type Turn } from './fire.ts'
import { endFiring, exitFiring } from './free-net.ts'
import { endTurn } from './loop.ts'
import { endOne, exitOne } from './many.ts'
import { openStep, passGated } from './open.ts'
import type { Answer, Bound, Fault, RunStatus } from './protocol.ts'
import { leaveScope, type Left } from './scopes.ts'
import { comeToRest, drainStep, endStopped, passStep } from './settle.ts'
import { type Cause, idOf, NONE, nodeOf, type Place, placeAt, ScopeStatus, Status, UNDO, unitOf } from './state.ts'
import { handUndosUp, leaveUndo, undoNext } from './undo.ts'
import { noteLeft, noteRested } from './watch.ts'

/**
 * Leaves and fires until there is nothing left to do. Iterative: the depth of the graph costs no stack. A row on either
 * list may have been given to another scope meanwhile, so each entry is looked at again before it is followed.
 */
export function settleTurn(turn: Turn): void {
  const { agenda, exits, interrupted } = turn
  for (let next = 0; ; ) {
    for (let place = interrupted.pop(); place; place = interrupted.pop()) stopBackingOff(turn, place)
    const leaving = exits.pop()
    if (leaving !== undefined) leaveByExit(turn, leaving)
    else if (next < agenda.length) {
      fireSilent(turn, agenda[next]!, agenda[next + 1]!)
      next += 2
    } else break
  }
  agenda.length = 0
}

function fireSilent(turn: Turn, scope: number, transition: number): void {
  const { scopes, marks } = turn.state
  if (scopes.status[scope] !== ScopeStatus.open || marks.missing[scopes.missing[scope]! + transition] !== 0) return
  const { net } = unitOf(turn.state, scope)
  const role = ROLES[net.roles[transition]!]!
  switch (role) {
    case 'begin':
    case 'join':
      return fire(turn, scope, transition)
    case 'open':
      fire(turn, scope, transition)
      return openStep(turn, placeAt(turn.state, scope, net.owners[transition]!))
    case 'skip':
      fire(turn, scope, transition)
      return skipStep(turn, placeAt(turn.state, scope, net.owners[transition]!))
    case 'end':
      fire(turn, scope, transition)
      return leaveByEnd(turn, scope)
    case 'end-void':
      return endVoid(turn, scope, transition)
    case 'pass':
    case 'fail':
    case 'void':
    case 'drain':
    case 'spill':
    case 'end-failed':
      throw new Error(`defect: N2: ${role} is not silent`)
  }
}

function skipStep(turn: Turn, place: Place): void {
  const { steps } = turn.state
  steps.status[place.row] = Status.skipped
  steps.output[place.row] = UNDEFINED
  noteRested(turn, place, 'skipped')
  passGated(turn, place)
}

/** Everything has ended, and something did not come: it was withdrawn, or it failed, which is told only now. */
function endVoid(turn: Turn, scope: number, transition: number): void {
  if (!turn.state.causes.has(scope)) {
    fire(turn, scope, transition)
    return leaveByEnd(turn, scope)
  }
  // `end-failed` stands beside `end-void`.
  fire(turn, scope, transition + 1)
  turn.state.scopes.status[scope] = ScopeStatus.closing
  turn.exits.push(scope)
}

/** E6: a closing scope in which nothing is open is left by `x`, when what it did has been undone (E11). */
function leaveByExit(turn: Turn, scope: number): void {
  const { state } = turn
  if (state.scopes.status[scope] !== ScopeStatus.closing || state.scopes.live[scope] !== 0) return
  const before = state.causes.get(scope)
  invariant(before !== undefined, 'E6: a closing scope has a cause')
  if (undoNext(turn, scope, before)) return
  noteLeft(turn, scope, 'exited')
  const left = leaveScope(state, scope)
  exited(turn, left, before)
}

function exited(turn: Turn, left: Left, cause: Cause): void {
  const { state } = turn
  const { parent, parentNode } = left
  if (parent === NONE) return endRun(turn, cause.kind, undefined, cause.fault)
  if (parentNode === UNDO) return leaveUndo(turn, parent, cause)
  const place = placeAt(state, parent, parentNode)
  const node = nodeOf(state, place)
  switch (node.kind) {
    case 'flow':
      return answerFlow(
        turn,
        place,
        left.path,
        cause.kind === 'failed' ? { kind: 'failed', fault: cause.fault } : { kind: 'cancelled' },
      )
    case 'each':
    case 'any':
    case 'race':
    case 'some':
      return exitOne(turn, place, cause)
    case 'attempt':
      return exitPart(turn, place, cause)
    case 'net':
      return exitFiring(turn, place, left, cause)
    default:
      return exitOnly(turn, place, cause)
  }
}

/** The step's only scope has left: the step ends as its scope did, or as it was told to. */
function exitOnly(turn: Turn, place: Place, cause: Cause): void {
  const { state } = turn
  if (state.scopes.status[place.scope] === ScopeStatus.open || state.steps.status[place.row] !== Status.lingering)
    return state.scopes.status[place.scope] === ScopeStatus.open
      ? endStopped(turn, place, cause)
      : endStopped(turn, place, undefined)
  drainStep(turn, place)
}

function leaveByEnd(turn: Turn, scope: number): void {
  const { state } = turn
  const { scopes, marks } = state
  invariant(
    scopes.live[scope] === 0 && marks.tokens[scopes.token[scope]! + END] === 1,
    'N3: a scope that ends holds one token',
  )
  const result = bind(state, scope, unitOf(state, scope).region.result)
  handUndosUp(state, scope)
  noteLeft(turn, scope, 'ended')
  const left = leaveScope(state, scope)
  if (left.parent === NONE) return endRun(turn, 'succeeded', result, undefined)
  if (left.parentNode === UNDO) return leaveUndo(turn, left.parent, undefined)
  ended(turn, left, result)
}

function ended(turn: Turn, left: Left, result: Bound): void {
  const { state } = turn
  const place = placeAt(state, left.parent, left.parentNode)
  const node = nodeOf(state, place)
  switch (node.kind) {
    case 'flow':
      return answerFlow(turn, place, left.path, { kind: 'succeeded', result })
    case 'each':
    case 'any':
    case 'race':
    case 'some':
      return endOne(turn, place, left, result)
    case 'attempt':
      return endPart(turn, place, result)
    case 'loop':
      return endTurn(turn, place, result)
    case 'net':
      return endFiring(turn, place, node, left, result)
    default:
      return state.steps.status[place.row] === Status.lingering ? drainStep(turn, place) : passStep(turn, place, result)
  }
}

function answerFlow(turn: Turn, place: Place, path: string, answer: Answer): void {
  const { state } = turn
  const flow = state.flows.get(place.row)
  const record = flow?.calls.get(path)
  invariant(flow !== undefined && record !== undefined, 'E1: an answer belongs to a call of a flow')
  record.answer = answer
  record.order = flow.answers++
  flow.open -= 1
  if (flow.end === undefined)
    turn.commands.push({ kind: 'answerCall', flow: idOf(state, place), key: record.call.key, answer })
  else if (flow.open === 0) comeToRest(turn, place, flow.end)
}

function endRun(turn: Turn, status: RunStatus, result: Bound | undefined, fault: Fault | undefined): void {
  turn.state.phase = { kind: 'ending', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) }
  turn.commands.push({ kind: 'evaluateResult', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) })
}
