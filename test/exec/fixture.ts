/** What the tests of this folder share: blobs in a folder, attempts, and reports that remember. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bound } from '../../src/core/engine/protocol.ts'
import type { Policy } from '../../src/core/graph/graph.ts'
import type { Attempt, Reports } from '../../src/exec/attempt.ts'
import type { Blobs } from '../../src/store/store.ts'
import type { Json } from '../../src/util/json.ts'
import { toTagged } from '../../src/util/tagged.ts'

export const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tutti-exec-test-'))

/** The smallest thing that keeps the contract of `Blobs`, also between processes. */
export function folderBlobs(folder: string): Blobs {
  const path = (hash: string) => join(folder, hash)
  const put = async (bytes: Uint8Array) => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    await mkdir(folder, { recursive: true })
    await writeFile(path(hash), bytes)
    return hash
  }
  return {
    put,
    putFile: async file => {
      const bytes = await readFile(file)
      return { hash: await put(bytes), sizeBytes: bytes.length }
    },
    get: async hash => new Uint8Array(await readFile(path(hash))),
    has: async hash => existsSync(path(hash)),
    file: async hash => path(hash),
  }
}

export const literal = (value: unknown): Bound => ({ kind: 'literal', value: toTagged(value) })

export interface Given {
  readonly task: string
  readonly args?: readonly Bound[]
  readonly executor?: string
  readonly policy?: Policy
  readonly cwd?: string
  readonly attempt?: number
}

export const attemptOf = ({
  task,
  args = [],
  executor = 'inline',
  policy = {},
  cwd = process.cwd(),
  attempt = 1,
}: Given): Attempt => ({
  run: 'run-1',
  step: `steps/${task}`,
  name: task,
  attempt,
  idempotencyKey: `run-1/steps/${task}`,
  work: { kind: 'task', bundle: 'bundle-1', task, executor },
  args,
  policy,
  cwd,
})

export interface Remembered extends Reports {
  readonly lines: string[]
  readonly records: Record<string, Json>
  /** Resolves when a line contains `text`. */
  seen(text: string): Promise<string>
}

export function remember(): Remembered {
  const lines: string[] = []
  const records: Record<string, Json> = {}
  const waiting = new Set<() => void>()
  return {
    lines,
    records,
    line: (stream, text) => {
      lines.push(`${stream}: ${text}`)
      for (const look of waiting) look()
    },
    record: (name, value) => void (records[name] = value),
    alive: () => {},
    saw: () => {},
    seen: text =>
      new Promise(resolve => {
        const look = () => {
          const line = lines.find(each => each.includes(text))
          if (line === undefined) return
          waiting.delete(look)
          resolve(line)
        }
        waiting.add(look)
        look()
      }),
  }
}

/** A zombie that nobody has reaped yet is dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
