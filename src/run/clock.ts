/** The shell's time: what the simulator replaces. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once, not before the instant; the returned function takes it back. */
  at(instantMs: number, callback: () => void): () => void
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
}
