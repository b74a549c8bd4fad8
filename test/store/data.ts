/** Events and rows to write: shared by the tests and their child processes. */
import type { Event } from '../../src/core/engine/protocol.ts'
import type { CurrentVersion, Lease, RunRow, Store, VersionRow } from '../../src/store/index.ts'
import { hashText } from '../../src/util/hash.ts'

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

export const LINE = 'tutti.ts#ci'
export const OTHER_LINE = 'other/tutti.ts#ci'

export const versionOf = (number: string, changes: Partial<VersionRow> = {}): VersionRow => ({
  line: LINE,
  number,
  hash: hashText(number),
  atMs: 1,
  facts: { channel: 'stable', changes: [`patch: ${number}`], graph: hashText('graph') },
  ...changes,
})

const STEPS = Array.from({ length: 40 }, (_, index) => ({ id: `step-${index}`, code: hashText(String(index)) }))

/** Most of it is the same for all versions. */
export const contentsOf = (note: string): Buffer =>
  Buffer.from(JSON.stringify({ steps: STEPS, note, noted: hashText(note), more: STEPS }))

export const pinned = (number: string): CurrentVersion => ({ number, how: 'pinned', atMs: 3 })
