/**
 * The set of markings that a search has seen: each once, numbered in the order in which it was found, as a few bytes in one
 * arena. No objects and no strings: ten million small markings are some hundred megabytes.
 *
 * A marking is written as its marked places in ascending order, as variable-length numbers: the distance from the place
 * before, doubled, and one more where it holds several tokens, whose count follows.
 */
export class StateTable {
  #arena = new Uint8Array(1 << 12)
  /** Where the bytes of each state begin; one more than there are states. */
  #start = new Uint32Array(1 << 9)
  /** Open addressing, at most half full: 0 is empty, else the number of the state plus one. */
  #slots = new Uint32Array(1 << 10)
  #count = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#arena.byteLength + this.#start.byteLength + this.#slots.byteLength
  }

  /**
   * The number of the marking `places[i]` holds `tokens[i]`, i < length, places ascending and tokens positive. It is new
   * where the answer is what `count` was.
   */
  add(places: Uint32Array, tokens: Float64Array, length: number): number {
    const begin = this.#start[this.#count]!
    const end = this.#write(begin, places, tokens, length)
    const arena = this.#arena
    let hash = 0x811c9dc5
    for (let at = begin; at < end; at++) hash = Math.imul(hash ^ arena[at]!, 0x01000193)
    const mask = this.#slots.length - 1
    for (let slot = mixed(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!
      if (entry === 0) {
        this.#slots[slot] = this.#count + 1
        return this.#keep(end)
      }
      if (this.#isAt(entry - 1, begin, end)) return entry - 1
    }
  }

  /** Reads a state into the two arrays, which must be long enough (one entry a place of the net); answers how many entries. */
  read(state: number, places: Uint32Array, tokens: Float64Array): number {
    const arena = this.#arena
    const end = this.#start[state + 1]!
    let at = this.#start[state]!
    let place = -1
    let length = 0
    while (at < end) {
      let word = arena[at++]!
      if (word >= 128) {
        word -= 128
        for (let unit = 128; ; unit *= 128) {
          const byte = arena[at++]!
          word += (byte & 127) * unit
          if (byte < 128) break
        }
      }
      place += (word >>> 1) + 1
      let count = 1
      if (word & 1) {
        count = 0
        for (let unit = 1; ; unit *= 128) {
          const byte = arena[at++]!
          count += (byte & 127) * unit
          if (byte < 128) break
        }
      }
      places[length] = place
      tokens[length] = count
      length += 1
    }
    return length
  }

  #write(begin: number, places: Uint32Array, tokens: Float64Array, length: number): number {
    // A word has at most 5 bytes, a count at most 8.
    if (begin + 13 * length > this.#arena.length) this.#growArena(begin + 13 * length)
    const arena = this.#arena
    let at = begin
    let before = -1
    for (let index = 0; index < length; index++) {
      const place = places[index]!
      const count = tokens[index]!
      let word = (place - before - 1) * 2 + (count > 1 ? 1 : 0)
      before = place
      for (; word >= 128; word >>>= 7) arena[at++] = (word & 127) | 128
      arena[at++] = word
      if (count === 1) continue
      let rest = count
      for (; rest >= 128; rest = Math.floor(rest / 128)) arena[at++] = (rest % 128) + 128
      arena[at++] = rest
    }
    return at
  }

  #keep(end: number): number {
    const state = this.#count++
    if (this.#count + 1 >= this.#start.length) {
      const larger = new Uint32Array(this.#start.length * 2)
      larger.set(this.#start)
      this.#start = larger
    }
    this.#start[this.#count] = end
    if (this.#count * 2 > this.#slots.length) this.#rehash()
    return state
  }

  #isAt(state: number, begin: number, end: number): boolean {
    const arena = this.#arena
    const from = this.#start[state]!
    if (this.#start[state + 1]! - from !== end - begin) return false
    for (let at = begin, other = from; at < end; at++, other++) if (arena[at] !== arena[other]) return false
    return true
  }

  #growArena(needed: number): void {
    let size = this.#arena.length * 2
    while (size < needed) size *= 2
    const larger = new Uint8Array(size)
    larger.set(this.#arena)
    this.#arena = larger
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let state = 0; state < this.#count; state++) {
      let hash = 0x811c9dc5
      for (let at = this.#start[state]!; at < this.#start[state + 1]!; at++)
        hash = Math.imul(hash ^ this.#arena[at]!, 0x01000193)
      let slot = mixed(hash) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = state + 1
    }
    this.#slots = slots
  }
}

/** Spreads the bits: the low ones choose the slot. */
const mixed = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (once ^ (once >>> 13)) >>> 0
}
