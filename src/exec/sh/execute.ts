/** One run of an `sh` command: its slot, its time, its place in the attempt, and what becomes of its exit code. */
import { resolve } from 'node:path'
import { outside, type Current } from '../current.ts'
import { showMs } from '../middleware/timeout.ts'
import { redact } from '../secrets/vault.ts'
import { SERVICE_VARIABLE } from '../service.ts'
import { commandError } from './error.ts'
import { takeSlot } from './limiter.ts'
import { commandEnv, type Ended, type Environment, pathWithBins, runCommand, type Spawned } from './spawn.ts'

/** Plain data, so that a task can return it; `lines` is there in the task that ran the command, and not stored. */
export interface ShResult {
  /** Without the line break at its end, as `$(…)` in a shell. The last 16 million characters. */
  readonly stdout: string
  readonly stderr: string
  /** 0, unless `.nothrow()`; -1 when a signal ended it. */
  readonly code: number
  /** As written, values quoted, secrets under their names. */
  readonly command: string
  /** The lines of stdout; [] when it is empty. */
  lines(): readonly string[]
}

export interface Prepared {
  readonly file: string
  readonly args: readonly string[]
  readonly shown: string
}

export interface Options {
  readonly env: Environment
  readonly cwd: string | undefined
  /** What of it goes to the step's lines: all, nothing, or what is no result. */
  readonly output: 'lines' | 'quiet' | 'stderr'
  readonly timeoutMs: number | undefined
  readonly graceMs: number
  readonly input: string | Uint8Array | undefined
  readonly onFailure: 'throw' | 'return'
}

/** A command as it was written. */
export interface Written {
  readonly prepared: Prepared
  readonly options: Options
}

export const DEFAULTS: Options = {
  env: {},
  cwd: undefined,
  output: 'lines',
  timeoutMs: undefined,
  graceMs: 5_000,
  input: undefined,
  onFailure: 'throw',
}
/** Bound on what is kept of each stream in memory; all of it goes to the step's lines. */
const KEPT_CHARS_MAX = 16_000_000
const SLOT_WAIT_SHOWN_MS = 10_000

/** Runs it in the attempt `current`, or outside of any. Rejects with a `CommandError`. */
export async function execute(prepared: Prepared, options: Options, current: Current | undefined): Promise<ShResult> {
  const cwd = resolve(current?.attempt.cwd ?? process.cwd(), options.cwd ?? '')
  const command = redact(prepared.shown)
  const clock = new AbortController()
  // An attempt's end ends what its task did not wait for, also what still waits for a slot.
  const ender = new AbortController()
  if (current?.over) ender.abort()
  const signal = AbortSignal.any([clock.signal, ender.signal, ...(current ? [current.signal] : [])])
  let timer: NodeJS.Timeout | undefined
  const running = whenThereIsASlot({ signal, current, command }, () => {
    if (options.timeoutMs !== undefined) timer = setTimeout(() => clock.abort(), options.timeoutMs)
    return runCommand(spawnedOf({ prepared, options, cwd, signal, current }))
  })
  const closer = async () => {
    ender.abort()
    await running
  }
  current?.closers.add(closer)
  const ended = await running
  clearTimeout(timer)
  current?.closers.delete(closer)
  const stopped = clock.signal.aborted ? 'timeout' : signal.aborted ? 'cancelled' : undefined
  return finish({ prepared, options, cwd, command, ended, stopped, current })
}

interface Given {
  readonly prepared: Prepared
  readonly options: Options
  readonly cwd: string
  readonly signal: AbortSignal
  readonly current: Current | undefined
}

const spawnedOf = ({ prepared, options, cwd, signal, current }: Given): Spawned => ({
  file: prepared.file,
  args: prepared.args,
  cwd,
  signal,
  env: envOf(options, cwd, current),
  input: options.input,
  graceMs: options.graceMs,
  keptCharsMax: KEPT_CHARS_MAX,
  line: (stream, text) => {
    const told = options.output === 'lines' || options.output === stream
    if (current !== undefined && told) outside(() => current.reports.line(stream, text))
  },
})

const NEVER_STARTED: Ended = {
  exit: { kind: 'killed', signal: 'SIGTERM' },
  stdout: { text: '', droppedChars: 0 },
  stderr: { text: '', droppedChars: 0 },
}

interface Waiting {
  readonly signal: AbortSignal
  readonly current: Current | undefined
  readonly command: string
}

async function whenThereIsASlot({ signal, current, command }: Waiting, run: () => Promise<Ended>): Promise<Ended> {
  // A service's commands may go on for ever: they would take the slots from those that end.
  if (current?.service) return run()
  const warning = setTimeout(() => {
    current?.reports.line('log', `waiting for a free command slot (TUTTI_COMMANDS_MAX) to run ${command}`)
  }, SLOT_WAIT_SHOWN_MS).unref()
  const waited = current?.waits?.waiting()
  const release = await takeSlot(signal, current?.attempt)
  waited?.()
  clearTimeout(warning)
  if (release === undefined) return NEVER_STARTED
  const ran = current?.waits?.running()
  try {
    return await run()
  } finally {
    ran?.()
    release()
  }
}

/** Where and in which environment a command runs. */
export function surroundingsOf(
  options: Options,
  current: Current | undefined,
): { readonly cwd: string; readonly env: Environment } {
  const cwd = resolve(current?.attempt.cwd ?? process.cwd(), options.cwd ?? '')
  return { cwd, env: envOf(options, cwd, current) }
}

function envOf(options: Options, cwd: string, current: Current | undefined): Environment {
  const attempt = current?.attempt
  const mark = current?.service && { [SERVICE_VARIABLE]: current.service.mark }
  const own =
    attempt === undefined
      ? {}
      : {
          TUTTI_RUN: attempt.run,
          TUTTI_STEP: attempt.step,
          TUTTI_ATTEMPT: String(attempt.attempt),
          TUTTI_IDEMPOTENCY_KEY: attempt.idempotencyKey,
          ...mark,
        }
  const env = commandEnv(attempt?.policy.env, { ...own, ...options.env })
  // Tools of the file's folder, wherever the command itself runs, after those of its own folder.
  const bins = pathWithBins(cwd, attempt === undefined ? env['PATH'] : pathWithBins(attempt.cwd, env['PATH']))
  return { ...env, PATH: bins }
}

interface Finished {
  readonly prepared: Prepared
  readonly options: Options
  readonly cwd: string
  readonly command: string
  readonly ended: Ended
  readonly stopped: 'timeout' | 'cancelled' | undefined
  readonly current: Current | undefined
}

function finish({ prepared, options, cwd, command, ended, stopped, current }: Finished): ShResult {
  const { exit, stdout, stderr } = ended
  const dropped = stdout.droppedChars + stderr.droppedChars
  if (dropped > 0)
    current?.reports.line(
      'log',
      `warning: the result of ${command} keeps the last ${KEPT_CHARS_MAX} characters of each stream; ${dropped} are only in the log`,
    )
  const failed = exit.kind !== 'exited' || exit.code !== 0
  const mayReturn = options.onFailure === 'return' && exit.kind !== 'not-started'
  if (stopped !== undefined || (failed && !mayReturn)) {
    const output = redact(stderr.text.trim() === '' ? stdout.text : stderr.text)
    throw commandError({
      command,
      file: prepared.file,
      cwd,
      exit,
      stopped,
      limit: showMs(options.timeoutMs ?? 0),
      output,
    })
  }
  return result(ended, exit.kind === 'exited' ? exit.code : -1, command)
}

function result({ stdout, stderr }: Ended, code: number, command: string): ShResult {
  const data = { stdout: withoutEnd(stdout.text), stderr: withoutEnd(stderr.text), code, command }
  const lines = () => (data.stdout === '' ? [] : data.stdout.split(/\r?\n/))
  // Not enumerable: a task may return the result, and a function cannot be stored.
  return Object.defineProperty(data, 'lines', { value: lines }) as typeof data & { lines: typeof lines }
}

const withoutEnd = (text: string): string => text.replace(/\r?\n$/, '')
