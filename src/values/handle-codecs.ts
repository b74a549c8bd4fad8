/**
 * Codecs of handles. What a task made (a file, a folder, an output) is kept by content, under its place in the project, and
 * restored there for whoever reads it. Sources are the user's own files: their hashes are kept, their content stays where
 * it is, since a copy of every source in every store would double what a project takes on disk.
 */
import { basename, join, relative, resolve } from 'node:path'
import { HANDLE, type HandleKind, isHandle, type Secret } from '../dsl/resources.ts'
import type { Blobs } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import type { Codec, Reading, TextCodec, Writing } from './codec.ts'
import { LocalDir, LocalFile, LocalFiles, LocalOutput } from './handles.ts'
import { sha256 } from './digest.ts'
import { inside } from './paths.ts'
import { type Content, Stamps } from './stamps.ts'
import { type Shape, Trees } from './tree.ts'

/** Where outputs from outside of the project (a scratch folder) are restored; relative to the project. */
const RESTORED = '.tutti/restored'

type Place =
  | { readonly kind: 'project'; readonly path: string }
  /** Only the name is kept: a scratch folder is another one in each run. */
  | { readonly kind: 'outside'; readonly name: string }

interface Kept {
  readonly place: Place
  readonly shape: Shape
}

interface KeptSource extends Content {
  /** Relative to the project, also when it lies outside. */
  readonly source: string
}

/** For one store of values: they share what they know about the files of the project. */
export function handleCodecs(blobs: Blobs, stamps = new Stamps()): readonly Codec[] {
  const trees = new Trees(blobs, stamps)
  return [
    pathCodec('dir', trees, path => new LocalDir(path)),
    pathCodec('output', trees, path => new LocalOutput(path)),
    fileCodec(trees),
    filesCodec,
    secretCodec,
  ]
}

const isKind =
  (kind: HandleKind) =>
  (value: unknown): boolean =>
    isHandle(value) && value[HANDLE] === kind

function pathCodec(kind: 'dir' | 'output', trees: Trees, open: (path: string) => LocalDir): TextCodec {
  return {
    name: kind,
    form: 'text',
    matches: isKind(kind),
    encode: (handle: LocalDir, writing) => keep(handle.path, trees, writing),
    decode: async (text, reading) => open(await restore(text, trees, reading)),
  }
}

function fileCodec(trees: Trees): TextCodec {
  return {
    name: 'file',
    form: 'text',
    matches: isKind('file'),
    encode: (handle: LocalFile, writing) =>
      handle.source ? keepSource(handle.path, handle.source, writing) : keep(handle.path, trees, writing),
    decode: async (text, reading) => {
      const kept = JSON.parse(text) as Kept | KeptSource
      if ('shape' in kept) return new LocalFile(await restore(text, trees, reading))
      return new LocalFile(resolve(reading.cwd, kept.source), { hash: kept.hash, sizeBytes: kept.sizeBytes })
    },
  }
}

const filesCodec: TextCodec = {
  name: 'files',
  form: 'text',
  matches: isKind('files'),
  encode: (handle: LocalFiles) =>
    JSON.stringify(
      handle.paths.map((path, index) => [path, handle.contents[index]?.hash, handle.contents[index]?.sizeBytes]),
    ),
  decode: (text, reading) => {
    const files = JSON.parse(text) as readonly (readonly [string, string, number])[]
    return new LocalFiles(
      reading.cwd,
      files.map(([path, hash, sizeBytes]) => [path, { hash, sizeBytes }]),
    )
  },
}

const secretCodec: TextCodec = {
  name: 'secret',
  form: 'text',
  matches: isKind('secret'),
  encode: (secret: Secret, writing) =>
    refuse(
      'SECRET_IN_VALUE',
      `The ${writing.where.root ?? 'result'} of ${writing.where.task} contains the secret ${secret.name}`,
      {
        hint: 'Pass secret() to the task that needs it; a secret is never kept as a value.',
      },
    ),
  decode: () => refuse('VALUE_DAMAGED', 'A stored value claims to be a secret, which is never stored'),
}

async function keep(path: string, trees: Trees, writing: Writing): Promise<string> {
  const absolute = resolve(writing.cwd, path)
  const place = placeOf(absolute, writing.cwd)
  const shown = place.kind === 'project' ? place.path || '.' : path
  const kept: Kept = { place, shape: await trees.capture(absolute, shown) }
  return JSON.stringify(kept)
}

async function restore(text: string, trees: Trees, reading: Reading): Promise<string> {
  const { place, shape } = JSON.parse(text) as Kept
  // One folder a content: what was outside has no place of its own, and two of them may have one name.
  const path =
    place.kind === 'project'
      ? resolve(reading.cwd, place.path)
      : join(reading.cwd, RESTORED, sha256(text).slice(0, 16), place.name)
  await trees.restore(path, shape)
  return path
}

function keepSource(path: string, { hash, sizeBytes }: Content, writing: Writing): string {
  const kept: KeptSource = { source: relative(writing.cwd, path), hash, sizeBytes }
  return JSON.stringify(kept)
}

/** The project's own folder is never restored as a whole: that would remove what a user put there. */
function placeOf(absolute: string, cwd: string): Place {
  const path = inside(cwd, absolute)
  return path ? { kind: 'project', path } : { kind: 'outside', name: basename(absolute) || 'root' }
}

/** The blobs that an encoded handle needs: a garbage collector keeps them. */
export function blobsOfHandle(codec: string, text: string): readonly Hash[] {
  if (codec !== 'dir' && codec !== 'output' && codec !== 'file') return []
  const kept = JSON.parse(text) as Kept | KeptSource
  if (!('shape' in kept)) return []
  if (kept.shape.kind === 'file') return [kept.shape.hash]
  return kept.shape.entries.flatMap(entry => (entry.kind === 'file' ? [entry.hash] : []))
}
