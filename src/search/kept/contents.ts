/** Values that lie in blobs, read into the index when somebody asks what is in values. */
import { asText, type Database } from '../../store/database.ts'
import type { Store } from '../../store/store.ts'
import { inTransaction } from '../../store/writing.ts'
import { Refusal } from '../../util/diagnostic.ts'
import type { Found } from '../query.ts'

/** What is longer is found by its size and its step, not by what is in it. */
const CONTENT_BYTES_MAX = 256 * 1024
const PER_COMMIT = 500

const UNREAD = `SELECT DISTINCT CAST(lower(hex(v.hash)) AS BLOB) AS hash, v.size FROM value v
  WHERE v.text IS NULL AND v.codec = 'json' AND NOT EXISTS (SELECT 1 FROM content c WHERE c.hash = v.hash) LIMIT ${PER_COMMIT}`

export async function fillContents(store: Store, database: Database): Promise<void> {
  for (;;) {
    const unread = database.prepare(UNREAD).all([])
    if (unread.length === 0) return
    const texts = await Promise.all(
      unread.map(async ([bytes, size]) => {
        const hash = asText(bytes)
        return [hash, Number(size) <= CONTENT_BYTES_MAX ? await jsonIn(store, hash) : null] as const
      }),
    )
    inTransaction(database, () => {
      for (const [hash, text] of texts)
        database
          .prepare('INSERT OR IGNORE INTO content (hash, text) VALUES (?, ?)')
          .run([Buffer.from(hash, 'hex'), text])
    })
  }
}

async function jsonIn(store: Store, hash: string): Promise<string | null> {
  try {
    const text = new TextDecoder().decode(await store.blobs.get(hash))
    JSON.parse(text)
    return text
  } catch (error) {
    // Gone, or damaged: doctor tells of it.
    if (error instanceof Refusal || error instanceof SyntaxError) return null
    throw error
  }
}

/** Rows of values whose content nobody has asked for yet, with it: what is shown must not hang on what was asked before. */
export function withContents(store: Store, rows: readonly Found[]): Promise<readonly Found[]> {
  return Promise.all(
    rows.map(async row => {
      const { value, codec, size, hash } = row
      if (value !== undefined || codec !== 'json' || Number(size) > CONTENT_BYTES_MAX) return row
      const text = await jsonIn(store, String(hash))
      return text === null ? row : { value: JSON.parse(text) as unknown, ...row }
    }),
  )
}
