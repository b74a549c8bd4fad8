/** A run as analysis sees it, read from the store. */
import { newRecording, type RunRecord } from '../../analysis/index.ts'
import type { Region } from '../../core/index.ts'
import { decodeGraph } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { loadCalled } from '../store.ts'

export async function recordOf(store: Store, row: RunRow): Promise<RunRecord> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const library = new Map<string, Region>()
  const recording = newRecording(graph, library)
  for await (const { event } of store.read({ run: row.run })) {
    await loadCalled(store, library, event)
    recording.add(event)
  }
  return recording.record
}
