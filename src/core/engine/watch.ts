/** Writes the notes of a turn, when somebody asked for them. Called where a step comes to rest and a scope begins or ends. */
import type { Turn } from './fire.ts'
import type { Note } from './note.ts'
import type { Fault } from './protocol.ts'
import { idOf, type Place } from './state.ts'

export const noteWaits = (turn: Turn, place: Place): void =>
  void turn.notes?.push({ kind: 'waits', step: idOf(turn.state, place) })

export function noteRested(
  turn: Turn,
  place: Place,
  how: Extract<Note, { kind: 'rested' }>['how'],
  fault?: Fault,
): void {
  turn.notes?.push({ kind: 'rested', step: idOf(turn.state, place), how, ...(fault ? { fault } : {}) })
}

/** Before its rows are given back. */
export const noteLeft = ({ state, notes }: Turn, scope: number, how: Extract<Note, { kind: 'left' }>['how']): void =>
  void notes?.push({ kind: 'left', scope: state.scopes.path[scope] ?? '', how })
