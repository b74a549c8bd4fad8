/** Watches attempts from outside: tells observers, and keeps a failing observer away from the attempt. */
import type { Outcome } from '../../core/engine/protocol.ts'
import { type Attempt, type Executor, isOutcome, type Middleware, whenDone } from '../attempt.ts'
import { outside } from '../current.ts'
import { redact } from '../secrets/vault.ts'

export interface AttemptObserver {
  started?(attempt: Attempt): void
  line?(attempt: Attempt, stream: 'stdout' | 'stderr' | 'log', text: string): void
  /** `elapsedMs`: of the attempt as a whole, its layers included. */
  finished?(attempt: Attempt, outcome: Outcome, elapsedMs: number): void
}

/** The outermost layer. An executor or layer inside that throws in spite of its contract becomes a fault EXECUTOR_FAILED. */
export const observe = (observers: readonly AttemptObserver[] = []): Middleware =>
  observers.length === 0 ? guarded : next => watched(guarded(next), observers)

const watched = (next: Executor, observers: readonly AttemptObserver[]): Executor => {
  const tell = (what: (observer: AttemptObserver) => void) => {
    for (const observer of observers) outside(() => quietly(() => what(observer)))
  }
  return (attempt, signal, reports) => {
    const startedMs = performance.now()
    tell(observer => observer.started?.(attempt))
    const outcome = next(attempt, signal, {
      line: (stream, text) => {
        // The report is told first, and whatever becomes of it.
        quietly(() => reports.line(stream, text))
        tell(observer => observer.line?.(attempt, stream, text))
      },
      record: (name, value) => reports.record(name, value),
      alive: () => reports.alive(),
      saw: access => reports.saw(access),
    })
    return whenDone(outcome, done => {
      tell(observer => observer.finished?.(attempt, done, performance.now() - startedMs))
      return done
    })
  }
}

/** No report and no layer inside can make an attempt reject. */
const guarded: Middleware = next => (attempt, signal, reports) => {
  try {
    const outcome = next(attempt, signal, {
      line: (stream, text) => quietly(() => reports.line(stream, text)),
      record: (name, value) => quietly(() => reports.record(name, value)),
      alive: () => quietly(() => reports.alive()),
      saw: access => quietly(() => reports.saw(access)),
    })
    return isOutcome(outcome) ? outcome : outcome.catch(executorFailed)
  } catch (error) {
    return executorFailed(error)
  }
}

const executorFailed = (error: unknown): Outcome => ({
  kind: 'failed',
  fault: { code: 'EXECUTOR_FAILED', message: redact(error instanceof Error ? error.message : String(error)) },
})

/** An observer's failure is shown as a process warning: it must not fail a run, nor go unseen. */
function quietly(what: () => void): void {
  try {
    what()
  } catch (error) {
    process.emitWarning(`an observer of attempts failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
