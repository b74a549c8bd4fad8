/** Attempts in worker threads: for tasks that keep a processor busy. The entry is a module that calls `serveAttempts`. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Channel, FromWorker, ToWorker } from './remote/protocol.ts'
import { workerPool, type Gone, type Peer, type Pool } from './remote/pool.ts'

export interface ThreadOptions {
  /** A module that calls `serveAttempts(threadChannel(), executor)`. */
  readonly entry: URL
  /** For the entry: what it needs to open bundles and blobs. Structured-cloneable. */
  readonly data: unknown
  readonly workersMax?: number
  readonly stopMs?: number
}

export function threads({ entry, data, workersMax = availableParallelism(), stopMs }: ThreadOptions): Pool {
  return workerPool({ workersMax, start: () => startThread(entry, data), ...(stopMs === undefined ? {} : { stopMs }) })
}

function startThread(entry: URL, data: unknown): Peer {
  const worker = new Worker(entry, { workerData: data, stdout: true, stderr: true })
  let error: unknown
  let killed = false
  // The pool holds the process open by the attempt that it waits for, not by idle threads.
  worker.unref()
  worker.on('error', problem => {
    error = problem
  })
  const gone = new Promise<Gone>(resolve => {
    worker.once('exit', code => {
      if (killed) resolve({ kind: 'lost', how: 'it was stopped' })
      else resolve({ kind: 'crashed', how: error instanceof Error ? error.message : `exit code ${code}` })
    })
  })
  return {
    name: `thread ${worker.threadId}`,
    channel: channelToThread(worker),
    gone,
    kill: () => {
      killed = true
      void worker.terminate()
    },
    onStderr: listener => void worker.stderr.on('data', (bytes: Buffer) => listener(String(bytes))),
  }
}

/** The thread's channel, seen from its owner. */
const channelToThread = (worker: Worker): Channel<ToWorker, FromWorker> => ({
  send: message => worker.postMessage(message),
  listen: ({ message, raw, closed }) => {
    worker.on('message', message)
    worker.stdout.on('data', (bytes: Buffer) => raw?.(String(bytes)))
    worker.once('exit', closed)
  },
  close: () => void worker.terminate(),
})
