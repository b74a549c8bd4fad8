/** What `tutti migrate` is told. */
import type { StoreFlags } from '../store.ts'

export interface MigrateFlags extends StoreFlags {
  readonly to?: string
  readonly undo?: boolean
  readonly all?: boolean
  readonly from?: string
  readonly rename?: readonly string[]
  readonly dryRun?: boolean
  /** In milliseconds: how long a process that drives the run may take to let go of it. */
  readonly timeout?: number
  readonly json?: boolean
}

const TIMEOUT_MS = 30_000

export const timeoutOf = ({ timeout }: MigrateFlags): number => timeout ?? TIMEOUT_MS
