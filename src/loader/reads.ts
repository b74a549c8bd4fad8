/**
 * What a file reads while it is loaded or traced: environment variables, files, folders. It may decide what the graph is,
 * so it becomes a source of the graph. While tasks run, everything here is transparent.
 *
 * Given the reads of an earlier load (resume), variables and kept files are answered from them, so that the same graph
 * comes out although the world has moved on.
 */
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as Fs from 'node:fs'
import type { Read } from '../core/graph/graph.ts'
import { hashBytes, type Hash } from '../util/hash.ts'

/** `run`: tasks are running, nothing is watched. */
export type Phase = 'load' | 'trace' | 'run'

export interface Watch {
  readonly phase: () => Phase
  readonly record: (read: Read, content?: Uint8Array) => void
  /** What an earlier load read under this name or path. */
  readonly given: (kind: Read['kind'], name: string) => Read | undefined
  readonly contents: ReadonlyMap<Hash, Uint8Array>
  /** The folder that paths of reads are relative to. */
  readonly dir: string
  /** Files that the bundle has itself, which Node reads to load them: no reads of the world. */
  readonly own: ReadonlySet<string>
}

const watching = (watch: Watch): boolean => watch.phase() !== 'run'

/** The environment, watched. */
export function watchEnv(watch: Watch, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  /** Variables that the file has set: reading them again tells nothing of the world. */
  const own = new Set<string | symbol>()
  const variable = (name: string): string | undefined => {
    if (!watching(watch) || own.has(name)) return env[name]
    const before = watch.given('env', name)
    const value = before?.kind === 'env' ? (before.value ?? undefined) : env[name]
    watch.record({ kind: 'env', name, value: value ?? null })
    return value
  }
  return new Proxy(env, {
    get: (target, name) =>
      typeof name === 'string' && !(name in Object.prototype) ? variable(name) : Reflect.get(target, name),
    // On the environment itself, which takes no property that a proxy defines on it.
    set(target, name, value) {
      own.add(name)
      return Reflect.set(target, name, value)
    },
    deleteProperty(target, name) {
      own.add(name)
      return Reflect.deleteProperty(target, name)
    },
    has: (target, name) =>
      typeof name === 'string' ? variable(name) !== undefined || name in Object.prototype : Reflect.has(target, name),
    ownKeys(target) {
      const names = Reflect.ownKeys(target)
      for (const name of names) if (typeof name === 'string') variable(name)
      return names
    },
    getOwnPropertyDescriptor(_target, name) {
      const value = typeof name === 'string' ? variable(name) : undefined
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true }
    },
  })
}

type AnyFunction = (...args: never[]) => unknown
type Table = Readonly<Record<string, AnyFunction>>

/** How each function of `node:fs` that reads is seen: as a read of one file, or of one folder's listing. */
const FILE_READERS = ['readFile', 'exists', 'stat', 'lstat', 'access', 'open', 'createReadStream', 'realpath'] as const
export const FOLDER_READERS = ['readdir', 'opendir'] as const

/** `node:fs`, watched: synchronous, callback and promise forms. */
export function watchFs(watch: Watch, fs: typeof Fs): Record<string, unknown> {
  const table = fs as unknown as Table // its functions by name: their signatures pass through untouched
  const watched: Record<string, unknown> = {}
  for (const name of [...FILE_READERS, ...FOLDER_READERS]) {
    for (const form of [name, `${name}Sync`]) {
      const real = table[form]
      if (real) watched[form] = reader(watch, fs, real, FOLDER_READERS.some(each => each === name) ? 'folder' : 'file')
    }
  }
  watched['readFileSync'] = readFileFrom(watch, fs, watched['readFileSync'] as AnyFunction)
  watched['promises'] = Object.assign(Object.create(fs.promises), watchFsPromises(watch, fs))
  return watched
}

/** `node:fs/promises`, watched. */
export function watchFsPromises(watch: Watch, fs: typeof Fs): Record<string, unknown> {
  const table = fs.promises as unknown as Table // as above
  const names = [...FILE_READERS, ...FOLDER_READERS].filter(name => table[name])
  return Object.fromEntries(
    names.map(name => [
      name,
      reader(watch, fs, table[name]!, FOLDER_READERS.some(each => each === name) ? 'folder' : 'file'),
    ]),
  )
}

function reader(watch: Watch, fs: typeof Fs, real: AnyFunction, kind: 'file' | 'folder'): AnyFunction {
  return (...args: readonly unknown[]) => {
    const path = watching(watch) ? pathOf(args[0]) : undefined
    if (path !== undefined) readNoted(watch, fs, path, kind)
    return Reflect.apply(real, fs, args)
  }
}

/** What was read before is answered with the bytes of then, where they were kept. */
function readFileFrom(watch: Watch, fs: typeof Fs, fallback: AnyFunction): AnyFunction {
  return (...args: readonly unknown[]) => {
    const path = watching(watch) ? pathOf(args[0]) : undefined
    const before = path === undefined ? undefined : watch.given('file', pathIn(watch.dir, path))
    const bytes = before?.kind === 'file' && before.hash !== null ? watch.contents.get(before.hash) : undefined
    if (!before || !bytes) return Reflect.apply(fallback, fs, args)
    watch.record(before, bytes)
    const options = args[1]
    const encoding =
      typeof options === 'string'
        ? options
        : typeof options === 'object' && options !== null && 'encoding' in options
          ? options.encoding
          : undefined
    const buffer = Buffer.from(bytes)
    return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? buffer.toString(encoding) : buffer
  }
}

/** Records a read of what is at the path now. */
export function readNoted(watch: Watch, fs: typeof Fs, path: string, kind: 'file' | 'folder'): void {
  const name = pathIn(watch.dir, path)
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  if (!stat) return watch.record({ kind, path: name, hash: null })
  if (kind === 'folder' || stat.isDirectory()) {
    const listing = stat.isDirectory() ? new TextEncoder().encode(fs.readdirSync(path).sort().join('\n')) : undefined
    return watch.record({ kind: 'folder', path: name, hash: listing ? hashBytes(listing) : null }, listing)
  }
  const bytes = contentOf(fs, path)
  watch.record({ kind: 'file', path: name, hash: bytes ? hashBytes(bytes) : null }, bytes)
}

function contentOf(fs: typeof Fs, path: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path)
  } catch {
    // The user's own call, which comes next, meets the same error and reports it.
    return undefined
  }
}

export function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return resolve(value)
  if (value instanceof URL) return value.protocol === 'file:' ? fileURLToPath(value) : undefined
  return Buffer.isBuffer(value) ? resolve(value.toString()) : undefined
}

const pathIn = (dir: string, path: string): string => relative(dir, path).split(sep).join('/') || '.'
