/** Runs a build under strace, in its own folder, and reads what its processes did. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Observed, readLog } from '../sight/processes.ts'
import { findSight, traced } from '../sight/strace.ts'
import { refuse, Refusal } from '../util/diagnostic.ts'

export interface Ran {
  readonly observed: Observed
  readonly exitCode: number
}

/** Refuses with SIGHT_MISSING and its like, and ADOPT_COMMAND when there is no such command. */
export async function traceBuild(command: readonly string[], cwd: string): Promise<Ran> {
  const sight = await findSight()
  if (sight.kind === 'blocked') throw new Refusal(sight.problem)
  // It holds the variables of every command: a folder of our own, and gone at once.
  await mkdir(tmpdir(), { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'tutti-adopt-'))
  try {
    const log = join(folder, 'calls')
    const [file = '', ...args] = command
    const plain = { file, args, cwd, env: process.env }
    const watched = traced(sight.tracer, plain, { log, env: 'seen', streams: 'seen' })
    if (watched === plain)
      return refuse('ADOPT_COMMAND', `There is no command ${file}`, {
        hint: 'Write what starts the build after --: tutti adopt -- make all',
      })
    // Above its command instead of beside it, strace ends when all is written.
    const words = watched.args.filter(word => word !== '-D')
    const exitCode = await run(watched.file, words, { cwd, env: watched.env })
    return { observed: await readLog(log, { cwd }), exitCode }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Its output goes to our stderr: stdout is for what we say ourselves. */
export function run(
  file: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: { readonly [name: string]: string | undefined } },
): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 2, 2] })
    child.once('error', fail)
    child.once('close', (code, signal) => done(code ?? (signal === null ? 1 : 128)))
  })
}
