/**
 * The files that the steps of a run wrote, as the run left them: each write over those before it, as on disk.
 *
 * Links are made last and only where they lead to something beside them, so no file is written through one.
 */
import type { Blobs } from '../../store/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
import { limit } from '../../values/limit.ts'
import type { Shape } from '../../values/tree.ts'
import { FILES, type KeptHandle, partsOf } from './handles.ts'
import type { Target } from './target.ts'

type Leaf =
  | {
      readonly kind: 'file'
      readonly hash: Hash
      readonly sizeBytes: number
      readonly executable: boolean
      readonly text?: string
    }
  /** `depth`: how many folders of the tree that it came in are around it. */
  | { readonly kind: 'link'; readonly target: string; readonly depth: number }

interface Tree {
  leaf?: Leaf & { readonly step: string }
  readonly inner: Map<string, Tree>
}

export interface Written {
  /** What a step wrote, over what is there. */
  add(step: string, handle: KeptHandle): void
  lay(target: Target, blobs: Blobs): Promise<readonly LaidFile[]>
}

/** One line of the index. `at`: in the checkout; absent: it is not there, see `gone`. */
export interface LaidFile {
  readonly path: string
  readonly step: string
  readonly kind: Leaf['kind']
  readonly at?: string
  readonly hash?: Hash
  readonly sizeBytes?: number
  readonly executable?: true
  readonly target?: string
  readonly gone?: string
}

/** Files that are copied at once. */
const COPIED_AT_ONCE = 8

export function newWritten(): Written {
  const root: Tree = { inner: new Map() }
  return {
    add(step, { path, shape }) {
      const parts = partsOf(path)
      const around = parts.slice(0, -1).reduce(folderIn, root)
      const last = parts.at(-1)
      const tree = treeOf(step, shape)
      if (last === undefined) {
        root.inner.clear()
        for (const [name, each] of tree.inner) root.inner.set(name, each)
      } else around.inner.set(last, tree)
    },
    async lay(target, blobs) {
      const found = [...leavesIn(root, '')]
      for (const { path, tree } of found) if (!tree.leaf) await target.folder(at(path))
      const turn = limit(COPIED_AT_ONCE)
      const files = found.flatMap(({ path, tree: { leaf } }) =>
        leaf?.kind === 'file' ? [turn(() => layFile(target, blobs, path, leaf))] : [],
      )
      const laid = await Promise.all(files)
      for (const { path, tree } of found)
        if (tree.leaf?.kind === 'link') laid.push(await layLink(target, path, { ...tree.leaf }))
      return laid.sort((a, b) => (a.path < b.path ? -1 : 1))
    },
  }
}

const at = (path: string): string => (path === '' ? FILES : `${FILES}/${path}`)

/** What is no folder there makes room for one. */
function folderIn(tree: Tree, name: string): Tree {
  const found = tree.inner.get(name)
  if (found && !found.leaf) return found
  const made: Tree = { inner: new Map() }
  tree.inner.set(name, made)
  return made
}

function treeOf(step: string, shape: Shape): Tree {
  if (shape.kind === 'file') return { leaf: { ...fileLeaf(shape), step }, inner: new Map() }
  const tree: Tree = { inner: new Map() }
  for (const entry of shape.entries) {
    const parts = partsOf(entry.path)
    const name = parts.at(-1)
    if (name === undefined) continue
    const around = parts.slice(0, -1).reduce(folderIn, tree)
    if (entry.kind === 'dir') folderIn(around, name)
    else {
      const leaf: Leaf =
        entry.kind === 'file' ? fileLeaf(entry) : { kind: 'link', target: entry.target, depth: parts.length - 1 }
      around.inner.set(name, { leaf: { ...leaf, step }, inner: new Map() })
    }
  }
  return tree
}

type StoredFile = Extract<Shape, { kind: 'file' }>

const fileLeaf = ({ hash, sizeBytes, executable, text }: Omit<StoredFile, 'kind'>): Leaf => ({
  kind: 'file',
  hash,
  sizeBytes,
  executable,
  ...(text === undefined ? {} : { text }),
})

function* leavesIn(tree: Tree, path: string): Generator<{ readonly path: string; readonly tree: Tree }> {
  if (path !== '') yield { path, tree }
  for (const [name, each] of tree.inner) yield* leavesIn(each, path === '' ? name : `${path}/${name}`)
}

type LeafOf<K extends Leaf['kind']> = Extract<Leaf, { kind: K }> & { readonly step: string }

async function layFile(target: Target, blobs: Blobs, path: string, leaf: LeafOf<'file'>): Promise<LaidFile> {
  const { step, hash, sizeBytes, executable, text } = leaf
  const told = { path, step, kind: 'file', hash, sizeBytes, ...(executable ? { executable } : {}) } as const
  const gone = await unlessGone(() =>
    target.file(
      at(path),
      text === undefined ? { kind: 'blob', hash, blobs } : { kind: 'bytes', bytes: text },
      executable,
    ),
  )
  return gone === undefined ? { ...told, at: at(path) } : { ...told, gone }
}

async function layLink(target: Target, path: string, { step, target: to, depth }: LeafOf<'link'>): Promise<LaidFile> {
  const told = { path, step, kind: 'link', target: to } as const
  if (!staysInside(to, depth)) return { ...told, gone: 'the link leads out of its folder' }
  await target.link(at(path), to)
  return { ...told, at: at(path) }
}

/** `..` only in front, and no more of them than there are folders around: what comes behind may be another link. */
function staysInside(target: string, depth: number): boolean {
  if (target.startsWith('/') || target.includes('\0')) return false
  const parts = target.split('/').filter(part => part !== '' && part !== '.')
  const ups = parts.findIndex(part => part !== '..')
  return (ups === -1 ? parts.length : ups) <= depth && !parts.slice(Math.max(0, ups)).includes('..')
}

/** Why it cannot be had; undefined: it has been placed. */
export async function unlessGone(place: () => Promise<'placed' | 'damaged'>): Promise<string | undefined> {
  try {
    return (await place()) === 'placed' ? undefined : 'BLOB_DAMAGED'
  } catch (error) {
    const code = error instanceof Refusal ? error.diagnostics[0]?.code : undefined
    if (code === 'BLOB_MISSING' || code === 'BLOB_DAMAGED') return code
    throw error
  }
}
