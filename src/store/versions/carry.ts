/**
 * Versions on their way from one store to another: in order, each as what it has that the one before has not, so that a long
 * line is as small on its way as it is in a store.
 */
import { refuse } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
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

/** What is known of a line that is received. */
interface Receiving {
  /** What was received last. */
  before: Plain | undefined
  /** Of all versions that the store has, by number. */
  hashes: Map<string, Hash>
  readonly isNew: boolean
}

export function receiver(store: Store): Receiver {
  const lines = new Map<string, Receiving>()
  const hashesOf = (line: string) => new Map(store.versions.list(line).map(({ number, hash }) => [number, hash]))
  const begin = (line: string): Receiving => {
    const hashes = hashesOf(line)
    const begun: Receiving = { before: undefined, hashes, isNew: hashes.size === 0 }
    lines.set(line, begun)
    return begun
  }
  return {
    version: ({ row, base64, digest }) => {
      const line = lines.get(row.line) ?? begin(row.line)
      const plain = unpackContents(Buffer.from(base64, 'base64'), line.before)
      const contents = plain && contentsOf(plain)
      if (!contents || contentsDigest(contents).toString('hex') !== digest) return 'malformed'
      line.before = plain
      while (!isThere(line, row) && store.versions.publish(row, contents, line.hashes.size, 'beside') === 'stale')
        // Another process has published meanwhile, perhaps this very version.
        line.hashes = hashesOf(row.line)
      line.hashes.set(row.number, row.hash)
      return 'received'
    },
    line: ({ line, current }) => {
      if (!current || !lines.get(line)?.isNew || store.versions.current(line)) return 'received'
      if (!lines.get(line)?.hashes.has(current.number)) return 'malformed'
      store.versions.point(line, current)
      return 'received'
    },
  }
}

/** The same version, that is; another one under its number is refused. */
function isThere({ hashes }: Receiving, { line, number, hash }: VersionRow): boolean {
  const found = hashes.get(number)
  if (found !== undefined && found !== hash)
    refuse('VERSION_DIFFERS', `the store has another version ${number} of ${line}`, {
      hint: 'Import into an empty store (--store).',
    })
  return found !== undefined
}
