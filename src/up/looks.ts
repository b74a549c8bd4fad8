/**
 * What the last looks at sources found and hung on, by step: so that a hint can be checked against what is believed, and a
 * source of which nothing has changed need not be looked at again.
 *
 *   V1. A look is taken again only while nothing that it hung on is known to have changed since.
 *   V2. Content counts, not time: what was only touched has not changed.
 */
import { dirname } from 'node:path'
import type { Outcome } from '../core/index.ts'
import { isUnchanged, NOTHING_SEEN, type Seen, type SeenFile } from '../values/seen.ts'
import type { Stamps } from '../values/index.ts'

export interface Looks {
  /** A look at what `key` names has begun in the run that is on, or its last outcome is used. */
  use(key: string): Outcome | undefined
  saw(key: string, seen: Seen): void
  gave(key: string, outcome: Outcome): void
  /** The last outcome, with the only files that have another content since; undefined when more than that has changed. */
  outdated(key: string): { readonly outcome: Outcome; readonly files: readonly string[] } | undefined
  /** What the look would find in these has been looked at again; what it gives comes with `gave`. */
  mending(key: string, files: readonly SeenFile[]): void
  /** Keys of looks of which something at or below the paths has changed, with what has. They are not taken again (V1). */
  changed(paths: readonly string[]): ReadonlyMap<string, readonly string[]>
  isUsed(key: string): boolean
  /** A run begins: no look has been used in it yet. */
  begin(): void
  /** What was not used in the run that has ended is not hung on any more. */
  prune(keep: (key: string) => boolean): void
  /** What has to be watched. */
  readonly paths: { readonly files: readonly string[]; readonly folders: readonly string[] }
  readonly fileCount: number
  /** Whether that is something else than when `isWatched` was last said. */
  readonly isGrown: boolean
  isWatched(): void
  readonly mustPoll: boolean
  /** The first instant at which a look is another one without any change. */
  readonly untilMs: number
  readonly isOutOfTime: boolean
}

interface Look {
  seen: Seen
  outcome: Outcome | undefined
  /** What has changed since. */
  stale: Set<string>
  files: Map<string, SeenFile>
  folders: ReadonlyMap<string, string>
  absent: ReadonlySet<string>
  /** All folders that hold something of it, however deep. */
  above: ReadonlySet<string> | undefined
}

/** From so many folders on it is cheaper to check everything once. */
const WIDE = 16

export function newLooks(stamps: Stamps, now: () => number = Date.now): Looks {
  const looks = new Map<string, Look>()
  let used = new Set<string>()
  let isGrown = true

  const holds = (seen: Partial<Seen>): boolean =>
    isUnchanged({ ...NOTHING_SEEN, ...seen }, { stamps, env: process.env, nowMs: now() })

  const changedIn = (look: Look, paths: readonly string[]): readonly string[] => {
    const found = new Set<string>()
    const file = (each: SeenFile | undefined): void => void (each && !holds({ files: [each] }) && found.add(each[0]))
    const folder = (path: string): void => {
      const hash = look.folders.get(path)
      if (hash !== undefined && !holds({ folders: [[path, hash]] })) found.add(path)
    }
    const absent = (path: string): void => void (look.absent.has(path) && !holds({ absent: [path] }) && found.add(path))
    const all = (isMeant: (path: string) => boolean): void => {
      for (const each of look.files.values()) if (isMeant(each[0])) file(each)
      for (const path of look.folders.keys()) if (isMeant(path)) folder(path)
      for (const path of look.absent) if (isMeant(path)) absent(path)
    }
    const wide = paths.filter(path => path === '/' || look.above?.has(path))
    if (wide.length > WIDE || wide.includes('/')) all(() => true)
    else for (const path of wide) all(each => each === path || each.startsWith(`${path}/`))
    const listings = new Set<string>()
    for (const path of paths) {
      file(look.files.get(path))
      absent(path)
      listings.add(path).add(dirname(path))
    }
    for (const path of listings) folder(path)
    return [...found]
  }

  return {
    use(key) {
      used.add(key)
      const look = looks.get(key)
      return look?.stale.size === 0 ? look.outcome : undefined
    },
    saw(key, seen) {
      const before = looks.get(key)
      if (!before || !isSameScope(before.seen, seen)) isGrown = true
      looks.set(key, lookOf(seen))
    },
    gave(key, outcome) {
      const look = looks.get(key)
      if (look && look.seen.always === undefined && look.seen.during === undefined) look.outcome = outcome
    },
    outdated(key) {
      const look = looks.get(key)
      if (look?.outcome === undefined || look.stale.size === 0) return undefined
      const files = [...look.stale]
      return files.every(path => look.files.has(path) && !look.folders.has(path))
        ? { outcome: look.outcome, files }
        : undefined
    },
    mending(key, files) {
      const look = looks.get(key)
      if (!look) return
      for (const file of files) {
        look.files.set(file[0], file)
        look.stale.delete(file[0])
      }
    },
    changed(paths) {
      const found = new Map<string, readonly string[]>()
      const near = new Set(paths.map(path => dirname(path)))
      for (const [key, look] of looks) {
        if (!isNear(look, paths, near)) continue
        const changed = changedIn(look, paths)
        if (changed.length === 0) continue
        for (const path of changed) look.stale.add(path)
        found.set(key, changed)
      }
      return found
    },
    isUsed: key => used.has(key),
    begin: () => void (used = new Set()),
    prune(keep) {
      for (const key of looks.keys()) if (!used.has(key) && !keep(key) && looks.delete(key)) isGrown = true
    },
    get paths() {
      const all = [...looks.values()]
      return {
        files: all.flatMap(each => [...each.files.keys(), ...each.absent]),
        folders: all.flatMap(each => [...each.folders.keys()]),
      }
    },
    get fileCount() {
      let count = 0
      for (const { files, absent } of looks.values()) count += files.size + absent.size
      return count
    },
    get isGrown() {
      return isGrown
    },
    isWatched: () => void (isGrown = false),
    get mustPoll() {
      return [...looks.values()].some(each => each.seen.always === true)
    },
    get untilMs() {
      return Math.min(...[...looks.values()].map(each => each.seen.during?.toMs ?? Number.POSITIVE_INFINITY))
    },
    get isOutOfTime() {
      const nowMs = now()
      return [...looks.values()].some(
        ({ seen: { during } }) => during !== undefined && (nowMs < during.fromMs || nowMs >= during.toMs),
      )
    },
  }
}

/** Whether any of the paths can concern it at all: most looks have nothing to do with most hints. */
function isNear(look: Look, paths: readonly string[], near: ReadonlySet<string>): boolean {
  const above = (look.above ??= foldersAbove(look))
  for (const folder of near) if (look.folders.has(folder)) return true
  return paths.some(path => path === '/' || look.files.has(path) || look.absent.has(path) || above.has(path))
}

const lookOf = (seen: Seen): Look => ({
  seen,
  outcome: undefined,
  stale: new Set(),
  files: new Map(seen.files.map(each => [each[0], each])),
  folders: new Map(seen.folders),
  absent: new Set(seen.absent),
  above: undefined,
})

function foldersAbove({ files, folders, absent }: Look): ReadonlySet<string> {
  const above = new Set<string>()
  for (const paths of [files.keys(), folders.keys(), absent])
    for (const path of paths) for (let at = dirname(path); !above.has(at); at = dirname(at)) above.add(at)
  for (const path of folders.keys()) above.add(path)
  return above
}

const isSameScope = (a: Seen, b: Seen): boolean =>
  isSameList(a.files, b.files, each => each[0]) &&
  isSameList(a.folders, b.folders, each => each[0]) &&
  isSameList(a.absent, b.absent, each => each)

const isSameList = <T>(a: readonly T[], b: readonly T[], nameOf: (each: T) => string): boolean =>
  a.length === b.length && a.every((each, index) => nameOf(each) === nameOf(b[index] as T))
