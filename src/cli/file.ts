/** A user's file, loaded: its workflows by name, each ready to be traced. The same from disk and from a run's bundle. */
import { existsSync } from 'node:fs'
import { basename, dirname, extname, relative, resolve } from 'node:path'
import { Script } from 'node:vm'
import type { Graph } from '../core/index.ts'
import { collectDefinitions, type Definition, definitionOf, type WorkflowDefinition } from '../dsl/definition.ts'
import type { TracedBindings } from '../dsl/trace.ts'
import { newBindings } from '../dsl/trace.ts'
import { traceWorkflow } from '../dsl/workflow.ts'
import { collectConfigurations } from '../exec/index.ts'
import {
  buildBundle,
  type Built,
  type Bundle,
  decodeBundle,
  encodeBundle,
  installStackMapping,
  isMade,
  type LoadedFile,
  type ModuleCache,
  openBundle,
  type OpenOptions,
} from '../loader/index.ts'
import { decodeGraph, recordedReads, type RecordedReads } from '../run/launch.ts'
import { checkedGraph, type Runnable } from '../run/runnable.ts'
import type { RunRow, Store } from '../store/index.ts'
import { refuse, Refusal } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'
import { cachedGraph } from './graph-cache.ts'
import type { Reading } from './io.ts'
import { type Placed, placedFrom } from './place.ts'
import { providedTo } from './provided.ts'

export interface WorkflowFile {
  /** As the user named it. */
  readonly file: string
  readonly dir: string
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>
  /** The name of the one that runs when none is named. */
  readonly fallback: string | undefined
  /** Everything that the file defines, by its address in the bundle. */
  readonly definitions: ReadonlyMap<string, Definition>
  runnable(name: string): Runnable
}

export interface LoadOptions {
  /** Where what its modules became is kept. */
  readonly cache?: ModuleCache
  /** Of a file in another language. */
  readonly reading?: Reading
}

export interface LoadedWorkflows extends WorkflowFile {
  readonly built: Built
  /** The file that binds the names of one in another language, as its folder has it. */
  readonly boundBy?: string
}

/** `file` as the user named it from the folder `cwd`. */
export async function loadFile(
  file: string,
  cwd: string,
  { cache, reading = {} }: LoadOptions = {},
): Promise<LoadedWorkflows> {
  const path = resolve(cwd, file)
  const place = placedFrom(dirname(path), cwd)
  const kept = cache ? { cache } : {}
  const foreign = mayBeForeign(path, reading)
    ? (await import('./foreign/entry.ts')).readForeign(path, cwd, reading)
    : undefined
  return place(async () => {
    const built = await buildBundle(path, { ...kept, ...(foreign ? { entry: foreign.entry } : {}) })
    if (!built.ok) throw new Refusal(built.error)
    return {
      ...(await openFile(built.value.bundle, file, path, place, kept)),
      built: built.value,
      ...(foreign?.bindings === undefined ? {} : { boundBy: relative(dirname(path), foreign.bindings) }),
    }
  })
}

const SCRIPTS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs'])

/** Whether what it ends in leaves open that it is of another language. */
const mayBeForeign = (path: string, { lang }: Reading): boolean => lang !== undefined || !SCRIPTS.has(extname(path))

/** Opens what a run kept; the file itself may have changed or gone. */
export function openKept(
  bytes: Uint8Array,
  file: string,
  recorded: RecordedReads,
  cwd: string,
  scripts?: Scripts,
): Promise<WorkflowFile> {
  const place = placedFrom(dirname(file), cwd)
  return place(() => openFile(decodeBundle(bytes), file, file, place, { recorded, ...(scripts ? { scripts } : {}) }))
}

/** Opens the code that a run keeps. */
export async function openRunFile(
  { blobs }: Pick<Store, 'blobs'>,
  row: Pick<RunRow, 'graph' | 'bundle' | 'file'>,
  cwd: string,
): Promise<WorkflowFile> {
  const reads = await recordedReads(blobs, decodeGraph(await blobs.get(row.graph)))
  return openKept(await blobs.get(row.bundle), row.file, reads, cwd)
}

type Scripts = NonNullable<OpenOptions['scripts']>

async function openFile(
  bundle: Bundle,
  file: string,
  path: string,
  place: Placed,
  {
    recorded,
    scripts,
    cache,
  }: { readonly recorded?: RecordedReads; readonly scripts?: Scripts; readonly cache?: ModuleCache } = {},
): Promise<WorkflowFile> {
  const dir = dirname(path)
  installStackMapping()
  const provide = await providedTo(bundle)
  const { value, configurations } = await collectConfigurations(() =>
    collectDefinitions(() =>
      openBundle(bundle, {
        dir,
        provide,
        ...(recorded ? { reads: recorded.reads, readContents: recorded.contents } : {}),
        ...(scripts ? { scripts } : {}),
      }),
    ),
  )
  const { value: loaded, definitions } = value
  const { workflows, fallback } = exportedWorkflows(offeredBy(bundle, loaded.exports), file)
  const bytes = encodeBundle(bundle)
  return {
    file,
    dir,
    workflows,
    fallback,
    definitions,
    runnable(name) {
      const definition = workflows.get(name)
      if (!definition) throw new Error(`defect: ${name} is no workflow of ${file}`)
      const trace = () =>
        place(() => {
          const traced = traceBounded(loaded, definition, name)
          return { ...traced, graph: checkedGraph(traced.graph) }
        })
      const { graph, bindings, contents } = cache
        ? cachedGraph(name, { cache, bundle: bytes, dir, loaded, definitions }, trace)
        : { ...trace(), contents: loaded.readContents }
      return {
        name,
        definition,
        graph,
        bindings,
        cwd: dir,
        file: path,
        bundle: bytes,
        configurations,
        readContents: contents,
      }
    },
  }
}

/** Long enough for the largest graphs; a body with an endless loop is stopped then. */
const TRACE_MS_MAX = 60_000

function traceBounded(
  loaded: LoadedFile,
  definition: WorkflowDefinition,
  name: string,
): { readonly graph: Graph; readonly bindings: TracedBindings } {
  const { value, reads } = loaded.trace(() => bounded(() => traceWorkflow(definition), definition))
  const { graph, bindings } = value
  // Tasks that only flows call are in no graph; a flow finds them by their address all the same.
  return { graph: { ...graph, name, reads: [...loaded.reads, ...reads] }, bindings: { ...newBindings(), ...bindings } }
}

const BODY = Symbol.for('tutti.bounded')
const call = new Script(`globalThis[Symbol.for('tutti.bounded')]()`)

/** Runs `body` with V8's own watchdog: the only way to stop a loop that never yields. */
function bounded<T>(body: () => T, definition: WorkflowDefinition): T {
  const globals = globalThis as { [BODY]?: (() => T) | undefined }
  globals[BODY] = body
  try {
    return call.runInThisContext({ timeout: Number(process.env['TUTTI_TRACE_TIMEOUT_MS'] ?? TRACE_MS_MAX) }) as T
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return refuse('TRACE_ENDLESS', `The body of ${definition.name} did not end while it was traced`, {
      ...(definition.at ? { at: definition.at } : {}),
      hint: 'A body runs once, before anything else: loop over items with each(), or make it a flow(async …).',
    })
  } finally {
    globals[BODY] = undefined
  }
}

/** A module that stands before another language's file has them in one record, for their names are no variable's. */
function offeredBy({ entry, modules }: Bundle, exports: LoadedFile['exports']): LoadedFile['exports'] {
  const module = modules[entry]
  return module && isMade(module) ? (exports['default'] as LoadedFile['exports']) : exports
}

function exportedWorkflows(
  exports: Readonly<Record<string, unknown>>,
  file: string,
): Pick<WorkflowFile, 'workflows' | 'fallback'> {
  const found = new Map<string, WorkflowDefinition>()
  for (const [name, value] of Object.entries(exports)) {
    const definition = definitionOf(value)
    if (definition && 'body' in definition) found.set(name, definition)
  }
  // `export default ci` beside `export const ci` is one workflow.
  const standard = found.get('default')
  const alias = [...found].find(([name, each]) => name !== 'default' && each === standard)?.[0]
  if (alias !== undefined) found.delete('default')
  const [only] = found.keys()
  if (found.size > 0)
    return { workflows: found, fallback: standard ? (alias ?? 'default') : found.size === 1 ? only : undefined }
  return refuse('NO_WORKFLOW', `${basename(file)} ${mayBeForeign(file, {}) ? 'has' : 'exports'} no workflow`, {
    at: { file: basename(file), line: 1, column: 1 },
    hint: mayBeForeign(file, {})
      ? 'Its language found none in it.'
      : 'Export one: export const build = workflow(() => …).',
  })
}

/** The name that the user means; none is needed when there is one workflow, or a default one. */
export function chooseWorkflow(file: WorkflowFile, name: string | undefined): string {
  const names = [...file.workflows.keys()]
  if (name === undefined) {
    if (file.fallback !== undefined) return file.fallback
    return refuse('WORKFLOW_NEEDED', `${file.file} has several workflows: ${names.join(', ')}`, {
      hint: `Name one: tutti run ${file.file} ${names[0] ?? ''}`,
    })
  }
  if (file.workflows.has(name)) return name
  if (existsSync(resolve(file.dir, name)))
    return refuse('NOT_A_FILE', `${name} is a folder without a tutti.ts, and no workflow of ${file.file}`, {
      hint: `The workflows: ${names.join(', ')}.`,
    })
  const near = nearestName(name, names)
  return refuse('WORKFLOW_UNKNOWN', `${file.file} has no workflow ${name}`, {
    hint: near ? `Did you mean ${near}?` : `It has ${names.join(', ')}.`,
  })
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs']
export const DEFAULT_FILES = EXTENSIONS.map(extension => `tutti${extension}`)
export const looksLikeFile = (word: string): boolean => extname(word) !== ''
