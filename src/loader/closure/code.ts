/**
 * The code of a function: its own cell and all that it reaches, as one hash with named parts.
 *
 *   K3. What is not reached does not count: an edit in one task leaves the others' hashes as they are.
 *   K4. The same sources give the same hash in every folder and process, from disk and from a kept bundle, and whichever
 *       file of theirs is the one that was asked for.
 *
 * When in doubt more counts: a rerun costs time, a stale result costs trust.
 */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Read } from '../../core/graph/graph.ts'
import type { Code } from '../../dsl/code.ts'
import type { Hash } from '../../util/hash.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { createPositions, type Bundle } from '../bundle.ts'
import type { Place } from './cells.ts'
import { createEffects, type Effects } from './effects.ts'
import { createReach, isWithin, type Meaning, type Reach, type Spot } from './reach.ts'

/** Part of every hash: raised when less counts than before, or something else. */
const RULES = 1

export interface Codes {
  /** The code of the function that belongs to a cell. */
  readonly codeAt: (path: string, cell: number) => Code
}

/** `reads`: what was read while the bundle was loaded. Nothing is computed before the first code is asked for. */
export function createCodes(bundle: Bundle, reads: () => readonly Read[]): Codes {
  const known = new Map<Spot, Code>()
  let tools: { readonly reach: Reach; readonly effects: Effects } | undefined
  return {
    codeAt(path, cell) {
      tools ??= toolsFor(bundle)
      const spot = tools.reach.spotAt(path, cell)
      let code = known.get(spot)
      if (!code) known.set(spot, (code = codeOfSpot(spot, bundle, tools.reach, tools.effects, reads)))
      return code
    },
  }
}

function toolsFor(bundle: Bundle) {
  const reach = createReach(bundle)
  return { reach, effects: createEffects(reach) }
}

function codeOfSpot(own: Spot, bundle: Bundle, reach: Reach, effects: Effects, reads: () => readonly Read[]): Code {
  const openAt = (path: string, [variable, offset]: Place): Code => {
    const module = bundle.modules[path]
    if (module?.kind !== 'script') throw new Error(`defect: ${path} is no script of its bundle`)
    return { kind: 'open', variable, at: createPositions(path, module)(offset) }
  }
  if (own.cell.open) return openAt(own.path, own.cell.open)
  const closure = collect(own, reach, effects)
  for (const { path, cell } of closure.spots) if (cell.unknown) return openAt(path, cell.unknown)
  for (const spot of closure.spots) {
    const by = effects.unwatchedBy(spot)
    if (by?.cell.unwatched) return openAt(by.path, [by.cell.unwatched[0], by.cell.unwatched[1]])
  }
  const parts = partsOf(own, closure, bundle, reach)
  if ([...closure.spots].some(effects.readsOutside)) {
    const what = reads()
    if (what.length > 0)
      parts['reads'] = hash(
        what
          .map(read => canonicalJson(asJson(read)))
          .sort()
          .join('\n'),
      )
  }
  return { kind: 'closed', hash: hash(`${RULES}${canonicalJson(parts)}`), parts, module: own.path }
}

export interface Closure {
  /** All cells that count; functions of steps inside of them only where their piece is reached by name. */
  readonly spots: ReadonlySet<Spot>
  /** Modules that are taken whole, as namespaces. */
  readonly wholes: ReadonlySet<string>
  /** What lies outside of the scripts. */
  readonly outside: ReadonlySet<Outside>
}

type Outside = Extract<Meaning, { kind: 'data' | 'package' }>

/** `isForeign`: what is reached and has a code of its own, which then does not count here. */
export function collect(
  own: Spot,
  reach: Reach,
  effects: Effects,
  isForeign: (spot: Spot) => boolean = () => false,
): Closure {
  const spots = new Set<Spot>()
  const wholes = new Set<string>()
  const outside = new Set<Outside>()
  const modules = new Set<string>()
  const queue: Spot[] = []

  addDeep(own)
  if (own.cell.enclosed) addDeep(pieceOf(own))
  for (const spot of effects.ambient) addShallow(spot)
  for (let spot = queue.pop(); spot; spot = queue.pop()) follow(spot)
  return { spots, wholes, outside }

  function add(spot: Spot): void {
    if (spots.has(spot)) return
    spots.add(spot)
    queue.push(spot)
  }

  function addDeep(spot: Spot): void {
    if (isForeign(spot)) return
    add(spot)
    for (const inner of spot.inner) addDeep(inner)
  }

  /** What code does while it is loaded: without the functions inside that run in steps. */
  function addShallow(spot: Spot): void {
    add(spot)
    for (const inner of spot.inner) if (inner.cell.role === 'inline' || inner.cell.role === 'value') addShallow(inner)
  }

  function follow(spot: Spot): void {
    addModule(spot.path)
    for (const name of Object.keys(spot.cell.uses)) addMeaning(reach.meaningOf(spot.path, name))
    if (spot !== own && !spot.around) for (const by of effects.on(spot)) if (!isWithin(by, own)) addShallow(by)
  }

  /** Whatever is reached in a module, what that imports for its doings has run. */
  function addModule(path: string): void {
    if (modules.has(path)) return
    modules.add(path)
    for (const meaning of reach.bareOf(path)) addMeaning(meaning)
  }

  function addMeaning(meaning: Meaning): void {
    switch (meaning.kind) {
      case 'spots':
        for (const spot of meaning.spots) addDeep(spot)
        return
      case 'module':
        if (wholes.has(meaning.path)) return
        wholes.add(meaning.path)
        addModule(meaning.path)
        for (const spot of reach.pieces(meaning.path)) addDeep(spot)
        for (const [, each] of reach.exportsOf(meaning.path)) addMeaning(each)
        return
      case 'data':
        for (const by of effects.onData(meaning.path)) if (!isWithin(by, own)) addShallow(by)
        outside.add(meaning)
        return
      case 'package':
        outside.add(meaning)
        return
      default:
    }
  }
}

/** The top-level cell around it. */
export const pieceOf = (spot: Spot): Spot => (spot.around ? pieceOf(spot.around) : spot)

export function partsOf(
  own: Spot,
  { spots, wholes, outside }: Closure,
  bundle: Bundle,
  reach: Reach,
): Record<string, Hash> {
  const lists = new Map<string, string[]>()
  const put = (part: string, text: string) => void lists.set(part, [...(lists.get(part) ?? []), text])
  const nameOf = (path: string) => relativeName(own.path, path)
  const textOf = (spot: Spot): string =>
    `${spot.cell.digest}[${spot.inner.map(inner => (spots.has(inner) ? textOf(inner) : '-')).join()}]`
  const describe = (meaning: Meaning) => describeMeaning(meaning, nameOf)

  put('own', textOf(own))
  const byModule = groupBy([...spots], spot => spot.path)
  const acting: string[] = []
  for (const path of reach.order) {
    const module = nameOf(path)
    const here = [...(byModule.get(path) ?? [])].sort((a, b) => a.index - b.index)
    const tops = here.filter(spot => spot !== own && !(spot.around && spots.has(spot.around)))
    for (const spot of tops) {
      const { names } = pieceOf(spot).cell
      if (names) put(`${module}:${names.join()}${spot.around ? '.function' : ''}`, textOf(spot))
    }
    const acts = tops.filter(spot => isActing(spot) || !pieceOf(spot).cell.names)
    // Once something acts, order tells, also that of declarations: what acts too early finds no value.
    if (acts.length > 1 || acts.some(spot => !spot.cell.names))
      put(`${module}:statements`, tops.map(spot => spot.cell.names?.join() ?? textOf(spot)).join())
    if (acts.length > 0) acting.push(module)
    for (const text of importTexts(here, reach, describe)) put(`${module}:imports`, text)
    if (wholes.has(path))
      for (const [name, meaning] of reach.exportsOf(path)) put(`${module}:exports`, `${name}=${describe(meaning)}`)
  }
  if (acting.length > 1) put('modules', acting.join())
  for (const [part, text] of outsideTexts(outside, bundle, nameOf)) put(part, text)
  return Object.fromEntries([...lists].map(([part, texts]) => [part, hash(texts.join('\n'))]))
}

const isActing = ({ cell }: Spot): boolean => cell.role === 'statement' || cell.loading === 'acts'

/** What the imported names that are used stand for. */
function importTexts(spots: readonly Spot[], reach: Reach, describe: (meaning: Meaning) => string): readonly string[] {
  const texts = spots.flatMap(({ path, cell }) =>
    Object.keys(cell.uses)
      .filter(name => reach.isImport(path, name))
      .map(name => `${name}=${describe(reach.meaningOf(path, name))}`),
  )
  return [...new Set(texts)].sort()
}

function describeMeaning(meaning: Meaning, nameOf: (path: string) => string): string {
  switch (meaning.kind) {
    case 'spots':
      return `${meaning.name} of ${[...new Set(meaning.spots.map(({ path }) => nameOf(path)))].join()}`
    case 'module':
      return `all of ${nameOf(meaning.path)}`
    case 'data':
      return `${meaning.name} of ${nameOf(meaning.path)}`
    case 'package':
      return `${meaning.name} of ${meaning.specifier}`
    case 'builtin':
      return `${meaning.name} of ${meaning.module}`
    case 'language':
      return `${meaning.name} of tutti`
    case 'global':
      return 'global'
  }
}

function outsideTexts(
  outside: ReadonlySet<Outside>,
  bundle: Bundle,
  nameOf: (path: string) => string,
): readonly (readonly [part: string, text: string])[] {
  const texts = new Map<string, Set<string>>()
  for (const meaning of outside) {
    const [part, text] =
      meaning.kind === 'data'
        ? [nameOf(meaning.path), dataText(bundle, meaning.path)]
        : [`package:${meaning.target.name}`, `${meaning.target.version} ${meaning.target.content ?? ''}`]
    texts.set(part, (texts.get(part) ?? new Set()).add(text))
  }
  return [...texts].flatMap(([part, set]) => [...set].sort().map(text => [part, text] as const))
}

/** What a module that is no script holds; of JSON without its formatting. */
export function dataText(bundle: Bundle, path: string): string {
  const module = bundle.modules[path]
  switch (module?.kind) {
    case 'json':
      return JSON.stringify(JSON.parse(module.source))
    case 'text':
      return module.source
    case 'native':
      return module.reach ?? module.hash
    default:
      return ''
  }
}

/** As deep as no bundle goes: so that paths with leading `..` stay comparable. */
const BASE = '/x'.repeat(100)

/** `path` as seen from the folder of the module `from`. */
const relativeName = (from: string, path: string): string =>
  posix.relative(posix.join(BASE, posix.dirname(from)), posix.join(BASE, path))

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** Bytes of JSON by construction, which an interface without index signature cannot say. */
const asJson = (read: Read): Json => read as unknown as Json

const hash = (text: string): Hash => createHash('sha256').update(text).digest('hex')
