/** A program that gets a text and gives one; its other output are lines of the step. */
import { currentAttempt } from '../../../../exec/current.ts'
import { CommandError } from '../../../../exec/sh/error.ts'
import { DEFAULTS, execute } from '../../../../exec/sh/execute.ts'

export interface Program {
  readonly words: readonly string[]
  readonly shown: string
  readonly input: string
  readonly cwd: string
  readonly timeoutMs?: number
  readonly env?: { readonly [name: string]: string }
}

export type Ended =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'not-found' }

export async function runProgram({ words, shown, input, cwd, timeoutMs, env = {} }: Program): Promise<Ended> {
  const [file = '', ...args] = words
  try {
    const { code, stdout, stderr } = await execute(
      { file, args, shown },
      { ...DEFAULTS, onFailure: 'return', output: 'stderr', input, cwd, timeoutMs, env: { ...env } },
      currentAttempt(),
    )
    return { kind: 'ended', code, stdout, stderr }
  } catch (error) {
    if (error instanceof CommandError && error.code === 'COMMAND_TIMEOUT') return { kind: 'timed-out' }
    if (error instanceof CommandError && error.code === 'COMMAND_NOT_FOUND') return { kind: 'not-found' }
    throw error
  }
}
