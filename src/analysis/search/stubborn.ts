/**
 * Strong stubborn sets of place/transition nets: of the enabled transitions only those are followed that the others cannot
 * disturb, so that of many orders of independent steps one is looked at.
 *
 * What the smaller graph keeps (Valmari, "Stop It, and Be Stubborn!", 2015): all markings in which nothing is enabled; and
 * where one of those can be reached from each of its states, the same holds of the whole net, and whatever can fire fires in
 * it. No condition against ignoring is needed for that.
 *
 * A set is closed under two rules. An enabled member brings everybody who consumes from one of its inputs. A disabled
 * member brings everybody who puts more into one place that it lacks than they take from it.
 */
import { GrowingUint32 } from './growing.ts'
import type { Player } from './firing.ts'

/** How many enabled transitions are tried as the beginning of a set; the smallest set is taken. */
const SEEDS_MAX = 6

export class Stubborn {
  readonly #player: Player
  readonly #isIn: Uint32Array
  #round = 0
  readonly #members = new GrowingUint32()
  readonly #isEnabled: Uint8Array

  constructor(player: Player) {
    this.#player = player
    this.#isIn = new Uint32Array(player.net.transitions.length)
    this.#isEnabled = new Uint8Array(player.net.transitions.length)
  }

  /** A subset of the enabled transitions of the player's marking; empty only where nothing is enabled. */
  choose(enabled: readonly number[]): readonly number[] {
    if (enabled.length < 2) return enabled
    for (const t of enabled) this.#isEnabled[t] = 1
    let best = enabled
    for (let index = 0; index < enabled.length && index < SEEDS_MAX && best.length > 1; index++) {
      const size = this.#close(enabled[index]!, best.length)
      if (size < best.length) best = enabled.filter(t => this.#isIn[t] === this.#round)
    }
    for (const t of enabled) this.#isEnabled[t] = 0
    return best
  }

  /**
   * The enabled members of a set with all that put into some places: one of them must fire before any of these gains tokens.
   * A shortest way to a marking with more tokens there stays a way of the same length.
   */
  toward(places: readonly number[], enabled: readonly number[]): readonly number[] {
    for (const t of enabled) this.#isEnabled[t] = 1
    this.#begin()
    for (const place of places) this.#bringSuppliers(place)
    const size = this.#grow(enabled.length)
    for (const t of enabled) this.#isEnabled[t] = 0
    return size === enabled.length ? enabled : enabled.filter(t => this.#isIn[t] === this.#round)
  }

  /** Closes the set of one seed; answers how many members are enabled, or that bound where there are as many. */
  #close(seed: number, bound: number): number {
    this.#begin()
    this.#bring(seed)
    return this.#grow(bound)
  }

  #begin(): void {
    this.#round += 1
    this.#members.length = 0
  }

  #grow(bound: number): number {
    let enabledCount = 0
    for (let next = 0; next < this.#members.length; next++) {
      const t = this.#members.at(next)
      if (this.#isEnabled[t] === 1) {
        enabledCount += 1
        if (enabledCount >= bound) return bound
        this.#bringRivals(t)
      } else this.#bringSuppliers(this.#lackOf(t))
    }
    return enabledCount
  }

  #bring(t: number): void {
    if (this.#isIn[t] === this.#round) return
    this.#isIn[t] = this.#round
    this.#members.push(t)
  }

  #bringRivals(t: number): void {
    const { net, flow } = this.#player
    const { start, transition } = flow.consumers
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
      const place = net.pre[at]!
      this.#player.effort += start[place + 1]! - start[place]!
      for (let row = start[place]!; row < start[place + 1]!; row++) this.#bring(transition[row]!)
    }
  }

  /** Of the places that keep it from being enabled, one with the fewest suppliers. */
  #lackOf(t: number): number {
    const { net, flow, tokens } = this.#player
    const { start } = flow.producers
    let lack = -1
    let fewest = Number.POSITIVE_INFINITY
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
      const place = net.pre[at]!
      if (tokens[place]! >= net.preWeight[at]!) continue
      const suppliers = start[place + 1]! - start[place]!
      if (suppliers >= fewest) continue
      fewest = suppliers
      lack = place
    }
    return lack
  }

  #bringSuppliers(place: number): void {
    const { start, transition, weight } = this.#player.flow.producers
    this.#player.effort += start[place + 1]! - start[place]!
    for (let row = start[place]!; row < start[place + 1]!; row++) {
      const t = transition[row]!
      if (weight[row]! > this.#taken(t, place)) this.#bring(t)
    }
  }

  #taken(t: number, place: number): number {
    const { preStart, pre, preWeight } = this.#player.net
    for (let at = preStart[t]!; at < preStart[t + 1]!; at++) if (pre[at] === place) return preWeight[at]!
    return 0
  }
}
