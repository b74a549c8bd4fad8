/** What `tutti run` can be told, in this process or for one in the background. */
import type { ScheduleName } from '../../run/prospect.ts'
import type { FollowFlags } from '../follow.ts'
import type { StoreFlags } from '../store.ts'

export interface RunFlags extends StoreFlags, FollowFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly id?: string
  readonly only?: readonly string[]
  readonly since?: string
  readonly fresh?: boolean
  /** `--fresh=STEP`. */
  readonly freshStep?: readonly string[]
  readonly deadline?: string
  readonly detach?: boolean
  readonly concurrency?: number
  readonly schedule?: ScheduleName
  /** Of a published version: its own inputs, or today's. */
  readonly sources?: 'then' | 'now'
  readonly publish?: boolean
  readonly message?: string
}
