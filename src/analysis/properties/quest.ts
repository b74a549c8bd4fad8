/** What a property makes of a net: markings that must not be, and such that must not last. */
import { fireIn, isEnabled, type PetriNet } from '../net/petri-net.ts'
import { flowOf } from '../search/firing.ts'

/** What is looked for in a net. Markings are dense and valid until the answer. */
export interface Quest {
  readonly net: PetriNet
  /** There it has gone wrong. */
  isWrong(marking: Uint32Array): boolean
  /** A run that stays in such markings for ever is wrong. */
  isOwing?(marking: Uint32Array): boolean
  /** Places that the two look at. */
  readonly places: readonly number[]
  /** Transitions that lead away from what is looked for. */
  readonly avoid: Uint8Array
  /** Transitions that come before all others as soon as they are enabled. */
  readonly silent: Uint8Array
}

/** Fires what of a trace can be fired, silent transitions before each of its events, up to where it goes wrong. */
export function wrongPartOf({ net, isWrong, silent }: Quest, trace: readonly number[]): readonly number[] | undefined {
  const marking = net.initial.slice()
  const fired: number[] = []
  const { consumers } = flowOf(net)
  const pending: number[] = [...net.transitions.keys()].filter(transition => silent[transition] === 1)
  const fire = (transition: number): boolean => {
    fireIn(net, marking, transition)
    fired.push(transition)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++) {
      const place = net.post[at]!
      for (let next = consumers.start[place]!; next < consumers.start[place + 1]!; next++)
        if (silent[consumers.transition[next]!] === 1) pending.push(consumers.transition[next]!)
    }
    return isWrong(marking)
  }
  const settle = (): boolean => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop())
      if (isEnabled(net, marking, next) && fire(next)) return true
    return false
  }
  if (isWrong(marking) || settle()) return fired
  for (const transition of trace) {
    if (silent[transition] === 1 || !isEnabled(net, marking, transition)) continue
    if (fire(transition) || settle()) return fired
  }
  return undefined
}

/** The marking after a trace; undefined where it cannot be fired. */
export function firedFrom(net: PetriNet, trace: readonly number[]): Uint32Array | undefined {
  const marking = net.initial.slice()
  for (const transition of trace) {
    if (!isEnabled(net, marking, transition)) return undefined
    fireIn(net, marking, transition)
  }
  return marking
}
