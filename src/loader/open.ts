/** Runs a bundle: what it reads while it loads and is traced is watched, and it may not take for ever. */
import { join, resolve } from 'node:path'
import type { Read } from '../core/graph/graph.ts'
import { Refusal } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import type { Hash } from '../util/hash.ts'
import type { Bundle } from './bundle.ts'
import { createShadows } from './clock.ts'
import { createCodes } from './closure/code.ts'
import { keptPaths, locateNatives } from './laid.ts'
import { createLinkage } from './linkage.ts'
import { createOutside } from './outside.ts'
import { watchingPackages } from './package-reads.ts'
import type { Phase, Watch } from './reads.ts'

export interface OpenOptions {
  /** The folder of the entry: what relative paths, packages and `import.meta` are relative to. */
  readonly dir: string
  /** Namespaces for `tutti` and `tutti/…`; what is not here is imported by Node. */
  readonly provide: { readonly [specifier: string]: object }
  /** What an earlier load read: environment variables and files are answered from it. */
  readonly reads?: readonly Read[]
  /** The bytes of files and listings in `reads`. */
  readonly readContents?: ReadonlyMap<Hash, Uint8Array>
  /** How long top-level awaits may take. 30 s when absent. */
  readonly timeout?: Duration
  /**
   * Where files that Node loads itself are laid down again, when they are no longer as the bundle has them. Packages that these
   * require are looked for from there. Absent: `.tutti/cache/modules` in `dir`.
   */
  readonly layInto?: string
  /** `debuggable`: scripts have the plain addresses of the user's files, and maps that lead to their text. One load a process. */
  readonly scripts?: 'numbered' | 'debuggable'
}

export interface LoadedFile {
  /** The entry's namespace. */
  readonly exports: Readonly<Record<string, unknown>>
  /** What was read while loading. */
  readonly reads: readonly Read[]
  /** The bytes behind the hashes of `reads`, also those of traces. */
  readonly readContents: ReadonlyMap<Hash, Uint8Array>
  /** Runs `fn` as a trace: what it reads is recorded, clock and randomness are refused. `fn` is synchronous. */
  readonly trace: <T>(fn: () => T) => { readonly value: T; readonly reads: readonly Read[] }
  /** Forgets the positions of this load. Its functions still run, but their stacks are no longer led back. */
  readonly close: () => void
}

const PATIENCE: Duration = '30s'

/** Runs the modules of `bundle`. Rejects with a `Refusal` that says where and why it could not. */
export async function openBundle(bundle: Bundle, options: OpenOptions): Promise<LoadedFile> {
  const session = createSession(bundle, options)
  const exports = await withPatience(session.load(bundle.entry), durationMs(options.timeout ?? PATIENCE), bundle.entry)
  session.settle()
  return { exports, reads: session.reads(), readContents: session.contents, trace: session.trace, close: session.close }
}

function createSession(bundle: Bundle, options: OpenOptions) {
  const dir = resolve(options.dir)
  const contents = new Map(options.readContents ?? [])
  const given = new Map((options.reads ?? []).map(read => [keyOf(read), read]))
  let phase: Phase = 'load'
  let collected = new Map<string, Read>()
  let loadReads: readonly Read[] = []
  const watch: Watch = {
    phase: () => phase,
    dir,
    own: keptPaths(bundle, dir),
    contents,
    given: (kind, name) => given.get(`${kind}:${name}`),
    record(read, content) {
      if (!collected.has(keyOf(read))) collected.set(keyOf(read), read)
      if (content && read.kind !== 'env' && read.hash !== null) contents.set(read.hash, content)
    },
  }
  const shadows = createShadows(watch)
  const watched: <T>(body: () => T) => T = hasPackages(bundle) ? body => watchingPackages(watch, body) : body => body()
  const codes = createCodes(bundle, () => loadReads)
  const natives = locateNatives(bundle, dir, options.layInto ?? join(dir, '.tutti', 'cache', 'modules'))
  const outside = createOutside(bundle, { dir, natives }, options.provide, shadows)
  const linkage = createLinkage(
    bundle,
    { dir, scripts: options.scripts ?? 'numbered' },
    outside,
    shadows.globals,
    codes,
  )

  return {
    contents,
    load: (path: string) => watched(() => linkage.load(path)),
    reads: () => [...collected.values()],
    settle: () => {
      phase = 'run'
      loadReads = [...collected.values()]
    },
    close: linkage.close,
    trace<T>(fn: () => T): { value: T; reads: readonly Read[] } {
      const before = { phase, collected }
      phase = 'trace'
      collected = new Map()
      try {
        const value = watched(fn)
        return { value, reads: [...collected.values()] }
      } finally {
        ;({ phase, collected } = before)
      }
    },
  }
}

const hasPackages = ({ modules }: Bundle): boolean =>
  Object.values(modules).some(
    module =>
      module.kind === 'native' ||
      (module.kind === 'script' && Object.values(module.targets).some(({ kind }) => kind === 'package')),
  )

const keyOf = (read: Read): string => `${read.kind}:${read.kind === 'env' ? read.name : read.path}`

async function withPatience<T>(work: Promise<T>, patienceMs: number, entry: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Refusal({
          code: 'LOAD_TIMEOUT',
          severity: 'error',
          message: `${entry} has not finished loading after ${patienceMs / 1000} s`,
          at: { file: entry, line: 1, column: 1 },
          hint: 'Look for an await at the top of a module that never settles; move it into a task.',
        }),
      )
    }, patienceMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
