/**
 * A net made ready for being played from many markings: who consumes from a place, what a transition changes, and a current
 * marking that is kept dense (to ask) and sparse (to store). What a step costs depends on the tokens and arcs that are
 * there, not on the size of the net.
 */
import type { PetriNet } from '../net/petri-net.ts'
import { GrowingUint32 } from './growing.ts'
import type { StateTable } from './state-table.ts'

/** Transitions by place, in compressed rows. */
export interface PlaceRows {
  readonly start: Uint32Array
  readonly transition: Uint32Array
  readonly weight: Uint32Array
}

export interface Flow {
  /** Who consumes from a place, and how much. */
  readonly consumers: PlaceRows
  /** Who puts into it. */
  readonly producers: PlaceRows
}

export const flowOf = (net: PetriNet): Flow => ({
  consumers: byPlace(net.places.length, net.preStart, net.pre, net.preWeight),
  producers: byPlace(net.places.length, net.postStart, net.post, net.postWeight),
})

function byPlace(placeCount: number, rowStart: Uint32Array, entries: Uint32Array, weights: Uint32Array): PlaceRows {
  const start = new Uint32Array(placeCount + 1)
  for (const place of entries) start[place + 1]! += 1
  for (let place = 0; place < placeCount; place++) start[place + 1]! += start[place]!
  const next = start.slice(0, placeCount)
  const transition = new Uint32Array(entries.length)
  const weight = new Uint32Array(entries.length)
  for (let row = 0; row + 1 < rowStart.length; row++) {
    for (let at = rowStart[row]!; at < rowStart[row + 1]!; at++) {
      const slot = next[entries[at]!]!++
      transition[slot] = row
      weight[slot] = weights[at]!
    }
  }
  return { start, transition, weight }
}

/** What firing changes: places in ascending order, without those that keep what they have. */
interface Changes {
  readonly start: Uint32Array
  readonly place: Uint32Array
  readonly by: Float64Array
}

function changesOf(net: PetriNet): Changes {
  const count = net.transitions.length
  const start = new Uint32Array(count + 1)
  const place = new Uint32Array(net.pre.length + net.post.length)
  const by = new Float64Array(place.length)
  let length = 0
  for (let t = 0; t < count; t++) {
    let pre = net.preStart[t]!
    let post = net.postStart[t]!
    const preEnd = net.preStart[t + 1]!
    const postEnd = net.postStart[t + 1]!
    while (pre < preEnd || post < postEnd) {
      const prePlace = pre < preEnd ? net.pre[pre]! : Number.POSITIVE_INFINITY
      const postPlace = post < postEnd ? net.post[post]! : Number.POSITIVE_INFINITY
      let change = 0
      if (prePlace <= postPlace) change -= net.preWeight[pre++]!
      if (postPlace <= prePlace) change += net.postWeight[post++]!
      if (change === 0) continue
      place[length] = Math.min(prePlace, postPlace)
      by[length++] = change
    }
    start[t + 1] = length
  }
  return { start, place: place.slice(0, length), by: by.slice(0, length) }
}

/** Most tokens that a place may hold: markings are handed out as 32-bit numbers. */
const TOKENS_MAX = 2 ** 32 - 1

/** Instead of a state: a place would hold more tokens than can be counted. */
export const OVERFLOW = -1

/** What looking at a state costs whatever it holds. */
const EFFORT_A_STATE = 20

/** Plays a net: one current marking, its enabled transitions, and its successors. A resource of one search. */
export class Player {
  readonly net: PetriNet
  readonly flow: Flow
  readonly #changes: Changes
  /** The current marking: dense, and its marked places in ascending order. */
  readonly tokens: Uint32Array
  readonly marked: Uint32Array
  readonly markedTokens: Float64Array
  markedCount = 0
  /** Tokens and arcs touched so far, here and by whoever chooses among the enabled: what a search measures its slices by. */
  effort = 0
  readonly #nextMarked: Uint32Array
  readonly #nextTokens: Float64Array
  /** How many inputs of a transition are filled in the current marking. */
  readonly #filled: Uint32Array
  readonly #touched = new GrowingUint32()
  readonly #always: readonly number[]
  readonly #enabled: number[] = []

  constructor(net: PetriNet, flow: Flow = flowOf(net)) {
    const placeCount = net.places.length
    this.net = net
    this.flow = flow
    this.#changes = changesOf(net)
    this.tokens = new Uint32Array(placeCount)
    this.marked = new Uint32Array(placeCount)
    this.markedTokens = new Float64Array(placeCount)
    this.#nextMarked = new Uint32Array(placeCount)
    this.#nextTokens = new Float64Array(placeCount)
    this.#filled = new Uint32Array(net.transitions.length)
    this.#always = net.transitions.flatMap((_, t) => (net.preStart[t] === net.preStart[t + 1] ? [t] : []))
  }

  /** Adds a dense marking to the table. */
  store(table: StateTable, marking: Uint32Array): number {
    let length = 0
    for (let place = 0; place < marking.length; place++) {
      if (marking[place] === 0) continue
      this.#nextMarked[length] = place
      this.#nextTokens[length++] = marking[place]!
    }
    return table.add(this.#nextMarked, this.#nextTokens, length)
  }

  /** Makes a state of the table the current marking. */
  go(table: StateTable, state: number): void {
    for (let index = 0; index < this.markedCount; index++) this.tokens[this.marked[index]!] = 0
    this.markedCount = table.read(state, this.marked, this.markedTokens)
    this.effort += EFFORT_A_STATE + this.markedCount
    for (let index = 0; index < this.markedCount; index++) this.tokens[this.marked[index]!] = this.markedTokens[index]!
  }

  /** Enabled transitions of the current marking, ascending; valid until it is asked again. */
  enabled(): readonly number[] {
    const { start, transition, weight } = this.flow.consumers
    const { preStart } = this.net
    const found = this.#enabled
    found.length = 0
    for (const t of this.#always) found.push(t)
    for (let index = 0; index < this.markedCount; index++) {
      const place = this.marked[index]!
      const tokens = this.markedTokens[index]!
      this.effort += start[place + 1]! - start[place]!
      for (let at = start[place]!; at < start[place + 1]!; at++) {
        if (weight[at]! > tokens) continue
        const t = transition[at]!
        const filled = ++this.#filled[t]!
        if (filled === 1) this.#touched.push(t)
        if (filled === preStart[t + 1]! - preStart[t]!) found.push(t)
      }
    }
    for (let index = 0; index < this.#touched.length; index++) this.#filled[this.#touched.at(index)] = 0
    this.#touched.length = 0
    return sorted(found)
  }

  /** Adds what firing an enabled transition leads to; the current marking stays. Answers the state, or `OVERFLOW`. */
  storeNext(table: StateTable, t: number): number {
    const { start, place: changed, by } = this.#changes
    const places = this.#nextMarked
    const counts = this.#nextTokens
    let length = 0
    let index = 0
    this.effort += this.markedCount + start[t + 1]! - start[t]!
    for (let at = start[t]!; at < start[t + 1]!; at++) {
      const place = changed[at]!
      while (index < this.markedCount && this.marked[index]! < place) {
        places[length] = this.marked[index]!
        counts[length++] = this.markedTokens[index++]!
      }
      const had = index < this.markedCount && this.marked[index] === place ? this.markedTokens[index++]! : 0
      const has = had + by[at]!
      if (has > TOKENS_MAX) return OVERFLOW
      if (has === 0) continue
      places[length] = place
      counts[length++] = has
    }
    for (; index < this.markedCount; index++) {
      places[length] = this.marked[index]!
      counts[length++] = this.markedTokens[index]!
    }
    return table.add(places, counts, length)
  }
}

/** Up to so many, insertion is quicker than what the host does. */
const SHORT = 24

function sorted(numbers: number[]): number[] {
  if (numbers.length > SHORT) return numbers.sort((left, right) => left - right)
  for (let at = 1; at < numbers.length; at++) {
    const number = numbers[at]!
    let hole = at
    for (; hole > 0 && numbers[hole - 1]! > number; hole--) numbers[hole] = numbers[hole - 1]!
    numbers[hole] = number
  }
  return numbers
}
