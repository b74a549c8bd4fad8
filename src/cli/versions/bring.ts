/**
 * Files of a version's sources brought into its replica, each with the content that it had: from the store, from the project where
 * it is as it was, from git. What is there already and right is not touched.
 */
import { chmod, lstat, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Store } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
import { sha256, stampsOf } from '../../values/index.ts'
import { limit } from '../../values/limit.ts'
import { inside } from '../../values/paths.ts'
import { type Filling, placeFile, solidFolder } from '../../values/placing.ts'
import type { SourceFact } from '../../versions/version.ts'
import { contentAt } from '../git.ts'
import { isInstalled, type Replica } from './replica.ts'

export interface Bringing {
  readonly store: Pick<Store, 'path' | 'blobs'>
  readonly replica: Replica
  /** `ci@1.2.0` */
  readonly name: string
  /** That the version was published at. */
  readonly commit?: string
}

/** Files that are brought at once. */
const BROUGHT_AT_ONCE = 8
/** Of those that are gone, so many are named. */
const SHOWN_MAX = 10

interface Wanted {
  readonly name: string
  readonly hash: Hash
  readonly executable: boolean
}

/** Refuses with SOURCES_GONE, with all that cannot be had. */
export async function bringSources(bringing: Bringing, facts: readonly SourceFact[]): Promise<void> {
  const { replica } = bringing
  for (const { kind, name } of facts)
    if (kind === 'folder') solidFolder(replica.root, resolve(replica.cwd, name), 'remove')
  const wanted = new Map<string, Wanted>()
  for (const { kind, name, hash, executable = false } of facts)
    if (kind === 'file' && hash !== null) wanted.set(name, { name, hash, executable })
  const turn = limit(BROUGHT_AT_ONCE)
  const results = await Promise.all([...wanted.values()].map(each => turn(() => bring(bringing, each))))
  const gone = results.filter(each => each !== undefined)
  if (gone.length === 0) return
  const shown = [...gone.slice(0, SHOWN_MAX), ...(gone.length > SHOWN_MAX ? [`${gone.length - SHOWN_MAX} more`] : [])]
  refuse('SOURCES_GONE', `What ${bringing.name} took in is not to be had any more: ${shown.join(', ')}`, {
    hint: 'tutti publish --keep-sources keeps it with the version; --sources now takes what is there today.',
  })
}

/** What is told of a file that cannot be had. */
async function bring(bringing: Bringing, wanted: Wanted): Promise<string | undefined> {
  const { replica, store } = bringing
  const { name, hash } = wanted
  const path = resolve(replica.cwd, name)
  const there = resolve(replica.project, name)
  if (isInstalled(path, replica.root))
    return (await hasContent(there, hash, store.path)) ? undefined : `${name} (what is installed is another one today)`
  if (await isRight(path, wanted, store.path)) return undefined
  if (inside(replica.root, path) === undefined) throw new Error(`defect: ${name} leads out of the replica`)
  solidFolder(replica.root, dirname(path), 'remove')
  if ((await lstat(path).catch(() => undefined))?.isDirectory()) await rm(path, { recursive: true })
  const isHere =
    (await placed(path, { kind: 'blob', hash, blobs: store.blobs }, wanted)) ||
    (await placed(path, { kind: 'copy', hash, path: there }, wanted))
  return isHere ? undefined : fromGit(bringing, path, wanted)
}

async function isRight(path: string, { hash, executable }: Wanted, store: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats?.isFile() || !(await hasContent(path, hash, store))) return false
  if (((stats.mode & 0o100) !== 0) !== executable) await chmod(path, executable ? 0o755 : 0o644)
  return true
}

const hasContent = async (path: string, hash: Hash, store: string): Promise<boolean> =>
  stampsOf(store)
    .hashOf(path)
    .then(
      content => content.hash === hash,
      () => false,
    )

/** Whether that was what it is to be, and is there now. */
async function placed(path: string, filling: Filling, { executable }: Wanted): Promise<boolean> {
  try {
    if (filling.kind === 'copy' && !(await stat(filling.path)).isFile()) return false
    return (await placeFile(path, filling, { executable })) === 'placed'
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

/** The store has no such blob; the project no such file, or none that may be read. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'])
const isAbsent = (error: unknown): boolean =>
  error instanceof Refusal
    ? error.diagnostics.every(({ code }) => code === 'BLOB_MISSING')
    : ABSENT.has((error as { readonly code?: unknown }).code)

const LFS = 'version https://git-lfs.github.com/spec/'

/** As it was committed, or as a checkout would have written it (ends of lines, LFS). */
async function fromGit({ commit, replica }: Bringing, path: string, wanted: Wanted): Promise<string | undefined> {
  const { name, hash } = wanted
  if (commit === undefined) return name
  const from = { commit, path: resolve(replica.project, name) }
  let isPointer = false
  for (const how of ['raw', 'filtered'] as const) {
    const bytes = await contentAt(from, how)
    if (bytes === undefined) return name
    if (sha256(bytes) === hash) {
      await placeFile(path, { kind: 'bytes', bytes }, wanted)
      return undefined
    }
    isPointer ||= Buffer.from(bytes.subarray(0, LFS.length)).toString('latin1') === LFS
  }
  return isPointer ? `${name} (git has a pointer of LFS: git lfs pull ${commit.slice(0, 12)})` : name
}
