/** A shell where the attempt would run, with its arguments in a file and the environment that its commands have. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { commandEnv } from '../../exec/sh/spawn.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { type DebugPlan, runDebuggee } from './debuggee.ts'
import { environmentOf, type Past } from './past.ts'

/** The exit code of the shell. */
export async function openShell(io: Io, past: Past, plan: DebugPlan): Promise<number> {
  const argumentsFile = join(dirname(plan.valuesFolder), 'arguments.json')
  await prepare(io, past, { ...plan, argumentsFile })
  const { attempt } = plan
  io.err(`${past.step.path}, attempt ${attempt.attempt}, in ${attempt.cwd}\nits arguments: ${argumentsFile}\n`)
  const env = commandEnv(attempt.policy.env, {
    ...environmentOf(past),
    TUTTI_RUN: attempt.run,
    TUTTI_STEP: attempt.step,
    TUTTI_ATTEMPT: String(attempt.attempt),
    TUTTI_IDEMPOTENCY_KEY: attempt.idempotencyKey,
    TUTTI_ARGUMENTS: argumentsFile,
  })
  return interactive(io.env['SHELL'] ?? '/bin/sh', attempt.cwd, env)
}

/** The process of the attempt restores all that it was given, and ends before it calls anything. */
async function prepare(io: Io, { step }: Past, plan: DebugPlan): Promise<void> {
  const end = await runDebuggee(plan, {}, news => {
    if (news.kind === 'line') io.err(`${news.text}\n`)
  }).end
  if (end.kind === 'refused') throw new Refusal(end.diagnostics)
  if (end.kind === 'died') throw new Error(`defect: the process that restores an attempt ended: ${end.how}`)
  if (end.outcome.kind !== 'failed') return
  const { code, message } = end.outcome.fault
  refuse(code, `The arguments of ${step.path} cannot be had: ${message}`)
}

/** The terminal's signals are the shell's. */
function interactive(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  const child = spawn(file, [], { cwd, env, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.removeListener('SIGINT', ignore)
      resolve(code ?? (signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted))
    })
  })
}
