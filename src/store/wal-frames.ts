/**
 * Makes SQLite read a WAL to its end. SQLite stops at the first frame whose checksum is wrong and forgets all behind it;
 * here each frame gets the checksum that its bytes have, and the store's own digests tell later which rows are good.
 * Format: sqlite.org/fileformat2.html, section 4.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x377f0682

/** For a copy only: rewrites the file. Leaves a file alone that is no WAL. */
export function acceptAllFrames(path: string): void {
  const wal = readFileSync(path)
  if (wal.length < HEADER_BYTES || (wal.readUInt32BE(0) & ~1) !== MAGIC) return
  const bigEndian = (wal.readUInt32BE(0) & 1) === 1
  const pageBytes = wal.readUInt32BE(8)
  const salts = wal.subarray(16, 24)
  let sum = checksum(wal.subarray(0, 24), { a: 0, b: 0 }, bigEndian)
  writeSum(wal, 24, sum)
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  for (let offset = HEADER_BYTES; offset + frameBytes <= wal.length; offset += frameBytes) {
    // Frames of an earlier round of the same file: not part of this log.
    if (!wal.subarray(offset + 8, offset + 16).equals(salts)) break
    sum = checksum(wal.subarray(offset, offset + 8), sum, bigEndian)
    sum = checksum(wal.subarray(offset + FRAME_HEADER_BYTES, offset + frameBytes), sum, bigEndian)
    writeSum(wal, offset + 16, sum)
  }
  writeFileSync(path, wal)
}

interface Sum {
  readonly a: number
  readonly b: number
}

function checksum(bytes: Buffer, start: Sum, bigEndian: boolean): Sum {
  const word = (offset: number): number => (bigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset))
  let { a, b } = start
  for (let offset = 0; offset < bytes.length; offset += 8) {
    a = (a + word(offset) + b) >>> 0
    b = (b + word(offset + 4) + a) >>> 0
  }
  return { a, b }
}

function writeSum(wal: Buffer, offset: number, { a, b }: Sum): void {
  wal.writeUInt32BE(a, offset)
  wal.writeUInt32BE(b, offset + 4)
}
