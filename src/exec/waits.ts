/** How long an attempt did nothing but wait for a slot for its commands: that says how busy the machine was, not how long it takes. */
export interface Waits {
  readonly ms: number
  /** A command waits, until the returned function is called. */
  waiting(): () => void
  /** A command runs, until the returned function is called. */
  running(): () => void
}

export function newWaits(now: () => number = () => performance.now()): Waits {
  let [ms, waiting, running, sinceMs] = [0, 0, 0, 0]
  const change = (move: () => void): void => {
    if (waiting > 0 && running === 0) ms += now() - sinceMs
    move()
    sinceMs = now()
  }
  return {
    get ms() {
      return ms
    },
    waiting() {
      change(() => waiting++)
      return () => change(() => waiting--)
    },
    running() {
      change(() => running++)
      return () => change(() => running--)
    },
  }
}
