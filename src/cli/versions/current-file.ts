/**
 * A file beside the store that changes whenever another version becomes current: for null runs and `up`, which do not ask the
 * store. What is current stands in the store; this file only tells that one must ask.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Seen, Stamps } from '../../values/index.ts'
import { NOTHING_SEEN } from '../../values/seen.ts'

/** In a folder of its own, which is watched until the file is there: that of the store changes all the time. */
const currentFile = (store: string): string => join(store, 'versions', 'current')

/** Before it is watched. */
export const makeCurrentFolder = (store: string): void =>
  void mkdirSync(dirname(currentFile(store)), { recursive: true })

/**
 * Does `work`, which makes another version current. Announced before, so that whoever dies in between has told that one must
 * ask, and after, so that who has asked in between asks again.
 */
export function announcing<T>(store: string, work: () => T): T {
  announce(store)
  try {
    return work()
  } finally {
    announce(store)
  }
}

function announce(store: string): void {
  makeCurrentFolder(store)
  writeFileSync(currentFile(store), `${randomBytes(8).toString('hex')}\n`)
}

/** That what is current is what it was. To be looked at before the store is asked: what changes after that is seen then. */
export function seenCurrent(store: string, stamps: Stamps): Seen {
  const file = currentFile(store)
  return existsSync(file)
    ? { ...NOTHING_SEEN, files: [[file, stamps.hashNow(file).hash]] }
    : { ...NOTHING_SEEN, absent: [file] }
}
