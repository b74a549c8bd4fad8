/** What `tutti diff` compares: versions and files, found by the words that name them. */
import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import semver from 'semver'
import { type Bundle, decodeBundle, type KeptCode, type ModuleCache, rebuildBundle } from '../../loader/index.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { Face } from '../../versions/version.ts'
import { chooseWorkflow, DEFAULT_FILES, loadFile, looksLikeFile, openRunFile } from '../file.ts'
import type { Io } from '../io.ts'
import { findRun } from '../store.ts'
import { faceOf } from './face.ts'
import { fileOf, lineOf, workflowOf } from './line.ts'
import { contentsOf } from './open.ts'
import { findLine } from './lines.ts'
import { findVersion } from './reference.ts'
import { factsOf, nameOf } from './row.ts'
import { CURRENT, FILE, parseReference } from './words.ts'

/** One of the two that are compared. */
export interface Side {
  /** As people name it. */
  readonly name: string
  readonly face: Face
  /** Absent: it is a file. */
  readonly row?: VersionRow
  bundle(): Promise<Bundle>
}

/** What a word means before any store is asked. `which`, `file`: absent where the word leaves it open. */
export type SideWord =
  | { readonly kind: 'version'; readonly which: string; readonly workflow?: string; readonly file?: string }
  | { readonly kind: 'file'; readonly file?: string; readonly workflow?: string }
  /** The code that a run began with. */
  | { readonly kind: 'run'; readonly run: string; readonly workflow?: undefined; readonly file?: undefined }
  /** Of a channel, or else of a workflow. */
  | { readonly kind: 'word'; readonly word: string }

export const TODAY: SideWord = { kind: 'file' }
export const NOW: SideWord = { kind: 'version', which: CURRENT }

/** `tutti.ts`, `tutti.ts#ci`, `1.2.0`, `^1.2`, `@stable`, `ci@1.2.0`, `api/tutti.ts#ci@1.2.0`, `run:ID`, `ci`. */
export function readSide(io: Io, word: string): SideWord {
  if (statSync(resolve(io.cwd, word), { throwIfNoEntry: false })?.isFile() === true) return { kind: 'file', file: word }
  if (word.startsWith(RUN)) return { kind: 'run', run: word.slice(RUN.length) }
  const [, file, rest = word] = /^(.+)#([^#]+)$/.exec(word) ?? []
  const { workflow, which } = parseReference(rest)
  const named = { ...(file === undefined ? {} : { file }), ...(workflow === undefined ? {} : { workflow }) }
  if (which === FILE) return { kind: 'file', ...named }
  if (which !== undefined) return { kind: 'version', which, ...named }
  if (file !== undefined) return { kind: 'file', file, workflow: rest }
  if (semver.validRange(word) !== null) return { kind: 'version', which: word }
  return looksLikeFile(word) ? { kind: 'file', file: word } : { kind: 'word', word }
}

const RUN = 'run:'

export interface Surroundings {
  readonly store: Store | undefined
  /** `-w`. */
  readonly workflow: string | undefined
  readonly cache: ModuleCache
}

/** Both are of one workflow, unless the words say otherwise: what one of them leaves open, the other tells. */
export async function openSides(
  io: Io,
  words: readonly [SideWord, SideWord],
  around: Surroundings,
): Promise<readonly [Side, Side]> {
  const [one, other] = words.map(word => meantBy(word, around.store)) as [Definite, Definite]
  const before = await openSide(io, one, other, around)
  return [before, await openSide(io, other, one, around)]
}

type Definite = Exclude<SideWord, { kind: 'word' }>

function meantBy(word: SideWord, store: Store | undefined): Definite {
  if (word.kind !== 'word') return word
  const isChannel = store?.versions.list().some(row => factsOf(row).channel === word.word) === true
  return isChannel ? { kind: 'version', which: word.word } : { kind: 'version', which: CURRENT, workflow: word.word }
}

function openSide(io: Io, word: Definite, other: Definite, around: Surroundings): Promise<Side> {
  const workflow = word.workflow ?? around.workflow ?? other.workflow
  switch (word.kind) {
    case 'file':
      return fileSide(io, word.file, { workflow, other }, around)
    case 'version':
      return versionSide(io, word, { workflow, other }, around)
    case 'run':
      return runSide(io, word.run, around)
  }
}

async function runSide(io: Io, run: string, { store }: Surroundings): Promise<Side> {
  if (!store) return refuse('RUN_UNKNOWN', `There is no run ${run} here`, { hint: 'tutti runs lists them.' })
  const row = findRun(store, run)
  if (row.bundle === '')
    return refuse('RUN_EMBEDDED', `Run ${run} belongs to a program that embeds Tutti`, {
      hint: 'Its code is not kept: compare the versions that you have published.',
    })
  const file = await openRunFile(store, row, io.cwd)
  return {
    name: `run ${run}`,
    face: await faceOf(file.runnable(row.workflow), file.definitions),
    bundle: async () => decodeBundle(await store.blobs.get(row.bundle)),
  }
}

interface Beside {
  readonly workflow: string | undefined
  readonly other: Definite
}

async function versionSide(
  io: Io,
  { which, file }: Extract<Definite, { kind: 'version' }>,
  beside: Beside,
  { store, cache }: Surroundings,
): Promise<Side> {
  if (!store)
    return refuse('NOT_PUBLISHED', `There is no published version of ${beside.workflow ?? 'any workflow'} here`, {
      hint: 'Publish one: tutti publish',
    })
  const row = findVersion(store, lineMeant(io, store, file ?? beside.other.file, beside.workflow), which)
  const contents = contentsOf(store, row)
  return {
    name: nameOf(row),
    face: contents.face,
    row,
    bundle: () => rebuildBundle(contents.code as unknown as KeptCode, cache),
  }
}

/** A file that has versions tells which line is meant; one that has none is only compared with. */
function lineMeant(io: Io, store: Store, file: string | undefined, workflow: string | undefined): string {
  const here = file ?? DEFAULT_FILES.find(name => existsSync(resolve(io.cwd, name)))
  const path = here === undefined ? undefined : resolve(io.cwd, here)
  const isOf = (line: string): boolean =>
    path !== undefined &&
    line === lineOf(store.path, path, workflowOf(line)) &&
    (workflow === undefined || workflowOf(line) === workflow)
  return findLine(store, io.cwd, {
    ...(workflow === undefined ? {} : { workflow }),
    ...(here !== undefined && store.versions.lines().some(isOf) ? { file: here } : {}),
  })
}

async function fileSide(
  io: Io,
  named: string | undefined,
  { workflow, other }: Beside,
  { store, cache }: Surroundings,
): Promise<Side> {
  const told = toldBy(io, named, { workflow, other }, store)
  const file = named ?? (told ? relative(io.cwd, told.file) : defaultFile(io))
  const loaded = await loadFile(file, io.cwd, { cache, reading: io.reading })
  const meant = workflow ?? (told && loaded.workflows.has(told.workflow) ? told.workflow : undefined)
  const runnable = loaded.runnable(chooseWorkflow(loaded, meant))
  return {
    name: loaded.workflows.size > 1 ? `${file}#${runnable.name}` : file,
    face: await faceOf(runnable, loaded.definitions),
    bundle: async () => loaded.built.bundle,
  }
}

/** What the other side says where the words leave file or workflow open. */
function toldBy(
  io: Io,
  named: string | undefined,
  { workflow, other }: Beside,
  store: Store | undefined,
): { readonly file: string; readonly workflow: string } | undefined {
  if (!store || (named !== undefined && workflow !== undefined)) return undefined
  switch (other.kind) {
    case 'version': {
      const line = lineMeant(io, store, other.file ?? named, workflow)
      return { file: fileOf(store.path, line), workflow: workflowOf(line) }
    }
    case 'run':
      return findRun(store, other.run)
    case 'file':
      return undefined
  }
}

const defaultFile = (io: Io): string =>
  DEFAULT_FILES.find(name => existsSync(join(io.cwd, name))) ?? (DEFAULT_FILES[0] as string)
