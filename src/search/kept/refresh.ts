/**
 * Brings the index to where the store is: folds the runs that have changed since, and forgets those that gc removed.
 *
 * Whether anything has changed is seen from two numbers, the store's last sequence number and how many runs it has. Ended
 * runs are folded once; runs that go on are folded again when they have new events. Memory is bounded by the largest run.
 */
import type { Graph } from '../../core/graph/graph.ts'
import { asText, type Database, textColumn } from '../../store/database.ts'
import type { RunRow, Store } from '../../store/store.ts'
import { inTransaction } from '../../store/writing.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { collectRun, parsed } from './collect.ts'
import { newInterned } from './interned.ts'
import { forgetSteps, writeRun } from './write-run.ts'
import { fillHistories } from './history.ts'
import { fileBeside } from './file.ts'
import { forgetLines } from './lines.ts'

/** New events that are looked through for the runs that they are of; where there are more, all runs are compared. */
const LOOKED_THROUGH_MAX = 2_000
/** Graphs that are kept while runs are folded. */
const GRAPHS_KEPT = 32
/** Steps of several runs that go into one transaction. */
const STEPS_PER_COMMIT = 20_000
/** After so many new steps, the tables may have another shape. */
const STEPS_PER_ANALYSIS = 10_000

export interface Refreshed {
  /** Runs that could not be read, because the store is damaged there. */
  readonly unreadable: readonly string[]
}

export async function refresh(store: Store, database: Database, nowMs: number): Promise<Refreshed> {
  const head = store.head()
  const runs = store.runs.count()
  const [mark] = database.prepare('SELECT head, runs FROM mark').all([])
  let [wasHead = 0, wasRuns = 0] = (mark ?? []).map(Number)
  // Another store lies here now.
  if (wasHead > head || !isSameStore(store, database)) {
    forgetAll(database)
    wasHead = 0
    wasRuns = 0
  }
  const filler = newFiller(store, database)
  if (wasHead !== head || wasRuns !== runs) {
    const isFew = head - wasHead <= LOOKED_THROUGH_MAX
    const changed = isFew
      ? await runsSince(store, wasHead + 1)
      : store.runs
          .list()
          .map(({ run }) => run)
          .reverse()
    for (const run of changed) await filler.add(run)
    if (!isFew || countOf(database) !== runs) forgetGone(store, database, filler)
  }
  // How a run stands that has not ended is told by who holds it, not by its events.
  for (const [run] of database.prepare(`SELECT ${textColumn('run')} FROM run WHERE ended IS NULL`).all([]))
    await filler.add(asText(run))
  // What could not be read is tried, and told of, each time.
  filler.finish(nowMs, filler.unreadable.length > 0 ? { head: 0, runs: -1 } : { head, runs })
  return { unreadable: filler.unreadable }
}

const countOf = (database: Database): number => Number(database.prepare('SELECT count(*) FROM run').all([])[0]?.[0])

/** The newest run that the index knows is one of the store, unless gc took it, which takes the oldest first. */
function isSameStore(store: Store, database: Database): boolean {
  const [newest] = database.prepare(`SELECT ${textColumn('run')}, started FROM run ORDER BY id DESC LIMIT 1`).all([])
  if (!newest) return true
  const row = store.runs.get(asText(newest[0]))
  return row === undefined || row.createdAtMs === Number(newest[1])
}

function forgetAll(database: Database): void {
  inTransaction(database, () => {
    for (const table of ['run', 'step', 'value', 'line', 'graph', 'node', 'edge']) database.exec(`DELETE FROM ${table}`)
    database.exec("INSERT INTO line_text (line_text) VALUES ('delete-all'); UPDATE mark SET head = 0, runs = 0")
  })
}

async function runsSince(store: Store, seq: number): Promise<readonly string[]> {
  const runs = new Set<string>()
  for await (const { run } of store.read({ from: seq })) runs.add(run)
  return [...runs]
}

/** I3. */
function forgetGone(store: Store, database: Database, filler: Filler): void {
  const there = new Set(store.runs.list().map(({ run }) => run))
  const known = database.prepare(`SELECT id, ${textColumn('run')} FROM run`).all([])
  for (const [id = 0, run] of known) if (!there.has(asText(run))) filler.forget(Number(id))
}

interface Filler {
  readonly unreadable: string[]
  add(run: string): Promise<void>
  forget(id: number): void
  finish(nowMs: number, mark: { readonly head: number; readonly runs: number }): void
}

function newFiller(store: Store, database: Database): Filler {
  const interned = newInterned(database)
  const graphs = new Map<string, Promise<Graph>>()
  const places = new Set<number>()
  const histories = new Set<number>()
  const unreadable: string[] = []
  let waiting: (() => number)[] = []
  let weight = 0
  let total = 0

  const graphOf = (hash: string): Promise<Graph> => {
    const known = graphs.get(hash)
    if (known) return known
    if (graphs.size >= GRAPHS_KEPT) graphs.clear()
    const graph = store.blobs.get(hash).then(bytes => parsed(bytes) as Graph)
    graphs.set(hash, graph)
    return graph
  }

  const commit = (mark?: { readonly head: number; readonly runs: number }): void => {
    if (waiting.length === 0 && !mark) return
    const work = waiting
    waiting = []
    weight = 0
    try {
      inTransaction(database, () => {
        for (const each of work) histories.add(each())
        if (!mark) return
        fillHistories(database, { places, histories })
        database.prepare('UPDATE mark SET head = ?, runs = ?').run([mark.head, mark.runs])
      })
    } catch (error) {
      interned.forget()
      throw error
    }
  }

  return {
    unreadable,
    add: async run => {
      const found = store.runs.get(run)
      if (!found) return
      const row = { ...found, file: fileBeside(store.path, found.file) }
      const [known] = database.prepare('SELECT last_seq FROM run WHERE run = ?').all([run])
      if (Number(known?.[0]) === row.lastSeq) {
        if (row.endedAtMs === undefined) waiting.push(() => standing(database, row, statusOf(store, row)))
        return
      }
      const graph = await graphOf(row.graph).catch(damaged(unreadable, run))
      const collected = graph && (await collectRun(store, row, graph).catch(damaged(unreadable, run)))
      if (!graph || !collected) return
      waiting.push(() =>
        writeRun({ database, interned, places }, { row, status: statusOf(store, row), graph, collected }),
      )
      weight += collected.steps.size + 10
      total += collected.steps.size
      if (weight > STEPS_PER_COMMIT) commit()
    },
    forget: id => {
      waiting.push(() => {
        const [found] = database.prepare('SELECT history FROM run WHERE id = ?').all([id])
        forgetSteps(database, id, places)
        forgetLines(database, id)
        database.prepare('DELETE FROM run WHERE id = ?').run([id])
        return Number(found?.[0])
      })
    },
    finish: (nowMs, mark) => {
      const [was] = database.prepare('SELECT head, runs FROM mark').all([])
      const isMoved = Number(was?.[0]) !== mark.head || Number(was?.[1]) !== mark.runs
      commit(isMoved ? mark : undefined)
      passTime(database, nowMs)
      // What SQLite chooses its ways by; looked at by samples.
      if (total > STEPS_PER_ANALYSIS) database.exec('PRAGMA analysis_limit = 1000; ANALYZE')
    },
  }
}

/** A run that cannot be read must not hide the others: doctor tells of it. */
const damaged =
  (unreadable: string[], run: string) =>
  (error: unknown): undefined => {
    if (!(error instanceof Refusal)) throw error
    unreadable.push(run)
  }

/** A run that no live process holds stands still, whatever its row says. */
function statusOf(store: Store, row: RunRow): RunRow['status'] {
  if (row.endedAtMs !== undefined) return row.status
  return store.leases.holder(row.run) === undefined ? 'paused' : row.status
}

function standing(database: Database, row: RunRow, status: RunRow['status']): number {
  database.prepare('UPDATE run SET status = ? WHERE run = ? AND status <> ?').run([status, row.run, status])
  const [found] = database.prepare('SELECT history FROM run WHERE run = ?').all([row.run])
  return Number(found?.[0])
}

/** What has not ended has lasted until now, also where nobody drives it: whoever waits for a signal waits all the same. */
function passTime(database: Database, nowMs: number): void {
  if (database.prepare('SELECT 1 FROM run WHERE ended IS NULL LIMIT 1').all([]).length === 0) return
  inTransaction(database, () => {
    database.prepare('UPDATE run SET duration = max(0, ? - started) WHERE ended IS NULL').run([nowMs])
    database
      .prepare(
        `UPDATE step SET duration = max(0, ? - started) WHERE ended IS NULL AND started IS NOT NULL
         AND run IN (SELECT id FROM run WHERE ended IS NULL)`,
      )
      .run([nowMs])
  })
}
