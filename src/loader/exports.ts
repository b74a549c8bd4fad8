/** What a local module of a bundle exports, `export *` followed, cycles included. */
import type { Bundle } from './bundle.ts'

export type Offered = { readonly values: ReadonlySet<string>; readonly types: ReadonlySet<string> } | 'unknown'

/** `unknown`: something comes from where only running it would tell. */
export function exportNames(bundle: Bundle, path: string, visited: ReadonlySet<string> = new Set()): Offered {
  const module = bundle.modules[path]
  if (!module || module.kind === 'native') return 'unknown'
  if (module.kind === 'json' || module.kind === 'text') return { values: new Set(['default']), types: new Set() }
  const values = new Set<string>()
  const types = new Set(module.links.typeNames)
  for (const each of module.links.exports) {
    if (each.kind !== 'star') {
      values.add(each.name)
      continue
    }
    const target = module.targets[specifierOf(bundle, path, each.slot)]
    if (target?.kind !== 'local') return 'unknown'
    if (visited.has(target.path)) continue
    const offered = exportNames(bundle, target.path, new Set([...visited, path]))
    if (offered === 'unknown') return 'unknown'
    for (const name of offered.values) if (name !== 'default') values.add(name)
    for (const name of offered.types) types.add(name)
  }
  return { values, types }
}

export function specifierOf(bundle: Bundle, path: string, slot: number): string {
  const module = bundle.modules[path]
  const found = module?.kind === 'script' ? module.links.imports.find(each => each.slot === slot) : undefined
  return found?.specifier ?? ''
}
