/**
 * Publishing: the workflow as its file has it now becomes a version of its line, unless it is one already.
 *
 *   P1. What is published already keeps its number, whoever publishes it again, and becomes current.
 *   P2. Two processes that publish at once give two numbers, each inferred from what was there before it.
 */
import { dirname } from 'node:path'
import { encodeGraph } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import { type Built, decodeBundle, keepBundle } from '../../loader/index.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { hashBytes } from '../../util/hash.ts'
import type { Json } from '../../util/json.ts'
import { bumpOf, type Inferred, nextNumber } from '../../versions/bump.ts'
import { difference } from '../../versions/difference.ts'
import {
  type Bump,
  type Contents,
  decodeContents,
  encodeContents,
  type Face,
  type Facts,
  versionHash,
} from '../../versions/version.ts'
import type { WorkflowFile } from '../file.ts'
import { commitOf } from '../git.ts'
import type { Io } from '../io.ts'
import { announcing } from './current-file.ts'
import { faceOf } from './face.ts'
import { lineOf } from './line.ts'
import { packagesOf } from './packages.ts'
import { greatest } from './reference.ts'
import { factsOf, nameOf } from './row.ts'
import { keepSources as keepPublished, sourceFacts } from './sources.ts'

export interface PublishOptions {
  readonly message?: string
  /** At least. */
  readonly bump?: Bump
  /** The name of a pre-release: `beta`. */
  readonly pre?: string
  readonly channel?: string
  readonly keepSources: 'hashes' | 'contents'
  /** Path of a step in the version before, path in this one. */
  readonly renamed: { readonly [before: string]: string }
  readonly write: 'store' | 'nothing'
}

export interface Published {
  readonly kind: 'published' | 'same'
  readonly row: VersionRow
  readonly facts: Facts
  /** Absent: nothing was compared. */
  readonly inferred?: Inferred
  /** Files that are to be kept with it, and are not any more what it took in. */
  readonly unkept?: readonly string[]
}

const STABLE = 'stable'
/** Of pre-releases. */
const NEXT = 'next'

export async function publishVersion(
  store: Store,
  file: WorkflowFile & { readonly built: Built },
  runnable: Runnable,
  options: PublishOptions,
): Promise<Published> {
  const line = lineOf(store.path, runnable.file, runnable.name)
  const found = await unchanged(store, line, runnable, options)
  if (found) return again(store, found, runnable, options)
  const face = await faceOf(runnable, file.definitions)
  const hash = versionHash(face)
  for (;;) {
    const rows = store.versions.list(line)
    const same = rows.findLast(row => row.hash === hash && isOfKind(row, options))
    if (same) return again(store, same, runnable, options)
    const made = await newVersion(store, { line, hash, face, rows, runnable, options })
    if (options.write === 'nothing') return made.published
    await keepReads(store, runnable)
    const { row } = made.published
    const done = announcing(store.path, () =>
      store.versions.publish(row, encodeContents(made.contents), rows.length, placeOf(store, row)),
    )
    // P2.
    if (done === 'published') return made.published
  }
}

/** What is on another channel than the stable one is current only while nothing is on that. */
function placeOf(store: Store, row: VersionRow): 'current' | 'beside' {
  const number = store.versions.current(row.line)?.number
  const current = number === undefined ? undefined : store.versions.get(row.line, number)
  return current && isStable(current) && !isStable(row) ? 'beside' : 'current'
}

const isStable = (row: VersionRow): boolean => factsOf(row).channel === STABLE
const isPre = (number: string): boolean => number.includes('-')

/** P1. A release of what was only a pre-release is another version, and so is what is wanted on another channel. */
const isOfKind = (row: VersionRow, { pre, channel }: PublishOptions): boolean =>
  (pre !== undefined || !isPre(row.number)) && (channel === undefined || factsOf(row).channel === channel)

/** The newest version, when not a byte of what it was made of is another one: then nothing need be computed. */
async function unchanged(
  store: Store,
  line: string,
  runnable: Runnable,
  options: PublishOptions,
): Promise<VersionRow | undefined> {
  const number = store.versions.current(line)?.number
  const row = number === undefined ? undefined : store.versions.get(line, number)
  if (!row || !runnable.bundle || !isOfKind(row, options)) return undefined
  const { bundle, graph, packages } = factsOf(row)
  const isSame =
    hashBytes(runnable.bundle) === bundle &&
    hashBytes(encodeGraph(runnable.graph)) === graph &&
    packagesHash(await packagesOf(decodeBundle(runnable.bundle), runnable.cwd)) === packages
  return isSame ? row : undefined
}

async function again(
  store: Store,
  row: VersionRow,
  runnable: Runnable,
  { bump, write, keepSources }: PublishOptions,
): Promise<Published> {
  if (bump !== undefined && write === 'store')
    refuse('VERSION_SAME', `Nothing has changed since ${row.number}, so there is nothing to raise the number for`, {
      hint: 'Publish without --bump: it is the same version.',
    })
  const unkept =
    write === 'store' && keepSources === 'contents'
      ? await keepPublished(store, runnable, decodeContents(store.versions.contents(row.line, row.number)).sources)
      : []
  const current = store.versions.current(row.line)
  const isCurrent = current?.number === row.number && current.how === 'published'
  if (write === 'store' && !isCurrent && placeOf(store, row) === 'current')
    announcing(store.path, () =>
      store.versions.point(row.line, { number: row.number, how: 'published', atMs: Date.now() }),
    )
  return { kind: 'same', row, facts: factsOf(row), ...(unkept.length > 0 ? { unkept } : {}) }
}

interface Making {
  readonly line: string
  readonly hash: string
  readonly face: Face
  readonly rows: readonly VersionRow[]
  readonly runnable: Runnable
  readonly options: PublishOptions
}

async function newVersion(
  store: Store,
  { line, hash, face, rows, runnable, options }: Making,
): Promise<{ readonly published: Published; readonly contents: Contents }> {
  const numbers = rows.map(row => row.number)
  const since = greatest(numbers)
  const inferred = since === undefined ? undefined : inferredSince(store, { line, since, face, options })
  const number = nextNumber(numbers, inferred ?? 'first', {
    ...(options.pre === undefined ? {} : { pre: options.pre }),
    ...(options.bump === undefined ? {} : { atLeast: options.bump }),
  })
  const commit = await commitOf(dirname(runnable.file))
  const sources = await sourceFacts(store, runnable, { keep: options.keepSources })
  const bundle = runnable.bundle ?? new Uint8Array()
  const facts: Facts = {
    ...(options.message === undefined ? {} : { message: options.message }),
    ...(commit ? { commit } : {}),
    channel: options.channel ?? (isPre(number) ? NEXT : STABLE),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    graph: hashBytes(encodeGraph(runnable.graph)),
    bundle: hashBytes(bundle),
    packages: packagesHash(face.packages),
    ...(since === undefined ? {} : { since }),
    bump: inferred ? raisedTo(inferred, options) : 'first',
    changes: (inferred?.reasons ?? []).slice(0, CHANGES_MAX).map(({ text, bump }) => `${bump}: ${text}`),
    ...(Object.keys(options.renamed).length > 0 ? { renamed: options.renamed } : {}),
  }
  const row: VersionRow = { line, number, hash, atMs: Date.now(), facts: facts as unknown as Json }
  return {
    published: { kind: 'published', row, facts, ...(inferred ? { inferred } : {}) },
    contents: { v: 1, face, code: keepBundle(decodeBundle(bundle)) as unknown as Json, sources },
  }
}

interface Comparing extends Pick<Making, 'line' | 'face' | 'options'> {
  readonly since: string
}

/** A version that is damaged can be compared with nothing: then it must be said what the next one is. */
function inferredSince(store: Store, { line, since, face, options }: Comparing): Inferred {
  try {
    const before = decodeContents(store.versions.contents(line, since)).face
    return bumpOf(difference(before, face, { renamed: options.renamed }))
  } catch (error) {
    if (!(error instanceof Refusal) || error.diagnostics[0]?.code !== 'VERSION_DAMAGED') throw error
    if (options.bump !== undefined) return { bump: options.bump, reasons: [] }
    return refuse('VERSION_DAMAGED', `What is kept of ${since} is not what was published, so nothing can be compared`, {
      hint: 'Say how the number is to grow: --bump minor. tutti doctor names all that is damaged.',
    })
  }
}

/** What is told of it; nothing that counts is different where only the order of the text is. */
function raisedTo({ bump }: Inferred, { bump: atLeast }: PublishOptions): Bump {
  return atLeast ?? (bump === 'none' ? 'patch' : bump)
}

/** Lists show why a version has its number; `tutti diff` tells all. */
const CHANGES_MAX = 20

const packagesHash = (packages: Face['packages']): string =>
  hashBytes(new TextEncoder().encode(JSON.stringify(packages)))

/** What was read while the file was loaded and traced: without it, it cannot be traced again. */
async function keepReads(store: Store, { readContents }: Runnable): Promise<void> {
  await Promise.all([...readContents.values()].map(bytes => store.blobs.put(bytes)))
}

/** `run --publish`: says which version it is. */
export async function publishForRun(io: Io, store: Store, { file, runnable, message }: ForRun): Promise<string> {
  const { kind, row } = await publishVersion(store, file, runnable, {
    ...(message === undefined ? {} : { message }),
    keepSources: 'hashes',
    renamed: {},
    write: 'store',
  })
  if (kind === 'published') io.err(`published ${nameOf(row)}\n`)
  return row.number
}

interface ForRun {
  readonly file: WorkflowFile & { readonly built: Built }
  readonly runnable: Runnable
  readonly message: string | undefined
}
