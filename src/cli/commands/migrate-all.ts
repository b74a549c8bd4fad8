/** `tutti migrate --all`, `--from RANGE`: every live run of a workflow, and why some cannot. */
import semver from 'semver'
import type { MoveObstacle } from '../../run/move/obstacles.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { withStore } from '../store.ts'
import { workflowOf } from '../versions/line.ts'
import { isOfLine, isThere, movable, type Mover, moveRun, openMover, tryRun } from '../versions/move.ts'
import { findLine } from '../versions/lines.ts'
import { nameOf } from '../versions/row.ts'
import { type MigrateFlags, timeoutOf } from './migrate-flags.ts'

interface Result {
  readonly run: string
  /** Why it cannot; none: it can, or has. */
  readonly obstacles: readonly MoveObstacle[]
}

/** `workflow`: needed where several have versions. */
export function migrateAll(
  io: Io,
  workflow: string | undefined,
  flags: MigrateFlags & { readonly to: string },
): Promise<number> {
  const { from } = flags
  if (from !== undefined && semver.validRange(from) === null)
    throw usage(`--from ${from} is no range`, "For example --from 1.2.0, '^1.2' or '<1.3'")
  return withStore(io, flags, async store => {
    const line = findLine(store, io.cwd, workflow === undefined ? {} : { workflow })
    const mover = await openMover(io, store, line, flags)
    const rows = liveRuns(store, line, from).filter(row => !isThere(mover, row))
    const results: Result[] = []
    for (const row of rows) results.push(await moved(mover, row, flags))
    tell(io, flags, mover, results)
    return results.every(({ obstacles }) => obstacles.length === 0) ? EXIT.succeeded : EXIT.failed
  })
}

const liveRuns = (store: Store, line: string, from: string | undefined): readonly RunRow[] =>
  store.runs
    .list({ workflow: workflowOf(line), status: ['running', 'paused'] })
    .filter(row => row.endedAtMs === undefined && isOfLine(store, line, row) && isFrom(row, from))

const isFrom = ({ version }: RunRow, from: string | undefined): boolean =>
  from === undefined || (version !== undefined && semver.satisfies(version, from, { includePrerelease: true }))

async function moved(mover: Mover, row: RunRow, flags: MigrateFlags): Promise<Result> {
  const { run } = row
  try {
    movable(row)
    const { trial } = await tryRun(mover, row)
    if (trial.kind === 'stuck') return { run, obstacles: trial.obstacles }
    if (!flags.dryRun) await moveRun(mover, row, timeoutOf(flags))
    return { run, obstacles: [] }
  } catch (error) {
    // One run that is busy, has ended meanwhile or cannot be read keeps none of the others.
    if (!(error instanceof Refusal)) throw error
    return { run, obstacles: error.diagnostics.map(({ message }) => ({ message: message.replaceAll(run, 'it') })) }
  }
}

function tell(io: Io, flags: MigrateFlags, { opened }: Mover, results: readonly Result[]): void {
  const version = opened.row.number
  if (flags.json)
    for (const { run, obstacles } of results) {
      const can = obstacles.length === 0
      const reasons = can ? {} : { reasons: obstacles }
      io.out(`${JSON.stringify({ run, version, can, moved: can && !flags.dryRun, ...reasons })}\n`)
    }
  io.err(`${summary(nameOf(opened.row), results, flags.dryRun === true ? 'can move' : 'moved')}\n`)
}

function summary(version: string, results: readonly Result[], done: string): string {
  const stuck = results.filter(({ obstacles }) => obstacles.length > 0)
  const count = results.length - stuck.length
  if (results.length === 0) return `no live run is to be moved to ${version}`
  const head = `${count} of ${results.length} runs ${done} to ${version}`
  if (stuck.length === 0) return head
  return [`${head}; ${stuck.length} cannot, because`, ...grouped(stuck)].join('\n')
}

const SHOWN = 3

/** Why, most frequent first. A run is counted under its first reason. */
function grouped(stuck: readonly Result[]): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { run, obstacles } of stuck) {
    const reason = obstacles[0]?.message ?? ''
    byReason.set(reason, [...(byReason.get(reason) ?? []), run])
  }
  return [...byReason]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, runs]) => {
      const names = `${runs.slice(0, SHOWN).join(', ')}${runs.length > SHOWN ? ', …' : ''}`
      return `  ${runs.length}: ${reason} (${names})`
    })
}
