/** How a run that has ended before ended: the same output and exit code as when it did. */
import type { RunRow, Store } from '../../store/index.ts'
import { valuesOf } from '../../run/launch.ts'
import { exitOfStatus } from '../exit.ts'
import { decodedFault, type FollowFlags, printOutput, showable } from '../follow.ts'
import type { Io } from '../io.ts'
import { runEndedLine } from '../render/run-end.ts'
import { foldRun } from './stored-run.ts'

export async function showEnd(io: Io, store: Store, row: RunRow, flags: FollowFlags): Promise<number> {
  const { view } = await foldRun(store, row)
  const values = valuesOf(store, { cwd: io.cwd })
  const output = view.output && (await values.decode(view.output))
  if (row.status === 'running' || row.status === 'paused') throw new Error('defect: the run has not ended')
  if (flags.json) {
    io.out(
      `${runEndedLine({ run: row.run, status: row.status, ...(output === undefined ? {} : { output: showable(output) }), ...(view.fault ? { fault: view.fault, decoded: await decodedFault(values, view.fault) } : {}) })}\n`,
    )
  } else {
    printOutput(io, output)
    io.err(`run ${row.run} had ended before: ${row.status}\n`)
  }
  return exitOfStatus(row.status)
}
