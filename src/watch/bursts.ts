/**
 * Finds out that the kernel may have dropped events. It queues so many (inotify(7): max_queued_events) while nobody reads
 * them, and drops the rest; that it did so is told to libuv, which keeps it to itself. But a queue that was full is read at
 * one go: whoever hears that many events within one turn of the event loop may have missed some.
 */
import { readFileSync } from 'node:fs'

export interface Bursts {
  /** An event was heard. */
  count(): void
}

/** Not all that is queued is told to us: some is about folders that are not watched any more, or watched by others. */
const SHARE = 4
const QUEUED_MAX = 16_384

export function newBursts(overflown: () => void, most: number = queueLength() / SHARE): Bursts {
  let heard = 0
  return {
    count() {
      // Immediates come after all that one turn has read.
      if (heard === 0) setImmediate(() => (heard = 0))
      heard += 1
      if (heard === Math.ceil(most)) overflown()
    },
  }
}

function queueLength(): number {
  try {
    return Math.min(QUEUED_MAX, Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || QUEUED_MAX)
  } catch {
    // No Linux: no such queue.
    return Number.POSITIVE_INFINITY
  }
}
