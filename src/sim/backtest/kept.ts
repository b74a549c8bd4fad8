/**
 * Values of past runs, read without a trace: nothing goes into the store, and no file is put back on disk. A handle of what a
 * task made says where that was, and is kept again as what it was.
 */
import { HANDLE, isHandle } from '../../dsl/resources.ts'
import { valueOptions } from '../../exec/index.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Blobs, Store } from '../../store/store.ts'
import { hashBytes } from '../../util/hash.ts'
import { refuse } from '../../util/diagnostic.ts'
import {
  baseOf,
  type Codec,
  LocalDir,
  LocalFile,
  LocalOutput,
  type ValueStore,
  valueStore,
} from '../../values/index.ts'
import { outputPath } from '../../values/outputs.ts'

/** What is put into it is seen by its own readers only. */
export function shadowed(blobs: Blobs): Blobs {
  const own = new Map<string, Uint8Array>()
  return {
    put: async bytes => {
      const hash = hashBytes(bytes)
      own.set(hash, bytes)
      return hash
    },
    putFile: () => refuse('VALUE_UNKEEPABLE', 'A replay makes no files'),
    get: async hash => own.get(hash) ?? blobs.get(hash),
    has: async hash => own.has(hash) || blobs.has(hash),
    file: hash => blobs.file(hash),
  }
}

export function keptValues(store: Pick<Store, 'path'>, blobs: Blobs, runnable: Runnable): ValueStore {
  const options = valueOptions(runnable.configurations, {
    cwd: runnable.cwd,
    base: baseOf(store.path, runnable.cwd),
  })
  // What routes have kept is read where it is; nothing is written there.
  const routes = options.routes.map(route => ({ ...route, matches: () => false }))
  return valueStore(blobs, { ...options, routes, codecs: [...HANDLES, ...options.codecs] })
}

const KEPT = new WeakMap<object, string>()

type Kind = 'dir' | 'output' | 'file'
type Handle = LocalDir | LocalFile

const OPEN: { readonly [K in Kind]: (path: string) => Handle } = {
  dir: path => new LocalDir(path, true),
  output: path => new LocalOutput(path, true),
  file: path => new LocalFile(path, { isPlaced: true }),
}

/** They go before the built-in ones of the same name. */
const HANDLES: readonly Codec[] = (Object.keys(OPEN) as readonly Kind[]).map(kind => ({
  name: kind,
  form: 'text',
  matches: (value: unknown) => isHandle(value) && value[HANDLE] === kind && KEPT.has(value),
  encode: (handle: object) => KEPT.get(handle) ?? '',
  decode: (text, { cwd, base }) => {
    const handle = OPEN[kind](outputPath(text, { cwd, base }))
    KEPT.set(handle, text)
    return handle
  },
}))
