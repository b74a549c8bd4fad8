/**
 * A loop: one scope a turn, in the same rows, so that a million turns take the memory of one.
 *
 *     while:  evaluating --again--> body --its result--> evaluating --done--> passed
 *     until:  body --its result--> evaluating --again--> body …
 */
import { invariant } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { bind } from './bind.ts'
import type { Turn } from './fire.ts'
import type { Bound } from './protocol.ts'
import { enterRegion } from './scopes.ts'
import { endStopped, failStep, passStep } from './settle.ts'
import { idOf, type LoopState, type Place, ScopeStatus, Status } from './state.ts'

/** Turns of a loop that says no limit of its own: enough for work, too few for an accident to fill a disk. */
const LOOP_TURNS_MAX = 100_000

type LoopNode = Extract<Node, { kind: 'loop' }>

export function openLoop(turn: Turn, place: Place, node: LoopNode): void {
  const { state } = turn
  const loop: LoopState = { kind: 'loop', turn: 0, state: bind(state, place.scope, node.init) }
  state.groups.set(place.row, loop)
  if (node.test === 'while') askAgain(turn, place)
  else enterTurn(turn, place, loop)
}

function askAgain({ state, commands }: Turn, place: Place): void {
  state.steps.status[place.row] = Status.evaluating
  commands.push({ kind: 'evaluateBranch', step: idOf(state, place) })
}

function enterTurn(turn: Turn, place: Place, loop: LoopState): void {
  turn.state.steps.status[place.row] = Status.spawned
  enterRegion(turn, place, 'body', { kind: 'key', key: String(loop.turn) })
}

/** The condition was evaluated, with the state that it was about. */
export function chooseTurn(
  turn: Turn,
  place: Place,
  node: LoopNode,
  { branch, value }: { readonly branch: string; readonly value?: Bound },
): void {
  const loop = mustLoop(turn, place)
  if (value) loop.state = value
  if (branch !== 'again') return passStep(turn, place, loop.state)
  const limit = node.limit ?? LOOP_TURNS_MAX
  if (limit === 0 || loop.turn < limit) return enterTurn(turn, place, loop)
  const message = `${node.name} has made ${limit} turns, which is its limit`
  failStep(turn, place, {
    kind: 'failed',
    fault: { code: 'LOOP_LIMIT', message, step: idOf(turn.state, place) },
  })
}

export function endTurn(turn: Turn, place: Place, result: Bound): void {
  const { state } = turn
  const loop = mustLoop(turn, place)
  loop.state = result
  loop.turn += 1
  if (state.scopes.status[place.scope] !== ScopeStatus.open || state.stops.has(place.row))
    return endStopped(turn, place, undefined)
  askAgain(turn, place)
}

function mustLoop({ state }: Turn, place: Place): LoopState {
  const group = state.groups.get(place.row)
  invariant(group?.kind === 'loop', 'E1: a turn belongs to a loop')
  return group
}
