/** `ctx()`: what a running task may know about its own attempt, without a parameter for it. */
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format } from 'node:util'
import { refuse } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import { currentAttempt, outside, type Current } from './current.ts'
import { lineSink } from './lines.ts'
import { redactJson } from './secrets/vault.ts'

export interface Ctx {
  readonly run: string
  readonly step: string
  /** From 1. A fencing value: greater than that of every attempt before. */
  readonly attempt: number
  /** Attempts before it that failed: fewer than there were when some were lost with their process. */
  readonly failures: number
  /** The same for all attempts of this step in this run: give it to services that deduplicate. */
  readonly idempotencyKey: string
  readonly log: Log
  /** Keeps a named value with the run; `tutti show` prints it. Refuses with VALUE_UNKEEPABLE. */
  record(name: string, value: unknown): void
  /** Says that the attempt still works: a step with the option `heartbeat` fails with HEARTBEAT_TIMEOUT when it is silent for longer. */
  heartbeat(): void
  /** Aborts when the attempt is cancelled or out of time. */
  readonly signal: AbortSignal
  /** A folder for this attempt alone: made when first asked for, removed at the attempt's end. */
  readonly scratch: string
}

/** Formats as `console.log` does; the lines belong to the step. */
export interface Log {
  debug(...values: readonly unknown[]): void
  info(...values: readonly unknown[]): void
  warn(...values: readonly unknown[]): void
  error(...values: readonly unknown[]): void
}

const made = new WeakMap<Current, Ctx>()

/** The running attempt. Refuses with NO_CONTEXT outside of one. */
export function ctx(): Ctx {
  const current = currentAttempt()
  if (current === undefined) {
    refuse('NO_CONTEXT', 'ctx() was called where no step is running', {
      hint: 'Call ctx() inside the function of a task or an effect; while a workflow is traced nothing runs yet.',
    })
  }
  const known = made.get(current) ?? makeCtx(current)
  made.set(current, known)
  return known
}

function makeCtx(current: Current): Ctx {
  const { attempt, signal, reports, closers } = current
  let scratch: string | undefined
  return {
    run: attempt.run,
    step: attempt.step,
    attempt: attempt.attempt,
    failures: attempt.failures ?? 0,
    idempotencyKey: attempt.idempotencyKey,
    signal,
    log: makeLog(current),
    heartbeat: () => outside(() => reports.alive()),
    record: (name, value) => {
      const json = redactJson(toTagged(value, { root: name }))
      outside(() => reports.record(name, json))
    },
    get scratch() {
      if (scratch === undefined) {
        const folder = mkdtempSync(join(realpathSync(tmpdir()), 'tutti-'))
        scratch = folder
        closers.add(() => rm(folder, { recursive: true, force: true }))
      }
      return scratch
    },
  }
}

function makeLog({ reports }: Current): Log {
  const at =
    (prefix: string) =>
    (...values: readonly unknown[]) => {
      // A message is whole: no secret of it can go on in the next one, so the sink ends with it.
      const sink = lineSink(line => outside(() => reports.line('log', prefix + line)))
      sink.write(format(...values))
      sink.end()
    }
  return { debug: at('debug: '), info: at(''), warn: at('warning: '), error: at('error: ') }
}
