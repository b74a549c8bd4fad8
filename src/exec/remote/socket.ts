/**
 * Workers that somebody starts by hand: they attach to a run's socket and get attempts like those that the run started
 * itself. A killed worker closes its connection, so it is noticed at once; one that hangs is noticed by its lease.
 */
import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { refuse } from '../../util/diagnostic.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import type { Gone, Peer, Pool } from './pool.ts'
import type { WorkerChannel } from './serve.ts'
import { streamChannel } from './stream-channel.ts'

const LEASE_MS = 30_000

/** Lets workers attach at `path` to `pool`, until the function that it gives is called. The path is the run's alone. */
export async function acceptWorkers(path: string, pool: Pool, leaseMs = LEASE_MS): Promise<() => Promise<void>> {
  await rm(path, { force: true }) // what a killed owner left behind
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    pool.add(peerAt(socket, `attached worker ${++count}`, leaseMs))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
}

/** The worker's end. Refuses with WORKER_NO_OWNER when nobody accepts workers at `path`. */
export async function attachTo(path: string): Promise<WorkerChannel> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  }).catch((error: NodeJS.ErrnoException) =>
    refuse('WORKER_NO_OWNER', `No run accepts workers at ${path} (${error.code})`, {
      hint: 'Start the run first, in the same store.',
    }),
  )
  return streamChannel(socket, socket)
}

function peerAt(socket: Socket, name: string, leaseMs: number): Peer {
  socket.unref()
  const gone = new Promise<Gone>(resolve => {
    socket.once('close', () => resolve({ kind: 'lost', how: 'its connection closed' }))
  })
  return {
    name,
    channel: streamChannel<ToWorker, FromWorker>(socket, socket),
    gone,
    kill: () => socket.destroy(),
    leaseMs,
  }
}
