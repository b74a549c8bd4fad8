/**
 * What tasks made on disk, as text: its place in the project and its content. Whoever reads it gets it at that place; what
 * came from outside of the project (a scratch folder) has a place of its own under it.
 */
import { basename, join, relative, resolve, sep } from 'node:path'
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Hash } from '../util/hash.ts'
import type { Writing } from './codec.ts'
import { sha256 } from './digest.ts'
import type { LocalDir, LocalFile } from './handles.ts'
import { inside } from './paths.ts'
import type { Shape, Trees } from './tree.ts'

/** Where outputs from outside of the project are restored; relative to the project. */
const RESTORED = '.tutti/restored'

type Place =
  /** `path`: relative to the base of the store of values. */
  | { readonly kind: 'project'; readonly path: string }
  /** Only the name is kept: a scratch folder is another one in each run. */
  | { readonly kind: 'outside'; readonly name: string }

export interface Kept {
  readonly place: Place
  readonly shape: Shape
}

/** Where paths start, and where kept ones do. */
export type Folders = Pick<Writing, 'cwd' | 'base'>

export function keepOutput(
  { path, isPlaced }: LocalDir | LocalFile,
  trees: Trees,
  writing: Writing,
): string | Promise<string> {
  const absolute = resolve(writing.cwd, path)
  const place = placeOf(absolute, isPlaced, writing)
  const shape = trees.capture(absolute, place.kind === 'project' ? place.path || '.' : path)
  const kept = (known: Shape): string => JSON.stringify({ place, shape: known } satisfies Kept)
  return shape instanceof Promise ? shape.then(kept) : kept(shape)
}

/** The path at which it now is. */
export async function restoreOutput(text: string, trees: Trees, folders: Folders): Promise<string> {
  const kept = JSON.parse(text) as Kept
  const path = pathOf(kept, text, folders)
  await trees.restore(path, kept.shape)
  return path
}

/** Whether it is there, as it was kept. */
export function isOutputRight(text: string, trees: Trees, folders: Folders): boolean | Promise<boolean> {
  const kept = JSON.parse(text) as Kept | { readonly source: string }
  // A source is the user's own.
  return 'source' in kept || trees.isRight(pathOf(kept, text, folders), kept.shape)
}

/** Where it is, or would be restored to. */
export function outputPath(text: string, folders: Folders): string {
  const kept = JSON.parse(text) as Kept | { readonly source: string }
  return 'source' in kept ? resolve(folders.base, kept.source) : pathOf(kept, text, folders)
}

/** All that it is made of, by absolute path. */
export interface OutputParts {
  readonly files: readonly (readonly [path: string, hash: Hash, executable: boolean])[]
  readonly folders: readonly string[]
}

export function outputParts(text: string, folders: Folders): OutputParts {
  const kept = JSON.parse(text) as Kept
  const { shape } = kept
  const path = pathOf(kept, text, folders)
  if (shape.kind === 'file') return { files: [[path, shape.hash, shape.executable]], folders: [] }
  const parts = { files: [] as [string, Hash, boolean][], folders: [path] }
  for (const entry of shape.entries) {
    if (entry.kind === 'file') parts.files.push([join(path, entry.path), entry.hash, entry.executable])
    if (entry.kind === 'dir') parts.folders.push(join(path, entry.path))
  }
  return parts
}

/** One file that a task made. `path` is relative to the base of the store of values. */
export interface KeptFile {
  readonly path: string
  readonly hash: Hash
  readonly sizeBytes: number
  readonly executable: boolean
}

/** What a ref says by itself about one file in the project; undefined: it is none, a folder, or too much to stand in the ref. */
export function keptFile({ codec, inline }: ValueRef): KeptFile | undefined {
  if (inline === undefined || (codec !== 'output' && codec !== 'file' && codec !== 'dir')) return undefined
  const { place, shape } = JSON.parse(inline) as Partial<Kept>
  if (place?.kind !== 'project' || shape?.kind !== 'file') return undefined
  return { path: place.path, hash: shape.hash, sizeBytes: shape.sizeBytes, executable: shape.executable }
}

/** The blobs that it needs. */
export function blobsOfShape(shape: Shape): readonly Hash[] {
  const files = shape.kind === 'file' ? [shape] : shape.entries.filter(entry => entry.kind === 'file')
  return files.flatMap(({ hash, text }) => (text === undefined ? [hash] : []))
}

/** One folder a content: what was outside has no place of its own, and two of them may have one name. */
const pathOf = ({ place }: Kept, text: string, { cwd, base }: Folders): string =>
  place.kind === 'project' ? resolve(base, place.path) : join(cwd, RESTORED, sha256(text).slice(0, 16), place.name)

/**
 * The project's own folder is never restored as a whole: that would remove what a user put there. `isPlaced`: the graph names
 * the path, in a project of it that need not be the one of the run's file.
 */
function placeOf(absolute: string, isPlaced: boolean, { cwd, base }: Folders): Place {
  if (!isPlaced && !inside(cwd, absolute)) return { kind: 'outside', name: basename(absolute) || 'root' }
  return { kind: 'project', path: relative(base, absolute).split(sep).join('/') }
}
