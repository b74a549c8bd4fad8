/** What a property makes of a net: markings that must not be, and such that must not last. */
import { fireIn, isEnabled, type PetriNet } from '../net/petri-net.ts'

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
