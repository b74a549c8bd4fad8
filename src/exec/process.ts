/**
 * Attempts in other processes (`tutti worker`): for tasks that may crash, need much memory, or want to be alone. A worker is
 * given the attempt only; bundle and blobs it opens itself, from what its command line names.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import { workerPool, type Gone, type Peer, type Pool } from './remote/pool.ts'
import { streamChannel } from './remote/stream-channel.ts'
import { addGroup, dropGroup, signalGroup } from './sh/groups.ts'

type WorkerCommand = readonly [file: string, ...args: string[]]

export interface ProcessOptions {
  /** Program and arguments of a worker that calls `serveAttempts(stdioChannel(), executor)`, or what gives them for each worker. */
  readonly command: WorkerCommand | (() => WorkerCommand)
  readonly workersMax?: number
  readonly stopMs?: number
  readonly leaseMs?: number
}

export function processes({ command, workersMax = availableParallelism(), stopMs, leaseMs }: ProcessOptions): Pool {
  const start = () => startProcess(typeof command === 'function' ? command() : command, leaseMs)
  return workerPool({ workersMax, start, ...(stopMs === undefined ? {} : { stopMs }) })
}

/** Signals that come from people and systems, not from what a program does. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'])

function startProcess([file, ...args]: WorkerCommand, leaseMs: number | undefined): Peer {
  // A group of its own: Ctrl-C at the terminal is for us, and we tell the workers.
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const { pid } = child
  if (pid !== undefined) addGroup(pid)
  letGo(child)
  const decoder = new StringDecoder('utf8')
  return {
    name: pid === undefined ? file : `process ${pid}`,
    channel: streamChannel(child.stdout, child.stdin),
    gone: goneOf(child),
    leaseMs,
    kill: () => void (pid !== undefined && signalGroup(pid, 'SIGKILL')),
    onStderr: listener => void child.stderr.on('data', (bytes: Buffer) => listener(decoder.write(bytes))),
  }
}

function goneOf(child: ChildProcess): Promise<Gone> {
  return new Promise(resolve => {
    child.once('error', error => resolve({ kind: 'crashed', how: error.message }))
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) dropGroup(child.pid)
      const how = signal === null ? `exit code ${code}` : `killed by ${signal}`
      resolve({ kind: signal !== null && FROM_OUTSIDE.has(signal) ? 'lost' : 'crashed', how })
    })
  })
}

/** Idle workers must not hold our process open; when it ends, their stdin closes and they end too. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as { unref?: () => void } | null)?.unref?.() // pipes are sockets here
}
