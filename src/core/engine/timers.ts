/**
 * Instants that the engine waits for. It has no clock: the shell reports that an instant has come, and the input's own
 * instant decides whether that is true.
 *
 *   E15. What is due is part of the state, so a recovered run waits only the rest.
 */
import type { Node } from '../graph/graph.ts'
import { bind } from './bind.ts'
import type { Turn } from './fire.ts'
import type { Timer } from './protocol.ts'
import { idOf, nodeOf, type Place, type State, Status, type Timers } from './state.ts'
import { noteWaits } from './watch.ts'

function timersOf(state: State, row: number): Timers {
  const known = state.timers.get(row)
  if (known) return known
  const made = { wakeAtMs: 0, deadlineAtMs: 0 }
  state.timers.set(row, made)
  return made
}

const arm = (turn: Turn, place: Place, timer: Timer, atMs: number): void =>
  void turn.commands.push({ kind: 'armTimer', step: idOf(turn.state, place), timer, atMs })

export function armDeadline(turn: Turn, place: Place, { kind, policy }: Node): void {
  const { deadlineMs, timeoutMs } = policy
  // A wait has no attempts: its timeout is that of the step.
  const ms = deadlineMs ?? (kind === 'wait' ? timeoutMs : undefined)
  if (ms === undefined) return
  const atMs = turn.atMs + ms
  timersOf(turn.state, place.row).deadlineAtMs = atMs
  arm(turn, place, 'deadline', atMs)
}

/** A wait for time begins; what its instant hangs on may have to be evaluated first. */
export function openTimer(turn: Turn, place: Place): void {
  const { state } = turn
  const node = nodeOf(state, place)
  if (node.kind !== 'wait' || node.on.kind !== 'timer') return askTimer(turn, place)
  const duration = bind(state, place.scope, node.on.duration)
  if (duration.kind === 'literal' && isDelay(duration.value)) setTimer(turn, place, turn.atMs + duration.value)
  else askTimer(turn, place)
}

const isDelay = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

function askTimer(turn: Turn, place: Place): void {
  turn.state.steps.status[place.row] = Status.evaluating
  turn.commands.push({ kind: 'evaluateTimer', step: idOf(turn.state, place) })
}

export function setTimer(turn: Turn, place: Place, atMs: number): void {
  // 0 is a timer that is not armed; the first instant of 1970 has passed as well at the second.
  const dueAtMs = Math.max(1, atMs)
  turn.state.steps.status[place.row] = Status.sleeping
  timersOf(turn.state, place.row).wakeAtMs = dueAtMs
  noteWaits(turn, place)
  arm(turn, place, 'wake', dueAtMs)
}

export function armRetry(turn: Turn, place: Place, atMs: number): void {
  turn.state.steps.retryAtMs[place.row] = atMs
  arm(turn, place, 'retry', atMs)
}

/** When a timer of a step is due; undefined when it is not armed. */
export function dueAtMs(state: State, place: Place, timer: Timer): number | undefined {
  const status = state.steps.status[place.row]
  const timers = state.timers.get(place.row)
  switch (timer) {
    case 'wake':
      return status === Status.sleeping && timers && timers.wakeAtMs > 0 ? timers.wakeAtMs : undefined
    case 'deadline':
      return timers && timers.deadlineAtMs > 0 && !state.stops.has(place.row) ? timers.deadlineAtMs : undefined
    case 'retry':
      return status === Status.backingOff ? state.steps.retryAtMs[place.row] : undefined
  }
}
