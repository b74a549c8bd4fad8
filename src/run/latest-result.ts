/** What the last succeeded run of a workflow gave: for workflows that build on one another's results without running each other. */
import type { ValueRef } from '../core/index.ts'
import type { Store } from '../store/store.ts'

/** undefined: no run of it has succeeded in this store, or it gave nothing that could be kept. */
export async function latestResult(
  store: Pick<Store, 'runs' | 'read'>,
  workflow: string,
): Promise<ValueRef | undefined> {
  const [row] = store.runs.list({ workflow, status: ['succeeded'], limit: 1 })
  if (!row) return undefined
  for await (const { event } of store.read({ run: row.run, from: row.lastSeq }))
    if (event.kind === 'run.ended') return event.output
  return undefined
}
