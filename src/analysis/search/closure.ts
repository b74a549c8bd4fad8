/** Which states of an explored graph can still reach some others: a search backwards along its edges. */
import type { Exploration } from './explore.ts'

/** A 1 for each state from which one of the goals can be reached, the goals included. The graph must be whole. */
export function canReach({ table, rows, successors }: Exploration, goals: Iterable<number>): Uint8Array {
  const count = table.count
  const { start, sources } = reversed(count, rows.view(), successors.view())
  const reaches = new Uint8Array(count)
  const queue = new Uint32Array(count)
  let length = 0
  for (const goal of goals) {
    if (reaches[goal] === 1) continue
    reaches[goal] = 1
    queue[length++] = goal
  }
  for (let next = 0; next < length; next++) {
    const state = queue[next]!
    for (let at = start[state]!; at < start[state + 1]!; at++) {
      const source = sources[at]!
      if (reaches[source] === 1) continue
      reaches[source] = 1
      queue[length++] = source
    }
  }
  return reaches
}

function reversed(
  count: number,
  rows: Uint32Array,
  successors: Uint32Array,
): { start: Uint32Array; sources: Uint32Array } {
  const start = new Uint32Array(count + 1)
  for (const target of successors) start[target + 1]! += 1
  for (let state = 0; state < count; state++) start[state + 1]! += start[state]!
  const next = start.slice(0, count)
  const sources = new Uint32Array(successors.length)
  for (let state = 0; state < count; state++) {
    for (let at = rows[state]!; at < rows[state + 1]!; at++) sources[next[successors[at]!]!++] = state
  }
  return { start, sources }
}
