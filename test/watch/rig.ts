/** A watched folder, and what was hinted at in it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Degraded, openWatch, type Watch, type WatchOptions } from '../../src/watch/watch.ts'

export interface Watched {
  readonly root: string
  readonly watch: Watch
  readonly degraded: readonly Degraded[]
  /** Paths as seen from the root, in the batches in which they came. */
  readonly batches: readonly (readonly string[])[]
  /** Does something and waits until the path, or one above it, is hinted at. */
  after(act: () => void, path: string): Promise<void>
  path(name: string): string
}

export function watched(files: readonly string[], options: Partial<WatchOptions> = {}): Watched {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-watch-')))
  const batches: string[][] = []
  const degraded: Degraded[] = []
  const waiting = new Set<(paths: readonly string[]) => void>()
  for (const name of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), name)
  }
  const watch = openWatch({
    onDegraded: each => degraded.push(each),
    ...options,
    onHint: paths => {
      batches.push(paths.map(path => (path.startsWith(root) ? path.slice(root.length + 1) : path)))
      for (const look of waiting) look(paths)
    },
  })
  onTestFinished(() => {
    watch.close()
    rmSync(root, { recursive: true, force: true })
  })
  return {
    root,
    watch,
    degraded,
    batches,
    path: name => join(root, name),
    async after(act, path) {
      const wanted = join(root, path)
      const hinted = new Promise<void>(resolve => {
        const look = (paths: readonly string[]): void => {
          if (!paths.some(each => each === '/' || wanted === each || wanted.startsWith(`${each}/`))) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      })
      act()
      await hinted
    },
  }
}
