/** What is left of a net that was being reduced, as a net of its own. */
import type { PetriNet } from '../net/petri-net.ts'
import type { Reducer } from './reducer.ts'
import { NONE, type Side, type WorkNet } from './work-net.ts'

export interface Residue {
  readonly net: PetriNet
  /** By place: which of the original it is. */
  readonly places: Uint32Array
  /** By transition: one of the original that it stands for. */
  readonly transitions: Uint32Array
  /** By transition: which of the net that was being reduced it is. */
  readonly alive: readonly number[]
}

export function residueOf(original: PetriNet, { net, originOf }: Reducer): Residue {
  const alivePlaces = numbersOf(net.placeAlive, net.placeCount)
  const alive = numbersOf(net.transitionAlive, net.transitionCount)
  const newPlace = new Int32Array(net.placeCount).fill(NONE)
  alivePlaces.forEach((place, index) => {
    newPlace[place] = index
  })
  const pre = rowsOf(net, net.pre, alive, newPlace)
  const post = rowsOf(net, net.post, alive, newPlace)
  const transitions = Uint32Array.from(alive, transition => originOf[transition]!)
  return {
    net: {
      name: original.name,
      places: alivePlaces.map(place => original.places[place]!),
      transitions: Array.from(transitions, transition => original.transitions[transition]!),
      preStart: pre.start,
      pre: pre.entries,
      preWeight: pre.weights,
      postStart: post.start,
      post: post.entries,
      postWeight: post.weights,
      initial: Uint32Array.from(alivePlaces, place => net.tokens[place]!),
      final: Uint32Array.from(alivePlaces, place => net.goal[place]!),
    },
    places: Uint32Array.from(alivePlaces),
    transitions,
    alive,
  }
}

function numbersOf(alive: Uint8Array, count: number): number[] {
  const numbers: number[] = []
  for (let node = 0; node < count; node++) if (alive[node] === 1) numbers.push(node)
  return numbers
}

interface Rows {
  readonly start: Uint32Array
  readonly entries: Uint32Array
  readonly weights: Uint32Array
}

function rowsOf(net: WorkNet, side: Side, alive: readonly number[], newPlace: Int32Array): Rows {
  const start = new Uint32Array(alive.length + 1)
  alive.forEach((transition, index) => {
    start[index + 1] = start[index]! + side.transitionDegree[transition]!
  })
  const entries = new Uint32Array(start[alive.length]!)
  const weights = new Uint32Array(start[alive.length]!)
  alive.forEach((transition, index) => {
    let at = start[index]!
    for (const { place, weight } of rowOf(net, side, transition, newPlace)) {
      entries[at] = place
      weights[at++] = weight
    }
  })
  return { start, entries, weights }
}

/** Places ascend in each row. */
function rowOf(
  net: WorkNet,
  side: Side,
  transition: number,
  newPlace: Int32Array,
): { readonly place: number; readonly weight: number }[] {
  const row = []
  for (let arc = side.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
    row.push({ place: newPlace[net.arcPlace[arc]!]!, weight: net.arcWeight[arc]! })
  return row.sort((left, right) => left.place - right.place)
}
