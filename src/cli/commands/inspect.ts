/** `tutti runs`, `tutti show`, `tutti logs`: what the store knows. */
import { setTimeout as delay } from 'node:timers/promises'
import { valuesOf } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { decodedFaults, faultsOf } from '../run-output.ts'
import type { Io } from '../io.ts'
import { followLog, readLog, type StoredLine } from '../log-file.ts'
import { renderLogLine } from '../render/log-lines.ts'
import { type ListedRun, renderRuns } from '../render/runs-table.ts'
import { renderShow } from '../render/show-page.ts'
import { type WaitJson, waitsOf } from '../render/waits.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { foldRun, statusNow, stepsNamed } from './stored-run.ts'

export const runsCommand = (
  io: Io,
  flags: StoreFlags & { readonly json?: boolean; readonly limit?: number },
): Promise<number> =>
  withStore(io, flags, async store => {
    const rows: ListedRun[] = []
    for (const row of store.runs.list({ limit: flags.limit ?? 50 }).map(each => statusNow(store, each)))
      rows.push(await listed(store, row, rows))
    if (flags.json) for (const row of rows) io.out(`${JSON.stringify(row)}\n`)
    else io.out(renderRuns(rows, Date.now(), io.outScreen))
    return EXIT.succeeded
  })

/** Runs that have not ended and whose log is read for the list, and how far: it must not take longer than it is worth. */
const LOOKED_INTO_MAX = 10
const EVENTS_MAX = 5_000

async function listed(store: Store, row: RunRow, before: readonly ListedRun[]): Promise<ListedRun> {
  const isTooMuch = before.filter(each => each.endedAtMs === undefined).length >= LOOKED_INTO_MAX
  if (row.endedAtMs !== undefined || isTooMuch) return row
  const waits = await waitsOfRun(store, row)
  return waits.length === 0 ? row : { ...row, waits }
}

async function waitsOfRun(store: Store, row: RunRow): Promise<readonly WaitJson[]> {
  try {
    const { view, events } = await foldRun(store, row, EVENTS_MAX)
    return events.length < EVENTS_MAX ? waitsOf(view) : []
  } catch (error) {
    // What is damaged in one run must not hide the others: `show` and `doctor` tell of it.
    if (error instanceof Refusal) return []
    throw error
  }
}

export const showCommand = (
  io: Io,
  run: string | undefined,
  flags: StoreFlags & { readonly json?: boolean },
): Promise<number> =>
  withStore(io, flags, async store => {
    const row = statusNow(store, findRun(store, run))
    const { view, events } = await foldRun(store, row)
    if (flags.json) {
      for (const event of events) io.out(`${JSON.stringify(event)}\n`)
      return EXIT.succeeded
    }
    const facts = [
      ['file', row.file || '(embedded)'],
      ['version', row.version === undefined ? '(not published)' : `${row.workflow}@${row.version}`],
      ['bundle', row.bundle.slice(0, 12) || '(none)'],
    ] as const
    io.out(
      renderShow(view, io.outScreen, {
        facts,
        status: row.status,
        nowMs: row.endedAtMs ?? (row.status === 'paused' ? view.lastAtMs : Date.now()),
        decoded: await decodedFaults(valuesOf(store, { cwd: io.cwd }), faultsOf(view)),
      }),
    )
    return EXIT.succeeded
  })

export const logsCommand = (
  io: Io,
  run: string | undefined,
  step: string | undefined,
  flags: StoreFlags & { readonly follow?: boolean; readonly json?: boolean },
): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    const steps = step === undefined ? undefined : new Set(await stepsNamed(store, row, [step]))
    const show = (line: StoredLine): void => {
      if (steps && !steps.has(line.step)) return
      io.out(flags.json ? `${JSON.stringify(line)}\n` : `${renderLogLine(line, 20, io.outScreen)}\n`)
    }
    if (!flags.follow) {
      for (const line of readLog(store.path, row.run)) show(line)
      return EXIT.succeeded
    }
    const over = (): boolean => {
      const now = statusNow(store, findRun(store, row.run))
      return now.endedAtMs !== undefined || now.status === 'paused'
    }
    for await (const line of followLog(store.path, row.run, over, () => delay(150))) show(line)
    return EXIT.succeeded
  })
