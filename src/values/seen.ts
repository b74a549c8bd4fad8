/**
 * What a look at a source hung on. As long as all of it is as it was, another look would give the same value: a run that finds
 * nothing changed need not look (the null run), and a watcher knows what to watch.
 */
import { statSync } from 'node:fs'
import type { Hash } from '../util/hash.ts'
import { sha256 } from './digest.ts'
import type { Stamps } from './stamps.ts'

export interface Seen {
  /** Absolute paths with the hash of their content; `executable` where that counts, too. */
  readonly files: readonly SeenFile[]
  /** Absolute paths with the hash of their listing (`Stamps.listNow`). */
  readonly folders: readonly (readonly [path: string, hash: Hash])[]
  /** Absolute paths that were not there. */
  readonly absent: readonly string[]
  /** Environment variables; null: not set. */
  readonly env: readonly (readonly [name: string, hash: Hash | null])[]
  /** In milliseconds since 1970, from inclusive, to exclusive. */
  readonly during?: { readonly fromMs: number; readonly toMs: number }
  /** No stamp tells: it must be looked at in each run. */
  readonly always?: true
}

export type SeenFile = readonly [path: string, hash: Hash, executable?: boolean]

export const NOTHING_SEEN: Seen = { files: [], folders: [], absent: [], env: [] }

export interface Now {
  readonly stamps: Stamps
  readonly env: { readonly [name: string]: string | undefined }
  readonly nowMs: number
}

/** Whether all is as it was, so far as that can be told in this thread; nothing that cannot be read is. */
export function isUnchanged(seen: Seen, now: Now): boolean {
  const { files, folders, absent, env, during } = seen
  return (
    seen.always === undefined &&
    (during === undefined || (during.fromMs <= now.nowMs && now.nowMs < during.toMs)) &&
    env.every(([name, hash]) => envHash(now.env[name]) === hash) &&
    folders.every(([path, hash]) => isListing(path, hash, now.stamps)) &&
    files.every(file => isContent(file, now.stamps)) &&
    absent.every(isAbsent)
  )
}

export const envHash = (value: string | undefined): Hash | null => (value === undefined ? null : sha256(value))

function isContent([path, hash, executable]: SeenFile, stamps: Stamps): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined || (executable !== undefined && ((stats.mode & 0o100) !== 0) !== executable)) return false
    return stamps.hashNow(path, stats).hash === hash
  } catch {
    return false
  }
}

function isListing(path: string, hash: Hash, stamps: Stamps): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats?.isDirectory() === true && stamps.listNow(path, stats) === hash
  } catch {
    return false
  }
}

function isAbsent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    // A loop of links, or under a file: there is still nothing to read.
    return true
  }
}
