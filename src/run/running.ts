/** The attempts of one run that are open in this process. */
import type { Outcome, StepDescription, StepId } from '../core/index.ts'
import type { Executor, Reports } from '../exec/attempt.ts'
import type { Hash } from '../util/hash.ts'
import { attemptOf, execute } from './attempts.ts'
import type { Candidate } from './scheduler.ts'

/** An attempt that begins after the commit. */
export interface Start {
  readonly step: StepId
  readonly attempt: number
  readonly candidate: Candidate
  readonly description: StepDescription
}

export interface Running {
  readonly size: number
  every(holds: (step: StepId) => boolean): boolean
  start(start: Start): void
  /** Asks it to stop; false when it is not open here. Asking again changes nothing. */
  stop(step: StepId, attempt: number, reason: Error): boolean
  stopAll(reason: Error): void
  /** Lets go of all, whatever they still do: nobody hears of them any more. */
  forget(reason: unknown): void
}

interface RunningOptions {
  readonly run: string
  /** Under which the executor finds the code. */
  readonly bundleId: string
  readonly cwd: string
  readonly executor: Executor
  /** Under which the step's result is kept for others. */
  readonly keyOf: (step: StepId) => Hash | undefined
  readonly reportsOf: (step: StepId, attempt: number) => Reports
  readonly release: (candidate: Candidate) => void
  /** The attempt is over, and its slot free. */
  readonly finished: (step: StepId, attempt: number, outcome: Outcome) => void
}

interface Open {
  readonly attempt: number
  readonly abort: AbortController
  readonly candidate: Candidate
}

export function newRunning(options: RunningOptions): Running {
  const { run, bundleId, cwd, executor, reportsOf } = options
  const open = new Map<StepId, Open>()

  const finish = (step: StepId, attempt: number, outcome: Outcome): void => {
    const mine = open.get(step)
    if (mine?.attempt === attempt) {
      open.delete(step)
      options.release(mine.candidate)
    }
    options.finished(step, attempt, outcome)
  }

  return {
    get size() {
      return open.size
    },
    every(holds) {
      for (const step of open.keys()) if (!holds(step)) return false
      return true
    },
    start({ step, attempt, candidate, description }) {
      const abort = new AbortController()
      open.set(step, { attempt, abort, candidate })
      const key = options.keyOf(step)
      const ahead = candidate.prospect.ahead?.(step) ?? 0
      const work = attemptOf(description, {
        run,
        step,
        attempt,
        bundleId,
        cwd,
        ...(key === undefined ? {} : { key }),
        ...(ahead === 0 ? {} : { ahead }),
      })
      execute(executor, work, { signal: abort.signal, reports: reportsOf(step, attempt) }, outcome =>
        finish(step, attempt, outcome),
      )
    },
    stop(step, attempt, reason) {
      const mine = open.get(step)
      if (mine?.attempt !== attempt) return false
      mine.abort.abort(reason)
      return true
    },
    stopAll(reason) {
      for (const { abort } of open.values()) abort.abort(reason)
    },
    forget(reason) {
      for (const { abort, candidate } of open.values()) {
        abort.abort(reason)
        options.release(candidate)
      }
      open.clear()
    },
  }
}
