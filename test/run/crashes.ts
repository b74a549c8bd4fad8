/** Stores as a kill -9 leaves them, one for each moment of a run: copied whole while the run goes on, and orphaned. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import type { Event } from '../../src/core/index.ts'
import { type AnyWorkflow, run, type RunResult } from '../../src/run/embed.ts'
import { databasePath } from '../../src/store/sqlite.ts'
import { folder } from '../dsl/rig.ts'

export interface Crash {
  readonly store: string
  /** What was acknowledged, at least. */
  readonly events: readonly Event[]
}

export const RUN = 'crashed'

/** The workflow's result, and what a crash at each of its events would have left. */
export async function crashesOf(
  workflow: AnyWorkflow,
): Promise<{ readonly result: RunResult<unknown>; readonly crashes: readonly Crash[] }> {
  const store = folder()
  const events: Event[] = []
  const crashes: Crash[] = []
  const result = await run(workflow, {
    durability: 'normal',
    store,
    id: RUN,
    onEvent(event) {
      events.push(event)
      const copy = join(folder(), 'store')
      cpSync(store, copy, { recursive: true })
      crashes.push({ store: copy, events: [...events] })
    },
  })
  for (const crash of crashes) orphan(crash.store)
  return { result, crashes: crashes.filter(each => each.events.at(-1)?.kind !== 'run.ended') }
}

/** The owner of the copied run is this process, which lives: what tells the copy that it died. */
function orphan(store: string): void {
  const database = new Database(databasePath(store))
  database.exec('DELETE FROM leases')
  database.close()
}

/** Steps whose results were acknowledged before the crash. */
export const settledIn = ({ events }: Crash): ReadonlySet<string> =>
  new Set(events.flatMap(event => (event.kind === 'step.settled' ? [event.step] : [])))

export const resume = (workflow: AnyWorkflow, crash: Crash): Promise<RunResult<unknown>> =>
  run(workflow, { store: crash.store, id: RUN, durability: 'normal' })
