/** A clock that only moves when it is told to. Turns of the event loop are real. */
import { type Clock, realClock } from '../../src/run/clock.ts'

export interface VirtualClock extends Clock {
  /** Instants that are waited for now, polls not among them. */
  readonly pending: readonly number[]
  /** How often a single instant was asked for. */
  readonly askedCount: number
  /** Moves on, calling back in order, and lets the event loop settle. */
  advance(ms: number): Promise<void>
  /** Moves on from instant to instant until `done` is. */
  until<T>(done: Promise<T>): Promise<T>
}

interface Waiting {
  atMs: number
  readonly everyMs: number | undefined
  readonly callback: () => void
}

export function virtualClock(startMs = 1_700_000_000_000): VirtualClock {
  const waiting = new Set<Waiting>()
  let nowMs = startMs
  let askedCount = 0

  const add = (entry: Waiting): (() => void) => {
    waiting.add(entry)
    return () => void waiting.delete(entry)
  }
  const first = (untilMs: number): Waiting | undefined =>
    [...waiting].filter(each => each.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
  const moveTo = (endMs: number): void => {
    for (let next = first(endMs); next; next = first(endMs)) {
      nowMs = Math.max(nowMs, next.atMs)
      if (next.everyMs === undefined) waiting.delete(next)
      else next.atMs = endMs + next.everyMs // those that were missed are one call
      next.callback()
    }
    nowMs = endMs
  }
  const instants = (): readonly number[] =>
    [...waiting].filter(each => each.everyMs === undefined).map(each => each.atMs)

  return {
    ...realClock,
    now: () => nowMs,
    at(instantMs, callback) {
      askedCount += 1
      return add({ atMs: instantMs, everyMs: undefined, callback })
    },
    every: (periodMs, callback) => add({ atMs: nowMs + periodMs, everyMs: periodMs, callback }),
    get pending() {
      return instants()
    },
    get askedCount() {
      return askedCount
    },
    async advance(ms) {
      moveTo(nowMs + ms)
      await settled()
    },
    async until(done) {
      let isDone = false
      const noted = done.finally(() => (isDone = true))
      noted.catch(() => undefined)
      for (;;) {
        await settled()
        if (isDone) return noted
        const next = instants()
        // Polls bring what other processes did.
        moveTo(next.length > 0 ? Math.max(nowMs, Math.min(...next)) : nowMs + 1_000)
      }
    },
  }
}

/** Lets all turn that can without time: attempts that answer at once, appends, the turns that they wake. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
