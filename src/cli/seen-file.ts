/** What a file that was loaded hangs on, with what each of it held then: where a change means that it must be loaded again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph } from '../core/index.ts'
import { seenReads } from '../freshness/index.ts'
import { type Built, isMade } from '../loader/index.ts'
import { type Seen, sha256, type Stamps } from '../values/index.ts'

interface SeenFileOptions {
  readonly built: Built
  readonly dir: string
  readonly reads: Graph['reads']
  readonly stamps: Stamps
}

/** undefined: a folder that it read has changed since. Packages count by their manifests; those that are linked do not. */
export function seenFile({ built, dir, reads, stamps }: SeenFileOptions): Seen | undefined {
  const seen = seenReads(reads, dir, stamps)
  if (!seen) return undefined
  const files = new Map<string, string>()
  for (const [path, module] of Object.entries(built.bundle.modules)) {
    if (!isMade(module)) files.set(join(dir, path), module.kind === 'native' ? module.hash : sha256(module.source))
    for (const target of module.kind === 'script' ? Object.values(module.targets) : []) {
      const manifest = target.kind === 'package' ? manifestOf(join(dir, target.path), target.name) : undefined
      if (manifest !== undefined && existsSync(manifest)) files.set(manifest, stamps.hashNow(manifest).hash)
    }
  }
  return { ...seen, files: [...seen.files, ...files], absent: [...seen.absent, ...built.absent] }
}

function manifestOf(path: string, name: string): string | undefined {
  const marker = `/node_modules/${name}/`
  const at = path.lastIndexOf(marker)
  return at < 0 ? undefined : join(path.slice(0, at + marker.length), 'package.json')
}
