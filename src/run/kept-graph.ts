/** Graphs and regions as blobs. */
import type { FlowCall, Graph, Region } from '../core/index.ts'
import type { Store } from '../store/store.ts'

export const encodeGraph = (graph: Graph): Uint8Array => new TextEncoder().encode(JSON.stringify(graph))
export const decodeGraph = (bytes: Uint8Array): Graph => JSON.parse(new TextDecoder().decode(bytes)) as Graph

/** A workflow that a flow called is named by its hash: the fold needs its region first. */
export async function loadRegion(
  store: Store,
  library: Map<string, Region>,
  target: FlowCall['target'],
): Promise<void> {
  if (target.kind !== 'workflow' || library.has(target.region)) return
  const text = new TextDecoder().decode(await store.blobs.get(target.region))
  library.set(target.region, JSON.parse(text) as Region)
}
