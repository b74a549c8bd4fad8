/** What the names of a module mean: which cells of which module, across imports and exports, or what outside of them. */
import type { Bundle, ScriptModule, Target } from '../bundle.ts'
import { specifierOf } from '../exports.ts'
import { type Cell, DYNAMIC } from './cells.ts'

/** A cell in its module, with the cells inside of it. */
export interface Spot {
  readonly path: string
  readonly index: number
  readonly cell: Cell
  readonly around: Spot | undefined
  readonly inner: Spot[]
}

/** `name`: what is taken from there. */
export type Meaning =
  /** Declared there; none: a name that is a type, or that nobody declares. */
  | { readonly kind: 'spots'; readonly name: string; readonly spots: readonly Spot[] }
  /** All that a module exports. */
  | { readonly kind: 'module'; readonly path: string }
  /** A file that is no script: JSON, or what Node loads itself. */
  | { readonly kind: 'data'; readonly name: string; readonly path: string }
  | {
      readonly kind: 'package'
      readonly name: string
      readonly specifier: string
      readonly target: Extract<Target, { kind: 'package' }>
    }
  | { readonly kind: 'builtin'; readonly name: string; readonly module: string }
  | { readonly kind: 'language'; readonly name: string }
  | { readonly kind: 'global' }

export interface Reach {
  /** The top-level spots of a module. */
  readonly pieces: (path: string) => readonly Spot[]
  readonly spotAt: (path: string, index: number) => Spot
  readonly meaningOf: (path: string, name: string) => Meaning
  /** Whether a name of a module is an import. */
  readonly isImport: (path: string, name: string) => boolean
  /** What a module gives to who takes all of it: the names of its exports, and what they mean. */
  readonly exportsOf: (path: string) => readonly (readonly [name: string, meaning: Meaning])[]
  /** What a module imports for what it does. */
  readonly bareOf: (path: string) => readonly Meaning[]
  /** The modules in the order in which they run. */
  readonly order: readonly string[]
}

export function createReach(bundle: Bundle): Reach {
  const modules = new Map<string, { readonly spots: readonly Spot[]; readonly byName: ReadonlyMap<string, Spot[]> }>()
  const meanings = new Map<string, Meaning>()
  return {
    pieces: path => moduleAt(path).spots.filter(each => !each.around),
    spotAt: (path, index) => moduleAt(path).spots[index]!,
    meaningOf(path, name) {
      const key = `${path}\0${name}`
      let known = meanings.get(key)
      if (!known) meanings.set(key, (known = meaningOf(path, name)))
      return known
    },
    isImport: (path, name) => importOf(path, name) !== undefined || name.startsWith(DYNAMIC),
    exportsOf: path =>
      (scriptAt(path)?.links.exports ?? []).map(each =>
        each.kind === 'star'
          ? (['*', meaningOfTarget(path, specifierOf(bundle, path, each.slot), '*')] as const)
          : ([each.name, exported(path, each.name, new Set())] as const),
      ),
    bareOf: path => (scriptAt(path)?.closures.bare ?? []).map(specifier => meaningOfTarget(path, specifier, '*')),
    order: runOrder(bundle),
  }

  function scriptAt(path: string): ScriptModule | undefined {
    const module = bundle.modules[path]
    return module?.kind === 'script' ? module : undefined
  }

  function moduleAt(path: string) {
    const known = modules.get(path)
    if (known) return known
    const spots: Spot[] = []
    const byName = new Map<string, Spot[]>()
    for (const [index, cell] of (scriptAt(path)?.closures.cells ?? []).entries()) {
      const around = cell.parent === undefined ? undefined : spots[cell.parent]
      const spot: Spot = { path, index, cell, around, inner: [] }
      spots.push(spot)
      around?.inner.push(spot)
      if (!around) for (const name of cell.names ?? []) byName.set(name, [...(byName.get(name) ?? []), spot])
    }
    const made = { spots, byName }
    modules.set(path, made)
    return made
  }

  function importOf(path: string, name: string): readonly [specifier: string, name: string] | undefined {
    const imports = scriptAt(path)?.closures.imports ?? {}
    if (Object.hasOwn(imports, name)) return imports[name]
    const [namespace = '', member] = split(name)
    return member !== undefined && Object.hasOwn(imports, namespace) ? [imports[namespace]![0], member] : undefined
  }

  function meaningOf(path: string, name: string): Meaning {
    if (name.startsWith(DYNAMIC)) return meaningOfTarget(path, name.slice(DYNAMIC.length), '*')
    const imported = importOf(path, name)
    if (imported) return meaningOfTarget(path, imported[0], imported[1])
    const spots = moduleAt(path).byName.get(name)
    return spots ? { kind: 'spots', name, spots } : { kind: 'global' }
  }

  function meaningOfTarget(path: string, specifier: string, name: string): Meaning {
    // A name that only types use is linked to nothing.
    const target = scriptAt(path)?.targets[specifier]
    switch (target?.kind) {
      case undefined:
        return { kind: 'spots', name, spots: [] }
      case 'local':
        return name === '*' && scriptAt(target.path)
          ? { kind: 'module', path: target.path }
          : exported(target.path, name, new Set())
      case 'package':
        return { kind: 'package', name, specifier, target }
      case 'builtin':
        return { kind: 'builtin', name, module: target.name }
      case 'tutti':
        return { kind: 'language', name }
    }
  }

  function exported(path: string, name: string, visited: ReadonlySet<string>): Meaning {
    const module = scriptAt(path)
    if (!module) return { kind: 'data', name, path }
    const own = module.links.exports.find(each => each.kind !== 'star' && each.name === name)
    switch (own?.kind) {
      case 'own':
        return meaningOf(path, module.closures.exports[name] ?? name)
      case 'from':
        return through(path, own.slot, own.imported, visited)
      case 'namespace':
        return meaningOfTarget(path, specifierOf(bundle, path, own.slot), '*')
      default:
        return fromStars(path, name, new Set([...visited, path]))
    }
  }

  function through(path: string, slot: number, name: string, visited: ReadonlySet<string>): Meaning {
    const specifier = specifierOf(bundle, path, slot)
    const target = scriptAt(path)?.targets[specifier]
    if (target?.kind !== 'local') return meaningOfTarget(path, specifier, name)
    return exported(target.path, name, visited)
  }

  function fromStars(path: string, name: string, visited: ReadonlySet<string>): Meaning {
    const none: Meaning = { kind: 'spots', name, spots: [] }
    for (const each of scriptAt(path)?.links.exports ?? []) {
      if (each.kind !== 'star') continue
      const target = scriptAt(path)?.targets[specifierOf(bundle, path, each.slot)]
      if (target?.kind === 'local' && visited.has(target.path)) continue
      const found = through(path, each.slot, name, visited)
      if (found.kind !== 'spots' || found.spots.length > 0) return found
    }
    return none
  }
}

export const isWithin = (spot: Spot, outer: Spot): boolean =>
  spot === outer || (spot.around !== undefined && isWithin(spot.around, outer))

function split(name: string): readonly string[] {
  const at = name.indexOf('.')
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)]
}

/** Depth first in the order of the imports; what is imported while running comes last. */
function runOrder(bundle: Bundle): readonly string[] {
  const order: string[] = []
  const visited = new Set<string>()
  const visit = (path: string): void => {
    const module = bundle.modules[path]
    if (visited.has(path) || module?.kind !== 'script') return
    visited.add(path)
    for (const { specifier } of module.links.imports) visitTarget(module.targets[specifier])
    order.push(path)
  }
  const visitTarget = (target: Target | undefined): void => {
    if (target?.kind === 'local') visit(target.path)
  }
  visit(bundle.entry)
  for (const path of Object.keys(bundle.modules).sort()) visit(path)
  return order
}
