/** What users' modules became, kept beside the store by content: the next start parses nothing. Safe to delete at any time. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModuleCache } from '../loader/index.ts'

export interface FolderCache extends ModuleCache {
  /** Writes what is new. Called when the store is there, so that a command that is refused leaves nothing behind. */
  flush(): void
}

export function moduleCache(folder: string): FolderCache {
  const fresh = new Map<string, string>()
  return {
    set: (key, text) => void fresh.set(key, text),
    get: key => {
      try {
        return readFileSync(join(folder, key), 'utf8')
      } catch {
        return undefined
      }
    },
    flush: () => {
      try {
        if (fresh.size > 0) mkdirSync(folder, { recursive: true })
        for (const [key, text] of fresh) {
          // Whole or not at all: another process may be reading.
          const draft = join(folder, `${key}.${process.pid}`)
          writeFileSync(draft, text)
          renameSync(draft, join(folder, key))
        }
      } catch {
        // What cannot be kept (a full disk) is made again next time.
      }
      fresh.clear()
    },
  }
}
