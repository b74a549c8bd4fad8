/**
 * What a task must not do to the process that it shares with others: end it, write past its step, or fail where nobody
 * listens. Installed once, when the first attempt starts; outside of an attempt everything passes through unchanged.
 */
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format } from 'node:util'
import { currentAttempt, outside, type Current } from './current.ts'
import { lineSink } from './lines.ts'
import { shared } from './shared.ts'

/** `process.exit` in a task ends the attempt, not the run. */
class TaskExited extends Error {
  override readonly name = 'TaskExited'
  readonly code = 'TASK_EXITED'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`The task called process.exit(${exitCode}); a task ends by returning or throwing`)
    this.exitCode = exitCode
  }
}

const CAPTURED = [
  'log',
  'info',
  'debug',
  'warn',
  'error',
  'trace',
  'dir',
  'table',
  'group',
  'groupCollapsed',
  'groupEnd',
  'assert',
  'count',
  'time',
  'timeLog',
  'timeEnd',
] as const

let installed = false

export function installGuards(): void {
  if (installed) return
  installed = true
  shared('guards', () => {
    guardExit()
    guardConsole()
    guardStreams()
    guardFailures()
    return 'installed'
  })
}

function guardExit(): void {
  const exit = process.exit.bind(process)
  process.exit = (code?: number | string | null): never => {
    const current = currentAttempt()
    if (current === undefined) return exit(code)
    const error = new TaskExited(Number(code ?? process.exitCode ?? 0))
    // The task may catch what is thrown here; the attempt is over all the same.
    current.interrupt(error)
    throw error
  }
}

interface Output {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly console: Console
}

const outputs = new WeakMap<Current, Output>()

function guardConsole(): void {
  const target = console as unknown as Record<string, (...values: unknown[]) => void> // methods picked by name
  for (const method of CAPTURED) {
    const original = target[method]
    if (original === undefined) continue
    target[method] = (...values) => {
      const current = currentAttempt()
      if (current === undefined) return original.apply(console, values)
      const captured = outputOf(current).console as unknown as typeof target
      captured[method]?.(...values)
    }
  }
}

/** What a task writes to the process's streams itself belongs to its step, too: stdout is for data, and secrets stay in. */
function guardStreams(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const write = stream.write.bind(stream) as (...values: unknown[]) => boolean // overloads, passed on as they come
    stream.write = (...values: unknown[]): boolean => {
      const current = currentAttempt()
      if (current === undefined) return write(...values)
      const own = outputOf(current)[name]
      return (own.write.bind(own) as typeof write)(...values)
    }
  }
}

function outputOf(current: Current): Output {
  const known = outputs.get(current) ?? makeOutput(current)
  outputs.set(current, known)
  return known
}

function makeOutput(current: Current): Output {
  const streams = { stdout: lineStream(current, 'stdout'), stderr: lineStream(current, 'stderr') }
  return { ...streams, console: new Console(streams) }
}

function lineStream({ reports, closers }: Current, stream: 'stdout' | 'stderr'): Writable {
  const sink = lineSink(line => outside(() => reports.line(stream, line)))
  closers.add(() => sink.end())
  return new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      sink.write(String(chunk))
      done()
    },
  })
}

/** An exception that nobody catches belongs to the attempt in whose context it was thrown. */
function guardFailures(): void {
  const onFailure = (kind: 'uncaughtException' | 'unhandledRejection') => (error: unknown) => {
    const current = currentAttempt()
    if (current !== undefined) return current.interrupt(error)
    if (process.listenerCount(kind) > 1) return
    // Nobody's attempt and no other listener: what Node does without us.
    process.stderr.write(`${format(error)}\n`)
    process.exit(1)
  }
  process.on('uncaughtException', onFailure('uncaughtException'))
  process.on('unhandledRejection', onFailure('unhandledRejection'))
}
