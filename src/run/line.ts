/**
 * Who waits, in the order in which they go: greater priority, then greater `ahead`, then first come. Those that are equal in both
 * are one queue, and the queues a heap: a fan-out of 100,000 alike is one queue, and 100,000 different ones cost their logarithm.
 */
export interface Waiting {
  readonly priority: number
  readonly ahead: number
}

export interface Line<T extends Waiting> {
  /** `arrival` grows with each one, over all lines that are compared. */
  add(item: T, arrival: number): void
  first(): T | undefined
  removeFirst(): void
  /** Whether its first goes before that of another; neither may be empty. */
  isBefore(other: Line<T>): boolean
  /** Of the first; the line must not be empty. */
  readonly head: Place
}

export interface Place extends Waiting {
  readonly arrival: number
}

interface Queue<T> extends Waiting {
  items: T[]
  arrivals: number[]
  head: number
}

export function newLine<T extends Waiting>(): Line<T> {
  const queues = new Map<number, Map<number, Queue<T>>>()
  const heap: Queue<T>[] = []

  const queueOf = ({ priority, ahead }: T): Queue<T> => {
    const ofPriority = queues.get(priority) ?? new Map<number, Queue<T>>()
    queues.set(priority, ofPriority)
    const found = ofPriority.get(ahead)
    if (found) return found
    const queue: Queue<T> = { priority, ahead, items: [], arrivals: [], head: 0 }
    ofPriority.set(ahead, queue)
    rise(heap, queue)
    return queue
  }

  const drop = ({ priority, ahead }: Queue<T>): void => {
    queues.get(priority)!.delete(ahead)
    sink(heap)
  }

  return {
    add(item, arrival) {
      const { items, arrivals } = queueOf(item)
      items.push(item)
      arrivals.push(arrival)
    },
    first: () => heap[0]?.items[heap[0].head],
    removeFirst() {
      const queue = heap[0]
      if (!queue) return
      queue.head += 1
      if (queue.head === queue.items.length) return drop(queue)
      // Given back in large pieces: shifting one by one would be quadratic.
      if (queue.head <= 1_024 || queue.head * 2 <= queue.items.length) return
      queue.items.splice(0, queue.head)
      queue.arrivals.splice(0, queue.head)
      queue.head = 0
    },
    get head() {
      const { priority, ahead, arrivals, head } = heap[0]!
      return { priority, ahead, arrival: arrivals[head]! }
    },
    isBefore(other) {
      const [mine, theirs] = [this.head, other.head]
      return goesBefore(mine, theirs) || (!goesBefore(theirs, mine) && mine.arrival < theirs.arrival)
    },
  }
}

const goesBefore = (a: Waiting, b: Waiting): boolean =>
  a.priority > b.priority || (a.priority === b.priority && a.ahead > b.ahead)

/** Into a heap with the first on top. No two are equal. */
function rise<T extends Waiting>(heap: T[], item: T): void {
  let at = heap.push(item) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!goesBefore(item, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = item
}

/** Removes what is on top. */
function sink<T extends Waiting>(heap: T[]): void {
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
