/**
 * A store, or some of its runs, as one stream of NDJSON, and back:
 *
 *   {"kind":"tutti.export","v":1}
 *   {"kind":"blob.part","hash":…,"base64":…}…  {"kind":"blob.end","hash":…}     a blob, before any run that names it
 *   {"kind":"run","row":…}                                                      a run
 *   {"kind":"event","run":…,"event":…}…                                         its events in order
 *   {"kind":"version","row":…,"base64":…,"digest":…}…  {"kind":"line",…}        the versions of a line in order, and the line
 *
 * Sequence numbers belong to a store and stay behind.
 */
import { createReadStream } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../core/engine/protocol.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { addressesIn, reachableBlobs } from './references.ts'
import type { CurrentVersion, RunRow, Store, VersionRow } from './store.ts'
import { type CarriedLine, type CarriedVersion, carryLine, linesOf, receiver } from './versions/carry.ts'

type Line =
  | { readonly kind: 'tutti.export'; readonly v: 1 }
  | { readonly kind: 'blob.part'; readonly hash: Hash; readonly base64: string }
  | { readonly kind: 'blob.end'; readonly hash: Hash }
  | { readonly kind: 'run'; readonly row: RunRow }
  | { readonly kind: 'event'; readonly run: string; readonly event: Event }
  | CarriedVersion
  | CarriedLine

/** A multiple of 3: parts' base64 has no padding within. */
const PART_BYTES = 3 * 256 * 1024

/**
 * All lines, each with its line feed. `runs`: only these, and the versions of their workflows. Refuses an unknown one with
 * RUN_UNKNOWN.
 */
export async function* exportStore(
  store: Store,
  options: { readonly runs?: readonly string[] } = {},
): AsyncIterable<string> {
  const rows = options.runs?.map(run => store.runs.get(run) ?? unknownRun(run)) ?? [...store.runs.list()].reverse()
  yield print({ kind: 'tutti.export', v: 1 })
  const sent = new Set<Hash>()
  for (const row of rows) {
    yield* printBlobs(store, await addressesOf(store, row), sent)
    yield print({ kind: 'run', row })
    for await (const { run, event } of store.read({ run: row.run, to: row.lastSeq }))
      yield print({ kind: 'event', run, event })
  }
  for (const line of linesOf(store, options.runs && rows)) {
    yield* printBlobs(store, addressesOfLine(store, line), sent)
    for (const carried of carryLine(store, line)) yield print(carried)
  }
}

function addressesOfLine(store: Store, line: string): ReadonlySet<Hash> {
  const seeds = new Set<Hash>()
  for (const { number, facts } of store.versions.list(line)) {
    const contents = Buffer.from(store.versions.contents(line, number)).toString('latin1')
    for (const address of addressesIn(contents + JSON.stringify(facts))) seeds.add(address)
  }
  return seeds
}

/** Those that were not sent yet, and all that they name. */
async function* printBlobs(store: Store, seeds: ReadonlySet<Hash>, sent: Set<Hash>): AsyncIterable<string> {
  const asked = [...seeds].filter(hash => !sent.has(hash))
  if (asked.length === 0) return
  for (const hash of await reachableBlobs(store.path, asked)) {
    if (sent.has(hash)) continue
    sent.add(hash)
    yield* printBlob(store, hash)
  }
}

/**
 * Adds what `exportStore` gave. Refuses with IMPORT_MALFORMED (nothing of the run at fault is kept), RUN_EXISTS or
 * VERSION_DIFFERS; a version that is there already is the same one.
 * Returns the runs.
 */
export async function importStore(store: Store, lines: AsyncIterable<string>): Promise<readonly string[]> {
  const scratch = await mkdtemp(join(store.path, 'import-'))
  const runs: string[] = []
  let current: { readonly row: RunRow; readonly events: Event[] } | undefined
  let number = 0
  const versions = receiver(store)
  const finish = async (): Promise<void> => {
    if (!current) return
    await addRun(store, current.row, current.events)
    runs.push(current.row.run)
    current = undefined
  }
  try {
    for await (const text of lines) {
      number += 1
      if (text.trim() === '') continue
      const line = parseLine(text, number)
      if (number === 1 && line.kind !== 'tutti.export') malformed(number, 'it does not begin as an export does')
      switch (line.kind) {
        case 'tutti.export':
          break
        case 'blob.part':
          await appendFile(join(scratch, line.hash), Buffer.from(line.base64, 'base64'))
          break
        case 'blob.end':
          await addBlob(store, join(scratch, line.hash), { hash: line.hash, number })
          break
        case 'run':
          await finish()
          current = { row: line.row, events: [] }
          break
        case 'event':
          if (current?.row.run !== line.run) malformed(number, `its run '${line.run}' has not begun`)
          current.events.push(line.event)
          break
        case 'version':
          await finish()
          if (versions.version(line) === 'malformed') malformed(number, 'its contents are not what was exported')
          break
        case 'line':
          if (versions.line(line) === 'malformed') malformed(number, 'its current version was not exported')
          break
      }
    }
    await finish()
    return runs
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function addressesOf(store: Store, row: RunRow): Promise<ReadonlySet<Hash>> {
  const seeds = new Set<Hash>([row.graph, row.bundle, row.args])
  for await (const { event } of store.read({ run: row.run, to: row.lastSeq })) {
    for (const address of addressesIn(JSON.stringify(event))) seeds.add(address)
  }
  return seeds
}

async function* printBlob(store: Store, hash: Hash): AsyncIterable<string> {
  for await (const part of createReadStream(await store.blobs.file(hash), { highWaterMark: PART_BYTES })) {
    // A stream without an encoding yields buffers.
    yield print({ kind: 'blob.part', hash, base64: (part as Buffer).toString('base64') })
  }
  yield print({ kind: 'blob.end', hash })
}

const print = (line: Line): string => `${JSON.stringify(line)}\n`

async function addBlob(store: Store, path: string, { hash, number }: { readonly hash: Hash; readonly number: number }) {
  // An empty blob has no part.
  await appendFile(path, '')
  const added = await store.blobs.putFile(path)
  await rm(path)
  if (added.hash !== hash) malformed(number, `the value ${hash} is not what was exported`)
}

async function addRun(store: Store, row: RunRow, events: readonly Event[]): Promise<void> {
  const exists = store.runs.get(row.run) !== undefined
  const answer = store.leases.acquire(row.run)
  if (exists || answer.kind !== 'acquired') {
    if (answer.kind === 'acquired') store.leases.release(answer.lease)
    refuse('RUN_EXISTS', `run '${row.run}' is in the store already`, { hint: 'Import into an empty store (--store).' })
  }
  const { lastSeq: _, ...kept } = row
  // One append, so that a run is there whole or not at all.
  await store.append([{ lease: answer.lease, events, row: kept }])
  store.leases.release(answer.lease)
}

function parseLine(text: string, number: number): Line {
  try {
    const line = JSON.parse(text) as Line
    if (isLine(line)) return line
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return malformed(number, 'it is not one that an export has')
}

function isLine(line: Line): boolean {
  switch (line?.kind) {
    case 'tutti.export':
      return line.v === 1
    case 'blob.part':
      return isAddress(line.hash) && typeof line.base64 === 'string'
    case 'blob.end':
      return isAddress(line.hash)
    case 'run':
      return typeof line.row?.run === 'string' && typeof line.row.status === 'string'
    case 'event':
      return typeof line.run === 'string' && typeof line.event?.kind === 'string'
    case 'version':
      return isVersion(line.row) && [line.base64, line.digest].every(text => typeof text === 'string')
    case 'line':
      return typeof line.line === 'string' && (line.current === undefined || isCurrent(line.current))
    default:
      return false
  }
}

const isVersion = (row: VersionRow): boolean =>
  typeof row === 'object' &&
  row !== null &&
  [row.line, row.number, row.hash].every(text => typeof text === 'string') &&
  typeof row.atMs === 'number' &&
  row.facts !== undefined

const isCurrent = ({ number, how, atMs }: CurrentVersion): boolean =>
  typeof number === 'string' && ['published', 'pinned'].includes(how) && typeof atMs === 'number'

/** It becomes a file's name. */
const isAddress = (hash: unknown): boolean => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)

function malformed(number: number, why: string): never {
  refuse('IMPORT_MALFORMED', `line ${number} cannot be imported: ${why}`, { hint: 'Export again with `tutti export`.' })
}

function unknownRun(run: string): never {
  refuse('RUN_UNKNOWN', `there is no run '${run}' in the store`, { hint: '`tutti runs` lists them.' })
}
