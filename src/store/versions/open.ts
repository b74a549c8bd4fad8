/**
 * Published versions, in the database: a row each, written once (./pack.ts says how), and a row for each line
 * (./lines.ts). What a line has is its publisher's business; here it is bytes.
 */
import type { Database } from '../database.ts'
import type { CurrentVersion, Store, VersionRow } from '../store.ts'
import { consistently, transact, type Writing } from '../writing.ts'
import { allLines, findLine, type Line, newLine, putLine, SPAN } from './lines.ts'
import { contentsOf, fitsSeries, isWhole, packContents, packFacts, plainOf } from './pack.ts'
import {
  contentsDigest,
  damagedVersion,
  findVersion,
  hasNumber,
  headText,
  isOfRow,
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
    publish: (version, contents, seen, where) => {
      const place = consistently(database, () => placeOf(database, version.line, linkOf))
      // Outside of the transaction: what differs takes longer to find than to write.
      const made = newRow(version, contents, place)
      return transact(writing, () => {
        const line = findLine(database, version.line) ?? newLine(database, version.line)
        const isSame = line.versions === seen && lastId(database, line) === place.after
        if (!isSame || hasNumber(database, line, version.number)) return 'stale'
        putRow(database, { ...made, id: place.after === 0 ? line.id * SPAN + 1 : place.after + 1 })
        const published: CurrentVersion = { number: version.number, how: 'published', atMs: version.atMs }
        const current = where === 'current' ? published : line.current
        putLine(database, { ...line, versions: line.versions + 1, current })
        return 'published'
      })
    },
    lines: () => consistently(database, () => allLines(database).map(({ line }) => line)),
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
        return link && isOfRow(database, found, link) ? contentsOf(link.plain) : damagedVersion(line, number)
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
function listVersions(database: Database, name?: string): readonly VersionRow[] {
  const lines = name === undefined ? allLines(database) : [findLine(database, name) ?? []].flat()
  return lines.flatMap(line => readLine(database, line).map(({ row }) => row))
}

/** Where the next version of a line comes. */
interface Place {
  /** The id of the version behind which it comes; 0: its line had none. */
  readonly after: number
  /** That version; undefined: there is none, or it is damaged, and so nobody's base. */
  readonly before: Link | undefined
  /** By which facts are packed. */
  readonly words: Buffer | undefined
}

function placeOf(database: Database, name: string, linkOf: (line: Line, id: number) => Link | undefined): Place {
  const line = findLine(database, name)
  const after = line ? lastId(database, line) : 0
  if (!line || after === 0) return { after: 0, before: undefined, words: undefined }
  return { after, before: linkOf(line, after), words: lastWords(database, line) }
}

function newRow(row: VersionRow, contents: Uint8Array, { before, words }: Place): Omit<NewRow, 'id'> {
  const plain = plainOf(contents)
  const isLink = before && fitsSeries(before.links + 1, plain.bytes.length)
  const packed = packContents(plain, isLink ? before.plain : undefined)
  const facts = packFacts(headText(row), isWhole(packed) ? undefined : words)
  return { row, facts, contents: packed, contentsDigest: contentsDigest(contents) }
}
