/**
 * What a workflow takes in from outside, as facts that a version keeps: the files of its sources by hash, or with their content,
 * and of variables the hash only, since one may be a secret. Addresses, times, results of other workflows and functions are left
 * out: no hash brings back what they gave.
 */
import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { placedNodes, type Region, resourcesOf, type Source } from '../../core/index.ts'
import { declareSecrets } from '../../exec/index.ts'
import { guardBlobs } from '../../exec/secrets/blobs.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Store } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
import { limit } from '../../values/limit.ts'
import { NOTHING_SEEN, type Seen } from '../../values/seen.ts'
import { lookAt } from '../../values/sources.ts'
import { saveStampsOf, stampsOf } from '../../values/index.ts'
import type { SourceFact } from '../../versions/version.ts'

export interface SourceOptions {
  readonly keep: 'hashes' | 'contents'
}

/** Files that are copied into the store at once. */
const KEPT_AT_ONCE = 8

/** In the order of the graph, then by name. Refuses as the sources themselves do, but for what is not there: that is a fact. */
export async function sourceFacts(
  store: Pick<Store, 'path' | 'blobs'>,
  runnable: Pick<Runnable, 'graph' | 'cwd'>,
  { keep }: SourceOptions,
): Promise<readonly SourceFact[]> {
  const facts: SourceFact[] = []
  for (const { step, source } of sourcesIn(runnable.graph.root))
    facts.push(...(await factsOf(step, source, runnable.cwd, store.path)))
  saveStampsOf(store.path)
  return keep === 'hashes' ? facts : keepContents(store, runnable, facts)
}

interface PlacedSource {
  readonly step: string
  readonly source: Source
}

function sourcesIn(region: Region, around = ''): readonly PlacedSource[] {
  return [...placedNodes(region)].flatMap(({ path, node }) => [
    ...(node.kind === 'source' ? [{ step: around + path, source: node.source }] : []),
    ...(node.undo ? sourcesIn(node.undo.body, `${around}${path}.undo/`) : []),
  ])
}

async function factsOf(step: string, source: Source, cwd: string, store: string): Promise<readonly SourceFact[]> {
  switch (source.kind) {
    case 'files':
    case 'file':
    case 'dir':
      return filesSeen(step, await seenOf(source, cwd, store), cwd, source.kind === 'dir')
    case 'env': {
      const [name, hash] = (await seenOf({ ...source, default: '' }, cwd, store)).env[0] ?? [source.name, null]
      return [{ step, kind: 'env', name, hash, kept: false }]
    }
    case 'http':
    case 'time':
    case 'result':
    case 'function':
      return []
  }
}

/** What is not there is seen to be absent. */
async function seenOf(source: Source, cwd: string, store: string): Promise<Seen> {
  try {
    return (await lookAt(source, cwd, { stamps: stampsOf(store) })).seen
  } catch (error) {
    const isMissing = error instanceof Refusal && error.diagnostics.every(({ code }) => code === 'SOURCE_MISSING')
    if (!isMissing || !('path' in source)) throw error
    return { ...NOTHING_SEEN, absent: [source.path] }
  }
}

function filesSeen(
  step: string,
  { files, folders, absent }: Seen,
  cwd: string,
  namesFolders: boolean,
): readonly SourceFact[] {
  const named = (path: string): string => relative(cwd, path).split(sep).join('/')
  const there = files.map(
    ([path, hash]): SourceFact => ({ step, kind: 'file', name: named(path), hash, ...executable(path), kept: false }),
  )
  const empty = namesFolders ? emptyFolders(files, folders).map(named) : []
  // A glob also looks for files of patterns, which say nothing where they are not there.
  const gone = files.length === 0 && folders.length === 0 ? absent : []
  return [
    ...there,
    ...empty.map((name): SourceFact => ({ step, kind: 'folder', name, hash: null, kept: false })),
    ...gone.map((name): SourceFact => ({ step, kind: 'file', name, hash: null, kept: false })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const executable = (path: string): Pick<SourceFact, 'executable'> =>
  ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o100) !== 0 ? { executable: true } : {}

/** Those that no file in them tells of. */
function emptyFolders(files: Seen['files'], folders: Seen['folders']): readonly string[] {
  const told = new Set<string>()
  for (const [path] of files)
    for (
      let end = path.lastIndexOf('/');
      end > 0 && !told.has(path.slice(0, end));
      end = path.lastIndexOf('/', end - 1)
    )
      told.add(path.slice(0, end))
  return folders.map(([path]) => path).filter(path => !told.has(path))
}

/** Refuses with SECRET_LEAKED what holds a secret that the workflow names. */
async function keepContents(
  { blobs }: Pick<Store, 'blobs'>,
  { graph, cwd }: Pick<Runnable, 'graph' | 'cwd'>,
  facts: readonly SourceFact[],
): Promise<readonly SourceFact[]> {
  declareSecrets([...resourcesOf(graph)].map(({ resource }) => resource))
  const guarded = guardBlobs(blobs)
  const turn = limit(KEPT_AT_ONCE)
  const keepOne = async (hash: Hash, name: string): Promise<void> => {
    if (await guarded.has(hash)) return
    if ((await guarded.putFile(resolve(cwd, name))).hash !== hash) refuseChanging(name)
  }
  const work = new Map<Hash, Promise<void>>()
  for (const { kind, hash, name } of facts)
    if (kind === 'file' && hash !== null && !work.has(hash))
      work.set(
        hash,
        turn(() => keepOne(hash, name)),
      )
  await Promise.all(work.values())
  return facts.map(fact => (fact.kind === 'file' && fact.hash !== null ? { ...fact, kept: true } : fact))
}

/**
 * Keeps, with a version that is published already, what it took in, as far as the files are as they were then: the version names
 * their hashes, so what lies under these is kept. Gives the names of the others.
 */
export async function keepSources(
  store: Pick<Store, 'path' | 'blobs'>,
  runnable: Pick<Runnable, 'graph' | 'cwd'>,
  facts: readonly SourceFact[],
): Promise<readonly string[]> {
  const files = facts.filter(({ kind, hash }) => kind === 'file' && hash !== null)
  const isAsThen = async ({ name, hash }: SourceFact): Promise<boolean> =>
    stampsOf(store.path)
      .hashOf(resolve(runnable.cwd, name))
      .then(
        content => content.hash === hash,
        () => false,
      )
  const others = new Set<string>()
  for (const fact of files) if (!(await isAsThen(fact))) others.add(fact.name)
  await keepContents(
    store,
    runnable,
    files.filter(({ name }) => !others.has(name)),
  )
  return [...others]
}

const refuseChanging = (name: string): never =>
  refuse('SOURCE_CHANGING', `${name} changes while it is read`, {
    hint: 'Publish again when whoever writes it has finished.',
  })
