/** The worker's side: runs what it is sent with an executor of its own, and ends when its owner does. */
import { isMainThread, parentPort } from 'node:worker_threads'
import type { Executor } from '../attempt.ts'
import { declareSecrets } from '../secrets/open.ts'
import { watchGroups } from '../sh/groups.ts'
import { PROTOCOL_VERSION, type Channel, type FromWorker, type ToWorker } from './protocol.ts'
import { streamChannel } from './stream-channel.ts'

export type WorkerChannel = Channel<FromWorker, ToWorker>

const BEAT_MS = 1_000

/** Serves until the owner says stop or is gone; then what still runs is cancelled. Resolves when it has ended. */
export function serveAttempts(channel: WorkerChannel, executor: Executor): Promise<void> {
  return new Promise(resolve => {
    let running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined
    const unwatch = watchGroups((pid, state) => channel.send({ kind: 'group', pid, state }))
    // It must not keep a worker alive whose owner is gone.
    const beat = setInterval(() => channel.send({ kind: 'beat' }), BEAT_MS).unref()

    const start = (message: Extract<ToWorker, { kind: 'attempt' }>) => {
      const abort = new AbortController()
      declareSecrets(message.hidden.map(name => ({ kind: 'secret', name, from: { kind: 'env' } })))
      const outcome = executor(message.attempt, abort.signal, {
        line: (stream, text) => channel.send({ kind: 'line', stream, text }),
        record: (name, value) => channel.send({ kind: 'record', name, value }),
        alive: () => channel.send({ kind: 'alive' }),
        saw: access => channel.send({ kind: 'saw', access }),
      })
      const done = Promise.resolve(outcome).then(outcome => {
        running = undefined
        channel.send({ kind: 'finished', outcome })
      })
      running = { abort, done }
    }

    const end = async () => {
      clearInterval(beat)
      running?.abort.abort()
      await running?.done
      unwatch()
      resolve()
    }

    channel.listen({
      message: message => {
        switch (message.kind) {
          case 'attempt':
            return start(message)
          case 'cancel':
            return running?.abort.abort()
          case 'stop':
            return void end()
        }
      },
      closed: () => void end(),
    })
    channel.send({ kind: 'ready', v: PROTOCOL_VERSION, pid: process.pid })
  })
}

/** The channel of a worker process: its stdin and stdout. */
export const stdioChannel = (): WorkerChannel => streamChannel(process.stdin, process.stdout)

/** The channel of a worker thread: its parent port. */
export function threadChannel(): WorkerChannel {
  const port = parentPort
  if (isMainThread || port === null) throw new Error('defect: threadChannel is for worker threads')
  return {
    send: message => port.postMessage(message),
    listen: ({ message, closed }) => {
      port.on('message', message)
      port.once('close', closed)
    },
    close: () => port.close(),
  }
}
