/**
 * Looks at folders again and again, where nobody tells of changes: what stood in them and how each entry looked, compared
 * with what does now. A few hundred looks at a time, so that the process stays awake.
 *
 * A folder is told of when anything came to it or left it, too: who was hinted at something in it may just then have found
 * it empty, and nothing else would say that it was not for long.
 *
 *   W2. What may have changed within one tick of the file's clock after it was looked at is told of once more.
 */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'

export interface Polled {
  readonly path: string
  /** Names that matter; undefined: all. */
  names(): Iterable<string> | undefined
}

export interface Polling {
  /** What is there now is known; later changes are told. */
  add(folder: Polled): void
  remove(folder: Polled): void
  readonly size: number
  close(): void
}

interface Entry {
  readonly look: string
  readonly racy: boolean
}
type Listing = ReadonlyMap<string, Entry>

const SLICE = 250
/** A pass over a large project must not take more than a tenth of the time. */
const PAUSE_FACTOR = 9
/** The coarsest clock of a file system that Tutti expects. */
const COARSE_MS = 2_000
const FINE_MS = 20

export function newPolling(everyMs: number, changed: (folder: Polled, name: string) => void): Polling {
  const folders = new Map<Polled, Listing>()
  let timer: NodeJS.Timeout | undefined

  const look = (folder: Polled, before: Listing): void => {
    const after = listingOf(folder)
    folders.set(folder, after)
    for (const [name, entry] of after) {
      const known = before.get(name)
      if (known === undefined || known.look !== entry.look || known.racy) changed(folder, name)
    }
    for (const name of before.keys()) if (!after.has(name)) changed(folder, name)
  }

  const pass = async (): Promise<void> => {
    const startMs = performance.now()
    let spentMs = 0
    let entries = 0
    for (const folder of [...folders.keys()]) {
      const before = folders.get(folder)
      if (before === undefined) continue
      const fromMs = performance.now()
      look(folder, before)
      spentMs += performance.now() - fromMs
      entries += before.size
      if (entries > SLICE) {
        entries = 0
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    }
    const tookMs = Math.min(spentMs, performance.now() - startMs)
    if (timer !== undefined) timer = setTimeout(() => void pass(), Math.max(everyMs, PAUSE_FACTOR * tookMs))
  }

  return {
    get size() {
      return folders.size
    },
    add(folder) {
      folders.set(folder, listingOf(folder))
      timer ??= setTimeout(() => void pass(), everyMs)
    },
    remove: folder => void folders.delete(folder),
    close() {
      clearTimeout(timer)
      timer = undefined
      folders.clear()
    },
  }
}

function listingOf(folder: Polled): Listing {
  const listing = new Map<string, Entry>()
  for (const name of folder.names() ?? namesIn(folder.path)) {
    const entry = entryOf(`${folder.path === '/' ? '' : folder.path}/${name}`)
    if (entry) listing.set(name, entry)
  }
  return listing
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    // Gone or unreadable: nothing is seen in it.
    return []
  }
}

function entryOf(path: string): Entry | undefined {
  try {
    const own = lstatSync(path)
    if (own.isSymbolicLink()) return entryFrom(own, statSync(path, { throwIfNoEntry: false }))
    return entryFrom(own, undefined)
  } catch {
    return undefined
  }
}

function entryFrom(own: Stats, target: Stats | undefined): Entry {
  return {
    look: `${lookOf(own)} ${target ? lookOf(target) : ''}`,
    racy: isRacy(own) || (target ? isRacy(target) : false),
  }
}

const lookOf = ({ mtimeMs, ctimeMs, size, ino, mode }: Stats): string => `${mtimeMs} ${ctimeMs} ${size} ${ino} ${mode}`

function isRacy({ mtimeMs, ctimeMs }: Stats): boolean {
  const sinceMs = Date.now() - Math.max(mtimeMs, ctimeMs)
  // A time in the future stays there: what has one would be told of for ever.
  return sinceMs >= 0 && sinceMs < (mtimeMs % 1 !== 0 || ctimeMs % 1 !== 0 ? FINE_MS : COARSE_MS)
}
