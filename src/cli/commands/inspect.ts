/** `tutti runs`, `tutti show`, `tutti logs`: what the store knows. */
import { setTimeout as delay } from 'node:timers/promises'
import { valuesOf } from '../../run/launch.ts'
import { EXIT } from '../exit.ts'
import { decodedFault } from '../run-output.ts'
import type { Io } from '../io.ts'
import { followLog, readLog, type StoredLine } from '../log-file.ts'
import { renderLogLine } from '../render/log-lines.ts'
import { renderRuns } from '../render/runs-table.ts'
import { renderShow } from '../render/show-page.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { foldRun, statusNow, stepsNamed } from './stored-run.ts'

export const runsCommand = (
  io: Io,
  flags: StoreFlags & { readonly json?: boolean; readonly limit?: number },
): Promise<number> =>
  withStore(io, flags, async store => {
    const rows = store.runs.list({ limit: flags.limit ?? 50 }).map(row => statusNow(store, row))
    if (flags.json) for (const row of rows) io.out(`${JSON.stringify(row)}\n`)
    else io.out(renderRuns(rows, Date.now(), io.outScreen))
    return EXIT.succeeded
  })

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
      ['status', row.status],
      ['bundle', row.bundle.slice(0, 12) || '(none)'],
    ] as const
    io.out(
      renderShow(view, io.outScreen, {
        facts,
        nowMs: row.endedAtMs ?? (row.status === 'paused' ? view.lastAtMs : Date.now()),
        decoded: await decodedFault(valuesOf(store, { cwd: io.cwd }), view.fault),
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
