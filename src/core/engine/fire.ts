/**
 * The token game: firing transitions of one scope's net.
 *
 *   E5. Silent transitions fire at once, in any order with the same result (N2); the agenda makes the order defined.
 */
import { invariant } from '../../util/unreachable.ts'
import { isSilent, type Net } from '../net/net.ts'
import type { Note } from './note.ts'
import type { Command } from './protocol.ts'
import { type MarkColumns, type Place, type State, unitOf } from './state.ts'

/** One application of an event: the state, the commands so far, and what is still to be done before it is over. */
export interface Turn {
  readonly state: State
  /** Of the event: the only time there is. */
  readonly atMs: number
  readonly commands: Command[]
  /** Silent transitions to fire: pairs (scope, transition). */
  readonly agenda: number[]
  /** Closing scopes in which nothing is open any more. */
  readonly exits: number[]
  /** Steps that were stopped between two tries. */
  readonly interrupted: Place[]
  /** What follows from the event, for who asked for it. */
  readonly notes: Note[] | undefined
  /** Transitions of free-form nets that have fired in it. */
  firings: number
}

export const beginTurn = (state: State, atMs: number, notes?: Note[]): Turn => ({
  state,
  atMs,
  commands: [],
  agenda: [],
  exits: [],
  interrupted: [],
  notes,
  firings: 0,
})

/** Moves the tokens of one transition; O(arcs). */
export function fire(turn: Turn, scope: number, transition: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const token = scopes.token[scope]!
  const missing = scopes.missing[scope]!
  for (let arc = net.preStart[transition]!; arc < net.preStart[transition + 1]!; arc++) {
    takeToken(marks, net, { place: net.pre[arc]!, token, missing })
  }
  for (let arc = net.postStart[transition]!; arc < net.postStart[transition + 1]!; arc++)
    putToken(turn, scope, net.post[arc]!)
}

function takeToken(
  marks: MarkColumns,
  net: Net,
  { place, token, missing }: { place: number; token: number; missing: number },
): void {
  const left = marks.tokens[token + place]! - 1
  invariant(left >= 0, 'E5: a transition fires only when its input places are marked')
  marks.tokens[token + place] = left
  if (left > 0) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++)
    marks.missing[missing + net.consumers[arc]!]! += 1
}

/** Puts a token on a place; what it enables goes on the agenda. */
export function putToken(turn: Turn, scope: number, place: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const at = scopes.token[scope]! + place
  const missing = scopes.missing[scope]!
  marks.tokens[at]! += 1
  if (marks.tokens[at] !== 1) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++) {
    const transition = net.consumers[arc]!
    const left = marks.missing[missing + transition]! - 1
    marks.missing[missing + transition] = left
    if (left === 0 && isSilent(net, transition)) turn.agenda.push(scope, transition)
  }
}
