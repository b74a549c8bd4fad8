/** The shell's time and chance: what the simulator replaces. Whatever the shell does later, it does through here. */
import { randomUUID } from 'node:crypto'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once, not before the instant; the returned function takes it back. */
  at(instantMs: number, callback: () => void): () => void
  /** Calls back again and again, until the returned function is called; several periods that were missed are one call. */
  every(periodMs: number, callback: () => void): () => void
  /** Calls back when what was asked for by now has been done, and the microtasks after it. */
  soon(callback: () => void): void
  /** Orders what is due at one instant, smallest first. */
  tie(): number
  /** In [0, 1). */
  random(): number
  uuid(): string
}

/** `setTimeout` takes at most this; longer waits are made of several. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

export const realClock: Clock = {
  now: () => Date.now(),
  at(instantMs, callback) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = instantMs - Date.now()
      timer = left > TIMEOUT_MS_MAX ? setTimeout(arm, TIMEOUT_MS_MAX) : setTimeout(callback, Math.max(0, left))
    }
    arm()
    return () => clearTimeout(timer)
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
  soon: callback => void setImmediate(callback),
  tie: () => 0,
  random: () => Math.random(),
  uuid: () => randomUUID(),
}
