/** Arrays of numbers that grow by doubling: what a search keeps for each state, without an object for any. */
export class GrowingUint32 {
  #items: Uint32Array
  length = 0

  constructor(capacity = 1024) {
    this.#items = new Uint32Array(capacity)
  }

  get bytes(): number {
    return this.#items.byteLength
  }

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Uint32Array(this.#items.length * 2)
      larger.set(this.#items)
      this.#items = larger
    }
    this.#items[this.length++] = item
  }

  at(index: number): number {
    return this.#items[index]!
  }

  /** What was pushed, without a copy; valid until the next push. */
  view(): Uint32Array {
    return this.#items.subarray(0, this.length)
  }
}
