/** What may be taken from other runs, and what a rebuild therefore need not do. */
export { type Disk, newDisk } from './disk.ts'
export {
  type Because,
  type Freshness,
  type Key,
  newFreshness,
  type SeenFiles,
  type Soon,
  type Verdict,
} from './freshness.ts'
export { closeLedger, type Gathered, type Ledger, newLedger, seenReads } from './ledger.ts'
