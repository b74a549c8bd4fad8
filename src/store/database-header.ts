/**
 * The beginning of a database file, as ours always is: one flipped bit in it makes SQLite refuse the whole file.
 * Format: sqlite.org/fileformat2.html, section 1.3.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'

/** Magic; pages of 4,096 bytes; journal modes 2 (WAL); no reserved bytes; the three fixed payload fractions. */
const BEGINNING = Buffer.from('SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20', 'latin1')
/** Schema format 4. */
const SCHEMA_FORMAT = { at: 44, bytes: Buffer.from([0, 0, 0, 4]) }
/** UTF-8. */
const ENCODING = { at: 56, bytes: Buffer.from([0, 0, 0, 1]) }

/** For a copy only: writes what never differs. Leaves a file alone that has no header. */
export function restoreHeader(path: string): void {
  const file = openSync(path, 'r+')
  try {
    if (fstatSync(file).size < 100) return
    for (const { at, bytes } of [{ at: 0, bytes: BEGINNING }, SCHEMA_FORMAT, ENCODING])
      writeSync(file, bytes, 0, bytes.length, at)
  } finally {
    closeSync(file)
  }
}
