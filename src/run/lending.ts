/**
 * A run that somebody has asked for: what would begin waits. It begins after all when what runs has not ended in time, so a
 * long attempt holds up nothing but the one who asked.
 */
import type { Clock } from './clock.ts'

export interface Lending {
  readonly isOn: boolean
  /** Resolves when it is given up; never while it is on. */
  begin(withinMs: number): Promise<void>
  /** What would begin now, done when it is given up. */
  defer(go: () => void): void
  /** The run is over here, or somebody else decides. */
  close(): void
}

export function newLending(clock: Clock, wake: () => void): Lending {
  const deferred: (() => void)[] = []
  const waiting: (() => void)[] = []
  let untilMs = 0
  let stop: (() => void) | undefined

  const giveUp = (): void => {
    stop = undefined
    untilMs = 0
    for (const go of deferred.splice(0)) go()
    for (const tell of waiting.splice(0)) tell()
    wake()
  }

  return {
    get isOn() {
      return stop !== undefined
    },
    begin(withinMs) {
      const wanted = clock.now() + withinMs
      if (wanted > untilMs) {
        stop?.()
        untilMs = wanted
        stop = clock.at(untilMs, giveUp)
      }
      wake()
      return new Promise(resolve => void waiting.push(resolve))
    },
    defer: go => void deferred.push(go),
    close() {
      stop?.()
      stop = undefined
    },
  }
}
