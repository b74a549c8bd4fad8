/** `tutti versions`: what has been published, why it has its number, and how its runs went. */
import type { RunRow, Store, VersionRow } from '../../store/index.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { renderVersions, type ListedVersion } from '../render/versions-table.ts'
import { storeFolder, type StoreFlags, withStore } from '../store.ts'
import { lineOf, workflowOf } from '../versions/line.ts'
import { lineFor } from '../versions/lines.ts'
import { factsOf } from '../versions/row.ts'
import { readTarget } from './words.ts'

export interface VersionsFlags extends StoreFlags {
  readonly json?: boolean
  readonly limit?: number
}

export async function versionsCommand(io: Io, words: readonly string[], flags: VersionsFlags): Promise<number> {
  const target = readTarget(io, words)
  return withStore(io, { ...flags, store: storeFolder(io, flags, target.file) }, async store => {
    const line = words.length === 0 ? undefined : lineFor(io, store, target)
    const listed = listVersions(store, line)
    const shown = flags.limit === undefined ? listed : listed.slice(0, flags.limit)
    if (flags.json) for (const each of shown) io.out(`${JSON.stringify(asJson(each))}\n`)
    else io.out(renderVersions(shown, Date.now(), io.outScreen))
    return EXIT.succeeded
  })
}

/** Newest first; lines in the order in which they were begun. */
function listVersions(store: Store, line: string | undefined): readonly ListedVersion[] {
  const rows = store.versions.list(line)
  const lines = [...new Set(rows.map(row => row.line))]
  const runs = runsByVersion(store)
  return lines.flatMap(each => {
    const current = store.versions.current(each)
    return rows
      .filter(row => row.line === each)
      .reverse()
      .map(row => ({
        row,
        facts: factsOf(row),
        current: current?.number === row.number ? current.how : undefined,
        runs: runs.get(keyOf(row)) ?? NO_RUNS,
      }))
  })
}

export interface RunCounts {
  readonly total: number
  readonly succeeded: number
  readonly failed: number
  readonly live: number
}

const NO_RUNS: RunCounts = { total: 0, succeeded: 0, failed: 0, live: 0 }
const keyOf = ({ line, number }: Pick<VersionRow, 'line' | 'number'>): string => `${line} ${number}`

function runsByVersion(store: Store): ReadonlyMap<string, RunCounts> {
  const counts = new Map<string, RunCounts>()
  for (const run of store.runs.list()) {
    if (run.version === undefined) continue
    const key = keyOf({ line: lineOf(store.path, run.file, run.workflow), number: run.version })
    counts.set(key, counted(counts.get(key) ?? NO_RUNS, run))
  }
  return counts
}

const counted = ({ total, succeeded, failed, live }: RunCounts, { status, endedAtMs }: RunRow): RunCounts => ({
  total: total + 1,
  succeeded: succeeded + (status === 'succeeded' ? 1 : 0),
  failed: failed + (status === 'failed' || status === 'timed-out' || status === 'diverged' ? 1 : 0),
  live: live + (endedAtMs === undefined ? 1 : 0),
})

const asJson = ({ row, facts, current, runs }: ListedVersion) => ({
  workflow: workflowOf(row.line),
  line: row.line,
  version: row.number,
  hash: row.hash,
  publishedAt: new Date(row.atMs).toISOString(),
  current: current !== undefined,
  ...(current === undefined ? {} : { pinned: current === 'pinned' }),
  ...facts,
  runs,
})
