/**
 * Signals: what is kept until somebody waits for it, and who waits.
 *
 *   E10. A signal is taken once: by who has waited longest, or, when it came early and is kept, by the first who asks.
 */
import { type Node, regionsOf } from '../graph/graph.ts'
import type { Turn } from './fire.ts'
import type { Program } from './program.ts'
import type { Bound } from './protocol.ts'
import { idOf, nodeOf, type Place, type SignalState, type State } from './state.ts'
import { noteWaits } from './watch.ts'

/** The signal that a step takes: a wait, or an each that may be added to. */
export function signalOf(node: Node): string | undefined {
  if (node.kind === 'wait' && node.on.kind === 'signal') return node.on.signal
  return node.kind === 'each' ? node.more?.signal : undefined
}

function signalState(state: State, name: string): SignalState {
  const known = state.signals.get(name)
  if (known) return known
  const made = { kept: [], waiting: new Map() }
  state.signals.set(name, made)
  return made
}

/** A step begins to wait. What was kept is proposed to it. */
export function waitForSignal(turn: Turn, place: Place, name: string): void {
  const { state } = turn
  const signal = signalState(state, name)
  signal.waiting.set(place.row, place)
  noteWaits(turn, place)
  turn.commands.push({ kind: 'awaitSignal', step: idOf(state, place), signal: name })
  if (signal.kept.length > 0) turn.commands.push({ kind: 'proposeGrant', step: idOf(state, place) })
}

/** Forgets that a step waits. */
export function stopWaiting(state: State, place: Place): void {
  const name = signalOf(nodeOf(state, place))
  const signal = name === undefined ? undefined : state.signals.get(name)
  if (name === undefined || !signal) return
  signal.waiting.delete(place.row)
  if (signal.waiting.size === 0 && signal.kept.length === 0) state.signals.delete(name)
}

/** Who would take this signal now. */
export const waiterFor = (state: State, name: string): Place | undefined =>
  state.signals.get(name)?.waiting.values().next().value

/** Whether the step would still take the signal. */
export const isTaking = (state: State, place: Place, name: string): boolean =>
  state.signals.get(name)?.waiting.has(place.row) ?? false

export const hasKept = (state: State, name: string): boolean => (state.signals.get(name)?.kept.length ?? 0) > 0

export const keptSignal = (state: State, name: string): Bound | undefined => state.signals.get(name)?.kept[0]

export const keepSignal = (state: State, name: string, value: Bound): void =>
  void signalState(state, name).kept.push(value)

/** A kept signal is taken; the next one is proposed to who waits longest. */
export function takeKept(turn: Turn, name: string): void {
  const signal = turn.state.signals.get(name)
  if (!signal) return
  signal.kept.shift()
  const [next] = signal.waiting.values()
  if (signal.kept.length > 0 && next) turn.commands.push({ kind: 'proposeGrant', step: idOf(turn.state, next) })
  if (signal.waiting.size === 0 && signal.kept.length === 0) turn.state.signals.delete(name)
}

/** What a program does with a signal that nobody waits for. `unknown`: no step of that name is anywhere. */
export function earlyOf(program: Program, name: string): 'kept' | 'transient' | 'unknown' {
  let found: 'kept' | 'transient' | 'unknown' = 'unknown'
  const pending = [program.graph.root, ...program.library.values()]
  for (let region = pending.pop(); region; region = pending.pop()) {
    for (const node of region.nodes) {
      // A flow's waits are not known before they are there.
      if (node.kind === 'flow') return 'kept'
      if (signalOf(node) === name) {
        if (node.kind !== 'wait' || node.on.kind !== 'signal' || node.on.early === 'kept') return 'kept'
        found = 'transient'
      }
      for (const [, nested] of regionsOf(node)) pending.push(nested)
    }
  }
  return found
}
