/**
 * What a published version keeps of a bundle: what the user wrote, and what each import meant then. All else (code, edits,
 * links, sites, closures) is made of it again by the loader that opens the version, so that a newer one can run it.
 *
 *   B3. The loader that built a bundle makes the same one, byte for byte, of what is kept.
 *   B4. A small edit of the sources is a small edit of what is kept: it is stored as differences.
 */
import { Refusal } from '../util/diagnostic.ts'
import type { Bundle, BundledModule, JsonModule, NativeModule, ScriptModule, TextModule } from './bundle.ts'
import { dialectOf, type ModuleCache, readScript } from './script.ts'

/** Plain JSON. */
export interface KeptCode {
  readonly v: 1
  readonly entry: string
  readonly modules: { readonly [path: string]: KeptModule }
}

export type KeptModule =
  | Pick<ScriptModule, 'kind' | 'source' | 'targets' | 'made'>
  | JsonModule
  | TextModule
  | NativeModule

export const keepBundle = ({ entry, modules }: Bundle): KeptCode => ({
  v: 1,
  entry,
  modules: Object.fromEntries(
    Object.entries(modules)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, module]) => [path, keepModule(module)]),
  ),
})

const keepModule = (module: BundledModule): KeptModule =>
  module.kind === 'script'
    ? { kind: 'script', source: module.source, targets: module.targets, ...(module.made ? { made: true } : {}) }
    : module

/** Refuses with SYNTAX_ERROR what this Tutti no longer reads. */
export async function rebuildBundle({ entry, modules }: KeptCode, cache?: ModuleCache): Promise<Bundle> {
  const rebuilt: [string, BundledModule][] = []
  for (const [path, module] of Object.entries(modules)) rebuilt.push([path, await rebuildModule(path, module, cache)])
  return { version: 1, entry, modules: Object.fromEntries(rebuilt) }
}

async function rebuildModule(path: string, module: KeptModule, cache: ModuleCache | undefined): Promise<BundledModule> {
  if (module.kind !== 'script') return module
  const dialect = dialectOf(path)
  if (!dialect) throw new Error(`defect: ${path} was kept as a script`)
  const read = await readScript(path, module.source, dialect, cache)
  if (!read.ok) throw new Refusal(read.error)
  if (read.value.kind !== 'script') return read.value
  return { ...read.value, targets: module.targets, ...(module.made ? { made: true } : {}) }
}
