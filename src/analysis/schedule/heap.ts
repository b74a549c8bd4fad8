/** A heap of numbers by key in flat arrays: least key first, of equal keys the least number. */
export interface Heap {
  readonly size: number
  push(key: number, value: number): void
  /** Of the first; the heap must not be empty. */
  firstKey(): number
  first(): number
  /** Removes the first, and gives it. */
  pop(): number
}

export function newHeap(capacity = 16): Heap {
  let keys = new Float64Array(capacity)
  let values = new Float64Array(capacity)
  let size = 0

  const grow = (): void => {
    const [moreKeys, moreValues] = [new Float64Array(size * 2), new Float64Array(size * 2)]
    moreKeys.set(keys)
    moreValues.set(values)
    keys = moreKeys
    values = moreValues
  }

  return {
    get size() {
      return size
    },
    push(key, value) {
      if (size === keys.length) grow()
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!isBefore(key, value, keys[parent]!, values[parent]!)) break
        keys[at] = keys[parent]!
        values[at] = values[parent]!
        at = parent
      }
      keys[at] = key
      values[at] = value
    },
    firstKey: () => keys[0]!,
    first: () => values[0]!,
    pop() {
      const popped = values[0]!
      size -= 1
      const [key, value] = [keys[size]!, values[size]!]
      let at = 0
      for (let child = 1; child < size; child = at * 2 + 1) {
        if (child + 1 < size && isBefore(keys[child + 1]!, values[child + 1]!, keys[child]!, values[child]!)) child += 1
        if (!isBefore(keys[child]!, values[child]!, key, value)) break
        keys[at] = keys[child]!
        values[at] = values[child]!
        at = child
      }
      keys[at] = key
      values[at] = value
      return popped
    },
  }
}

const isBefore = (key: number, value: number, otherKey: number, otherValue: number): boolean =>
  key < otherKey || (key === otherKey && value < otherValue)
