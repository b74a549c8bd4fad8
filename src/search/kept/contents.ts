/** Values that lie in blobs, read into the index when somebody asks what is in values. */
import { asText, type Database, textColumn } from '../../store/database.ts'
import type { Store } from '../../store/store.ts'
import { inTransaction } from '../../store/writing.ts'
import { Refusal } from '../../util/diagnostic.ts'

/** What is longer is found by its size and its step, not by what is in it. */
export const CONTENT_BYTES_MAX = 256 * 1024
const PER_COMMIT = 500

export async function fillContents(store: Store, database: Database): Promise<void> {
  for (;;) {
    const unread = database
      .prepare(`SELECT id, ${textColumn('hash')}, size FROM content WHERE is_read = 0 ORDER BY id LIMIT ${PER_COMMIT}`)
      .all([])
    if (unread.length === 0) return
    const texts = await Promise.all(
      unread.map(async ([id, hash, size]) => {
        const isShort = Number(size) <= CONTENT_BYTES_MAX
        return [Number(id), isShort ? await jsonIn(store, asText(hash)) : null] as const
      }),
    )
    inTransaction(database, () => {
      for (const [id, text] of texts)
        database.prepare('UPDATE content SET text = ?, is_read = 1 WHERE id = ?').run([text, id])
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
