/** What the disk does raw: the yardstick of every durable figure. */
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const RECORD_BYTES = 200
const SAMPLE_MS = 100

/** Appends of 200 bytes, each synced before the next, a second; sampled in `folder` for 0.1 s. */
export function fdatasyncsPerSecond(folder) {
  const path = join(folder, `raw-${process.pid}`)
  const file = openSync(path, 'a')
  const record = Buffer.alloc(RECORD_BYTES, 'x')
  const startedMs = performance.now()
  let syncs = 0
  for (; performance.now() - startedMs < SAMPLE_MS; syncs++) {
    writeSync(file, record)
    fdatasyncSync(file)
  }
  const elapsedMs = performance.now() - startedMs
  closeSync(file)
  unlinkSync(path)
  return (syncs / elapsedMs) * 1000
}
