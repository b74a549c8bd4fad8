/**
 * The lines that steps printed, in the index: read from the files beside the store when somebody asks for lines, from where they
 * were read last. A run that has ended may still be about to write its last ones.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { asText, type Database, textColumn } from '../../store/database.ts'
import { inTransaction } from '../../store/writing.ts'
import { innermostKey, keyOf } from './collect.ts'
import { newInterned } from './interned.ts'

/** As the command line writes them: one NDJSON file a run. */
interface StoredLine {
  readonly step: string
  readonly attempt: number
  readonly stream: string
  readonly text: string
  readonly atMs: number
}

/** After a run has ended, how long it may take until its last lines are in the file. */
const LATE_MS = 60_000
const CHUNK_BYTES = 8 * 1024 * 1024

export function fillLines(folder: string, database: Database, nowMs: number): void {
  const open = database
    .prepare(`SELECT id, ${textColumn('run')} AS run, line_bytes, ended FROM run WHERE lines_done = 0 ORDER BY id`)
    .all([])
  for (const [id, run, bytes, ended] of open) {
    const path = join(folder, 'logs', `${asText(run)}.ndjson`)
    readLines(database, { id: Number(id), path, from: Number(bytes) })
    if (ended === null || Number(ended) > nowMs - LATE_MS) continue
    database.prepare('UPDATE run SET lines_done = 1 WHERE id = ?').run([Number(id)])
  }
}

interface Reading {
  readonly id: number
  readonly path: string
  readonly from: number
}

/** Whole lines only: the last one may be torn, or about to be finished. */
function readLines(database: Database, { id, path, from }: Reading): void {
  const size = sizeOf(path)
  if (size === from) return
  // Not the file that was read: somebody has put another in its place.
  const isOther = size < from
  if (isOther) inTransaction(database, () => forgetLines(database, id))
  const writer = lineWriter(database, id)
  for (let at = isOther ? 0 : from; at < size; ) {
    const text = readChunk(path, at, Math.min(CHUNK_BYTES, size - at))
    const cut = text.lastIndexOf(0x0a) + 1
    // A line longer than a chunk is left out.
    const used = cut > 0 ? cut : text.length === CHUNK_BYTES ? text.length : 0
    if (used === 0) return
    at += used
    inTransaction(database, () => {
      writer.write(text.subarray(0, cut).toString('utf8'))
      database.prepare('UPDATE run SET line_bytes = ? WHERE id = ?').run([at, id])
    })
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readChunk(path: string, at: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, at))
  } finally {
    closeSync(file)
  }
}

/** Of the index of their text, and then their own. */
export function forgetLines(database: Database, run: number): void {
  database
    .prepare("INSERT INTO line_text (line_text, rowid, text) SELECT 'delete', id, text FROM line WHERE run = ?")
    .run([run])
  database.prepare('DELETE FROM line WHERE run = ?').run([run])
}

const INSERT = 'INSERT INTO line (run, place, spot, attempt, stream, at, text) VALUES (?, ?, ?, ?, ?, ?, ?)'
const INDEX = 'INSERT INTO line_text (rowid, text) SELECT id, text FROM line WHERE run = ? AND id > ?'
const NEWEST = 'SELECT ifnull(max(id), 0) FROM line'

function lineWriter(database: Database, run: number) {
  const whereIs = stepPlaces(database, run)
  return {
    write: (text: string): void => {
      const [newest] = database.prepare(NEWEST).all([])
      for (const { step, attempt, stream, text: line, atMs } of parseLines(text)) {
        const { place, spot } = whereIs(step)
        database.prepare(INSERT).run([run, place, spot, attempt, stream, atMs, line])
      }
      database.prepare(INDEX).run([run, Number(newest?.[0])])
    },
  }
}

function parseLines(text: string): readonly StoredLine[] {
  return text.split('\n').flatMap(line => {
    try {
      const read = line === '' ? undefined : (JSON.parse(line) as Partial<StoredLine>)
      const isWhole = typeof read?.step === 'string' && typeof read.text === 'string' && typeof read.stream === 'string'
      return isWhole && Number.isFinite(read.atMs) && Number.isFinite(read.attempt) ? [read as StoredLine] : []
    } catch {
      return []
    }
  })
}

interface Found {
  readonly place: number
  readonly spot: number
}

/** The steps of the run; one that the log of events does not know stands under its id. */
function stepPlaces(database: Database, run: number): (step: string) => Found {
  const rows = database
    .prepare(
      `SELECT ${textColumn('x.step')} AS step, s.place, s.spot FROM step s JOIN spot x ON x.id = s.spot WHERE s.run = ?`,
    )
    .all([run])
  const places = new Map(
    rows.map(([step, place, spot]) => [asText(step), { place: Number(place), spot: Number(spot) }]),
  )
  return step => {
    const known = places.get(step)
    if (known) return known
    const [row] = database
      .prepare(`SELECT ${textColumn('file')} AS file, ${textColumn('workflow')} AS workflow FROM run WHERE id = ?`)
      .all([run])
    const key = keyOf(step)
    const name = key.slice(key.lastIndexOf('/') + 1)
    const interned = newInterned(database)
    const place = interned.place({
      ...{ file: asText(row?.[0]), workflow: asText(row?.[1]), key },
      ...{ path: key, name, kind: 'unknown' },
    })
    const found = { place, spot: interned.spot(place, { step, path: step, key: innermostKey(step) }) }
    places.set(step, found)
    return found
  }
}
