/**
 * One command from start to end: output as lines and as a bounded text, time and cancellation, and its process group.
 * On node:child_process and not on a library: those we know stop the child and leave its children running.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, delimiter } from 'node:path'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { lineSink } from '../lines.ts'
import { hiddenEnv } from '../secrets/vault.ts'
import { type Forked, fork } from './forker.ts'
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
  const forked = command.input === undefined ? await fork(command) : undefined
  if (forked !== undefined) return follow({ kind: 'running', ...forked, closed: bothClosed(forked) }, command)
  const started = startPlainly(command)
  if (started.kind === 'running') return follow(started, command)
  return { exit: { kind: 'not-started', error: await started.error }, stdout: NOTHING, stderr: NOTHING }
}

const NOTHING: Kept = { text: '', droppedChars: 0 }

/** A command that runs. */
interface Running {
  readonly kind: 'running'
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /** When the command itself has ended. */
  readonly exited: Promise<Exit>
  /** When nobody holds its streams any more. */
  readonly closed: Promise<unknown>
}

type Started = Running | { readonly kind: 'not-started'; readonly error: Promise<Error> }

function startPlainly({ file, args, cwd, env, input }: Spawned): Started {
  const child = spawn(file, [...args], {
    cwd,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // A command need not read its input: EPIPE is its choice, and its exit code tells.
  child.stdin?.on('error', () => {})
  const { pid, stdout, stderr } = child
  const failed = new Promise<Error>(resolve => child.on('error', resolve))
  if (pid === undefined || stdout === null || stderr === null) return { kind: 'not-started', error: failed }
  if (input !== undefined) child.stdin?.end(input)
  return {
    kind: 'running',
    pid,
    stdout,
    stderr,
    exited: new Promise(resolve => {
      child.once('exit', (code, killedBy) =>
        resolve(code === null ? { kind: 'killed', signal: killedBy ?? 'SIGKILL' } : { kind: 'exited', code }),
      )
    }),
    closed: new Promise(resolve => child.once('close', resolve)),
  }
}

const bothClosed = ({ stdout, stderr, exited }: Forked): Promise<unknown> =>
  Promise.all([exited, ...[stdout, stderr].map(stream => new Promise(resolve => stream.once('close', resolve)))])

async function follow(started: Running, command: Spawned): Promise<Ended> {
  const streams = [
    collect(started.stdout, text => command.line('stdout', text), command.keptCharsMax),
    collect(started.stderr, text => command.line('stderr', text), command.keptCharsMax),
  ] as const
  addGroup(started.pid)
  const exit = await ended(started, command)
  const [stdout, stderr] = streams.map(stream => stream.end()) as [Kept, Kept] // map keeps the length
  return { exit, stdout, stderr }
}

function collect(stream: Readable, line: (text: string) => void, keptCharsMax: number): { end(): Kept } {
  const decoder = new StringDecoder('utf8')
  const sink = lineSink(line)
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
  stream.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
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

function ended({ pid, stdout, stderr, exited, closed }: Running, { signal, graceMs }: Spawned): Promise<Exit> {
  return new Promise(resolve => {
    let linger: NodeJS.Timeout | undefined
    let stopping: Promise<void> | undefined
    const stop = () => (stopping ??= stopGroup(pid, graceMs))
    const finish = async () => {
      clearTimeout(linger)
      signal.removeEventListener('abort', stop)
      await stop()
      // Whoever left the group may hold the pipes for ever: they are closed on our side.
      stdout.destroy()
      stderr.destroy()
      resolve(exited)
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    void exited.then(() => {
      linger = setTimeout(finish, signalGroup(pid, 0) ? LINGER_MS : LINGER_MS / 4)
    })
    void closed.then(finish)
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
  // One copy: each look into `process.env` asks the system.
  const all: Environment = { ...process.env }
  for (const name of hiddenEnv()) delete all[name]
  if (declared === undefined) return Object.assign(all, extra)
  const visible = [...BASE_ENV, ...declared].filter(name => all[name] !== undefined)
  return { ...Object.fromEntries(visible.map(name => [name, all[name]])), ...extra }
}
