/** All versions of a store, looked through: for what is wrong with them, and for the blobs that they name. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import type { Hash } from '../../util/hash.ts'
import type { Database } from '../database.ts'
import { addressesIn } from '../references.ts'
import { allLines } from './lines.ts'
import { type Plain, unpackFacts } from './pack.ts'
import { readLine, unpackedRows, wordsBehind } from './rows.ts'
import { addressesInSqueezed } from './squeeze.ts'

/** Also refuses with STORE_DAMAGED, when rows are missing or are not what was written. */
export function examineVersions(database: Database): readonly Diagnostic[] {
  const lines = allLines(database)
  for (const line of lines) readLine(database, line)
  return lines.flatMap(({ id, line }) => {
    const damaged: string[] = []
    for (const { raw, isIntact } of unpackedRows(database, id)) if (!isIntact) damaged.push(raw.number)
    return damaged.length === 0 ? [] : [damagedVersions(line, damaged)]
  })
}

/** One line, however many there are: a damaged version takes those with it that are kept as what differs from it. */
export const damagedVersions = (line: string, numbers: readonly string[]): Diagnostic => ({
  code: 'VERSION_DAMAGED',
  severity: 'error',
  message: `what is kept of ${line} is not what was published, of version ${numbers.join(', ')}`,
  hint: 'Publish them again from their sources.',
})

/** All that may be an address, in facts and contents, damaged or not, also of a line that is lost. */
export function addressesInVersions(database: Database): ReadonlySet<Hash> {
  const found = new Set<Hash>()
  let first: Buffer | undefined
  for (const { raw, link } of unpackedRows(database, 'all')) {
    const text = unpackFacts(raw.facts, first)
    first = wordsBehind(raw, text, first)
    for (const address of addressesIn(text ?? '')) found.add(address)
    for (const address of link ? addressesInPlain(link.plain) : []) found.add(address)
  }
  return found
}

const addressesInPlain = ({ bytes, form }: Plain): readonly Hash[] =>
  form === 'squeezed' ? addressesInSqueezed(bytes) : addressesIn(bytes.toString('latin1'))
