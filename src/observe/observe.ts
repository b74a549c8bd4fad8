/**
 * Follows a store's log, also what other processes append.
 *
 * It reads, it never takes part: a slow observer falls behind by itself (it pulls, nothing is buffered for it), and one
 * that throws is told so by `onError` and gets the next event. Neither can slow or fail a run.
 *
 *   O1. Events come in the order of `seq`, each once, the next only when `onEvent` of the last one has resolved.
 *   O2. `from: observation.seq() + 1` goes on where an observation stopped.
 *   O3. After `stop()` has resolved `onEvent` is not called again.
 */
import { setImmediate } from 'node:timers/promises'
import type { Store, StoredEvent } from '../store/store.ts'

/** Events delivered before the event loop gets its turn: catching up on a long log must not hold up a run beside it. */
const TURN = 256

export interface ObserveOptions {
  /** First sequence number to deliver; 1 is the store's beginning. `'now'`: only what comes from here on. */
  readonly from: number | 'now'
  /** Only this run's events. */
  readonly run?: string
  /** What `onEvent` threw, or why the store could not be read (then the observation ends). Silent when absent. */
  readonly onError?: (error: unknown, event: StoredEvent | undefined) => void
}

export interface Observation {
  /** Sequence number of the last event that was delivered (or skipped as another run's). */
  seq(): number
  /** Delivers no more; resolves when a call that is under way has ended (so `onEvent` may call it, but not await it). */
  stop(): Promise<void>
  /** Delivers what the store holds at this moment, then stops: for the end of a program. */
  drain(): Promise<void>
}

export function observe(
  store: Store,
  options: ObserveOptions,
  onEvent: (stored: StoredEvent) => void | Promise<void>,
): Observation {
  const { run, onError = () => {} } = options
  let phase: 'following' | 'stopped' = 'following'
  // One a wait: a signal that lived as long as the observation would gather a listener for every commit.
  let waiting = new AbortController()
  let seq = options.from === 'now' ? store.head() : options.from - 1
  let lastSeq = Number.POSITIVE_INFINITY
  const ended = follow()

  async function follow(): Promise<void> {
    try {
      while (phase === 'following') {
        await deliverAll()
        if (seq >= lastSeq || phase !== 'following') return
        waiting = new AbortController()
        await store.changed(seq, waiting.signal)
      }
    } catch (error) {
      if (phase === 'following') report(error, undefined)
    }
  }

  async function deliverAll(): Promise<void> {
    const to = Math.min(store.head(), lastSeq)
    if (to <= seq) return
    for await (const stored of store.read({ from: seq + 1, to, run })) {
      if (phase !== 'following') return
      await deliver(stored)
      seq = stored.seq
      if (seq % TURN === 0) await setImmediate()
    }
    // Other runs' events are behind us too, or `changed` would report them again and again.
    if (phase === 'following') seq = Math.max(seq, to)
  }

  async function deliver(stored: StoredEvent): Promise<void> {
    try {
      await onEvent(stored)
    } catch (error) {
      report(error, stored)
    }
  }

  function report(error: unknown, stored: StoredEvent | undefined): void {
    try {
      onError(error, stored)
    } catch {
      // There is nobody left to tell, and a run must not fail because of who watches it.
    }
  }

  return {
    seq: () => seq,
    async stop() {
      phase = 'stopped'
      waiting.abort()
      await ended
    },
    async drain() {
      lastSeq = store.head()
      if (seq < lastSeq) await ended
      await this.stop()
    },
  }
}
