/**
 * Plays one run of a net, step by step, and knows at each moment what is enabled and how the marking stands to the end.
 * A step costs the arcs that it touches, so that runs of a million steps through a million nodes are quick.
 */
import type { PetriNet } from '../net/petri-net.ts'
import { type Flow, flowOf } from './firing.ts'

export class Runner {
  readonly net: PetriNet
  readonly flow: Flow
  readonly tokens: Uint32Array
  total = 0
  /** Whether no place ever held more than a marking can say. */
  isExact = true
  /** Arcs touched so far, here and by whoever chooses: what a walk measures its slices by. */
  effort = 0
  /** Inputs of a transition that are not filled. */
  readonly #missing: Uint32Array
  readonly #enabled: Uint32Array
  /** Where it stands among the enabled; meaningless where it is not. */
  readonly #position: Uint32Array
  #enabledCount = 0
  /** Places with fewer, and with more tokens than the end has. */
  #below = 0
  #above = 0

  constructor(net: PetriNet, flow: Flow = flowOf(net)) {
    this.net = net
    this.flow = flow
    this.tokens = new Uint32Array(net.places.length)
    this.#missing = new Uint32Array(net.transitions.length)
    this.#enabled = new Uint32Array(net.transitions.length)
    this.#position = new Uint32Array(net.transitions.length)
    this.restart()
  }

  restart(): void {
    const { net, tokens } = this
    tokens.set(net.initial)
    this.total = 0
    this.isExact = true
    this.#below = 0
    this.#above = 0
    for (let place = 0; place < tokens.length; place++) {
      const count = tokens[place]!
      this.total += count
      if (count < net.final[place]!) this.#below += 1
      else if (count > net.final[place]!) this.#above += 1
    }
    this.#enabledCount = 0
    for (let t = 0; t < net.transitions.length; t++) {
      let missing = 0
      for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
        if (tokens[net.pre[at]!]! < net.preWeight[at]!) missing += 1
      }
      this.#missing[t] = missing
      if (missing === 0) this.#enable(t)
    }
  }

  get enabledCount(): number {
    return this.#enabledCount
  }

  /** The enabled transitions, the one that was enabled last at the end. */
  enabledAt(index: number): number {
    return this.#enabled[index]!
  }

  isEnabled(t: number): boolean {
    return this.#missing[t] === 0
  }

  /** How the marking stands to the end. */
  standing(): 'below' | 'equal' | 'above' {
    if (this.#below > 0) return 'below'
    return this.#above > 0 ? 'above' : 'equal'
  }

  /** The transition must be enabled. */
  fire(t: number): void {
    const { net } = this
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) this.#change(net.pre[at]!, -net.preWeight[at]!)
    for (let at = net.postStart[t]!; at < net.postStart[t + 1]!; at++) this.#change(net.post[at]!, net.postWeight[at]!)
  }

  #change(place: number, by: number): void {
    const had = this.tokens[place]!
    const has = had + by
    this.tokens[place] = has
    if (this.tokens[place] !== has) this.isExact = false
    this.total += by
    const end = this.net.final[place]!
    this.#below += Number(has < end) - Number(had < end)
    this.#above += Number(has > end) - Number(had > end)
    const { start, transition, weight } = this.flow.consumers
    this.effort += 1 + start[place + 1]! - start[place]!
    for (let at = start[place]!; at < start[place + 1]!; at++) {
      const needed = weight[at]!
      if (had >= needed === has >= needed) continue
      const t = transition[at]!
      if (has < needed) {
        if (this.#missing[t]!++ === 0) this.#disable(t)
      } else if (--this.#missing[t]! === 0) this.#enable(t)
    }
  }

  #enable(t: number): void {
    this.#position[t] = this.#enabledCount
    this.#enabled[this.#enabledCount++] = t
  }

  #disable(t: number): void {
    const position = this.#position[t]!
    const last = this.#enabled[--this.#enabledCount]!
    this.#enabled[position] = last
    this.#position[last] = position
  }
}
