/** Events and rows to write: shared by the tests and their child processes. */
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Lease, RunRow, Store } from '../../src/store/index.ts'

export const HASH = 'a'.repeat(64)

export const event = (index: number, note = ''): Event => ({
  kind: 'value.recorded',
  v: 1,
  step: `step-${index}`,
  attempt: 1,
  name: 'n',
  value: note,
  atMs: index,
})

export const rowOf = (run: string, changes: Partial<RunRow> = {}): Omit<RunRow, 'lastSeq'> => ({
  run,
  workflow: 'ci',
  file: 'tutti.ts',
  graph: HASH,
  bundle: HASH,
  args: HASH,
  status: 'running',
  createdAtMs: 1,
  updatedAtMs: 1,
  ...changes,
})

export function lease(store: Store, run: string): Lease {
  const answer = store.leases.acquire(run)
  if (answer.kind === 'acquired') return answer.lease
  throw new Error(`held by ${answer.owner}`)
}
