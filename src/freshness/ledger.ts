/**
 * All that one run has hung on and written, gathered while it runs; at its end it becomes the manifest that lets the next
 * one be a null run.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Read } from '../core/graph/graph.ts'
import type { Hash } from '../util/hash.ts'
import { envHash, isRacy, type Seen, sha256, type Stamps, type ValueStore } from '../values/index.ts'
import { envMark, type Manifest, type ManifestHead, writeManifest } from './manifest.ts'

export interface Ledger {
  /** Something that no stamp tells: the next run must look for itself. */
  block(why: string): void
  see(seen: Seen): void
  /** A file that was read beside the arguments; null: it was not there. */
  read(path: string, hash: Hash | null): void
  wrote(ref: ValueRef): void
  env(name: string): void
  step(): void
}

export interface Gathered extends Ledger {
  /** Why the next run cannot be a null run; empty when it can. */
  readonly blocks: ReadonlySet<string>
  readonly steps: number
  readonly seen: Mutable
  readonly outputs: readonly ValueRef[]
}

interface Mutable {
  readonly files: Map<string, { readonly hash: Hash; readonly executable?: boolean }>
  readonly folders: Map<string, Hash>
  readonly absent: Set<string>
  readonly env: Map<string, Hash | null>
  fromMs: number
  untilMs: number
}

export function newLedger(env: { readonly [name: string]: string | undefined } = process.env): Gathered {
  const blocks = new Set<string>()
  const outputs: ValueRef[] = []
  const seen: Mutable = {
    files: new Map(),
    folders: new Map(),
    absent: new Set(),
    env: new Map(),
    fromMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
  }
  let steps = 0
  return {
    blocks,
    seen,
    outputs,
    get steps() {
      return steps
    },
    block: why => void blocks.add(why),
    see({ files, folders, absent, env: variables, during, always }) {
      for (const [path, hash, executable] of files)
        seen.files.set(path, { hash, ...(executable === undefined ? {} : { executable }) })
      for (const [path, hash] of folders) seen.folders.set(path, hash)
      for (const path of absent) seen.absent.add(path)
      for (const [name, hash] of variables) seen.env.set(name, hash)
      if (during) {
        seen.fromMs = Math.max(seen.fromMs, during.fromMs)
        seen.untilMs = Math.min(seen.untilMs, during.toMs)
      }
      if (always) blocks.add('a source that must be asked each time')
    },
    read(path, hash) {
      if (hash === null) seen.absent.add(path)
      else if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) seen.folders.set(path, hash)
      else seen.files.set(path, { hash })
    },
    wrote: ref => void outputs.push(ref),
    env: name => void seen.env.set(name, envHash(env[name])),
    step: () => void (steps += 1),
  }
}

/** What a file read while it was loaded and traced, as something seen. `dir`: what its paths are relative to. */
export function seenReads(reads: readonly Read[], dir: string, stamps: Stamps): Seen | undefined {
  const files: [string, Hash][] = []
  const folders: [string, Hash][] = []
  const absent: string[] = []
  const env: [string, Hash | null][] = []
  for (const read of reads) {
    if (read.kind === 'env') {
      env.push([read.name, envHash(read.value ?? undefined)])
      continue
    }
    const path = join(dir, read.path)
    if (read.hash === null) absent.push(path)
    else if (read.kind === 'file') files.push([path, read.hash])
    else {
      // The listing was hashed in another form: it must be the same now, and what we note is today's.
      const listed = listing(path)
      if (listed === undefined || sha256(listed) !== read.hash) return undefined
      folders.push([path, stamps.listNow(path)])
    }
  }
  return { files, folders, absent, env }
}

function listing(path: string): string | undefined {
  try {
    return readdirSync(path).sort().join('\n')
  } catch {
    return undefined
  }
}

export interface Closing extends Pick<ManifestHead, 'version' | 'words' | 'cwd' | 'folder' | 'run' | 'output'> {
  readonly file: string
  readonly stamps: Stamps
  readonly values: Pick<ValueStore, 'outputs'>
  readonly env: { readonly [name: string]: string | undefined }
}

/** Writes the manifest, or removes the one that is there when the next run cannot be a null run. */
export async function closeLedger(ledger: Gathered, closing: Closing): Promise<'written' | 'none'> {
  // What cannot be looked at any more (a folder that has gone since) is not as it was.
  const manifest = ledger.blocks.size === 0 ? await manifestOf(ledger, closing).catch(() => undefined) : undefined
  if (!manifest) {
    rmSync(closing.file, { force: true })
    return 'none'
  }
  writeManifest(closing.file, manifest)
  prune(dirname(closing.file))
  return 'written'
}

/** N2. undefined: something is not any more what the run saw. */
async function manifestOf({ seen, outputs, steps }: Gathered, closing: Closing): Promise<Manifest | undefined> {
  const { stamps, env } = closing
  for (const [name, hash] of seen.env) if (envHash(env[name]) !== hash) return undefined
  const wanted = new Map<string, Wanted>()
  for (const [path, file] of seen.files) wanted.set(path, { kind: 'file', ...file })
  for (const [path, hash] of seen.folders) wanted.set(path, { kind: 'folder', hash })
  for (const ref of outputs) {
    const parts = closing.values.outputs.partsOf(ref)
    const { files, folders } = parts instanceof Promise ? await parts : parts
    for (const [path, hash, executable] of files) wanted.set(path, { kind: 'file', hash, executable })
    // What is in them is compared after they have been listed, so nothing can come in between.
    for (const path of folders) wanted.set(path, { kind: 'folder', hash: stamps.listNow(path) })
    if (folders.length > 0 && !(await closing.values.outputs.isRight(ref))) return undefined
  }
  const numbers = new Float64Array(wanted.size * 4)
  const racy: [number, Hash, 'file' | 'folder'][] = []
  let index = 0
  for (const [path, { kind, hash, executable }] of wanted) {
    const stats = statSync(path, { throwIfNoEntry: false })
    const lookedAtMs = Date.now()
    if (!stats || hashAt(path, kind, stamps) !== hash) return undefined
    if (executable !== undefined && ((stats.mode & 0o100) !== 0) !== executable) return undefined
    numbers.set([stats.mtimeMs, stats.ctimeMs, stats.size, stats.ino], index * 4)
    if (isRacy(stats, lookedAtMs)) racy.push([index, hash, kind])
    index += 1
  }
  const prefix = `${closing.folder}/`
  const shown = (path: string): string => (path.startsWith(prefix) ? path.slice(prefix.length) : path)
  const { version, words, cwd, folder, run, output } = closing
  return {
    version,
    words,
    cwd,
    folder,
    run,
    output,
    steps,
    env: [...seen.env.keys()].map(name => [name, envMark(env[name])] as const),
    absent: [...seen.absent].filter(path => !wanted.has(path)).map(shown),
    ...(Number.isFinite(seen.untilMs) ? { untilMs: seen.untilMs } : {}),
    ...(Number.isFinite(seen.fromMs) ? { fromMs: seen.fromMs } : {}),
    racy,
    paths: [...wanted.keys()].map(shown),
    stamps: numbers,
  }
}

interface Wanted {
  readonly kind: 'file' | 'folder'
  readonly hash: Hash
  readonly executable?: boolean
}

function hashAt(path: string, kind: Wanted['kind'], stamps: Stamps): Hash | undefined {
  try {
    return kind === 'file' ? stamps.hashNow(path).hash : stamps.listNow(path)
  } catch {
    return undefined
  }
}

/** Manifests of commands that nobody gives any more. */
const MANIFESTS_MAX = 64

function prune(folder: string): void {
  const found = readdirSync(folder).filter(name => name.endsWith('.run'))
  if (found.length <= MANIFESTS_MAX) return
  const aged = found.map(name => ({ name, ms: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
  aged.sort((a, b) => a.ms - b.ms)
  for (const { name } of aged.slice(0, found.length - MANIFESTS_MAX)) rmSync(join(folder, name), { force: true })
}
