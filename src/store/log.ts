/**
 * The log in the database. All appends of one turn of the event loop become one transaction (at most about
 * EVENTS_PER_COMMIT events), in which every lease's fence is compared.
 *
 *   one batch, nothing else changed   one INSERT that checks head and fence by itself: one round trip, one sync
 *   anything else                     BEGIN IMMEDIATE, fences, head, a row for each run, index rows, COMMIT
 *
 * An append whose lease is lost is refused alone; the others of its turn go through.
 */
import {
  chainOf,
  decodeEvents,
  EMPTY_LOG,
  encodeEvents,
  LOG_COLUMNS,
  LOG_LINK,
  LOG_ROW,
  type LogRow,
  nextRow,
  parseRow,
} from './chain.ts'
import { asText, type Database, type SqlValue, textColumn } from './database.ts'
import { refusing, storeDamaged } from './fault.ts'
import type { Head, HeadFile } from './head.ts'
import { leaseLost } from './leases.ts'
import { fillRunRows, indexedEndOf, indexedSeq, lastSeqOf, ROWS_PER_FILL, runRows, selectRunRows } from './run-rows.ts'
import { writeRunRow } from './runs.ts'
import type { Batch, Lease, StoredEvent, Trace } from './store.ts'
import { putTraces } from './traces.ts'
import { inTransaction, patiently, soon, type Writing } from './writing.ts'

/** What a transaction grows to before it is cut. One append is never cut. */
const EVENTS_PER_COMMIT = 1_000
/** How long timers, signals and other processes' answers may wait for a chain of appends. */
const CHAIN_MS_MAX = 5
/** Rows that a read takes into memory at a time: at most about 16 * EVENTS_PER_COMMIT events. */
const ROWS_PER_PAGE = 16

const TAIL = `SELECT last_seq, ${textColumn('chain')} AS chain FROM batches ORDER BY last_seq DESC LIMIT 1`
const FENCE = 'SELECT fence FROM leases WHERE run = ? AND owner = ?'
/** How many of `[[run, owner, fence], …]` are held: one question for a hundred runs. */
const HELD = `SELECT count(*) FROM json_each(?) AS asked JOIN leases
  ON leases.run = asked.value ->> 0 AND leases.owner = asked.value ->> 1 AND leases.fence = asked.value ->> 2`
const INSERT = `INSERT INTO batches (${LOG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`
const INSERT_IF_UNCHANGED = `INSERT INTO batches (${LOG_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?
  WHERE (SELECT max(last_seq) FROM batches) IS ? AND (SELECT owner FROM leases WHERE run = ? AND fence = ?) IS ?`
const READ_ALL = `SELECT ${LOG_ROW} FROM batches WHERE last_seq >= ? ORDER BY last_seq LIMIT ${ROWS_PER_PAGE}`
const CHAIN_AT = `SELECT ${textColumn('chain')} AS chain FROM batches WHERE last_seq = ?`
const UNINDEXED = `SELECT ${LOG_LINK} FROM batches WHERE last_seq > ? ORDER BY last_seq`
const READ_RUN = selectRunRows(LOG_ROW, ROWS_PER_PAGE)

/** One call of `append`, until it is answered. */
interface Append {
  readonly parts: readonly Part[]
  readonly count: number
  readonly resolve: (seq: number) => void
  readonly reject: (error: unknown) => void
}

interface Part {
  readonly lease: Lease
  readonly body: string
  readonly count: number
  readonly row: Batch['row']
  readonly traces: readonly Trace[]
}

/** The parts of one run in one commit: a row to be. */
interface Piece {
  readonly lease: Lease
  readonly bodies: string[]
  count: number
}

type Answer = { readonly kind: 'committed'; readonly seq: number } | { readonly kind: 'lost'; readonly lease: Lease }

export interface Log {
  append(batches: readonly Batch[]): Promise<number>
  read(options: { readonly from?: number; readonly run?: string; readonly to?: number }): AsyncIterable<StoredEvent>
  head(): number
  /** For closing: resolves when no append is waiting any more. */
  drain(): Promise<void>
  /** For closing: the index of what this process has written. Throws `DatabaseError`; without it the next readers look longer. */
  writeIndex(): Promise<void>
}

export interface LogOptions extends Writing {
  readonly path: string
  readonly headFile: HeadFile
  /** Makes what was committed durable; nothing is acknowledged before. */
  readonly sync: () => void
  readonly onCommit: () => void
}

export function openLog(options: LogOptions): Log {
  const { database, headFile, path } = options
  const waiting: Append[] = []
  /** What the last commit of ours left; another process may have gone on since. */
  let tail: Head | undefined
  const previousOf = new Map<string, { readonly fence: number; readonly seq: number }>()
  let flushing: Promise<void> | undefined
  let broken: unknown
  /** Rows of ours that no index knows yet (./run-rows.ts). */
  let unindexed = 0
  const pace = startPace()

  const commit = (group: readonly Append[]): readonly Answer[] => {
    const { rows, answers } = commitAtOnce(group) ?? inTransaction(database, () => commitInFull(group))
    const last = rows.at(-1)?.row
    if (!last) return answers
    unindexed = unindexed > ROWS_PER_FILL ? 0 : unindexed + rows.length
    tail = { seq: last.lastSeq, chain: last.chain }
    for (const { row, lease } of rows) previousOf.set(row.run, { fence: lease.fence, seq: row.lastSeq })
    return answers
  }

  /** `undefined`: it needs more than one statement, or something is not as we left it. */
  const commitAtOnce = (group: readonly Append[]): Committed | undefined => {
    const [append] = group
    const [part] = append?.parts ?? []
    if (group.length !== 1 || append?.parts.length !== 1 || !part || !tail || part.row) return undefined
    if (part.traces.length > 0) return undefined
    if (unindexed > ROWS_PER_FILL) return undefined
    const { run, owner, fence } = part.lease
    const previous = previousOf.get(run)
    if (previous?.fence !== fence) return undefined
    const row = nextRow(tail, { run, previous: previous.seq, body: part.body, count: part.count })
    const changed = database.prepare(INSERT_IF_UNCHANGED).run([...columnsOf(row), tail.seq, run, fence, owner])
    if (changed === 0) return undefined
    return { rows: [{ row, lease: part.lease }], answers: [{ kind: 'committed', seq: row.lastSeq }] }
  }

  const commitInFull = (group: readonly Append[]): Committed => {
    const lost = lostLeases(database, group)
    const { pieces, ends } = gather(group.filter((_, index) => !lost[index]))
    let head = readTail(database)
    const isOurs = head.seq === tail?.seq && head.chain === tail.chain
    const previousRow = ({ run, fence }: Lease): number => {
      const known = isOurs ? previousOf.get(run) : undefined
      return known?.fence === fence ? known.seq : lastSeqOf(database, run)
    }
    const rows = pieces.map(piece => {
      const { lease, bodies, count } = piece
      const row = nextRow(head, { run: lease.run, previous: previousRow(lease), body: bodies.join('\n'), count })
      database.prepare(INSERT).run(columnsOf(row))
      head = { seq: row.lastSeq, chain: row.chain }
      return { row, lease, piece }
    })
    for (const { row, traces } of group.filter((_, index) => !lost[index]).flatMap(append => append.parts)) {
      if (row) writeRunRow(database, row)
      putTraces(database, traces)
    }
    if (unindexed > ROWS_PER_FILL) fillRunRows(database)
    const firstOf = new Map(rows.map(({ piece, row }) => [piece, row.firstSeq]))
    const answers = group.map((append, index): Answer => {
      const lease = lost[index]
      if (lease) return { kind: 'lost', lease }
      const seqs = (ends.get(append) ?? []).map(({ piece, end }) => (firstOf.get(piece) ?? 0) + end - 1)
      return { kind: 'committed', seq: seqs.length === 0 ? head.seq : Math.max(...seqs) }
    })
    return { rows, answers }
  }

  /** After our turn: while this disk write lasts, other processes commit. The head follows it, so it never leads (S3). */
  const makeDurable = (): void => {
    if (!tail) return
    try {
      options.sync()
    } catch (error) {
      // What a failed sync wrote is unknown, and a second one would not tell: only opening anew does.
      broken = refusalOf(error, path)
      throw error
    }
    headFile.write(tail)
  }

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = takeGroup(waiting)
      try {
        if (broken) throw broken
        const committing = soon(options, () => commit(group))
        const answers = committing instanceof Promise ? await committing : committing
        makeDurable()
        options.onCommit()
        for (const [index, append] of group.entries()) answer(append, answers[index])
        pace.answered(group.length)
      } catch (error) {
        tail = undefined
        previousOf.clear()
        for (const append of group) append.reject(refusalOf(error, path))
      }
    }
    flushing = undefined
  }

  return {
    append: async batches => {
      const parts = batches.filter(batch => batch.events.length > 0 || batch.row).map(encodePart)
      const count = parts.reduce((sum, part) => sum + part.count, 0)
      return new Promise<number>((resolve, reject) => {
        waiting.push({ parts, count, resolve, reject })
        flushing ??= pace.next().then(flush)
      })
    },
    read: range => readLog(options, range),
    head: () => refusing(path, () => patiently(() => readTail(database).seq)),
    drain: async () => {
      while (flushing) await flushing
    },
    writeIndex: async () => {
      if (unindexed > 0 && !broken) await soon(options, () => inTransaction(database, () => fillRunRows(database)))
    },
  }
}

/**
 * When to commit: after all callbacks of this turn of the event loop, so that what they append goes into one transaction.
 * Except for a chain, where each append answers the acknowledgement of a single one before: nobody else is about to append,
 * and a turn of the loop (35 µs, a fifth of a commit) would be wasted. A chain yields after CHAIN_MS_MAX all the same.
 */
function startPace() {
  let chained = false
  let turnedAtMs = 0
  return {
    answered: (appends: number): void => {
      chained = appends === 1
      // Runs when the continuations of what was just answered have run.
      queueMicrotask(() => process.nextTick(() => (chained = false)))
    },
    next: (): Promise<void> => {
      if (chained && performance.now() - turnedAtMs < CHAIN_MS_MAX) {
        return new Promise(begin => queueMicrotask(() => process.nextTick(begin)))
      }
      return new Promise(begin => setImmediate(begin)).then(() => void (turnedAtMs = performance.now()))
    },
  }
}

interface Committed {
  readonly rows: readonly { readonly row: LogRow; readonly lease: Lease }[]
  readonly answers: readonly Answer[]
}

export function readTail(database: Database): Head {
  const [found] = database.prepare(TAIL).all([])
  return found ? { seq: Number(found[0]), chain: asText(found[1]) } : EMPTY_LOG
}

function encodePart({ lease, events, row, traces = [] }: Batch): Part {
  return { lease, row, traces, body: encodeEvents(events), count: events.length }
}

function takeGroup(waiting: Append[]): readonly Append[] {
  let count = waiting[0]?.count ?? 0
  let size = 1
  while (size < waiting.length && (count += waiting[size]?.count ?? 0) <= EVENTS_PER_COMMIT) size += 1
  return waiting.splice(0, size)
}

/** Joins the parts of one run into one piece, and notes where in it each append ends. */
function gather(appends: readonly Append[]) {
  const pieces = new Map<string, Piece>()
  const ends = new Map<Append, { readonly piece: Piece; readonly end: number }[]>()
  for (const append of appends) {
    for (const { lease, body, count } of append.parts) {
      if (count === 0) continue
      const piece = pieces.get(lease.run) ?? { lease, bodies: [], count: 0 }
      pieces.set(lease.run, piece)
      piece.bodies.push(body)
      piece.count += count
      ends.set(append, [...(ends.get(append) ?? []), { piece, end: piece.count }])
    }
  }
  return { pieces: [...pieces.values()], ends }
}

/** For each append the lease that it has no more. */
function lostLeases(database: Database, group: readonly Append[]): readonly (Lease | undefined)[] {
  const asked = group.flatMap(({ parts }) => parts.map(({ lease }) => [lease.run, lease.owner, lease.fence]))
  const held = asked.length > 1 ? database.prepare(HELD).all([JSON.stringify(asked)])[0]?.[0] : undefined
  if (held === asked.length) return []
  return group.map(({ parts }) => parts.find(part => !holds(database, part.lease))?.lease)
}

function holds(database: Database, { run, owner, fence }: Lease): boolean {
  return database.prepare(FENCE).all([run, owner])[0]?.[0] === fence
}

const columnsOf = (row: LogRow): SqlValue[] => [
  row.lastSeq,
  row.firstSeq,
  row.run,
  row.previous,
  row.digest,
  row.chain,
  row.body ?? null,
]

function answer(append: Append, given: Answer | undefined): void {
  if (given?.kind === 'committed') append.resolve(given.seq)
  else append.reject(leaseLost(given?.lease.run ?? ''))
}

function refusalOf(error: unknown, path: string): unknown {
  try {
    return refusing(path, () => {
      throw error
    })
  } catch (refusal) {
    return refusal
  }
}

/**
 * Reads in pages, and checks all that it gives: each row follows the one before, the first one is the first that was asked
 * for, and the end is not before what was known when reading began. A row that damage hides would be missing in silence.
 */
async function* readLog(
  { database, path }: LogOptions,
  range: { readonly from?: number; readonly run?: string; readonly to?: number },
): AsyncIterable<StoredEvent> {
  const { run, to = Number.MAX_SAFE_INTEGER } = range
  const from = Math.max(1, range.from ?? 1)
  const asking = <T>(ask: () => T): T => refusing(path, () => patiently(ask))
  const end = asking(() => (run === undefined ? readTail(database).seq : indexedEndOf(database, run)))
  let next = from
  let before: LogRow | undefined
  for (;;) {
    const rows = asking(() => page(database, run, next)).map(parseRow)
    for (const row of rows) {
      asking(() => checkFollows(database, row, { before, run, from }))
      if (row.firstSeq > to) return
      const events = decodeEvents(row)
      for (let index = Math.max(0, next - row.firstSeq); index < events.length; index += 1) {
        const seq = row.firstSeq + index
        const event = events[index]
        if (seq <= to && event) yield { seq, run: row.run, event }
      }
      before = row
      next = row.lastSeq + 1
    }
    if (rows.length < ROWS_PER_PAGE) break
  }
  if (next <= Math.min(end, to))
    storeDamaged(`events up to ${end} were written, and cannot be found behind ${next - 1}`)
}

function page(database: Database, run: string | undefined, from: number) {
  return run === undefined ? database.prepare(READ_ALL).all([from]) : runRows(database, READ_RUN, run, from)
}

interface Place {
  readonly before: LogRow | undefined
  readonly run: string | undefined
  readonly from: number
}

function checkFollows(database: Database, row: LogRow, { before, run, from }: Place): void {
  const follows =
    run === undefined
      ? row.firstSeq === (before ? before.lastSeq + 1 : Math.min(row.firstSeq, from)) &&
        row.chain === chainOf(before?.chain ?? chainAt(database, row.firstSeq - 1), row)
      : row.run === run && (before ? row.previous === before.lastSeq : row.previous < from)
  if (!follows) storeDamaged(`event ${row.firstSeq} does not follow the one before`)
}

function chainAt(database: Database, seq: number): string {
  return seq === 0 ? EMPTY_LOG.chain : asText(database.prepare(CHAIN_AT).all([seq])[0]?.[0])
}

/**
 * Checks the rows that no index knows yet, when a store is opened: the search for a run's rows looks at their names, which
 * nothing else vouches for. Refuses with STORE_DAMAGED.
 */
export function checkUnindexed(database: Database): void {
  const indexed = indexedSeq(database)
  let before: Head = { seq: indexed, chain: chainAt(database, indexed) }
  for (const row of database.prepare(UNINDEXED).all([before.seq]).map(parseRow)) {
    if (row.firstSeq !== before.seq + 1 || row.chain !== chainOf(before.chain, row))
      storeDamaged(`event ${row.firstSeq} does not follow the one before`)
    before = { seq: row.lastSeq, chain: row.chain }
  }
}
