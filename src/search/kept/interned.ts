/** Ids of texts, places and values in the index, made when they are first met, and remembered while the index is filled. */
import type { ValueRef } from '../../core/engine/protocol.ts'
import type { Database, SqlValue } from '../../store/database.ts'

/** A bound on what is remembered: ids can be asked for again. */
const REMEMBERED_MAX = 200_000

export interface Interned {
  text(text: string): number
  history(file: string, workflow: string): number
  place(place: PlaceRow): number
  content(value: ValueRef): number
  /** After a transaction was taken back: what was made in it is not there. */
  forget(): void
}

export interface PlaceRow {
  readonly file: string
  readonly workflow: string
  /** Ids of the nodes from the outermost on, without keys. */
  readonly key: string
  readonly path: string
  readonly name: string
  readonly kind: string
}

export function newInterned(database: Database): Interned {
  const known = new Map<string, number>()
  const idOf = (sort: string, values: readonly SqlValue[], find: string, make: string): number => {
    const key = sort + JSON.stringify(values)
    const before = known.get(key)
    if (before !== undefined) return before
    if (known.size >= REMEMBERED_MAX) known.clear()
    const id = Number((database.prepare(find).all(values)[0] ?? database.prepare(make).all(values)[0])?.[0])
    known.set(key, id)
    return id
  }
  return {
    text: text =>
      idOf('text', [text], 'SELECT id FROM text WHERE text = ?', 'INSERT INTO text (text) VALUES (?) RETURNING id'),
    history: (file, workflow) =>
      idOf(
        'history',
        [file, workflow],
        'SELECT id FROM history WHERE file = ? AND workflow = ?',
        'INSERT INTO history (file, workflow) VALUES (?, ?) RETURNING id',
      ),
    place: ({ file, workflow, key, path, name, kind }) =>
      idOf(
        'place',
        [file, workflow, key, path, name, kind],
        'SELECT id FROM place WHERE file = ? AND workflow = ? AND key = ? AND path = ? AND name = ? AND kind = ?',
        'INSERT INTO place (file, workflow, key, path, name, kind) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
      ),
    content: value => {
      const key = `content${value.codec} ${value.hash}`
      const before = known.get(key)
      if (before !== undefined) return before
      if (known.size >= REMEMBERED_MAX) known.clear()
      const id = contentId(database, value)
      known.set(key, id)
      return id
    },
    forget: () => known.clear(),
  }
}

function contentId(database: Database, { hash, codec, sizeBytes, inline }: ValueRef): number {
  const found = database.prepare('SELECT id FROM content WHERE hash = ? AND codec = ?').all([hash, codec])[0]
  if (found) return Number(found[0])
  const text = codec === 'json' ? (inline ?? null) : null
  // Only JSON can be asked by a path; what is in a blob is read when somebody does.
  const isRead = codec === 'json' && inline === undefined ? 0 : 1
  return Number(
    database
      .prepare('INSERT INTO content (hash, codec, size, text, is_read) VALUES (?, ?, ?, ?, ?) RETURNING id')
      .all([hash, codec, sizeBytes, text, isRead])[0]?.[0],
  )
}
