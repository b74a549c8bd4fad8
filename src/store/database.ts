/**
 * What the store needs of a SQLite library: a synchronous handle with positional parameters. Two adapters pass the same
 * suite and read the same files: `libsql` (default; ready-made for Node 20) and `node:sqlite` (where Node has it).
 */
export type SqlValue = string | number | Uint8Array | null

/**
 * A column of text, read as bytes: libsql ends the process (a panic in its native part) when a text is no UTF-8, as one
 * flipped bit makes it. `asText` gives the text; what was flipped shows in the digests.
 */
export const textColumn = (name: string): string => `CAST(${name} AS BLOB)`
/** A column of whole numbers: a flipped bit may have made it anything, also a text that is none. */
export const numberColumn = (name: string): string => `CAST(${name} AS INTEGER)`
export const asText = (value: SqlValue | undefined): string =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
    : String(value)

/** One row, by position of its columns. */
export type SqlRow = readonly SqlValue[]

export interface Statement {
  /** How many rows changed. Throws `DatabaseError`, as all here do. */
  run(parameters: readonly SqlValue[]): number
  all(parameters: readonly SqlValue[]): readonly SqlRow[]
}

export interface Database {
  /** One or more statements without results. */
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

/** SQLite's primary result codes that the store tells apart (sqlite.org/rescode.html). */
export const SQLITE = {
  ERROR: 1,
  BUSY: 5,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  MISUSE: 21,
  NOTADB: 26,
} as const

/** What any adapter throws: SQLite's primary result code beside the library's message. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: number

  constructor(message: string, code: number, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export const isBusy = (error: unknown): boolean => error instanceof DatabaseError && error.code === SQLITE.BUSY
