/** What `tutti migrate` is told. */
import { durationMs } from '../../util/duration.ts'
import type { StoreFlags } from '../store.ts'

export interface MigrateFlags extends StoreFlags {
  readonly to?: string
  readonly undo?: boolean
  readonly all?: boolean
  readonly from?: string
  readonly rename?: readonly string[]
  readonly dryRun?: boolean
  /** How long a process that drives the run may take to let go of it. */
  readonly timeout?: string
  readonly json?: boolean
}

const TIMEOUT = '30s'

/** In milliseconds. */
export const timeoutOf = ({ timeout }: MigrateFlags): number => durationMs(timeout ?? TIMEOUT)
