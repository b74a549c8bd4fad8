/** A binary heap: the first of many, when more come and go. */
export interface Heap<T> {
  readonly size: number
  readonly first: T | undefined
  push(item: T): void
  /** Takes the first out. */
  pop(): T | undefined
  /** Keeps only these. */
  retain(keep: (item: T) => boolean): void
}

export function newHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  let items: T[] = []

  const rise = (item: T, from: number): void => {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as T // `at` is in the heap, so what is above it is
      if (!isBefore(item, above)) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }
  const sink = (item: T): void => {
    let at = 0
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = child + 1
      if (right < items.length && isBefore(items[right] as T, items[child] as T)) child = right // both are in the heap
      const below = items[child] as T
      if (!isBefore(below, item)) break
      items[at] = below
      at = child
    }
    items[at] = item
  }

  return {
    get size() {
      return items.length
    },
    get first() {
      return items[0]
    },
    push: item => rise(item, items.length),
    pop() {
      const [first] = items
      const last = items.pop()
      if (items.length > 0 && last !== undefined) sink(last)
      return first
    },
    retain(keep) {
      const kept = items.filter(keep)
      items = []
      for (const item of kept) rise(item, items.length)
    },
  }
}
