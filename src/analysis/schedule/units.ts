/**
 * Slots that can be told apart: each knows whose end freed it. The one that is free for longest is taken first, so a job hangs
 * on as few ends as it may.
 */
export interface Units {
  readonly free: number
  /** There must be so many. `from`: told of each job that gave some of them. */
  take(count: number, from: (job: number) => void): void
  give(count: number, job: number): void
}

export function newUnits(slots: number): Units {
  /** Runs of slots that nobody (-1) or one job freed. */
  const givers = [-1]
  const counts = [slots]
  let head = 0
  let free = slots
  return {
    get free() {
      return free
    },
    take(count, from) {
      free -= count
      for (let left = count; left > 0; ) {
        const taken = Math.min(left, counts[head]!)
        if (givers[head] !== -1) from(givers[head]!)
        left -= taken
        counts[head]! -= taken
        if (counts[head] === 0) head += 1
      }
    },
    give(count, job) {
      if (count === 0) return
      free += count
      givers.push(job)
      counts.push(count)
    },
  }
}
