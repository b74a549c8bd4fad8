/** What processes that were killed have left running in a project, ended before anything else is started there. */
import { reapGroups } from './guard.ts'
import { type Reaped, reapRosters } from './roster.ts'

export interface Orphans {
  readonly services: readonly Reaped[]
  /** Commands of steps. */
  readonly commands: number
}

/** Cheap when there is nothing: one look into one folder. */
export async function reapOrphans(store: string): Promise<Orphans> {
  // Services first: they have their own way to be ended.
  const services = await reapRosters(store)
  return { services, commands: await reapGroups(store) }
}
