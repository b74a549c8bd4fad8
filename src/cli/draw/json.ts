/** A graph as canonical JSON (sorted keys, so equal graphs give equal text), indented for people and diffs. */
import type { Graph } from '../../core/graph/graph.ts'
import { canonicalJson, type Json } from '../../util/json.ts'

// A graph is plain JSON by its type; interfaces lack the index signature that `Json` asks for.
export const graphJson = (graph: Graph): string =>
  `${JSON.stringify(JSON.parse(canonicalJson(graph as unknown as Json)), undefined, 2)}\n`
