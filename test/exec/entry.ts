/** What `tutti worker` is in the tests of this folder: a worker, thread or process, with tasks.ts as its bundle. */
import { isMainThread, workerData } from 'node:worker_threads'
import { onion } from '../../src/exec/onion.ts'
import { attachTo } from '../../src/exec/remote/socket.ts'
import { serveAttempts, stdioChannel, threadChannel } from '../../src/exec/remote/serve.ts'
import { folderBlobs } from './fixture.ts'
import { bindings } from './tasks.ts'

const blobs: string = isMainThread ? process.argv[2] : workerData
const executor = onion({
  open: async () => bindings,
  blobs: folderBlobs(blobs),
  values: { cwd: process.cwd() },
  inline: { graceMs: 200 },
})
const socket = process.argv[3]
const channel = !isMainThread ? threadChannel() : socket === undefined ? stdioChannel() : await attachTo(socket)
await serveAttempts(channel, executor)
process.exit(0)
