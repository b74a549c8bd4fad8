/**
 * Removes old versions. A version in use is never collected: what a run that is kept names or named, what new runs take, the
 * newest of each channel, the newest of its line.
 *
 * Rows that hang on a removed one are packed anew in the same transaction, so their contents stay what they were.
 */
import type { Database } from '../database.ts'
import { addressesIn } from '../references.ts'
import type { RunRow, VersionRow } from '../store.ts'
import { allLines, type Line, putLine } from './lines.ts'
import { fitsSeries, isWhole, packContents, packFacts, unpackFacts, wordsOf } from './pack.ts'
import { headText, type Link, parsedRow, putRow, readLine, type Unpacked, unpackedRows, wordsBehind } from './rows.ts'

/** What the runs that are kept name. */
export interface Named {
  /** Workflow and number of a version: `ci 1.2.0`. The file is left out: it says where it was when the run began. */
  readonly versions: ReadonlySet<string>
  /** Addresses of graphs and bundles that runs have, or had before they were moved. */
  readonly bundles: ReadonlySet<string>
}

const nameOf = (workflow: string, number: string): string => `${workflow} ${number}`

/** Of rows of runs, and of what their events say. */
export function namedByRuns(rows: readonly RunRow[], bodies: Iterable<readonly [run: string, body: string]>): Named {
  const versions = new Set<string>()
  const bundles = new Set<string>()
  const workflows = new Map(rows.map(({ run, workflow }) => [run, workflow]))
  for (const { workflow, version, bundle } of rows) {
    bundles.add(bundle)
    if (version !== undefined) versions.add(nameOf(workflow, version))
  }
  for (const [run, body] of bodies) {
    for (const [, bundle = ''] of body.matchAll(/"bundle":"([0-9a-f]{64})"/g)) bundles.add(bundle)
    if (!body.includes('"run.moved"')) continue
    for (const [, number = ''] of body.matchAll(/"version":"([^"]+)"/g))
      versions.add(nameOf(workflows.get(run) ?? '', number))
  }
  return { versions, bundles }
}

/** Inside of a write transaction. `keep`: the newest ones of each line. Returns how many were removed. */
export function removeVersions(database: Database, keep: number, named: Named): number {
  return allLines(database).reduce((sum, line) => sum + removeFrom(database, line, keep, named), 0)
}

function removeFrom(database: Database, line: Line, keep: number, named: Named): number {
  const found = readLine(database, line)
  const spared = new Set([...newestOfChannels(found.map(({ row }) => row)), line.current?.number])
  const old = found.slice(0, Math.max(0, found.length - Math.max(1, keep)))
  const gone = old.filter(({ row }) => !spared.has(row.number) && !isNamed(row, named)).map(({ id }) => id)
  // What is damaged is left to `doctor`: nothing could be packed anew by it.
  if (gone.length === 0 || !isIntact(database, line)) return 0
  repack(database, line, new Set(gone))
  putLine(database, { ...line, versions: line.versions - gone.length })
  return gone.length
}

const newestOfChannels = (rows: readonly VersionRow[]): Iterable<string> =>
  new Map(rows.map(row => [channelOf(row), row.number])).values()

function channelOf({ facts }: VersionRow): string {
  const isRecord = typeof facts === 'object' && facts !== null && 'channel' in facts
  return isRecord ? String(facts.channel) : ''
}

function isNamed({ line, number, facts }: VersionRow, { versions, bundles }: Named): boolean {
  const workflow = line.slice(line.lastIndexOf('#') + 1)
  return versions.has(nameOf(workflow, number)) || addressesIn(JSON.stringify(facts)).some(each => bundles.has(each))
}

function isIntact(database: Database, line: Line): boolean {
  for (const row of unpackedRows(database, line.id)) if (!row.isIntact) return false
  return true
}

/** What stands before a row. `first`: the words that its facts are packed by. */
interface Before {
  readonly link: Link | undefined
  readonly first: Buffer | undefined
}

function repack(database: Database, line: Line, gone: ReadonlySet<number>): void {
  const remove = database.prepare('DELETE FROM versions WHERE id = ?')
  let old: Before = { link: undefined, first: undefined }
  let kept: Before = old
  for (const row of unpackedRows(database, line.id)) {
    const text = unpackFacts(row.raw.facts, old.first) ?? ''
    const hasBase = isWhole(row.raw.contents) || kept.link?.id === old.link?.id
    const isSame = hasBase && (isWhole(row.raw.facts) || kept.first === old.first)
    old = { link: row.link, first: wordsBehind(row.raw, text, old.first) }
    if (gone.has(row.raw.id)) remove.run([row.raw.id])
    else if (isSame) kept = { link: row.link, first: old.first }
    else kept = packAnew(database, line, { row, text, before: kept })
  }
}

interface Packing {
  readonly row: Unpacked
  readonly text: string
  readonly before: Before
}

function packAnew(database: Database, { line }: Line, { row, text, before }: Packing): Before {
  const { raw, link } = row
  const version = parsedRow(line, raw, text)
  // `removeFrom` has looked.
  if (!link || !version) return before
  const links = (before.link?.links ?? 0) + 1
  const base = fitsSeries(links, link.plain.bytes.length) ? before.link?.plain : undefined
  const contents = packContents(link.plain, base)
  const first = isWhole(contents) ? undefined : before.first
  const facts = packFacts(headText(version), first)
  putRow(database, { id: raw.id, row: version, facts, contents, contentsDigest: raw.contentsDigest })
  return { link: { ...link, links: isWhole(contents) ? 0 : links }, first: first ?? wordsOf(text) }
}
