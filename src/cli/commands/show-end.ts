/** How a run that has ended before ended: the same output and exit code as when it did. */
import type { RunRow, Store } from '../../store/index.ts'
import { valuesOf } from '../../run/launch.ts'
import { exitOfStatus } from '../exit.ts'
import type { FollowFlags } from '../follow.ts'
import type { Io } from '../io.ts'
import { printEnd } from '../run-output.ts'
import { foldRun } from './stored-run.ts'

export async function showEnd(io: Io, store: Store, row: RunRow, flags: FollowFlags): Promise<number> {
  const { run, status } = row
  if (status === 'running' || status === 'paused') throw new Error('defect: the run has not ended')
  const { output, fault } = (await foldRun(store, row)).view
  await printEnd(io, flags, { run, status, output, fault }, valuesOf(store, { cwd: io.cwd }))
  if (!flags.json) io.err(`run ${run} had ended before: ${status}\n`)
  return exitOfStatus(status)
}
