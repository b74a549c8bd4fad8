/**
 * Gathers hints and gives them on when it has been quiet for a moment: one save of an editor is several operations, a
 * checkout is thousands.
 *
 *   W1. Every path that was added is given on; whoever writes all the time delays it by `CAP_MS` at most.
 */

export interface Pending {
  add(path: string): void
  /** Forgets what has been added. */
  drop(): void
}

/** Between the operations of one save lie fractions of a millisecond. */
const QUIET_MS = 4
const CAP_MS = 50
/** So many paths at a time are a checkout or an installation: there is no hurry, and each look would see half of it. */
const BURST = 64
const BURST_QUIET_MS = 40
const BURST_CAP_MS = 2_000

export function newPending(give: (paths: readonly string[]) => void): Pending {
  let paths = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let firstMs = 0
  let lastMs = 0

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (paths.size === 0) return
    const due = [...paths]
    paths = new Set()
    give(due)
  }
  const waitMs = (nowMs: number): number => {
    const [quietMs, capMs] = paths.size > BURST ? [BURST_QUIET_MS, BURST_CAP_MS] : [QUIET_MS, CAP_MS]
    return Math.min(lastMs + quietMs, firstMs + capMs) - nowMs
  }
  // One timer at a time, set again when it rings too early: a burst would else set thousands.
  const ring = (): void => {
    const leftMs = waitMs(performance.now())
    if (leftMs > 0) timer = setTimeout(ring, leftMs)
    else flush()
  }

  return {
    add(path) {
      lastMs = performance.now()
      if (paths.size === 0) firstMs = lastMs
      paths.add(path)
      timer ??= setTimeout(ring, QUIET_MS)
    },
    drop() {
      clearTimeout(timer)
      timer = undefined
      paths.clear()
    },
  }
}
