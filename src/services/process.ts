/** A service's own process: the command that its function gave without awaiting it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import type { Current } from '../exec/current.ts'
import { lineSink } from '../exec/lines.ts'
import { redact } from '../exec/secrets/vault.ts'
import { commandError } from '../exec/sh/error.ts'
import { surroundingsOf, type Written } from '../exec/sh/execute.ts'
import { addGroup } from '../exec/sh/groups.ts'
import { WRITTEN } from '../exec/sh/sh.ts'
import { within } from './waits.ts'

/** How a service came to its end by itself. */
export type End =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly message: string }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** What it did is over. */
  | { readonly kind: 'returned' }

export interface ServiceProcess {
  /** Leads a group and a session of its own; undefined when it could not be started. */
  readonly pid: number | undefined
  /** Never rejects. */
  readonly exited: Promise<End>
  /** Reads its pipes to their end and lets go of them; when nothing of it is left that end comes at once. */
  close(): Promise<void>
}

/** Whoever has left group and session may hold the pipes for ever. */
const CLOSE_MS = 500

/** The command as it was written, when `value` is one, also one of another copy of this package. */
export function writtenCommand(value: unknown): Written | undefined {
  if (typeof value !== 'object' || value === null || !(WRITTEN in value)) return undefined
  return (value as { [WRITTEN](): Written })[WRITTEN]()
}

/** `signal`: what ends it gently. */
export function startProcess({ prepared, options }: Written, current: Current, signal: NodeJS.Signals): ServiceProcess {
  const { file, args } = prepared
  const { cwd, env } = surroundingsOf(options, current)
  let child: ChildProcess
  try {
    const stdin = options.input === undefined ? 'ignore' : 'pipe'
    child = spawn(file, [...args], { cwd, env, detached: true, stdio: [stdin, 'pipe', 'pipe'] })
  } catch (error) {
    return failedToStart(notStarted(error as Error))
  }
  const { pid } = child
  const exited = endOf(child, error => notStarted(error))
  const closed = new Promise(resolve => child.once('close', resolve))
  if (pid !== undefined) addGroup(pid, signal)
  child.stdin?.on('error', () => {})
  if (options.input !== undefined) child.stdin?.end(options.input)
  const closers = [pass(child, 'stdout', current), pass(child, 'stderr', current)]
  return {
    pid,
    exited,
    async close() {
      await within(closed, CLOSE_MS)
      for (const close of closers) close()
    },
  }

  function notStarted(error: Error & { readonly code?: string }): string {
    const command = redact(prepared.shown)
    const exit = { kind: 'not-started', error } as const
    return commandError({ command, file, cwd, exit, stopped: undefined, limit: '', output: '' }).message
  }
}

const failedToStart = (message: string): ServiceProcess => ({
  pid: undefined,
  exited: Promise.resolve({ kind: 'not-started', message }),
  close: () => Promise.resolve(),
})

function endOf(child: ChildProcess, notStarted: (error: Error) => string): Promise<End> {
  return new Promise(resolve => {
    child.on('error', error => {
      if (child.pid === undefined) resolve({ kind: 'not-started', message: notStarted(error) })
    })
    child.once('exit', (code, signal) =>
      resolve(code === null ? { kind: 'killed', signal: signal ?? 'SIGKILL' } : { kind: 'exited', code }),
    )
  })
}

/** Its output as lines of the service. */
function pass(child: ChildProcess, name: 'stdout' | 'stderr', { reports }: Current): () => void {
  const decoder = new StringDecoder('utf8')
  const sink = lineSink(text => reports.line(name, text))
  const stream = child[name]
  stream?.on('data', (bytes: Buffer) => sink.write(decoder.write(bytes)))
  return () => {
    sink.write(decoder.end())
    sink.end()
    stream?.destroy()
  }
}
