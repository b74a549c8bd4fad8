/**
 * Which attempt the code that runs now belongs to. `ctx()`, `sh`, the console and the guards ask here; nothing is passed
 * through users' functions.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attempt, Reports } from './attempt.ts'
import { shared } from './shared.ts'
import type { Waits } from './waits.ts'

export interface Current {
  readonly attempt: Attempt
  readonly signal: AbortSignal
  readonly reports: Reports
  /** What must be gone when the attempt is over (children, scratch folder, half lines); called last first. */
  readonly closers: Set<() => Promise<void> | void>
  /** Of its commands, for slots. A service's never wait. */
  readonly waits?: Waits
  /** Set for what a service does, which goes on when its attempt is over. `mark`: in the environment of its commands. */
  readonly service?: { readonly mark: string }
  /** What the function still does in the background no longer belongs to it: nothing may be started. */
  readonly over: boolean
  /** Ends the attempt with `error` now, whatever its function still does. After its end: says so in a line. */
  interrupt(error: unknown): void
}

const storage = shared('current', () => new AsyncLocalStorage<Current>())

export const currentAttempt = (): Current | undefined => storage.getStore()

export const runIn = <T>(current: Current, fn: () => T): T => storage.run(current, fn)

/** Runs what is not the attempt's own (observers, timers of the shell) outside of it. */
export const outside = <T>(fn: () => T): T => storage.exit(fn)
