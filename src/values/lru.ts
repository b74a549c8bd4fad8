/** A cache bounded by bytes: the least recently used goes first. Something larger than the whole bound is not kept. */
export class Lru<T> {
  readonly #bytesMax: number
  readonly #entries = new Map<string, { readonly value: T; readonly sizeBytes: number }>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): { readonly value: T } | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    // A Map keeps the order of insertion: what was used last stands last.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  set(key: string, value: T, sizeBytes: number): void {
    if (sizeBytes > this.#bytesMax || this.#entries.has(key)) return
    this.#entries.set(key, { value, sizeBytes })
    this.#bytes += sizeBytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) return
      this.#entries.delete(oldest)
      this.#bytes -= entry.sizeBytes
    }
  }
}
