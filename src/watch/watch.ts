/**
 * Watches files, folders and trees, and hints at paths at or below which something may have changed. It knows no content:
 * whoever is hinted looks. So nothing has to be told exactly, but nothing may be missed.
 *
 * Each folder of interest, and each folder on the way to it, has an eye: a watch of the system's that tells the names of
 * the entries that change. One that watches whole trees by itself (`fs.watch` with `recursive`) loses files on Linux once
 * they have been replaced, and one watch a file costs too many of them.
 *
 *   W3. A folder is watched before it is listed, and after the folder that holds it: what happens in between is told.
 *   W4. Whenever an entry that is a folder of interest comes, goes or is replaced, it is watched anew with all below it,
 *       and hinted at as a whole.
 *   W5. A link is watched, and what it leads to, step by step.
 *   W6. Where the system cannot watch, folders are polled, and the reason is told once.
 *   W7. When the kernel may have dropped events, everything is watched anew and hinted at.
 */
import {
  type Dirent,
  type FSWatcher,
  lstatSync,
  readdirSync,
  type Stats,
  statSync,
  watch as watchFolder,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { newBursts } from './bursts.ts'
import { newDeafness } from './deaf.ts'
import { newLinks } from './links.ts'
import { newPending } from './pending.ts'
import { newPolling, type Polled } from './polling.ts'

/** Absolute paths. What is not there yet is seen when it comes. */
export interface Interest {
  readonly files?: Iterable<string>
  /** Their entries, but not what is in the folders among them. */
  readonly folders?: Iterable<string>
  /** All that is in them, however deep. */
  readonly trees?: Iterable<string>
}

export interface Watch {
  /**
   * From its return on, changes of these are told, and no longer of what was set before. Gives the topmost paths that were
   * not watched until now: what happened to those before nobody has told.
   */
  set(interest: Interest): readonly string[]
  /** Folders with an eye, and those of them that are polled. */
  readonly counts: { readonly folders: number; readonly polled: number }
  close(): void
}

export interface WatchOptions {
  /** Something at or below each of these paths may have changed; at `/`: anywhere. */
  readonly onHint: (paths: readonly string[]) => void
  readonly onDegraded?: (degraded: Degraded) => void
  /** Folders of trees that are not looked into. */
  readonly skip?: (path: string) => boolean
  /** `poll`: the system is not asked. */
  readonly mode?: 'system' | 'poll'
  /** Between two looks at what is polled. */
  readonly pollMs?: number
  /** The system's way to watch a folder. */
  readonly watchFolder?: WatchFolder
  /** So many events within one turn of the event loop: some may have been dropped. */
  readonly burst?: number
}

export type WatchFolder = (path: string, listener: (event: string, name: string | null) => void) => FSWatcher

/** Why folders are polled. */
export interface Degraded {
  /** `limit`: of watched folders; `handles`: of open files or watchers; `deaf`: a file system that does not tell. */
  readonly cause: 'asked' | 'limit' | 'handles' | 'deaf' | 'refused'
  /** The first folder that it concerns. */
  readonly folder: string
  /** What the system said. */
  readonly detail: string
}

type Eye =
  | { readonly kind: 'watched'; readonly watcher: FSWatcher }
  | { readonly kind: 'polled' }
  /** No folder, or none that may be read: the folder that holds it tells when that changes. */
  | { readonly kind: 'closed' }

interface Folder extends Polled {
  readonly below: Map<string, Folder>
  /** Names of files that matter. */
  readonly files: Set<string>
  /** All entries matter. */
  isWhole: boolean
  /** So does all that is below them. */
  isDeep: boolean
  /** Number of the `set` in which somebody last asked for it; for what was found in a tree nobody does. */
  asked: number
  eye: Eye | undefined
}

const POLL_MS = 500

export function openWatch(options: WatchOptions): Watch {
  const { skip = () => false, mode = 'system', onDegraded } = options
  const watchWith: WatchFolder = options.watchFolder ?? watchFolder
  const folders = new Map<string, Folder>()
  const links = newLinks()
  const deafness = newDeafness()
  const polling = newPolling(options.pollMs ?? POLL_MS, (folder, name) =>
    heard(folders.get(folder.path), 'rename', name),
  )
  const causes = new Set<Degraded['cause']>()
  let files: ReadonlySet<string> = new Set()
  let round = 0
  /** Those that holds others come first. */
  let unopened: Folder[] = []
  let mayHaveMissed = false
  let isOver = false

  const pending = newPending(paths => {
    if (!mayHaveMissed) return options.onHint(paths)
    mayHaveMissed = false
    again(folders.get('/'))
    pending.drop()
    options.onHint(['/'])
  })
  const bursts = newBursts(() => {
    mayHaveMissed = true
  }, options.burst)

  /** The node of a folder that somebody asks for, and of all on the way to it. */
  const want = (path: string): Folder => {
    const known = folders.get(path)
    if (known?.asked === round) return known
    const up = dirname(path)
    const parent = up === path ? undefined : want(up)
    const folder = known ?? add(path, parent)
    if (folder.eye === undefined) unopened.push(folder)
    folder.asked = round
    return folder
  }

  const wantFile = (path: string): void => void want(dirname(path)).files.add(basename(path))

  /** In a tree it is part of it, whoever asks. */
  const add = (path: string, parent: Folder | undefined): Folder => {
    const isDeep = parent?.isDeep === true && !skip(path)
    const folder: Folder = {
      path,
      below: new Map(),
      files: new Set(),
      isWhole: isDeep,
      isDeep,
      asked: 0,
      eye: undefined,
      names: () => (folder.isWhole ? undefined : new Set([...folder.files, ...folder.below.keys()])),
    }
    folders.set(path, folder)
    parent?.below.set(basename(path), folder)
    return folder
  }

  const drop = (folder: Folder): void => {
    for (const each of folder.below.values()) drop(each)
    shut(folder)
    // It may be a file that matters, too: nobody knows yet what stands there.
    if (!files.has(folder.path)) links.forget(folder.path)
    folders.delete(folder.path)
    folders.get(dirname(folder.path))?.below.delete(basename(folder.path))
  }

  const shut = (folder: Folder): void => {
    if (folder.eye?.kind === 'watched') folder.eye.watcher.close()
    if (folder.eye?.kind === 'polled') polling.remove(folder)
    folder.eye = { kind: 'closed' }
  }

  const open = (folder: Folder): Eye => {
    // A tree ends at links; who asks for a folder by name means what it leads to.
    const stats = isAskedFor(folder) ? statOf(folder.path) : lstatOf(folder.path)
    if (!stats?.isDirectory()) return { kind: 'closed' }
    if (mode === 'poll') return poll(folder, 'asked', 'polling was asked for')
    const deaf = deafness(folder.path, stats.dev)
    if (deaf !== undefined) return poll(folder, 'deaf', deaf)
    try {
      return { kind: 'watched', watcher: watcherOf(folder) }
    } catch (error) {
      return unwatchable(folder, error as NodeJS.ErrnoException)
    }
  }

  const watcherOf = (folder: Folder): FSWatcher => {
    const isMine = (): boolean => folder.eye?.kind === 'watched' && folder.eye.watcher === watcher
    const watcher = watchWith(folder.path, (event, name) => {
      bursts.count()
      if (isMine()) heard(folder, event, name)
    })
    watcher.on('error', error => {
      if (!isMine()) return
      shut(folder)
      folder.eye = poll(folder, 'refused', error.message)
      hint(folder.path, 'below')
    })
    return watcher
  }

  const unwatchable = (folder: Folder, { code = '', message }: NodeJS.ErrnoException): Eye =>
    UNREADABLE.has(code) ? { kind: 'closed' } : poll(folder, CAUSES[code] ?? 'refused', message)

  /** W6. */
  const poll = (folder: Folder, cause: Degraded['cause'], detail: string): Eye => {
    polling.add(folder)
    if (!causes.has(cause)) onDegraded?.({ cause, folder: folder.path, detail })
    causes.add(cause)
    return { kind: 'polled' }
  }

  /** W3, W4: its path may lead to another folder than before. */
  const renew = (folder: Folder): void => {
    const before = folder.eye
    folder.eye = open(folder)
    // Only now: of one and the same folder no event is lost then.
    if (before?.kind === 'watched') before.watcher.close()
    if (before?.kind === 'polled' && folder.eye.kind !== 'polled') polling.remove(folder)
    if (isAskedFor(folder)) follow(folder.path)
    if (folder.isWhole || folder.files.size > 0) list(folder)
    for (const each of folder.below.values()) renew(each)
  }

  /** Folders of trees, and links among the files that matter. */
  const list = (folder: Folder): void => {
    const names = new Set<string>()
    for (const entry of folder.eye?.kind === 'closed' ? [] : entriesOf(folder.path)) {
      const path = join(folder.path, entry.name)
      if (entry.isSymbolicLink() && files.has(path)) follow(path)
      if (!folder.isDeep || !entry.isDirectory() || skip(path)) continue
      names.add(entry.name)
      if (!folder.below.has(entry.name)) add(path, folder)
    }
    for (const [name, each] of folder.below) if (!names.has(name) && !isAskedFor(each)) drop(each)
  }

  /** What was asked for is waited for when it goes; what was found in a tree is not. */
  const isAskedFor = (folder: Folder): boolean => folder.asked === round

  /** W5. Over so many steps. */
  const follow = (path: string): number => {
    const steps = links.follow(path)
    for (const step of steps) wantFile(step)
    return steps.length
  }

  /** With the links that lead over it: they may lead elsewhere now, or to something else. */
  const hint = (path: string, below: 'below' | 'exactly', hinted: readonly string[] = []): void => {
    if (isOver || hinted.includes(path)) return
    pending.add(path)
    for (const link of links.over(path, below)) {
      const folder = folders.get(link)
      if (folder) renew(folder)
      else follow(link)
      hint(link, folder ? 'below' : 'exactly', [...hinted, path])
    }
  }

  const heard = (folder: Folder | undefined, event: string, name: string | null): void => {
    if (folder === undefined || isOver) return
    // A name that is no UTF-8, or none: somewhere in this folder.
    if (name === null || name.includes('\ufffd')) return again(folder)
    // A folder that goes tells so by its own name, as it tells of an entry of that name.
    if (name === basename(folder.path) && event === 'rename') again(folder)
    const below = folder.below.get(name)
    if (!below && !folder.isWhole && !folder.files.has(name)) return
    const path = join(folder.path, name)
    if (event === 'rename' || below?.eye?.kind === 'closed') replaced(folder, below, path)
    hint(path, below || folders.has(path) ? 'below' : 'exactly')
    openAll()
  }

  /** W4. */
  const replaced = (folder: Folder, below: Folder | undefined, path: string): void => {
    if (below) {
      renew(below)
      if (below.eye?.kind === 'closed' && !isAskedFor(below)) drop(below)
    } else if (folder.isDeep && isFolder(path) && !skip(path)) {
      renew(add(path, folder))
    }
    if (files.has(path)) follow(path)
  }

  const again = (folder: Folder | undefined): void => {
    if (folder === undefined) return
    renew(folder)
    hint(folder.path, 'below')
    openAll()
  }

  /** Gives the topmost of them. To open one opens those below, and may find links that ask for more. */
  const openAll = (): readonly string[] => {
    const topmost: string[] = []
    for (let due = unopened; due.length > 0; due = unopened) {
      unopened = []
      for (const folder of due) {
        if (folder.eye !== undefined || folders.get(folder.path) !== folder) continue
        topmost.push(folder.path)
        renew(folder)
      }
    }
    return topmost
  }

  /** A link that is followed may ask for folders that are links. */
  const keepLinks = (): void => {
    const isWanted = (link: string): boolean => files.has(link) || folders.get(link)?.asked === round
    let rest = [...links.all()]
    for (let wanted = rest.filter(isWanted); wanted.length > 0; wanted = rest.filter(isWanted)) {
      rest = rest.filter(link => !wanted.includes(link))
      for (const link of wanted) follow(link)
    }
    for (const link of rest) links.forget(link)
  }

  /** Lets go of what nobody asks for any more. */
  const sweep = (folder: Folder): void => {
    for (const each of folder.below.values()) {
      if (folder.isDeep && !skip(each.path)) Object.assign(each, { isWhole: true, isDeep: true })
      else if (!isAskedFor(each)) drop(each)
      if (folders.has(each.path)) sweep(each)
    }
  }

  return {
    set(interest) {
      const before = { files, scopes: new Map([...folders.values()].map(each => [each, scopeOf(each)])) }
      round += 1
      files = new Set(interest.files)
      for (const folder of folders.values()) Object.assign(folder, { isWhole: false, isDeep: false }).files.clear()
      for (const path of interest.folders ?? []) want(path).isWhole = true
      for (const path of interest.trees ?? []) Object.assign(want(path), { isWhole: true, isDeep: true })
      for (const path of files) wantFile(path)
      keepLinks()
      for (const folder of want('/').below.values()) sweep(folder)

      const fresh = [...openAll()]
      for (const [folder, scope] of before.scopes) {
        if (folders.get(folder.path) !== folder || scopeOf(folder) <= scope) continue
        renew(folder)
        fresh.push(folder.path)
      }
      for (const path of files) {
        // In a folder that has just been opened it is known already.
        const scope = before.files.has(path) ? undefined : before.scopes.get(want(dirname(path)))
        if (scope === undefined) continue
        if (follow(path) > 0 || scope === SCOPES.named) fresh.push(path)
      }
      openAll()
      return fresh
    },
    get counts() {
      let count = 0
      for (const { eye } of folders.values()) if (eye?.kind === 'watched' || eye?.kind === 'polled') count += 1
      return { folders: count, polled: polling.size }
    },
    close() {
      isOver = true
      for (const folder of folders.values()) shut(folder)
      folders.clear()
      polling.close()
      pending.drop()
    },
  }
}

/** How much of a folder is told: some names, all entries, all below. */
const SCOPES = { named: 0, whole: 1, deep: 2 } as const
const scopeOf = ({ isWhole, isDeep }: Folder): number => (isDeep ? SCOPES.deep : isWhole ? SCOPES.whole : SCOPES.named)

const UNREADABLE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'])
/** inotify(7): ENOSPC is the limit of watches, EMFILE that of watchers. */
const CAUSES: { readonly [code: string]: Degraded['cause'] } = { ENOSPC: 'limit', EMFILE: 'handles', ENFILE: 'handles' }

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // A loop of links, or a folder on the way that may not be read.
    return undefined
  }
}

function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    // It has gone, which the folder that holds it tells.
    return []
  }
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    // As above.
    return undefined
  }
}

const isFolder = (path: string): boolean => lstatOf(path)?.isDirectory() === true
