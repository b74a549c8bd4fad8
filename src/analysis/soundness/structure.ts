/** What the arcs alone say, in time linear in their number: what can never fire, and where tokens can never leave. */
import type { PetriNet } from '../net/petri-net.ts'
import type { Flow } from '../search/firing.ts'

/**
 * Transitions that can never fire, because some input cannot be filled even if no token were ever consumed: they take from
 * a siphon that is empty at the start.
 */
export function neverFed(net: PetriNet, { consumers }: Flow): number[] {
  const transitionCount = net.transitions.length
  const missing = new Uint32Array(transitionCount)
  const isFilled = new Uint8Array(net.places.length)
  const queue: number[] = []
  const fill = (place: number): void => {
    if (isFilled[place] === 1) return
    isFilled[place] = 1
    queue.push(place)
  }
  const fire = (t: number): void => {
    for (let at = net.postStart[t]!; at < net.postStart[t + 1]!; at++) fill(net.post[at]!)
  }
  for (let t = 0; t < transitionCount; t++) {
    missing[t] = net.preStart[t + 1]! - net.preStart[t]!
    if (missing[t] === 0) fire(t)
  }
  for (let place = 0; place < isFilled.length; place++) if (net.initial[place]! > 0) fill(place)
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    for (let at = consumers.start[place]!; at < consumers.start[place + 1]!; at++) {
      const t = consumers.transition[at]!
      if (--missing[t]! === 0) fire(t)
    }
  }
  const dead: number[] = []
  for (let t = 0; t < transitionCount; t++) if (missing[t]! > 0) dead.push(t)
  return dead
}

/**
 * The largest trap that is empty at the end, a 1 for each of its places: whoever takes from it puts into it again, so that
 * once it holds a token it always does, and the end cannot be reached any more.
 */
export function trapBesideEnd(net: PetriNet, { producers }: Flow): Uint8Array {
  const isIn = new Uint8Array(net.places.length)
  const queue: number[] = []
  /** How many outputs of a transition are in the trap. */
  const kept = new Uint32Array(net.transitions.length)
  const leave = (place: number): void => {
    if (isIn[place] === 0) return
    isIn[place] = 0
    queue.push(place)
  }
  const release = (t: number): void => {
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) leave(net.pre[at]!)
  }
  isIn.fill(1)
  for (let t = 0; t < kept.length; t++) kept[t] = net.postStart[t + 1]! - net.postStart[t]!
  for (let place = 0; place < isIn.length; place++) if (net.final[place]! > 0) leave(place)
  for (let t = 0; t < kept.length; t++) if (kept[t] === 0) release(t)
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    for (let at = producers.start[place]!; at < producers.start[place + 1]!; at++) {
      const t = producers.transition[at]!
      if (--kept[t]! === 0) release(t)
    }
  }
  return isIn
}
