/**
 * Published versions, in the database: a row each, written once (./pack.ts says how), and a row for each line
 * (./lines.ts). What a line has is its publisher's business; here it is bytes.
 */
import type { Database } from '../database.ts'
import type { CurrentVersion, Store, VersionRow } from '../store.ts'
import { consistently, transact, type Writing } from '../writing.ts'
import { allLines, findLine, type Line, newLine, putLine, SPAN } from './lines.ts'
import { contentsOf, fitsChain, isWhole, packContents, packFacts, plainOf } from './pack.ts'
import {
  contentsDigest,
  damagedVersion,
  findVersion,
  hasNumber,
  headText,
  lastWords,
  lastId,
  type Link,
  type NewRow,
  putRow,
  readLine,
  readLink,
  unknownVersion,
} from './rows.ts'

export function openVersions(writing: Writing): Store['versions'] {
  const { database } = writing
  /** Who reads a line in order, or publishes again and again, has the base at hand. */
  let near: Link | undefined

  const linkOf = (line: Line, id: number): Link | undefined => {
    const link = readLink(database, line, id, near)
    if (link) near = link
    return link
  }

  return {
    publish: (version, contents, seen, place) => {
      // Outside of the transaction: what differs takes longer to find than to write.
      const made = consistently(database, () => newRow(database, version, contents, linkOf))
      return transact(writing, () => {
        const line = findLine(database, version.line) ?? newLine(database, version.line)
        const isSame = line.versions === seen && lastId(database, line) === made.after
        if (!isSame || hasNumber(database, line, version.number)) return 'stale'
        putRow(database, { ...made, id: made.after === 0 ? line.id * SPAN + 1 : made.after + 1 })
        const published: CurrentVersion = { number: version.number, how: 'published', atMs: version.atMs }
        const current = place === 'current' ? published : line.current
        putLine(database, { ...line, versions: line.versions + 1, current })
        return 'published'
      })
    },
    list: line => consistently(database, () => listVersions(database, line)),
    get: (line, number) =>
      consistently(database, () => {
        const found = findLine(database, line)
        return found && findVersion(database, found, number)?.row
      }),
    contents: (line, number) =>
      consistently(database, () => {
        const lineRow = findLine(database, line)
        const found = lineRow && findVersion(database, lineRow, number)
        if (!found) return unknownVersion(line, number)
        const link = linkOf(lineRow, found.id)
        return link ? contentsOf(link.plain) : damagedVersion(line, number)
      }),
    current: line => consistently(database, () => findLine(database, line)?.current),
    point: (line, current) =>
      transact(writing, () => {
        const found = findLine(database, line)
        if (!found || !findVersion(database, found, current.number)) return unknownVersion(line, current.number)
        putLine(database, { ...found, current })
      }),
  }
}

/** Line by line, each in the order in which it was published. */
export function listVersions(database: Database, name?: string): readonly VersionRow[] {
  const lines = name === undefined ? allLines(database) : [findLine(database, name) ?? []].flat()
  return lines.flatMap(line => readLine(database, line).map(({ row }) => row))
}

interface Made extends Omit<NewRow, 'id'> {
  /** The id of the version behind which it was made; 0: its line had none. */
  readonly after: number
}

function newRow(
  database: Database,
  row: VersionRow,
  contents: Uint8Array,
  linkOf: (line: Line, id: number) => Link | undefined,
): Made {
  const line = findLine(database, row.line)
  const after = line ? lastId(database, line) : 0
  // What is damaged is nobody's base.
  const before = line && after > 0 ? linkOf(line, after) : undefined
  const plain = plainOf(contents)
  const isLink = before && fitsChain(before.links + 1, plain.bytes.length)
  const packed = packContents(plain, isLink ? before.plain : undefined)
  const first = line && !isWhole(packed) ? lastWords(database, line) : undefined
  const facts = packFacts(headText(row), first)
  return { after, row, facts, contents: packed, contentsDigest: contentsDigest(contents) }
}
