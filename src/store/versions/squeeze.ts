/**
 * Texts that are full of hashes, in half the room: 64 or 40 hexadecimal digits that stand alone become their 32 or 20 bytes
 * behind a mark. The marks are bytes that no UTF-8 has, so what is given back is what was given in, byte by byte.
 */
const MARK_32 = '\xff'
const MARK_20 = '\xfe'
const HEX = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])/g
const MARKED = /\xff([\s\S]{32})|\xfe([\s\S]{20})/g
const MARKED_32 = /\xff([\s\S]{32})/g

/** Not of what is no text: bytes among it may be the marks. */
export const isSqueezable = (bytes: Buffer): boolean => !bytes.includes(0xff) && !bytes.includes(0xfe)

export const squeeze = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes
      .toString('latin1')
      .replace(HEX, hex => (hex.length === 64 ? MARK_32 : MARK_20) + Buffer.from(hex, 'hex').toString('latin1')),
    'latin1',
  )

export const unsqueeze = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes.toString('latin1').replace(MARKED, (_, long?: string, short?: string) => hexOf(long ?? short ?? '')),
    'latin1',
  )

/** The hashes of 32 bytes in what was squeezed. */
export const addressesInSqueezed = (bytes: Buffer): readonly string[] =>
  [...bytes.toString('latin1').matchAll(MARKED_32)].map(([, long = '']) => hexOf(long))

const hexOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex')
