/**
 * Finds a marking that covers an earlier one on the way to it: the steps between can be repeated for ever, with more
 * tokens each time. Most earlier ones are refused by two numbers of each state, without reading it.
 */
import { type Exploration, NO_PARENT } from '../search/explore.ts'
import type { Player } from '../search/firing.ts'
import { GrowingUint32 } from '../search/growing.ts'

/** How far back every state is compared; states with more tokens than any before are compared all the way. */
const NEAR = 256

export class CoverWatch {
  readonly #totals = new GrowingUint32()
  /** One bit a marked place, modulo 32. */
  readonly #signatures = new GrowingUint32()
  readonly #places: Uint32Array
  readonly #tokens: Float64Array
  #record = 0

  constructor(placeCount: number) {
    this.#places = new Uint32Array(placeCount)
    this.#tokens = new Float64Array(placeCount)
  }

  /** To be asked for every state in turn, the player standing at it. Answers an earlier state on the way that it covers. */
  coveredBy({ parents, table }: Exploration, state: number, player: Player): number | undefined {
    let total = 0
    let signature = 0
    for (let index = 0; index < player.markedCount; index++) {
      total += player.markedTokens[index]!
      signature |= 1 << (player.marked[index]! & 31)
    }
    this.#totals.push(Math.min(total, 0xffff_ffff))
    this.#signatures.push(signature)
    const far = total > this.#record ? Number.POSITIVE_INFINITY : NEAR
    this.#record = Math.max(this.#record, total)
    let back = 0
    for (let at = parents.at(state); at !== NO_PARENT && back < far; at = parents.at(at), back++) {
      if (this.#totals.at(at) >= total || (this.#signatures.at(at) & ~signature) !== 0) continue
      const length = table.read(at, this.#places, this.#tokens)
      if (this.#isBelow(length, player)) return at
    }
    return undefined
  }

  #isBelow(length: number, player: Player): boolean {
    for (let index = 0; index < length; index++) {
      if (player.tokens[this.#places[index]!]! < this.#tokens[index]!) return false
    }
    return true
  }
}
