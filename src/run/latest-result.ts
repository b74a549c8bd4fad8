/** What the last succeeded run of a workflow gave: for workflows that build on one another's results without running each other. */
import type { ValueRef } from '../core/index.ts'
import type { RunRow, Store } from '../store/store.ts'
import { inReplica } from '../values/index.ts'

/** undefined: no run of it has succeeded in this store, or it gave nothing that could be kept. */
export async function latestResult(
  store: Pick<Store, 'path' | 'runs' | 'read'>,
  workflow: string,
): Promise<ValueRef | undefined> {
  const isOfToday = ({ file }: RunRow): boolean => inReplica(store.path, file) === undefined
  const succeeded = (limit?: number) =>
    store.runs.list({ workflow, status: ['succeeded'], ...(limit ? { limit } : {}) })
  // What a version gives with the inputs that it had says nothing of today.
  const row = succeeded(1).find(isOfToday) ?? succeeded().find(isOfToday)
  if (!row) return undefined
  for await (const { event } of store.read({ run: row.run, from: row.lastSeq }))
    if (event.kind === 'run.ended') return event.output
  return undefined
}
