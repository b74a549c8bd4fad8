/**
 * One command from start to end: output as lines and as a bounded text, time and cancellation, and its process group.
 * On node:child_process and not on a library: those we know stop the child and leave its children running.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, delimiter } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { lineSink } from '../lines.ts'
import { hiddenEnv } from '../secrets/vault.ts'
import { addGroup, signalGroup, stopGroup } from './groups.ts'

/** Variables of a process. Our own name for it: users of the package's types need none of Node's. */
export type Environment = Record<string, string | undefined>

export interface Spawned {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Environment
  readonly input: string | Uint8Array | undefined
  readonly signal: AbortSignal
  readonly graceMs: number
  /** Characters of each stream that are kept; what comes before the last of them is dropped. */
  readonly keptCharsMax: number
  line(stream: 'stdout' | 'stderr', text: string): void
}

export interface Ended {
  readonly exit: Exit
  readonly stdout: Kept
  readonly stderr: Kept
}

export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** It never ran. */
  | { readonly kind: 'not-started'; readonly error: Error & { readonly code?: string } }

export interface Kept {
  readonly text: string
  readonly droppedChars: number
}

/** What holds its pipes open after its leader has ended may still be writing: so long it is waited for. */
const LINGER_MS = 1_000

/** Runs it. Never rejects; when it resolves nothing of the command's group runs any more. */
export async function runCommand(command: Spawned): Promise<Ended> {
  const child = start(command)
  const streams = [collect(child, 'stdout', command), collect(child, 'stderr', command)] as const
  if (child.pid !== undefined) addGroup(child.pid)
  feedInput(child, command.input)
  const exit = await ended(child, command)
  const [stdout, stderr] = streams.map(stream => stream.end()) as [Kept, Kept] // map keeps the length
  return { exit, stdout, stderr }
}

function start({ file, args, cwd, env, input }: Spawned): ChildProcess {
  return spawn(file, [...args], {
    cwd,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
}

function feedInput(child: ChildProcess, input: string | Uint8Array | undefined): void {
  // A command need not read its input: EPIPE is its choice, and its exit code tells.
  child.stdin?.on('error', () => {})
  if (input !== undefined) child.stdin?.end(input)
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr', { keptCharsMax, line }: Spawned): { end(): Kept } {
  const decoder = new StringDecoder('utf8')
  const sink = lineSink(text => line(name, text))
  let chunks: string[] = []
  let keptChars = 0
  let droppedChars = 0
  const take = (text: string) => {
    chunks.push(text)
    keptChars += text.length
    sink.write(text)
    if (keptChars <= 2 * keptCharsMax) return
    // Cut by halves, so that each character is copied at most twice.
    const whole = chunks.join('')
    droppedChars += whole.length - keptCharsMax
    chunks = [whole.slice(-keptCharsMax)]
    keptChars = keptCharsMax
  }
  child[name]?.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
  return {
    end: () => {
      take(decoder.end())
      sink.end()
      const whole = chunks.join('')
      const text = whole.length > keptCharsMax ? whole.slice(-keptCharsMax) : whole
      return { text, droppedChars: droppedChars + whole.length - text.length }
    },
  }
}

function ended(child: ChildProcess, { signal, graceMs }: Spawned): Promise<Exit> {
  return new Promise(resolve => {
    const { pid } = child
    if (pid === undefined) {
      child.once('error', error => resolve({ kind: 'not-started', error }))
      return
    }
    let exit: Exit | undefined
    let stopping: Promise<void> | undefined
    let linger: NodeJS.Timeout | undefined
    const stop = () => (stopping ??= stopGroup(pid, graceMs))
    const finish = async () => {
      clearTimeout(linger)
      signal.removeEventListener('abort', stop)
      await stop()
      // Whoever left the group may hold the pipes for ever: they are closed on our side.
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve(exit ?? { kind: 'killed', signal: 'SIGKILL' })
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    child.once('error', () => {}) // only a failed kill comes here once there is a pid; the group is asked instead
    child.once('exit', (code, killedBy) => {
      exit = code === null ? { kind: 'killed', signal: killedBy ?? 'SIGKILL' } : { kind: 'exited', code }
      linger = setTimeout(finish, signalGroup(pid, 0) ? LINGER_MS : LINGER_MS / 4)
    })
    child.once('close', finish)
  })
}

/** PATH with `node_modules/.bin` of `folder` and of all folders above it, the nearest first. */
export function pathWithBins(folder: string, path: string | undefined): string {
  const bins: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    const bin = join(at, 'node_modules', '.bin')
    if (existsSync(bin)) bins.push(bin)
    if (dirname(at) === at) break
  }
  return [...bins, path].filter(part => part !== undefined && part !== '').join(delimiter)
}

/** Without these a command may not work at all, so `env: […]` of a task does not take them away. */
const BASE_ENV = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TERM',
  'NO_COLOR',
]

/** The environment of a command: ours without secrets; when the step declares what it sees, only that and the basics. */
export function commandEnv(declared: readonly string[] | undefined, extra: Environment): Environment {
  const hidden = hiddenEnv()
  const names = declared === undefined ? Object.keys(process.env) : [...BASE_ENV, ...declared]
  const visible = names.filter(name => !hidden.has(name) && process.env[name] !== undefined)
  return { ...Object.fromEntries(visible.map(name => [name, process.env[name]])), ...extra }
}
