/**
 * Codecs of handles. What a task made (a file, a folder, an output) is kept by content, under its place in the project, and
 * restored there for whoever reads it. Sources are the user's own files: their hashes are kept, their content stays where
 * it is, since a copy of every source in every store would double what a project takes on disk.
 */
import { relative, resolve } from 'node:path'
import { HANDLE, type HandleKind, isHandle, type Secret } from '../dsl/resources.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import type { Codec, TextCodec, Writing } from './codec.ts'
import { LocalDir, LocalFile, LocalFiles, LocalOutput } from './handles.ts'
import { blobsOfShape, type Kept, keepOutput, restoreOutput } from './outputs.ts'
import type { Content } from './stamps.ts'
import type { Trees } from './tree.ts'

interface KeptSource extends Content {
  /** Relative to the project, also when it lies outside. */
  readonly source: string
}

export const handleCodecs = (trees: Trees): readonly Codec[] => [
  pathCodec('dir', trees, path => new LocalDir(path)),
  pathCodec('output', trees, path => new LocalOutput(path)),
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
    encode: (handle: LocalDir, writing) => keepOutput(handle.path, trees, writing),
    decode: async (text, reading) => open(await restoreOutput(text, trees, reading.cwd)),
  }
}

function fileCodec(trees: Trees): TextCodec {
  return {
    name: 'file',
    form: 'text',
    matches: isKind('file'),
    encode: (handle: LocalFile, writing) =>
      handle.source ? keepSource(handle.path, handle.source, writing) : keepOutput(handle.path, trees, writing),
    decode: async (text, reading) => {
      const kept = JSON.parse(text) as Kept | KeptSource
      if ('shape' in kept) return new LocalFile(await restoreOutput(text, trees, reading.cwd))
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

function keepSource(path: string, { hash, sizeBytes }: Content, writing: Writing): string {
  const kept: KeptSource = { source: relative(writing.cwd, path), hash, sizeBytes }
  return JSON.stringify(kept)
}

/** The blobs that an encoded handle needs: a garbage collector keeps them. */
export function blobsOfHandle(codec: string, text: string): readonly Hash[] {
  if (codec !== 'dir' && codec !== 'output' && codec !== 'file') return []
  const kept = JSON.parse(text) as Kept | KeptSource
  return 'shape' in kept ? blobsOfShape(kept.shape) : []
}
