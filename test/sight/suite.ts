/** What the tests of this folder share: logs as text, what is seen in them as text, and real runs. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { stopGroup } from '../../src/exec/sh/groups.ts'
import { accessOf } from '../../src/sight/access.ts'
import { observeCalls, type Observed, type ObserveOptions, readLog } from '../../src/sight/processes.ts'
import { findSight, traced } from '../../src/sight/strace.ts'

export function observed(log: string, options: ObserveOptions = { cwd: '/w' }): Observed {
  const observer = observeCalls(options)
  for (const line of log.split('\n')) observer.line(line.trimStart())
  return observer.end()
}

/** A line for each process (`parent>id`, its place, its end), then one for each thing that it did. */
export const shown = ({ processes, unknownLines }: Observed): string[] => [
  ...processes.flatMap(({ id, parent, cwd, exit, execs, touches }) => [
    `${parent ?? ''}>${id} in ${cwd}${exit === undefined ? '' : ` ${exit.kind} ${exit.kind === 'exited' ? exit.code : exit.signal}`}`,
    ...[
      ...execs.map(({ seq, argv }) => ({ seq, text: `  run ${argv.join(' ')}` })),
      ...touches.map(({ seq, kind, path, from }) => ({
        seq,
        text: `  ${kind} ${path}${from === undefined ? '' : ` < ${from}`}`,
      })),
    ]
      .sort((a, b) => a.seq - b.seq)
      .map(({ text }) => text),
  ]),
  ...(unknownLines > 0 ? [`${unknownLines} unknown`] : []),
]

export const sight = await findSight()
/** Why tests with real processes cannot run here. */
export const noSight = sight.kind === 'blocked' && sight.problem.code

export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'tutti-sight-')))

export const hasProgram = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, name)))

export interface Ran {
  readonly observed: Observed
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Runs a command under strace until nothing of it is left. */
export async function run(cwd: string, file: string, ...args: readonly string[]): Promise<Ran> {
  if (sight.kind === 'blocked') throw new Error(sight.problem.message)
  const logs = newFolder()
  const log = join(logs, 'log')
  const command = traced(sight.tracer, { file, args, cwd, env: { ...process.env, LC_ALL: 'C' } }, { log, env: 'seen' })
  const child = spawn(command.file, command.args, { cwd, env: command.env, detached: true, stdio: 'ignore' })
  const end = await new Promise<Pick<Ran, 'code' | 'signal'>>((done, failed) => {
    child.once('error', failed)
    child.once('exit', (code, signal) => done({ code, signal }))
  })
  await stopGroup(child.pid ?? 0, 10_000)
  const observed = await readLog(log, { cwd, keep: path => path === cwd || path.startsWith(`${cwd}/`) })
  rmSync(logs, { recursive: true })
  return { ...end, observed }
}

/** What all of them hung on and left, relative to the folder, in words. */
export function accessIn(cwd: string, { observed }: Ran): { readonly [kind: string]: readonly string[] } {
  const inside = (paths: readonly string[]) => paths.map(path => (path === cwd ? '.' : path.slice(cwd.length + 1)))
  return Object.fromEntries(Object.entries(accessOf(observed)).map(([kind, paths]) => [kind, inside(paths)]))
}
