/**
 * What versions tell code apart by: a hash for each function that a graph names, by the name that it has there.
 *
 * It is the code of a step's key (./code.ts), but for what versions say by themselves: packages are listed, variables of the
 * environment are recorded. Where a function takes in a variable of a function around it, which makes its results nobody
 * else's, here the code around it counts, and that which calls it.
 *
 *   K5. Comments and formatting change no hash, whatever the file arranges round its tasks.
 *   K6. What has a name of its own counts under it alone: a task that a flow calls is not part of the flow's hash.
 */
import { createHash } from 'node:crypto'
import type { Graph } from '../../core/graph/graph.ts'
import type { AnyFunction, Definition } from '../../dsl/definition.ts'
import type { TracedBindings } from '../../dsl/trace.ts'
import type { Hash } from '../../util/hash.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { isForeign } from '../../dsl/foreign.ts'
import { type Bundle, decodeBundle, isMade } from '../bundle.ts'
import { collect, dataText, partsOf, pieceOf } from './code.ts'
import { createEffects, type Effects } from './effects.ts'
import { createReach, type Reach, type Spot } from './reach.ts'
import { homeOf } from './registry.ts'

/** What is asked of a runnable workflow. */
interface Traced {
  readonly graph: Graph
  readonly bindings: Pick<TracedBindings, 'definitions' | 'pure'>
  /** Middleware, codecs and routes. */
  readonly configurations: readonly unknown[]
  readonly bundle: Uint8Array | undefined
}

/**
 * By address of tasks, effects, services, sources and flows, and by id of pure functions: all that the graph names, and what its
 * flows reach of `definitions`, those of the whole file. null: no syntax is known, as of functions that a package made.
 */
export function codeOfRunnable(
  { graph, bindings, configurations, bundle }: Traced,
  definitions: ReadonlyMap<string, Definition>,
): { readonly [name: string]: Hash | null } {
  const all = new Map([...definitions, ...bindings.definitions])
  const named = namesIn(graph)
  const addresses = new Set([...named].filter(name => all.has(name)))
  const pure = [...named].filter(name => bindings.pure.has(name))
  if (!bundle) return Object.fromEntries([...addresses, ...pure].sort().map(name => [name, null]))
  const codes = createVersionCodes(decodeBundle(bundle), { definitions: all, graph, configurations })
  const found: [string, Hash | null][] = []
  // A flow's calls come to it while they are looked at.
  for (const address of addresses) {
    const { hash, reached } = codes.ofDefinition(all.get(address)!)
    found.push([address, hash])
    for (const each of reached) addresses.add(each)
  }
  for (const id of pure) found.push([id, codes.ofPure(bindings.pure.get(id)!)])
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The names of functions in a graph: addresses and ids. */
function namesIn(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) return value.forEach(visit)
    const { kind, task, flow, fn } = value as Readonly<Record<string, unknown>>
    // What users write as values means nothing here.
    if (kind === 'literal') return
    for (const name of [task, flow, fn]) if (typeof name === 'string') names.add(name)
    Object.values(value).forEach(visit)
  }
  visit(graph.root)
  return names
}

interface Surroundings {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly graph: Graph
  readonly configurations: readonly unknown[]
}

function createVersionCodes(bundle: Bundle, { definitions, graph, configurations }: Surroundings) {
  const reach = createReach(bundle)
  const effects = createEffects(reach)
  const owners = ownersOf(definitions, reach)
  const reads = hash(
    graph.reads
      .filter(({ kind }) => kind !== 'env')
      .map(read => canonicalJson(read as unknown as Json))
      .sort()
      .join('\n'),
  )
  let callers: Callers | undefined
  let whole: Hash | undefined
  const arranged = configurations.length > 0 ? [arrangedText(bundle, reach, spot => owners.has(spot))] : []
  return {
    ofDefinition(definition: Definition): { readonly hash: Hash | null; readonly reached: readonly string[] } {
      const own = spotOf(functionOf(definition), reach)
      if (definition.kind === 'flow' || definition.kind === 'workflow') return own ? ofBody(own) : UNKNOWN
      if (!own && isForeign(functionOf(definition))) return { hash: everything(), reached: [] }
      const roots = own ? rootsOf(own) : makersOf(definition)
      return { hash: roots.length > 0 ? hashOf(roots, arranged) : null, reached: [] }
    },
    ofPure(fn: AnyFunction): Hash | null {
      const own = spotOf(fn, reach)
      if (!own) return isForeign(fn) ? everything() : null
      return hashOf(rootsOf(own), [])
    },
  }

  /** What a function of another language hangs on is told by no syntax: all that is in the bundle, but the text that is the graph. */
  function everything(): Hash {
    whole ??= hashOf(ourScripts(bundle, reach).flatMap(reach.pieces), [
      ...arranged,
      ...dataBeside(bundle).map(path => dataText(bundle, path)),
    ])
    return whole
  }

  /** K6. */
  function ofBody(own: Spot): { readonly hash: Hash; readonly reached: readonly string[] } {
    const reached = new Set<string>()
    const isForeign = (spot: Spot): boolean => {
      if (spot === own) return false
      for (const address of owners.get(spot) ?? []) reached.add(address)
      return owners.has(spot)
    }
    return { hash: hashOf(rootsOf(own), arranged, isForeign), reached: [...reached] }
  }

  function rootsOf(own: Spot): readonly Spot[] {
    return isOpen(own) ? [...callersOf(pieceOf(own))] : [own]
  }

  /** What the variables around it are made of: the code that they stand in, what calls that, and what that is called by. */
  function callersOf(piece: Spot): ReadonlySet<Spot> {
    callers ??= callersIn(reach)
    const found = new Set([piece])
    for (const each of found)
      for (const { by, isBody } of callers.get(each) ?? []) if (each === piece || !isBody) found.add(by)
    return found
  }

  /** In doubt more counts: of what a package made, all of the module that asked for it, where it has no variable there. */
  function makersOf({ name, at }: Definition): readonly Spot[] {
    const pieces = at && bundle.modules[at.file]?.kind === 'script' ? reach.pieces(at.file) : []
    const named = pieces.filter(({ cell }) => cell.names?.includes(name))
    return named.length > 0 ? named : pieces
  }

  function hashOf(roots: readonly Spot[], more: readonly string[], isForeign?: (spot: Spot) => boolean): Hash {
    const texts = roots.map(own => canonicalJson(versionParts(own, isForeign)))
    return hash([...texts, ...more].join('\n'))
  }

  function versionParts(own: Spot, isForeign: ((spot: Spot) => boolean) | undefined): Record<string, Hash> {
    const closure = collect(own, reach, effects, isForeign)
    const parts = Object.entries(partsOf(own, closure, bundle, reach)).filter(([name]) => !name.startsWith('package:'))
    return { ...Object.fromEntries(parts), ...readsOf(closure.spots, effects, reads) }
  }
}

/** Without what the loader wrote. */
const ourScripts = ({ modules }: Bundle, { order }: Reach): readonly string[] =>
  order.filter(path => {
    const module = modules[path]
    return module !== undefined && !isMade(module)
  })

/** Files of no code that are bound beside a text of another language, in the order of their paths. */
function dataBeside({ modules }: Bundle): readonly string[] {
  const texts = Object.values(modules).flatMap(module =>
    module.kind === 'script' && isMade(module) ? [module.targets['tutti:text']] : [],
  )
  const own = new Set(texts.flatMap(target => (target?.kind === 'local' ? [target.path] : [])))
  return Object.keys(modules)
    .filter(path => modules[path]?.kind !== 'script' && !own.has(path))
    .sort()
}

const UNKNOWN = { hash: null, reached: [] }

const readsOf = (spots: ReadonlySet<Spot>, { readsOutside }: Effects, reads: Hash): Record<string, Hash> =>
  [...spots].some(readsOutside) ? { reads } : {}

const functionOf = (definition: Definition): AnyFunction => ('fn' in definition ? definition.fn : definition.body)

function spotOf(fn: AnyFunction, reach: Reach): Spot | undefined {
  const home = homeOf(fn)
  return home && reach.spotAt(home.path, home.cell)
}

const isOpen = ({ cell }: Spot): boolean => cell.open !== undefined

/** By top-level cell: those whose code names it; `isBody`: in the body of a workflow or flow alone. */
type Callers = ReadonlyMap<Spot, readonly { readonly by: Spot; readonly isBody: boolean }[]>

function callersIn(reach: Reach): Callers {
  const callers = new Map<Spot, { readonly by: Spot; readonly isBody: boolean }[]>()
  const visit = (spot: Spot, by: Spot, isBody: boolean): void => {
    for (const name of Object.keys(spot.cell.uses)) {
      const meaning = reach.meaningOf(spot.path, name)
      const targets =
        meaning.kind === 'spots' ? meaning.spots : meaning.kind === 'module' ? reach.pieces(meaning.path) : []
      for (const target of targets) callers.set(target, [...(callers.get(target) ?? []), { by, isBody }])
    }
    for (const inner of spot.inner) visit(inner, by, isBody || inner.cell.role === 'body')
  }
  for (const path of reach.order) for (const piece of reach.pieces(path)) visit(piece, piece, false)
  return callers
}

/** Whose function each cell is. */
function ownersOf(definitions: ReadonlyMap<string, Definition>, reach: Reach): ReadonlyMap<Spot, readonly string[]> {
  const owners = new Map<Spot, string[]>()
  for (const [address, definition] of definitions) {
    const spot = spotOf(functionOf(definition), reach)
    if (spot) owners.set(spot, [...(owners.get(spot) ?? []), address])
  }
  return owners
}

/** All that is no definition's own: what a file arranges round its tasks may be anywhere in it. */
function arrangedText(bundle: Bundle, reach: Reach, isOwned: (spot: Spot) => boolean): string {
  const textOf = (spot: Spot): string => (isOwned(spot) ? '-' : `${spot.cell.digest}[${spot.inner.map(textOf).join()}]`)
  const scripts = reach.order.map(path => reach.pieces(path).map(textOf).join())
  const data = Object.keys(bundle.modules)
    .sort()
    .map(path => dataText(bundle, path))
  return canonicalJson([scripts, data])
}

const hash = (text: string): Hash => createHash('sha256').update(text).digest('hex')
