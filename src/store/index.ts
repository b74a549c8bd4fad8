/** The store: an append-only log of events, blobs by content, an index of runs. */
export type {
  Batch,
  Blobs,
  Durability,
  Lease,
  Letter,
  Mail,
  Reply,
  RunRow,
  Store,
  StoredEvent,
  Trace,
  VersionRow,
  CurrentVersion,
  Renames,
} from './store.ts'
export { openBlobFolder } from './blobs.ts'
export { type Memory, type MemoryStore, memoryStore, newMemory } from './memory.ts'
export { openStore, type StoreOptions } from './sqlite.ts'
export { acceptLoss, doctor, type Examination } from './doctor.ts'
export { type Freed, gc, type Keep } from './gc.ts'
export { recover, type Recovery } from './recover.ts'
export { exportStore, importStore } from './transfer.ts'
export { openBlobs } from './blobs.ts'
