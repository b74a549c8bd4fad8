/**
 * The tape: a graph without cycles in flat arrays, over which values are carried forward and their sensitivities back, as automatic
 * differentiation does with the operations of a program (A. Griewank, A. Walther, Evaluating Derivatives, 2008). It knows no
 * steps and no times: what its nodes and edges weigh, and how weights are joined, is said by who asks (./semiring.ts).
 *
 *   T1. In `order` each node comes after all that are before it.
 *   T2. What is before node n is `before[start[n]] … before[start[n + 1] - 1]`; these positions are the numbers of the edges.
 */
import { refuse } from '../../util/diagnostic.ts'

export interface Tape {
  readonly count: number
  readonly order: Uint32Array
  readonly start: Uint32Array
  readonly before: Uint32Array
  /**
   * By node: 0, what is before it are alternatives, and are summed; 1, they are needed together, and are multiplied. Absent: all
   * are sums.
   */
  readonly joins?: Uint8Array
}

/** Edges as two columns: `from[e]` comes before `to[e]`. */
export interface Edges {
  readonly from: ArrayLike<number>
  readonly to: ArrayLike<number>
}

/** Refuses TAPE_INVALID: an edge to what is not there, a cycle. O(V + E). */
export function buildTape(count: number, { from, to }: Edges, joins?: Uint8Array): Tape {
  const start = new Uint32Array(count + 1)
  for (let edge = 0; edge < to.length; edge++) {
    if (!(from[edge]! < count && to[edge]! < count)) invalid(`edge ${edge} leads from ${from[edge]} to ${to[edge]}`)
    start[to[edge]! + 1]! += 1
  }
  for (let node = 0; node < count; node++) start[node + 1]! += start[node]!
  const before = new Uint32Array(to.length)
  const fill = start.slice(0, count)
  for (let edge = 0; edge < to.length; edge++) before[fill[to[edge]!]!++] = from[edge]!
  return { count, order: topologicalOrder(count, start, before), start, before, ...(joins ? { joins } : {}) }
}

/** Depth first, so that nodes that are given in order stay in it. */
function topologicalOrder(count: number, start: Uint32Array, before: Uint32Array): Uint32Array {
  const order = new Uint32Array(count)
  const at = start.slice(0, count)
  const state = new Uint8Array(count)
  const path = new Uint32Array(count)
  let end = 0
  for (let root = 0; root < count; root++) {
    if (state[root] !== 0) continue
    let depth = 0
    path[0] = root
    state[root] = 1
    while (depth >= 0) {
      const node = path[depth]!
      if (at[node]! === start[node + 1]!) {
        state[node] = 2
        order[end++] = node
        depth -= 1
        continue
      }
      const next = before[at[node]!++]!
      if (state[next] === 1) invalid(`node ${next} is before itself`)
      if (state[next] !== 0) continue
      state[next] = 1
      path[++depth] = next
    }
  }
  return order
}

const invalid = (what: string): never =>
  refuse('TAPE_INVALID', `These edges are no tape: ${what}`, {
    hint: 'Nodes are numbered from 0, and an edge leads to what comes later; there is no cycle.',
  })
