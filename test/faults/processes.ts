/** Real processes, watched and troubled from outside: the built command line, programs, and our own child. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** From here, and from where `npm run faults` bundles us to: node_modules/.tutti-test. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
export const cli = join(root, 'dist/cli.js')
export const fixture = (name: string): string => join(root, 'test/faults/fixtures', name)
export const fixtureText = (name: string): string => readFileSync(fixture(name), 'utf8')
/** What takes longer hangs. */
const HANG_MS = 180_000

export interface Ended {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | NodeJS.Signals
  readonly out: string
  readonly err: string
}

export interface Live {
  readonly pid: number
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly out: string
  readonly isOver: boolean
  kill(signal: NodeJS.Signals): void
  /** Resolves when its stdout says `text` for the n-th time, or when it has ended. */
  says(text: string, times: number): Promise<void>
  readonly ended: Promise<Ended>
}

export interface StartOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Its owner looks out for it: it may take as long as it likes, and its stdout is not kept. */
  readonly lasting?: boolean
}

/** Whatever becomes of a round, it leaves no process behind, stopped ones least of all. */
export async function endAll(lives: readonly Live[]): Promise<void> {
  const open = lives.filter(live => !live.isOver)
  for (const live of open) live.kill('SIGKILL')
  await Promise.allSettled(open.map(live => live.ended))
}

export const startNode = (words: readonly string[], options: StartOptions): Live =>
  start(process.execPath, words, options)

export function start(command: string, words: readonly string[], { cwd, env, lasting }: StartOptions): Live {
  const child = spawn(command, words, { cwd, env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] })
  const texts = { out: '', err: '' }
  const looks = new Set<() => void>()
  let isOver = false
  child.stdout.setEncoding('utf8')
  if (!lasting)
    child.stdout.on('data', (chunk: string) => {
      texts.out += chunk
      for (const look of looks) look()
    })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    texts.err += chunk
  })
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Ended>((resolve, reject) => {
    const hang = lasting
      ? undefined
      : setTimeout(() => {
          child.kill('SIGKILL')
          reject(new Error(`hangs: ${words.join(' ')}\nstderr: ${texts.err}`))
        }, HANG_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(hang)
      isOver = true
      resolve({ code: signal ?? code ?? -1, ...texts })
    })
  })
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    get out() {
      return texts.out
    },
    get isOver() {
      return isOver
    },
    kill: signal => void child.kill(signal),
    says: (text, times) => heard(looks, () => countOf(texts.out, text) >= times, ended),
  }
}

function heard(looks: Set<() => void>, holds: () => boolean, ended: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!holds()) return
      looks.delete(look)
      resolve()
    }
    looks.add(look)
    look()
    ended.then(() => resolve(), reject)
  })
}

const countOf = (text: string, part: string): number => text.split(part).length - 1

/** What the machine says about itself must not change what its children do. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TUTTI_SQLITE } = process.env
  const kept = Object.entries({ PATH, HOME, TMPDIR, TUTTI_SQLITE }).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(kept), ...extra }
}

/** The objects of an NDJSON stream; a torn last line (its writer was killed) is left out. */
export const jsonLines = <T>(text: string): readonly T[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    // Lines of our own children and of the command line's documented stream.
    .map(line => JSON.parse(line) as T)

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
