/** A command: the argument as JSON on its stdin, the result as JSON on its stdout; its exit code is its error. */
import { resolve } from 'node:path'
import { refuse } from '../../../../util/diagnostic.ts'
import { StateError } from '../../state-error.ts'
import type { CommandBinding } from '../binding.ts'
import { runProgram } from './program.ts'

const CAUSE_LINES = 20

export interface CommandCall {
  readonly binding: CommandBinding
  /** JSON. */
  readonly input: string
  readonly folder: string
  readonly env: { readonly [name: string]: string }
  readonly timeoutSeconds?: number
}

/** What it printed: JSON. Fails with `ExitCode.<n>` and the end of what it wrote to stderr. */
export async function callCommand({ binding, input, folder, env, timeoutSeconds }: CommandCall): Promise<string> {
  const { command } = binding
  const words = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const ended = await runProgram({
    words,
    shown: typeof command === 'string' ? command : command.join(' '),
    input,
    cwd: resolve(folder, binding.cwd ?? ''),
    env: { ...env, ...binding.env },
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1_000 }),
  })
  switch (ended.kind) {
    case 'timed-out':
      throw new StateError('States.Timeout')
    case 'not-found':
      return refuse('ASL_COMMAND_MISSING', `There is no program ${JSON.stringify(words[0])} for { command: … }`, {
        hint: 'Install it, or check the spelling: it is looked for on the PATH and in node_modules/.bin.',
      })
    case 'ended':
      if (ended.code !== 0) throw new StateError(`ExitCode.${ended.code}`, lastLines(ended.stderr || ended.stdout))
      return jsonText(ended.stdout)
  }
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-CAUSE_LINES).join('\n')

/** Nothing is null; a text that is no JSON is itself. */
function jsonText(stdout: string): string {
  if (stdout.trim() === '') return 'null'
  try {
    JSON.parse(stdout)
    return stdout
  } catch {
    return JSON.stringify(stdout)
  }
}
