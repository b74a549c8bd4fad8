/**
 * Graphs of workflows, kept beside the store: a large one is read back instead of being traced and checked again. A trace
 * comes out the same when the bundle is the same and all that it read is; what needs more than the graph (pure functions,
 * validators of signals, tasks that the body itself defines) is traced each time.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Graph } from '../core/index.ts'
import type { Definition } from '../dsl/definition.ts'
import { newBindings, type TracedBindings } from '../dsl/trace.ts'
import type { LoadedFile, ModuleCache } from '../loader/index.ts'
import type { Hash } from '../util/hash.ts'
import { sha256 } from '../values/index.ts'

type Reads = Graph['reads']

interface KeptGraph {
  readonly graph: Graph
  /** Of the trace alone, and how many of loading stand before them. */
  readonly loadReads: number
}

export interface Traced {
  readonly graph: Graph
  readonly bindings: TracedBindings
  /** The bytes behind the reads' hashes. */
  readonly contents: ReadonlyMap<Hash, Uint8Array>
}

export interface GraphCacheOptions {
  readonly cache: ModuleCache
  readonly bundle: Uint8Array
  readonly dir: string
  readonly loaded: Pick<LoadedFile, 'reads' | 'readContents'>
  readonly definitions: ReadonlyMap<string, Definition>
}

/** Smaller graphs are traced in less time than it takes to look. */
const TEXT_MIN = 100_000
/** What makes a graph need bindings of its own, as it stands in its JSON. */
const NEEDS_MORE = /"kind":"(apply|signal)"|"more":\{/

/** `trace` gives a graph that has been checked. */
export function cachedGraph(
  name: string,
  { cache, bundle, dir, loaded, definitions }: GraphCacheOptions,
  trace: () => { readonly graph: Graph; readonly bindings: TracedBindings },
): Traced {
  const key = sha256(`graph ${ownStamp()} ${sha256(bundle)} ${name}`)
  const kept = recalled(cache.get(key))
  const contents = kept && unchanged(kept, dir, loaded)
  if (kept && contents) return { graph: kept.graph, bindings: bindingsOf(definitions), contents }
  const traced = trace()
  const text = JSON.stringify({ graph: traced.graph, loadReads: loaded.reads.length } satisfies KeptGraph)
  const isEnough =
    text.length >= TEXT_MIN &&
    !NEEDS_MORE.test(text) &&
    traced.bindings.missing.length === 0 &&
    [...traced.bindings.definitions].every(([address, definition]) => definitions.get(address) === definition)
  if (isEnough) cache.set(key, text)
  return { ...traced, contents: loaded.readContents }
}

/** Another build of Tutti may make another graph. */
function ownStamp(): string {
  const own = process.argv[1]
  const stats = own === undefined ? undefined : statSync(own, { throwIfNoEntry: false })
  return stats ? `${stats.mtimeMs} ${stats.size} ${process.version}` : process.version
}

function recalled(text: string | undefined): KeptGraph | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as KeptGraph)
  } catch {
    return undefined
  }
}

function bindingsOf(definitions: ReadonlyMap<string, Definition>): TracedBindings {
  const bindings = newBindings()
  for (const [address, definition] of definitions) {
    bindings.definitions.set(address, definition)
    bindings.addresses.set(definition, address)
  }
  return bindings
}

/** The contents behind all reads, when they are what they were. */
function unchanged(
  { graph, loadReads }: KeptGraph,
  dir: string,
  loaded: GraphCacheOptions['loaded'],
): ReadonlyMap<Hash, Uint8Array> | undefined {
  if (JSON.stringify(graph.reads.slice(0, loadReads)) !== JSON.stringify(loaded.reads)) return undefined
  const contents = new Map(loaded.readContents)
  for (const read of graph.reads.slice(loadReads)) {
    if (read.kind === 'env') {
      if ((process.env[read.name] ?? null) !== read.value) return undefined
      continue
    }
    const bytes = bytesOf(read, dir)
    if ((bytes ? sha256(bytes) : null) !== read.hash) return undefined
    if (bytes && read.hash !== null) contents.set(read.hash, bytes)
  }
  return contents
}

/** What is read of a file or a folder's listing, in the form in which loader/reads.ts hashes it. */
function bytesOf({ kind, path }: Exclude<Reads[number], { kind: 'env' }>, dir: string): Uint8Array | undefined {
  const absolute = resolve(dir, path)
  try {
    return kind === 'file' ? readFileSync(absolute) : Buffer.from(readdirSync(absolute).sort().join('\n'))
  } catch {
    return undefined
  }
}
