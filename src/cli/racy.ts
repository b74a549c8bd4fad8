/** Files of a manifest that may have changed within one tick of the clock: they are read once more, and then trusted. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Manifest, writeManifest } from '../freshness/manifest.ts'
import { isRacy, Stamps } from '../values/stamps.ts'

/** Whether all of them hold what they held; if so, the manifest says so without them next time. */
export function settle(file: string, manifest: Manifest): boolean {
  const stamps = new Stamps()
  const racy: (readonly [number, string, 'file' | 'folder'])[] = []
  for (const each of manifest.racy) {
    const [index, hash, kind] = each
    const path = resolve(manifest.folder, manifest.paths[index] ?? '')
    try {
      const stats = statSync(path)
      const now = Date.now()
      const found = kind === 'file' ? stamps.hashNow(path, stats).hash : stamps.listNow(path, stats)
      if (found !== hash) return false
      if (isRacy(stats, now)) racy.push(each)
    } catch {
      return false
    }
  }
  try {
    if (racy.length < manifest.racy.length) writeManifest(file, { ...manifest, racy })
  } catch {
    // It is read again next time.
  }
  return true
}
