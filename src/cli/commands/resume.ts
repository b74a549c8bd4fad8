/** `tutti resume`: goes on with a run that was interrupted, with the code that it began with. */
import { redriveRun, resumeRun } from '../../run/launch.ts'
import type { ScheduleName } from '../../run/prospect.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { FollowFlags } from '../follow.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { drive } from './drive.ts'
import { reopen } from './reopen.ts'
import { showEnd } from './show-end.ts'
import { stepsNamed } from './stored-run.ts'

export interface ResumeFlags extends StoreFlags, FollowFlags {
  readonly latest?: boolean
  readonly accept?: readonly string[]
  readonly concurrency?: number
  readonly schedule?: ScheduleName
}

export const resumeCommand = (io: Io, run: string | undefined, flags: ResumeFlags): Promise<number> =>
  withStore(io, flags, store => resumeRow(io, store, findRun(store, run), flags))

export async function resumeRow(io: Io, store: Store, row: RunRow, flags: ResumeFlags): Promise<number> {
  const accept = flags.accept ?? []
  if (row.endedAtMs !== undefined && !(row.status === 'diverged' && accept.length > 0)) {
    if (row.status === 'succeeded') return showEnd(io, store, row, flags)
    return refuse('RUN_ENDED', `Run ${row.run} has ended: ${row.status}`, {
      hint:
        row.status === 'diverged'
          ? `Look at what differs with tutti show ${row.run}; go on with tutti resume ${row.run} --accept STEP.`
          : `Run it again, keeping what succeeded: tutti redrive ${row.run}`,
    })
  }
  const steps = await stepsNamed(store, row, accept)
  const runnable = await reopen(io, store, row, flags.latest === true)
  return drive(io, store, runnable, flags, local =>
    row.endedAtMs === undefined
      ? resumeRun(local, runnable, row)
      : redriveRun(local, runnable, row, { from: [], accept: steps }),
  )
}
