/**
 * Codecs of handles. What a task made (a file, a folder, an output) is kept by content, under its place in the project, and
 * restored there for whoever reads it. Sources are the user's own files: their hashes are kept, their content stays where
 * it is, since a copy of every source in every store would double what a project takes on disk.
 */
import { relative, resolve, sep } from 'node:path'
import { HANDLE, type HandleKind, isHandle, type Secret } from '../dsl/resources.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import type { Codec, TextCodec, Writing } from './codec.ts'
import { LocalDir, LocalFile, LocalFiles, LocalOutput, LocalSourceDir } from './handles.ts'
import { blobsOfShape, type Kept, keepOutput, restoreOutput } from './outputs.ts'
import type { Content } from './stamps.ts'
import type { Trees } from './tree.ts'

interface KeptSource extends Content {
  /** Relative to the base of the store of values, also when it lies outside. */
  readonly source: string
}

export const handleCodecs = (trees: Trees): readonly Codec[] => [
  pathCodec('dir', trees, path => new LocalDir(path, true)),
  pathCodec('output', trees, path => new LocalOutput(path, true)),
  fileCodec(trees),
  filesCodec,
  secretCodec,
]

const isKind =
  (kind: HandleKind) =>
  (value: unknown): boolean =>
    isHandle(value) && value[HANDLE] === kind

function pathCodec(kind: 'dir' | 'output', trees: Trees, open: (path: string) => LocalDir): TextCodec {
  return {
    name: kind,
    form: 'text',
    matches: isKind(kind),
    encode: (handle: LocalDir | LocalSourceDir, writing) =>
      'source' in handle ? keepSource(handle.path, handle.source, writing) : keepOutput(handle, trees, writing),
    decode: async (text, reading) => {
      const kept = JSON.parse(text) as Kept | KeptSource
      if ('shape' in kept) return open(await restoreOutput(text, trees, reading))
      const { hash, sizeBytes } = kept
      return new LocalSourceDir(resolve(reading.base, kept.source), { hash, sizeBytes })
    },
  }
}

function fileCodec(trees: Trees): TextCodec {
  return {
    name: 'file',
    form: 'text',
    matches: isKind('file'),
    encode: (handle: LocalFile, writing) =>
      handle.source ? keepSource(handle.path, handle.source, writing) : keepOutput(handle, trees, writing),
    decode: async (text, reading) => {
      const kept = JSON.parse(text) as Kept | KeptSource
      if ('shape' in kept) return new LocalFile(await restoreOutput(text, trees, reading), { isPlaced: true })
      const { hash, sizeBytes } = kept
      return new LocalFile(resolve(reading.base, kept.source), { source: { hash, sizeBytes } })
    },
  }
}

type KeptFiles = readonly (readonly [path: string, hash: string, sizeBytes: number])[]

/** The folder that the paths start from stands beside them only where it is not the base. */
const filesCodec: TextCodec = {
  name: 'files',
  form: 'text',
  matches: isKind('files'),
  encode: (handle: LocalFiles, writing) => {
    const dir = pathFrom(writing.base, handle.cwd)
    const files = handle.paths.map((path, index) => [
      path,
      handle.contents[index]?.hash,
      handle.contents[index]?.sizeBytes,
    ])
    return JSON.stringify(dir === '' ? files : { dir, files })
  },
  decode: (text, reading) => {
    const kept = JSON.parse(text) as KeptFiles | { readonly dir: string; readonly files: KeptFiles }
    const { dir, files } = 'dir' in kept ? kept : { dir: '', files: kept }
    return new LocalFiles(
      resolve(reading.base, dir),
      files.map(([path, hash, sizeBytes]) => [path, { hash, sizeBytes }]),
    )
  },
}

const pathFrom = (folder: string, path: string): string => relative(folder, path).split(sep).join('/')

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

function keepSource(path: string, { hash, sizeBytes }: Content, writing: Writing): string {
  const kept: KeptSource = { source: pathFrom(writing.base, path), hash, sizeBytes }
  return JSON.stringify(kept)
}

/** The blobs that an encoded handle needs: a garbage collector keeps them. */
export function blobsOfHandle(codec: string, text: string): readonly Hash[] {
  if (codec !== 'dir' && codec !== 'output' && codec !== 'file') return []
  const kept = JSON.parse(text) as Kept | KeptSource
  return 'shape' in kept ? blobsOfShape(kept.shape) : []
}
