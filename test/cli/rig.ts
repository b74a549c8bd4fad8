/** Runs the built command line as users do: a process of its own, in a folder of its own, watched from outside. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const cli = join(root, 'dist/cli.js')
/** Nothing here may take longer: what does hangs. */
const HANG_MS = 30_000

export interface Ended {
  /** The exit code, or the name of the signal that ended the process. */
  readonly code: number | NodeJS.Signals
  readonly out: string
  readonly err: string
}

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Another user than the one who runs the tests. */
  readonly uid?: number
  readonly gid?: number
}

export interface Live {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly out: string
  readonly err: string
  /** Resolves when the text has come on stdout or stderr. */
  says(text: string): Promise<void>
  readonly ended: Promise<Ended>
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A new folder with these files; `node_modules` is ours, so that validators can be imported. */
export function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-cli-'))
  folders.push(folder)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export async function tutti(words: readonly string[], options: Options): Promise<Ended> {
  return startTutti(words, options).ended
}

export const startTutti = (words: readonly string[], options: Options): Live =>
  start(process.execPath, [cli, ...words], options)

export function start(command: string, words: readonly string[], { cwd, env, input, uid, gid }: Options): Live {
  const child = spawn(command, words, {
    cwd,
    env: environment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid }),
  })
  const texts = { out: '', err: '' }
  const waiting = new Set<() => void>()
  const note = (stream: 'out' | 'err') => (chunk: string) => {
    texts[stream] += chunk
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', note('out'))
  child.stderr.setEncoding('utf8').on('data', note('err'))
  // A process may end before it has read all that it is given.
  child.stdin.on('error', () => undefined)
  if (input !== undefined) child.stdin.write(input)
  child.stdin.end()
  const ended = new Promise<Ended>((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`tutti ${words.join(' ')} hangs; stdout: ${texts.out}; stderr: ${texts.err}`))
    }, HANG_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(hang)
      resolve({ code: signal ?? code ?? -1, ...texts })
    })
  })
  return {
    child,
    ended,
    get out() {
      return texts.out
    },
    get err() {
      return texts.err
    },
    says: text =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!texts.out.includes(text) && !texts.err.includes(text)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        void ended.then(({ out, err }) =>
          reject(new Error(`it ended without saying ${text}; stdout: ${out}; stderr: ${err}`)),
        )
      }),
  }
}

/** What the machine that runs the tests says about itself must not change what they see. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...(TMPDIR ? { TMPDIR } : {}), ...extra }
}

/** The objects of an NDJSON stream; a torn last line (the process was killed) is left out. */
export function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
