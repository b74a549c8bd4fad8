/** The hash of a graph: of its canonical JSON without positions (G4), so that moving text changes nothing. */
import { canonicalJson, type Json } from '../../util/json.ts'
import { type Hash, hashText } from '../../util/hash.ts'
import type { Graph, Region } from './graph.ts'

export const graphHash = (graph: Graph): Hash => hashText(canonicalGraph(graph))
export const regionHash = (region: Region): Hash => hashText(canonicalRegion(region))

/** The canonical text of a graph, positions left out. */
export const canonicalGraph = (graph: Graph): string => canonicalJson(withoutPositions(graph as unknown as Json))

/** The canonical text of a region, positions left out: its bytes have the region's hash. */
export const canonicalRegion = (region: Region): string => canonicalJson(withoutPositions(region as unknown as Json))

/** A graph is plain JSON by its type; `at` is the name of positions only, on nodes only. */
function withoutPositions(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutPositions)
  const record = value as { readonly [key: string]: Json | undefined }
  const isNode = 'id' in record && 'kind' in record && 'after' in record
  const kept = Object.entries(record).filter(([key, field]) => field !== undefined && !(isNode && key === 'at'))
  return Object.fromEntries(
    kept.map(([key, field]) => [
      key,
      key === 'value' && record['kind'] === 'literal' ? (field ?? null) : withoutPositions(field ?? null),
    ]),
  )
}
