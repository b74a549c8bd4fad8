/**
 * A net that a monitor watches, as one net: a place for each state of the monitor, and each transition that it reads once for
 * each state, moving the token there. So whatever decides reachability of a net decides properties, too.
 *
 *   P1. A trace of the product is, copies taken for what they are copies of, a trace of the net, and each trace of the net that
 *       does not go on after the monitor has gone wrong is one of the product.
 */
import { type Arc, buildNet, type PetriNet } from '../net/petri-net.ts'
import type { Monitor } from './monitor.ts'

export interface Product {
  readonly net: PetriNet
  /** The place of each state of the monitor. */
  readonly stateAt: number
  /** What each transition is a copy of. */
  readonly originals: Uint32Array
}

/** `lettersOf`: what each transition of the net is for the monitor. */
export function productOf(net: PetriNet, monitor: Monitor, lettersOf: Uint8Array): Product {
  const stateAt = net.places.length
  const inputs: Arc[] = []
  const outputs: Arc[] = []
  const names: string[] = []
  const originals: number[] = []

  const add = (original: number, suffix = ''): number => {
    const transition = originals.push(original) - 1
    names.push(net.transitions[original] + suffix)
    for (let at = net.preStart[original]!; at < net.preStart[original + 1]!; at++)
      inputs.push({ place: net.pre[at]!, transition, weight: net.preWeight[at]! })
    for (let at = net.postStart[original]!; at < net.postStart[original + 1]!; at++)
      outputs.push({ place: net.post[at]!, transition, weight: net.postWeight[at]! })
    return transition
  }

  for (let original = 0; original < net.transitions.length; original++) {
    const letters = lettersOf[original]! & monitor.letters
    if (letters === 0) {
      add(original)
      continue
    }
    for (const [state, name] of monitor.states.entries()) {
      if (state === monitor.wrong) continue
      const transition = add(original, ` (${name})`)
      inputs.push({ place: stateAt + state, transition, weight: 1 })
      outputs.push({ place: stateAt + monitor.next(state, letters), transition, weight: 1 })
    }
  }
  const initial = new Map([...net.initial.entries()].filter(([, tokens]) => tokens > 0))
  initial.set(stateAt, 1)
  return {
    net: buildNet({
      name: net.name,
      places: [...net.places, ...monitor.states.map(state => `monitor: ${state}`)],
      transitions: names,
      inputs,
      outputs,
      initial,
      final: new Map([...net.final.entries()].filter(([, tokens]) => tokens > 0)),
    }),
    stateAt,
    originals: Uint32Array.from(originals),
  }
}
