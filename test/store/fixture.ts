/** What the store's tests share: folders that go away, events and rows to write, children that run the real store. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach } from 'vitest'
import type { Lease, RunRow, Store, StoredEvent } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { event, lease, rowOf } from './data.ts'

export { contentsOf, event, HASH, LINE, lease, OTHER_LINE, pinned, rowOf, versionOf } from './data.ts'

/** A new run with one event. */
export async function begin(store: Store, run = 'run-1', changes: Partial<RunRow> = {}): Promise<Lease> {
  const held = lease(store, run)
  await store.append([{ lease: held, events: [event(0)], row: rowOf(run, changes) }])
  return held
}

export async function readAll(store: Store, range: Parameters<Store['read']>[0] = {}): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const stored of store.read(range)) found.push(stored)
  return found
}

/** The first code with which `work` is refused. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'no refusal'
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics[0]?.code ?? 'no code'
    throw error
  }
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that does not exist yet, in one that is removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-store-'))
  folders.push(folder)
  return join(folder, '.tutti')
}

/** A test's other process, bundled; test/store/child.ts unless another is named. Inside node_modules, so that it finds libsql there. */
export async function bundleChild(entry = new URL('./child.ts', import.meta.url)): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const name = entry.pathname.split('/').slice(-2).join('-').replace('.ts', '')
  const outfile = join(root, 'node_modules', '.tutti-test', `${name}-${process.pid}.mjs`)
  mkdirSync(join(root, 'node_modules', '.tutti-test'), { recursive: true })
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['libsql', 'picomatch', 'ignore', 'oxc-parser', 'oxc-transform'],
  })
  return outfile
}

export interface Child {
  readonly process: ChildProcess
  /** Whole lines only: a kill may cut the last one. */
  readonly lines: string[]
  /** Resolves when that many lines were printed, or the child ended. */
  printed(count: number): Promise<void>
  readonly ended: Promise<unknown>
}

export function startChild(script: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: string[] = []
  const ended = once(child, 'close')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => lines.push(line))
  return {
    process: child,
    lines,
    ended,
    printed: async count => {
      while (lines.length < count && child.exitCode === null && child.signalCode === null) {
        await Promise.race([once(reader, 'line'), ended])
      }
    },
  }
}
