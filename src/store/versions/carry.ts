/**
 * Versions on their way from one store to another: in order, each as what it has that the one before has not, so that a long
 * line is as small on its way as it is in a store.
 */
import { refuse } from '../../util/diagnostic.ts'
import type { CurrentVersion, RunRow, Store, VersionRow } from '../store.ts'
import { contentsOf, packContents, type Plain, plainOf, unpackContents } from './pack.ts'
import { contentsDigest } from './rows.ts'

export interface CarriedVersion {
  readonly kind: 'version'
  readonly row: VersionRow
  /** Packed, by the version of its line that was carried before it. */
  readonly base64: string
  /** Of what is in it, unpacked. */
  readonly digest: string
}

/** The end of a line: which of its versions is current. */
export interface CarriedLine {
  readonly kind: 'line'
  readonly line: string
  readonly current?: CurrentVersion
}

/** Lines that have a version which one of the runs names; all when no runs are given. */
export function linesOf(store: Store, runs: readonly RunRow[] | undefined): readonly string[] {
  const all = store.versions.list()
  const isNamed = ({ line, number }: VersionRow): boolean =>
    runs?.some(({ workflow, version }) => version === number && line.endsWith(`#${workflow}`)) ?? true
  return [...new Set(all.filter(isNamed).map(({ line }) => line))]
}

/** The versions of a line, then the line itself. */
export function* carryLine(store: Store, line: string): Iterable<CarriedVersion | CarriedLine> {
  let before: Plain | undefined
  for (const row of store.versions.list(line)) {
    const contents = store.versions.contents(line, row.number)
    const plain = plainOf(contents)
    const base64 = packContents(plain, before).toString('base64')
    yield { kind: 'version', row, base64, digest: contentsDigest(contents).toString('hex') }
    before = plain
  }
  const current = store.versions.current(line)
  yield { kind: 'line', line, ...(current ? { current } : {}) }
}

/** Takes in what `carryLine` gave, in its order. */
export interface Receiver {
  /** 'malformed': nothing was kept of it. Refuses with VERSION_DIFFERS. */
  version(carried: CarriedVersion): 'received' | 'malformed'
  /** What is current stays so where the line was there before. */
  line(carried: CarriedLine): 'received' | 'malformed'
}

export function receiver(store: Store): Receiver {
  const lines = new Map<string, { before: Plain | undefined; count: number; readonly isNew: boolean }>()
  const stateOf = (line: string) => {
    const count = store.versions.list(line).length
    const state = lines.get(line) ?? { before: undefined, count, isNew: count === 0 }
    lines.set(line, state)
    return state
  }
  return {
    version: ({ row, base64, digest }) => {
      const state = lines.get(row.line) ?? stateOf(row.line)
      const plain = unpackContents(Buffer.from(base64, 'base64'), state.before)
      const contents = plain && contentsOf(plain)
      if (!contents || contentsDigest(contents).toString('hex') !== digest) return 'malformed'
      state.before = plain
      if (isThere(store, row)) return 'received'
      while (store.versions.publish(row, contents, state.count, 'beside') === 'stale') {
        // Another process has published meanwhile, perhaps this very version.
        if (isThere(store, row)) return 'received'
        state.count = store.versions.list(row.line).length
      }
      state.count += 1
      return 'received'
    },
    line: ({ line, current }) => {
      if (!current || !lines.get(line)?.isNew || store.versions.current(line)) return 'received'
      if (!store.versions.get(line, current.number)) return 'malformed'
      store.versions.point(line, current)
      return 'received'
    },
  }
}

/** The same version, that is; another one under its number is refused. */
function isThere(store: Store, { line, number, hash }: VersionRow): boolean {
  const found = store.versions.get(line, number)
  if (found && found.hash !== hash)
    refuse('VERSION_DIFFERS', `the store has another version ${number} of ${line}`, {
      hint: 'Import into an empty store (--store).',
    })
  return found !== undefined
}
