/** What a run waits for that no running attempt will bring. Derived, for people and for shells that would rather not wait. */
import type { StepId } from './protocol.ts'
import { signalOf } from './signals.ts'
import { idOf, NONE, nodeOf, type Place, placeAt, type State, Status, unitOf } from './state.ts'

export type Wait =
  | { readonly kind: 'signal'; readonly step: StepId; readonly signal: string }
  /** A sleep, or the next try of what has failed. */
  | { readonly kind: 'timer'; readonly step: StepId; readonly dueAtMs: number }
  /** No attempt is left: somebody has to ask for another. */
  | { readonly kind: 'parked'; readonly step: StepId }
  /** Locks that other steps of the run hold. */
  | { readonly kind: 'lock'; readonly step: StepId; readonly locks: readonly string[] }

/** Lazily, in no order that means anything: whoever asks for one kind only need not see them all. */
export function* waits(state: State): Iterable<Wait> {
  const root = state.byPath.get('')
  const pending = root === undefined ? [] : [root]
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    const count = unitOf(state, scope).region.nodes.length
    for (let node = 0; node < count; node++) {
      const wait = waitAt(state, placeAt(state, scope, node))
      if (wait) yield wait
    }
    for (let child = state.scopes.firstChild[scope]!; child !== NONE; child = state.scopes.next[child]!)
      pending.push(child)
  }
}

export function waitAt(state: State, place: Place): Wait | undefined {
  const step = (): StepId => idOf(state, place)
  const timer = (dueAtMs: number): Wait => ({ kind: 'timer', step: step(), dueAtMs })
  switch (state.steps.status[place.row]) {
    case Status.waiting: {
      const retryAtMs = state.steps.retryAtMs[place.row]!
      return retryAtMs > 0 ? timer(retryAtMs) : undefined
    }
    case Status.backingOff:
      return timer(state.steps.retryAtMs[place.row]!)
    case Status.sleeping: {
      const signal = signalOf(nodeOf(state, place))
      return signal === undefined
        ? timer(state.timers.get(place.row)?.wakeAtMs ?? 0)
        : { kind: 'signal', step: step(), signal }
    }
    case Status.parked:
      return { kind: 'parked', step: step() }
    case Status.queued: {
      const locks = nodeOf(state, place).policy.locks ?? []
      return locks.length > 0 ? { kind: 'lock', step: step(), locks: locks.map(({ name }) => name) } : undefined
    }
    default:
      return undefined
  }
}
