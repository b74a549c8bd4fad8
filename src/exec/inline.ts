/**
 * The executor inside all others: calls the task's function in this process, under the eyes of the guards, and tells how
 * it went as data. Threads and worker processes run the same one on their side.
 *
 *   E1. It never throws and never waits for ever: after an abort the function has `graceMs`, then the attempt is over.
 *       (Only a function that keeps the thread busy cannot be ended from within it: threads and processes are for those.)
 *   E2. When it has answered, nothing of the attempt is left: no child process, no scratch folder, no half line.
 *   E3. A result that arrives after the abort, within the grace, is kept: what an effect has done must not be forgotten.
 */
import type { Outcome, ValueRef } from '../core/engine/protocol.ts'
import { Refusal } from '../util/diagnostic.ts'
import { invariant } from '../util/unreachable.ts'
import { holdOpen } from './alive.ts'
import { type Attempt, type Executor, type Opened, type Reports, whenDone } from './attempt.ts'
import { outside, runIn, type Current } from './current.ts'
import { installGuards } from './guards.ts'
import { newWaits, type Waits } from './waits.ts'

/** What a bundle offers once it is open: its functions by name. The loader makes it, also in other processes. */
export interface Bindings {
  task(name: string): { readonly fn: (...args: never[]) => unknown; readonly options?: unknown } | undefined
  /** A pure function of the bundle (`.to`). */
  pure(name: string): ((...args: never[]) => unknown) | undefined
}

export interface InlineOptions {
  /** How long a function may go on after its signal has aborted. */
  readonly graceMs?: number
}

const GRACE_MS = 1_000

type Ended =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** Aborted, and the grace is over. */
  | { readonly kind: 'abandoned' }

type Call = (...args: unknown[]) => unknown

/** Runs attempts by calling `bindings.task(name)`. Needs `io` around it. */
export function inline(bindings: Bindings, { graceMs = GRACE_MS }: InlineOptions = {}): Executor {
  return (attempt, signal, reports) => {
    const { opened } = attempt
    invariant(opened !== undefined, 'the inline executor stands inside io')
    const { work } = attempt
    if (work.kind === 'source') return keep(opened, opened.args[0])
    const fn = bindings.task(work.task)?.fn
    if (fn === undefined) return failed(opened, unknownTask(work.task))
    if (signal.aborted) return { kind: 'cancelled' }
    // The arguments' types were checked by the language when the graph was traced.
    return callTask({ attempt, signal, reports, opened, fn: fn as Call, graceMs })
  }
}

interface TaskCall {
  readonly attempt: Attempt
  readonly signal: AbortSignal
  readonly reports: Reports
  readonly opened: Opened
  readonly fn: Call
  readonly graceMs: number
}

function callTask(call: TaskCall): Outcome | Promise<Outcome> {
  installGuards()
  const closers: Current['closers'] = new Set()
  const waits = newWaits()
  const ended = settle(call, closers, waits)
  return ended instanceof Promise
    ? ended.then(end => whenDone(concluded(call, closers, end), outcome => withWaits(outcome, waits.ms)))
    : concluded(call, closers, ended)
}

/** Shorter waits say nothing. */
const WAIT_TOLD_MS = 50

const withWaits = (outcome: Outcome, ms: number): Outcome =>
  outcome.kind === 'succeeded' && ms >= WAIT_TOLD_MS ? { ...outcome, waitedMs: Math.round(ms) } : outcome

function concluded(call: TaskCall, closers: Current['closers'], ended: Ended): Outcome | Promise<Outcome> {
  return closers.size > 0 ? close(closers).then(() => outcomeOf(call, ended)) : outcomeOf(call, ended)
}

function outcomeOf(call: TaskCall, ended: Ended): Outcome | Promise<Outcome> {
  switch (ended.kind) {
    case 'returned':
      return keep(call.opened, ended.value)
    case 'threw':
      return call.signal.aborted ? { kind: 'cancelled' } : failed(call.opened, ended.error)
    case 'abandoned':
      return { kind: 'cancelled' }
  }
}

/** Calls the function; what it gives without a wait is given without one. */
function settle(
  { attempt, signal, reports, opened, fn, graceMs }: TaskCall,
  closers: Current['closers'],
  waits: Waits,
): Ended | Promise<Ended> {
  const run: { ended: Ended | undefined; onEnd: ((ended: Ended) => void) | undefined } = {
    ended: undefined,
    onEnd: undefined,
  }
  const end = (ended: Ended) => {
    if (run.ended) return
    run.ended = ended
    run.onEnd?.(ended)
  }
  const interrupt = (error: unknown) => {
    if (!run.ended) end({ kind: 'threw', error })
    else
      outside(() =>
        reports.line('stderr', `warning: TASK_FAILED_LATE: ${attempt.name} failed after its end: ${showError(error)}`),
      )
  }
  const current: Current = {
    attempt,
    signal,
    reports,
    closers,
    waits,
    interrupt,
    get over() {
      return run.ended !== undefined
    },
  }
  runIn(current, () => start(fn, opened.args, end))
  return run.ended ?? new Promise(resolve => (run.onEnd = awaited(signal, graceMs, { end, resolve })))
}

/** Watches over a function that is still at work; what it gives is to be called at its end. */
function awaited(
  signal: AbortSignal,
  graceMs: number,
  { end, resolve }: { readonly end: (ended: Ended) => void; readonly resolve: (ended: Ended) => void },
): (ended: Ended) => void {
  const letGo = holdOpen()
  let grace: NodeJS.Timeout | undefined
  const onAbort = () => {
    grace = setTimeout(() => end({ kind: 'abandoned' }), graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  return ended => {
    letGo()
    clearTimeout(grace)
    signal.removeEventListener('abort', onAbort)
    resolve(ended)
  }
}

/** A function that answers at once costs no promise: most small tasks do. */
function start(fn: Call, args: readonly unknown[], end: (ended: Ended) => void): void {
  try {
    const value = fn(...args)
    if (!isThenable(value)) return end({ kind: 'returned', value })
    Promise.resolve(value).then(
      result => end({ kind: 'returned', value: result }),
      // A failure after the end was asked for by the abort, or was reported by interrupt: nothing is lost here.
      error => end({ kind: 'threw', error }),
    )
  } catch (error) {
    end({ kind: 'threw', error })
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  typeof (value as { readonly then?: unknown }).then === 'function'

async function close(closers: Current['closers']): Promise<void> {
  for (const closer of [...closers].reverse()) {
    try {
      await closer()
    } catch (error) {
      // A scratch folder that cannot be removed is no reason to lose a result.
      process.emitWarning(`tutti could not clean up after an attempt: ${showError(error)}`)
    }
  }
}

function keep(opened: Opened, value: unknown): Outcome | Promise<Outcome> {
  try {
    const output = opened.keep(value)
    return output instanceof Promise ? output.then(succeeded, error => failed(opened, error)) : succeeded(output)
  } catch (error) {
    return failed(opened, error)
  }
}

const succeeded = (output: ValueRef): Outcome => ({ kind: 'succeeded', output })
const failed = async (opened: Opened, error: unknown): Promise<Outcome> => ({
  kind: 'failed',
  fault: await opened.fault(error),
})

const unknownTask = (name: string): Refusal =>
  new Refusal({
    code: 'TASK_UNKNOWN',
    severity: 'error',
    message: `The bundle has no task ${JSON.stringify(name)}`,
    hint: 'The file changed since the run began: resume with --latest, or start a new run.',
  })

const showError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
