/** Ids of texts and places in the index, made when they are first met, and remembered while the index is filled. */
import type { Database, SqlValue } from '../../store/database.ts'

/** A bound on what is remembered: ids can be asked for again. */
const REMEMBERED_MAX = 200_000

export interface Interned {
  text(text: string): number
  history(file: string, workflow: string): number
  place(place: PlaceRow): number
  spot(place: number, spot: Spot): number
  /** After a transaction was taken back: what was made in it is not there. */
  forget(): void
}

export interface Spot {
  readonly step: string
  readonly path: string
  readonly key: string | undefined
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

const FIND_SPOT = 'SELECT id FROM spot WHERE place = ? AND step = ? AND path = ?'
const MAKE_SPOT = 'INSERT INTO spot (place, step, path, key) VALUES (?, ?, ?, ?) RETURNING id'

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
    spot: (place, { step, path, key }) => {
      // The commonest of all by far.
      const name = `${place} ${step} ${path}`
      const before = known.get(name)
      if (before !== undefined) return before
      if (known.size >= REMEMBERED_MAX) known.clear()
      const found = database.prepare(FIND_SPOT).all([place, step, path])[0]
      const id = Number((found ?? database.prepare(MAKE_SPOT).all([place, step, path, key ?? null])[0])?.[0])
      known.set(name, id)
      return id
    },
    forget: () => known.clear(),
  }
}
