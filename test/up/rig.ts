/** `tutti up` as users run it: a process of its own, told apart by what it says on `--json`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Ended, folderWith, startTutti, tutti } from '../cli/rig.ts'

export interface Said {
  readonly kind: string
  readonly [field: string]: unknown
}

export interface LiveUp {
  readonly cwd: string
  readonly pid: number
  /** The next one for which it holds, of those that have come since the last answer. */
  next(holds: (said: Said) => boolean, what?: string): Promise<Said>
  /** Does something and waits for the reaction to it; its steps that ran. */
  after(act: () => void): Promise<readonly string[]>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
  readonly said: readonly Said[]
}

/** Resolves when all is up to date. */
export async function up(
  files: Readonly<Record<string, string>> | string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<LiveUp> {
  const cwd = typeof files === 'string' ? files : folderWith(files)
  const live = startTutti(['up', '--json', ...words], { cwd, env })
  onTestFinished(() => void live.child.kill('SIGKILL'))
  const said: Said[] = []
  let read = 0
  let text = ''
  let look = (): void => undefined
  live.child.stdout.on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) said.push(JSON.parse(line) as Said)
    look()
  })
  const next: LiveUp['next'] = (holds, what = 'that') =>
    new Promise((resolve, reject) => {
      look = () => {
        while (read < said.length) {
          const each = said[read++] as Said
          if (!holds(each)) continue
          look = () => undefined
          return resolve(each)
        }
      }
      look()
      live.ended.then(
        ({ err, out }) => reject(new Error(`it ended without ${what}; stdout: ${out}; stderr: ${err}`)),
        reject,
      )
    })
  const settled = (each: Said): boolean => each.kind === 'up.settled' && each['status'] !== 'superseded'
  const result: LiveUp = {
    cwd,
    pid: live.child.pid ?? 0,
    said,
    next,
    ended: live.ended,
    signal: name => void live.child.kill(name),
    async after(act) {
      act()
      const end = await next(settled, 'a reaction')
      await next(each => each.kind === 'up.watching', 'watching')
      return end['ran'] as string[]
    },
  }
  await next(each => each.kind === 'up.watching', 'being up to date')
  return result
}

export const read = (cwd: string, name: string): string => readFileSync(join(cwd, name), 'utf8')

/** Whether the process is there; a zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !/^\d+ \(.*\) Z/s.test(stat)
  } catch {
    return false
  }
}

export const down = (cwd: string, ...words: string[]): Promise<Ended> => tutti(['down', ...words], { cwd })
