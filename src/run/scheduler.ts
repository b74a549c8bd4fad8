/**
 * Who goes first: steps that may start wait here until a slot of the shell and of their pool is free.
 * Greater priority first, then first come, first served. What waits costs a queue entry, so 100,000 enabled steps are no load.
 */
export interface Candidate {
  readonly pool: { readonly name: string; readonly slots: number } | undefined
  readonly priority: number
  /** Flows only wait for others: they take no slot, so they can never starve their own calls. */
  readonly weight: 0 | 1
  /** Starts it; called in the turn that grants it. False: it need not run any more, its slot is free. */
  readonly grant: () => boolean
}

export interface Scheduler {
  add(candidate: Candidate): void
  /** Grants up to `limit` candidates for whom there are slots. */
  grantNext(limit: number): number
  /** A granted candidate is done. */
  release(candidate: Candidate): void
  /** Whether a candidate waits for whom there is a slot. */
  readonly canGrant: boolean
}

interface Lane {
  readonly slots: number
  running: number
  /** By priority; each is a queue with its head index. */
  readonly queues: Map<number, { items: Candidate[]; head: number }>
}

export function newScheduler(slots: number): Scheduler {
  const lanes = new Map<string, Lane>()
  let running = 0

  const laneOf = ({ pool }: Candidate): Lane => {
    const name = pool ? `pool ${pool.name}` : ''
    const known = lanes.get(name)
    if (known) return known
    const lane: Lane = { slots: pool?.slots ?? Number.POSITIVE_INFINITY, running: 0, queues: new Map() }
    lanes.set(name, lane)
    return lane
  }

  /** The lane with a free slot whose first candidate has the greatest priority. */
  const best = (): { lane: Lane; priority: number } | undefined => {
    let found: { lane: Lane; priority: number } | undefined
    for (const lane of lanes.values()) {
      if (lane.running >= lane.slots) continue
      for (const [priority, queue] of lane.queues) {
        if (queue.items.length > queue.head && (!found || priority > found.priority)) found = { lane, priority }
      }
    }
    return found
  }

  const take = (lane: Lane, priority: number): Candidate | undefined => {
    const queue = lane.queues.get(priority)
    const candidate = queue?.items[queue.head]
    if (!queue || !candidate) return undefined
    queue.head += 1
    // Given back in large pieces: shifting one by one would be quadratic.
    if (queue.head > 1_024 && queue.head * 2 > queue.items.length) {
      queue.items.splice(0, queue.head)
      queue.head = 0
    }
    return candidate
  }

  return {
    get canGrant() {
      return running < slots && best() !== undefined
    },
    add(candidate) {
      const lane = laneOf(candidate)
      const queue = lane.queues.get(candidate.priority)
      if (queue) queue.items.push(candidate)
      else lane.queues.set(candidate.priority, { items: [candidate], head: 0 })
    },
    grantNext(limit) {
      let granted = 0
      while (granted < limit && running < slots) {
        const next = best()
        const candidate = next && take(next.lane, next.priority)
        if (!next || !candidate) break
        if (!candidate.grant()) continue
        running += candidate.weight
        next.lane.running += candidate.weight
        granted += 1
      }
      return granted
    },
    release(candidate) {
      running -= candidate.weight
      laneOf(candidate).running -= candidate.weight
    },
  }
}
