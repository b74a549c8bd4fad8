/**
 * A step opens: all that it depends on is there. What it then does depends on its kind; what must be granted first waits.
 *
 *   E4. A step opens when all that it depends on has passed or is known never to come, so every value that it uses is there.
 */
import { unreachable } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { openAttempt } from './attempt.ts'
import { UNDEFINED } from './bind.ts'
import type { Turn } from './fire.ts'
import { openNet } from './free-net.ts'
import { hasLocks, queueForLocks } from './locks.ts'
import { openLoop } from './loop.ts'
import { armLabels, enterArms } from './many.ts'
import { nestedUnit, nodeAt } from './program.ts'
import { enterRegion } from './scopes.ts'
import { endStopped, failStep, passStep, stopAlone } from './settle.ts'
import { waitForSignal } from './signals.ts'
import { idOf, NONE, type Place, placeAt, type State, Status, unitOf } from './state.ts'
import { armDeadline, openTimer } from './timers.ts'
import { noteWaits } from './watch.ts'

/** A workflow may call itself so deep: far beyond any use, well before memory ends. */
const RECURSION_MAX = 1_000

export function openStep(turn: Turn, place: Place): void {
  const { state } = turn
  const unit = unitOf(state, place.scope)
  const node = nodeAt(unit, place.node)
  state.scopes.live[place.scope]! += 1
  if (state.stops.size > 0 && state.stops.has(place.row)) {
    endStopped(turn, place, undefined)
    return passGated(turn, place)
  }
  if (unit.isPlain[place.node] === 1) return beginStep(turn, place, node)
  armDeadline(turn, place, node)
  if (!mustBeGranted(state, place, node)) return beginStep(turn, place, node)
  state.steps.status[place.row] = Status.queued
  noteWaits(turn, place)
  if (hasLocks(state, place)) return queueForLocks(turn, place)
  if (node.kind === 'scope' && hasBegun(state, place, node.until)) return passOver(turn, place)
  turn.commands.push({ kind: 'proposeGrant', step: idOf(state, place) })
}

const mustBeGranted = (state: State, place: Place, node: Node): boolean =>
  node.kind === 'cancel' || (node.kind === 'scope' && node.until !== undefined) || hasLocks(state, place)

/** Whether the sibling that ends a milestone has begun: an attempt of it, or the step itself where it has none. */
function hasBegun(state: State, { scope }: Place, sibling: string | undefined): boolean {
  const node = sibling === undefined ? undefined : unitOf(state, scope).nodeIndex.get(sibling)
  if (node === undefined) return false
  const place = placeAt(state, scope, node)
  const status = state.steps.status[place.row]
  if (status === Status.idle || status === Status.queued) return false
  return status !== Status.waiting || state.steps.attempt[place.row]! > 0
}

/** A step has begun: milestones that end with it are passed over, and left again when nothing in them has begun. */
export function skipGated(turn: Turn, place: Place): void {
  const { state } = turn
  const unit = unitOf(state, place.scope)
  if (unit.gated.length === 0 || !hasBegun(state, place, unit.region.nodes[place.node]?.id)) return
  for (const index of unit.gated) {
    const node = unit.region.nodes[index]
    const gated = placeAt(state, place.scope, index)
    if (node?.kind !== 'scope' || node.until !== unit.region.nodes[place.node]?.id) continue
    if (state.steps.status[gated.row] === Status.queued) passOver(turn, gated)
    else if (state.unbegun.has(gated.row) && !state.stops.has(gated.row))
      stopAlone(turn, gated, { kind: 'withdrawn', dependents: 'run' })
  }
}

/** A step will never begin: milestones that would end with it are past as well, whether they opened before or after it. */
export function passGated(turn: Turn, place: Place): void {
  const { state } = turn
  const { gated, region } = unitOf(state, place.scope)
  for (const index of gated) {
    const node = region.nodes[index]
    const milestone = placeAt(state, place.scope, index)
    if (node?.kind === 'scope' && node.until === region.nodes[place.node]?.id && canPass(state, milestone))
      passOver(turn, milestone)
  }
}

/** A milestone whose time is over; those that would end with it are past as well. */
function passOver(turn: Turn, milestone: Place): void {
  passStep(turn, milestone, UNDEFINED)
  passGated(turn, milestone)
}

/** Who waits for a lock as well is looked at when he gets it. */
const canPass = (state: State, place: Place): boolean =>
  state.steps.status[place.row] === Status.queued && !hasLocks(state, place)

/** What it waited for has been granted; a milestone that has ended meanwhile is passed over. */
export function enterGate(turn: Turn, place: Place, node: Node): void {
  if (node.kind === 'scope' && hasBegun(turn.state, place, node.until)) return passOver(turn, place)
  beginStep(turn, place, node)
}

function beginStep(turn: Turn, place: Place, node: Node): void {
  act(turn, place, node)
  if (unitOf(turn.state, place.scope).gated.length > 0) skipGated(turn, place)
}

function act(turn: Turn, place: Place, node: Node): void {
  const { state } = turn
  const status = (value: number): void => void (state.steps.status[place.row] = value)
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'service':
      status(Status.waiting)
      turn.commands.push({ kind: 'startAttempt', step: idOf(state, place), notBeforeMs: 0 })
      return
    case 'when':
    case 'match':
    case 'any':
      status(Status.evaluating)
      turn.commands.push({ kind: 'evaluateBranch', step: idOf(state, place) })
      return
    case 'each':
      status(Status.evaluating)
      turn.commands.push({ kind: 'evaluateItems', step: idOf(state, place) })
      return
    case 'call':
      status(Status.spawned)
      return enterCall(turn, place, node)
    case 'race':
    case 'some':
      return enterArms(turn, place, armLabels(node))
    case 'loop':
      return openLoop(turn, place, node)
    case 'attempt':
      return openAttempt(turn, place)
    case 'scope':
      status(Status.spawned)
      enterRegion(turn, place, 'body', { kind: 'branch', label: 'body' })
      if (node.join === 'detached') passStep(turn, place, UNDEFINED)
      else if (node.until !== undefined) state.unbegun.add(place.row)
      return
    case 'wait':
      if (node.on.kind !== 'signal') return openTimer(turn, place)
      status(Status.sleeping)
      return waitForSignal(turn, place, node.on.signal)
    case 'cancel':
      withdrawTarget(turn, place, node)
      return passStep(turn, place, UNDEFINED)
    case 'net':
      return openNet(turn, place, node)
    default:
      return unreachable(node)
  }
}

function enterCall(turn: Turn, place: Place, node: Extract<Node, { kind: 'call' }>): void {
  if (node.recurs !== undefined && depthOf(turn.state, place) >= RECURSION_MAX) {
    const message = `${node.workflow} has called itself ${RECURSION_MAX} levels deep`
    return failStep(turn, place, {
      kind: 'failed',
      fault: { code: 'RECURSION_TOO_DEEP', message, step: idOf(turn.state, place) },
    })
  }
  enterRegion(turn, place, 'body', { kind: 'call' })
}

/** How many scopes around this one are of the unit that the call would enter. */
function depthOf(state: State, place: Place): number {
  const unit = nestedUnit(state.program, unitOf(state, place.scope), place.node, 'body').index
  let depth = 0
  for (let scope = place.scope; scope !== NONE; scope = state.scopes.parent[scope]!)
    if (state.scopes.unit[scope] === unit) depth += 1
  return depth
}

function withdrawTarget(turn: Turn, place: Place, node: Extract<Node, { kind: 'cancel' }>): void {
  const { state } = turn
  let { scope } = place
  for (let i = 0; i < node.target.up; i++) scope = state.scopes.parent[scope]!
  const index = unitOf(state, scope).nodeIndex.get(node.target.node)
  if (index === undefined) throw new Error(`defect: E1: the target of ${node.id} is there`)
  stopAlone(turn, placeAt(state, scope, index), { kind: 'withdrawn', dependents: node.dependents })
}
