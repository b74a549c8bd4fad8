/**
 * Makes SQLite read a WAL to its end. SQLite stops at the first frame whose checksum is wrong and forgets all behind it;
 * here each frame gets the checksum that its bytes have, and the store's own digests tell later which rows are good.
 * Format: sqlite.org/fileformat2.html, section 4.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x377f0682

/** For a copy only: rewrites the file. Leaves a file alone that is none, or no WAL. */
export function acceptAllFrames(path: string): void {
  if (!existsSync(path)) return
  const wal = readFileSync(path)
  if (wal.length < HEADER_BYTES || (wal.readUInt32BE(0) & ~1) !== MAGIC) return
  const bigEndian = (wal.readUInt32BE(0) & 1) === 1
  const pageBytes = wal.readUInt32BE(8)
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  const salts = saltsOf(wal, frameBytes)
  salts.copy(wal, 16)
  const isOurs = (offset: number): boolean => wal.subarray(offset + 8, offset + 16).equals(salts)
  let sum = checksum(wal.subarray(0, 24), { a: 0, b: 0 }, bigEndian)
  writeSum(wal, 24, sum)
  for (let offset = HEADER_BYTES; offset + frameBytes <= wal.length; offset += frameBytes) {
    // Frames of an earlier round of the same file are not part of this log; a single one among ours is a damaged one of ours.
    if (!isOurs(offset) && !isOurs(offset + frameBytes)) break
    salts.copy(wal, offset + 8)
    sum = checksum(wal.subarray(offset, offset + 8), sum, bigEndian)
    sum = checksum(wal.subarray(offset + FRAME_HEADER_BYTES, offset + frameBytes), sum, bigEndian)
    writeSum(wal, offset + 16, sum)
  }
  writeFileSync(path, wal)
}

/** Those of the header, unless the first two frames agree on others: then it is the header that is damaged. */
function saltsOf(wal: Buffer, frameBytes: number): Buffer {
  const [first, second] = [0, 1].map(index => {
    const offset = HEADER_BYTES + index * frameBytes + 8
    return Buffer.from(wal.subarray(offset, offset + 8))
  })
  return first && second?.equals(first) && first.length === 8 ? first : Buffer.from(wal.subarray(16, 24))
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
