/**
 * What stands round an attempt in a simulation: the onion of every run, with a timeout that is virtual and, innermost, a layer
 * that calls mocks and lets virtual time pass.
 */
import type { Outcome } from '../core/index.ts'
import type { Definition } from '../dsl/definition.ts'
import type { Attempt, Middleware, Opened } from '../exec/attempt.ts'
import { inline } from '../exec/inline.ts'
import { timedOut } from '../exec/middleware/timeout.ts'
import type { Layer, Use } from '../exec/onion.ts'
import { Refusal } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import type { Work } from './agenda.ts'
import type { Fate } from './faults.ts'
import type { Life } from './life.ts'
import { answer, drawMs, type Mock, type MockBook, type MockCall } from './mocks.ts'
import type { Random } from './random.ts'

/** A function that was called, or its mock. */
export interface SimulatedCall {
  readonly step: string
  /** Of the definition. */
  readonly task: string
  readonly attempt: number
  /** Since the start of the run. */
  readonly atMs: number
  readonly args: readonly unknown[]
  readonly by: 'mock' | 'itself'
}

/** What runs for real where nothing is mocked. */
export type Real = 'tasks' | 'all' | 'nothing'

export interface Stage {
  readonly life: Life
  readonly book: MockBook
  readonly real: Real
  /** For mocks and for how long things take. */
  readonly chance: Random
  readonly fate: Fate
  readonly workOf: (attempt: Attempt) => Work | undefined
  readonly note: (call: Omit<SimulatedCall, 'atMs'>) => SimulatedCall
  /** How long what runs for real has taken. */
  readonly takes: (call: SimulatedCall) => Duration | undefined
  /** Ends the whole simulation. */
  readonly stop: (refusal: Refusal) => void
}

/** The layers of one task, from those that it has in every run. */
export const arrangement =
  (stage: Stage, definition: Definition | undefined): Use =>
  layers => [
    // Nobody is silent in virtual time.
    ...layers
      .filter(layer => layer.name !== 'heartbeat')
      .map((layer): Layer => (layer.name === 'timeout' ? { ...layer, middleware: virtualTimeout(stage) } : layer)),
    { name: 'simulation', middleware: simulated(stage, definition) },
  ]

const virtualTimeout =
  ({ life }: Stage): Middleware =>
  next =>
  (attempt, signal, reports) => {
    const { timeoutMs } = attempt.policy
    if (timeoutMs === undefined) return next(attempt, signal, reports)
    const expired = new AbortController()
    const takeBack = life.at(life.clock.now() + timeoutMs, () => expired.abort(new Error('out of time')))
    return Promise.resolve(next(attempt, AbortSignal.any([signal, expired.signal]), reports)).then(outcome => {
      takeBack()
      return expired.signal.aborted && !signal.aborted ? timedOut(attempt, timeoutMs) : outcome
    })
  }

const simulated =
  (stage: Stage, definition: Definition | undefined): Middleware =>
  next => {
    const isFlow = definition !== undefined && 'body' in definition
    return async (attempt, signal, reports) => {
      const { opened } = attempt
      if (opened === undefined) throw new Error('defect: the simulation stands inside io')
      if (attempt.work.kind === 'source')
        return held(stage, attempt, signal, { takenMs: 0, outcome: await next(attempt, signal, reports) })
      if (isFlow) return flowing(stage, attempt, () => next(attempt, signal, reports), signal)
      const task = definition?.name ?? attempt.work.task
      const found = stage.book.find(attempt, definition)
      if (!found && !isReal(stage.real, attempt.work.kind)) {
        stage.stop(notMocked(attempt.work.kind, [task]))
        return { kind: 'cancelled' }
      }
      const call = stage.note({
        step: attempt.step,
        task,
        attempt: attempt.attempt,
        args: [...opened.args],
        by: found ? 'mock' : 'itself',
      })
      if (!found) {
        const outcome = await next(attempt, signal, reports)
        return held(stage, attempt, signal, { takenMs: durationMs(stage.takes(call) ?? 0), outcome })
      }
      const mocked = callOf(stage, attempt)
      const outcome = await inline(oneTask(found.mock, opened, mocked.call))(attempt, signal, reports)
      return held(stage, attempt, signal, { takenMs: mocked.takenMs(), outcome })
    }
  }

/** Services stand in the real world and on its clock: they are mocked, whatever else is real. */
export const isReal = (real: Real, kind: Mockable): boolean =>
  kind !== 'service' && (real === 'all' || (real === 'tasks' && kind === 'task'))

export type Mockable = 'task' | 'effect' | 'service'

const NOT_MOCKED: { readonly [K in Mockable]: string } = {
  task: 'TASK_NOT_MOCKED',
  effect: 'EFFECT_NOT_MOCKED',
  service: 'SERVICE_NOT_MOCKED',
}

/** The refusal for what would have to run for real. */
export function notMocked(kind: Mockable, names: readonly string[]): Refusal {
  const code = NOT_MOCKED[kind]
  const list = [...new Set(names)].join(', ')
  return new Refusal({
    code,
    severity: 'error',
    message: `A simulation would run the ${kind}${names.length > 1 ? 's' : ''} ${list} for real`,
    hint: `Mock ${names.length > 1 ? 'them' : 'it'}${kind === 'effect' ? ", or allow it: real: 'all' (--real all)" : ''}.`,
  })
}

const oneTask = (given: Mock, opened: Opened, call: MockCall) => ({
  task: () => ({ fn: () => answer(given, [...opened.args], call) }),
  pure: () => undefined,
})

function callOf(stage: Stage, attempt: Attempt): { readonly call: MockCall; takenMs(): number } {
  let takenMs = 0
  const { life, chance } = stage
  return {
    takenMs: () => takenMs,
    call: {
      step: attempt.step,
      attempt: attempt.attempt,
      get nowMs() {
        return life.clock.now() + takenMs
      },
      random: chance,
      take: duration => {
        takenMs += drawMs(duration, chance)
      },
    },
  }
}

/** A flow only waits for others, so it keeps the world from nothing. */
async function flowing(
  stage: Stage,
  attempt: Attempt,
  run: () => Outcome | Promise<Outcome>,
  signal: AbortSignal,
): Promise<Outcome> {
  const work = stage.workOf(attempt)
  const running = run()
  work?.pause()
  const outcome = await running
  work?.resume()
  return held(stage, attempt, signal, { takenMs: 0, outcome })
}

/**
 * The outcome, when its time has come; what is known earlier is nobody's business. An attempt that is stopped while it takes
 * its time has not ended; one that took none has, and its result is kept. Among the faults is that it has all the same.
 */
function held(
  stage: Stage,
  attempt: Attempt,
  signal: AbortSignal,
  { takenMs, outcome }: { readonly takenMs: number; readonly outcome: Outcome },
): Promise<Outcome> {
  const work = stage.workOf(attempt)
  const stopped: Outcome = takenMs > 0 && !stage.fate.isLate() ? { kind: 'cancelled' } : outcome
  if (signal.aborted) return Promise.resolve(stopped)
  return new Promise(resolve => {
    const finish = (ended: Outcome): void => {
      signal.removeEventListener('abort', onAbort)
      work?.resume()
      resolve(ended)
    }
    const takeBack = stage.life.at(stage.life.clock.now() + takenMs + stage.fate.latenessMs(), () => finish(outcome))
    const onAbort = (): void => {
      takeBack()
      finish(stopped)
    }
    signal.addEventListener('abort', onAbort)
    work?.pause()
  })
}
