/** A command that did not do what was asked. Its fields are data: they are kept with the step's fault. */
import type { Exit } from './spawn.ts'

export interface CommandFailure {
  readonly code:
    | 'COMMAND_FAILED'
    | 'COMMAND_NOT_FOUND'
    | 'COMMAND_TIMEOUT'
    | 'COMMAND_CANCELLED'
    | 'COMMAND_NOT_STARTED'
  readonly message: string
  /** As written, values quoted, secrets under their names. */
  readonly command: string
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  /** The last lines of output, of stderr where it has any. */
  readonly lastLines: readonly string[]
}

/** What `await sh` throws. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: CommandFailure['code']
  readonly command: string
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly lastLines: readonly string[]

  constructor(failure: CommandFailure) {
    super(failure.message)
    this.code = failure.code
    this.command = failure.command
    this.exitCode = failure.exitCode
    this.signal = failure.signal
    this.lastLines = failure.lastLines
  }
}

const LAST_LINES = 20
const SHOWN_LINES = 5
const COMMAND_CHARS_SHOWN = 200

export interface Failed {
  readonly command: string
  readonly file: string
  readonly cwd: string
  readonly exit: Exit
  /** Why we stopped it, when we did. */
  readonly stopped: 'timeout' | 'cancelled' | undefined
  readonly limit: string
  readonly output: string
}

export function commandError(failed: Failed): CommandError {
  const lastLines = failed.output
    .trimEnd()
    .split('\n')
    .slice(-LAST_LINES)
    .filter(line => line !== '')
  const { code, why } = reason(failed)
  const end = lastLines
    .slice(-SHOWN_LINES)
    .map(line => `\n  ${line}`)
    .join('')
  const { exit } = failed
  return new CommandError({
    code,
    message: `${shorten(failed.command)} ${why}${end}`,
    command: failed.command,
    exitCode: exit.kind === 'exited' ? exit.code : undefined,
    signal: exit.kind === 'killed' ? exit.signal : undefined,
    lastLines,
  })
}

function reason({ exit, stopped, limit, file, cwd }: Failed): {
  readonly code: CommandFailure['code']
  readonly why: string
} {
  if (stopped === 'timeout') return { code: 'COMMAND_TIMEOUT', why: `took longer than ${limit} and was stopped` }
  if (stopped === 'cancelled') return { code: 'COMMAND_CANCELLED', why: 'was stopped, as its step was' }
  switch (exit.kind) {
    case 'exited':
      return { code: 'COMMAND_FAILED', why: `ended with exit code ${exit.code}` }
    case 'killed':
      return { code: 'COMMAND_FAILED', why: `was killed by ${exit.signal}` }
    case 'not-started':
      return notStarted(exit.error, file, cwd)
  }
}

function notStarted(
  error: NodeJS.ErrnoException,
  file: string,
  cwd: string,
): { readonly code: CommandFailure['code']; readonly why: string } {
  switch (error.code) {
    case 'ENOENT':
      return {
        code: 'COMMAND_NOT_FOUND',
        why: `could not start: there is no program ${JSON.stringify(file)} on the PATH or in node_modules/.bin, or no folder ${cwd}. Install it, or check the spelling`,
      }
    case 'EACCES':
      return {
        code: 'COMMAND_NOT_STARTED',
        why: `could not start: ${file} is not executable. Use chmod +x, or name its interpreter`,
      }
    case 'E2BIG':
      return {
        code: 'COMMAND_NOT_STARTED',
        why: 'could not start: its arguments are longer than the system allows. Pass them by .input(…) or in a file',
      }
    default:
      return { code: 'COMMAND_NOT_STARTED', why: `could not start: ${error.message}` }
  }
}

const shorten = (command: string): string =>
  command.length > COMMAND_CHARS_SHOWN ? `${command.slice(0, COMMAND_CHARS_SHOWN)}…` : command
