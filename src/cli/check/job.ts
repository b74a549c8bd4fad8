/** What a check is done with. */
import type { Budget } from '../../analysis/index.ts'
import type { Io } from '../io.ts'

export interface CheckFlags {
  readonly workflow?: string
  readonly json?: boolean
  readonly svg?: string
  readonly verbose?: boolean
  /** False: `--no-types`. */
  readonly types?: boolean
  /** Of one net. */
  readonly time?: string
  /** Of one net, in megabytes. */
  readonly memory?: number
}

export interface CheckJob {
  readonly io: Io
  readonly flags: CheckFlags
  readonly newBudget: () => Budget
}
