/** `tutti redrive`: an ended run again, keeping what succeeded. */
import { redriveRun } from '../../run/launch.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { FollowFlags } from '../follow.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { drive } from './drive.ts'
import { reopen } from './reopen.ts'
import { stepsNamed } from './stored-run.ts'

export interface RedriveFlags extends StoreFlags, FollowFlags {
  readonly from?: readonly string[]
  readonly latest?: boolean
}

export const redriveCommand = (io: Io, run: string | undefined, flags: RedriveFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    if (row.endedAtMs === undefined)
      return refuse('RUN_LIVE', `Run ${row.run} has not ended`, { hint: `Go on with it: tutti resume ${row.run}` })
    const from = flags.from ?? []
    if (row.status === 'succeeded' && from.length === 0)
      return refuse('USAGE', `Run ${row.run} succeeded: say from where to run it again`, {
        hint: `tutti redrive ${row.run} --from STEP`,
      })
    const steps = await stepsNamed(store, row, from)
    const runnable = await reopen(io, store, row, flags.latest === true)
    return drive(io, store, runnable, flags, local => redriveRun(local, runnable, row, { from: steps, accept: [] }))
  })
