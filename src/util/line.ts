/**
 * Who waits, in the order in which they go: greater priority, then greater `ahead`, then first come. A heap of runs of those who
 * came one after the other and are alike, so that a fan-out of 100,000 is one run.
 */
export interface Waiting {
  readonly priority: number
  readonly ahead: number
}

interface Arrived extends Waiting {
  /** Grows with each one, over all lines that are compared. */
  readonly arrival: number
}

/** One who waits. */
export interface Place<T> extends Arrived {
  readonly item: T
}

export interface Line<T> {
  readonly size: number
  add(place: Place<T>): void
  readonly first: Place<T> | undefined
  removeFirst(): void
  /** Takes all out, in no order. */
  clear(): readonly Place<T>[]
}

/** Never empty while it is in the heap. All of it came before the next run of its like, so `arrival` is that of its first ever. */
interface Run<T> extends Arrived {
  readonly places: Place<T>[]
  head: number
}

export function newLine<T>(): Line<T> {
  const heap: Run<T>[] = []
  let last: Run<T> | undefined
  let size = 0
  return {
    get size() {
      return size
    },
    add(place) {
      size += 1
      if (last && isAlike(last, place)) return void last.places.push(place)
      const { priority, ahead, arrival } = place
      last = { priority, ahead, arrival, places: [place], head: 0 }
      rise(heap, last)
    },
    get first() {
      return heap[0]?.places[heap[0].head]
    },
    removeFirst() {
      const run = heap[0]
      if (!run) return
      size -= 1
      run.head += 1
      if (run.head === run.places.length) return sink(heap)
      // Given back in large pieces: shifting one by one would be quadratic.
      if (run.head <= 1_024 || run.head * 2 <= run.places.length) return
      run.places.splice(0, run.head)
      run.head = 0
    },
    clear() {
      const all = heap.splice(0).flatMap(({ places, head }) => places.slice(head))
      last = undefined
      size = 0
      return all
    },
  }
}

export function goesBefore(a: Arrived, b: Arrived): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority
  return a.ahead === b.ahead ? a.arrival < b.arrival : a.ahead > b.ahead
}

const isAlike = <T>(run: Run<T>, { priority, ahead }: Place<T>): boolean =>
  run.head < run.places.length && run.priority === priority && run.ahead === ahead

function rise<T>(heap: Run<T>[], run: Run<T>): void {
  let at = heap.push(run) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!goesBefore(run, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = run
}

/** Removes what is on top. */
function sink<T>(heap: Run<T>[]): void {
  const last = heap.pop()!
  if (heap.length === 0) return
  let at = 0
  for (let child = 1; child < heap.length; child = at * 2 + 1) {
    if (child + 1 < heap.length && goesBefore(heap[child + 1]!, heap[child]!)) child += 1
    if (!goesBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
