/**
 * The best ways through a tape, in a selective semiring: which nodes are on one of them, which on all, how far each is from being
 * on one. With `maxPlus` and durations these are the critical paths, and 0 or 1 on a node is the derivative of the makespan by its
 * duration: the greatest of several sums has as many subgradients as it has greatest ones, and each derivative by one weight lies
 * between `always` and `on` (R. T. Rockafellar, Convex Analysis, 1970, section 23).
 *
 *   T5. `always` <= `on`; they differ only where several ways are equally good (a tie).
 *   T6. `way` is one of the best ways, from a source to a target: its nodes make one valid subgradient.
 */
import { backward, ends, forward, type Values, type Weights } from './accumulate.ts'
import type { SelectiveSemiring } from './semiring.ts'
import type { Tape } from './tape.ts'

export interface Ways<T> {
  readonly total: T
  /** Of the best way to each node, its own weight counted, and of the best way on from it. */
  readonly values: Values<T>
  readonly after: Values<T>
  /** By node: 1 where some best way goes through it. */
  readonly on: Uint8Array
  /** By node: 1 where every best way does. */
  readonly always: Uint8Array
  /** By node: how far the best way through it is from the best of all. */
  readonly slack: Values<T>
  /** Nodes of one best way in their order, and the edges between them. */
  readonly way: readonly number[]
  readonly wayEdges: readonly number[]
}

export function bestWays<T>(
  tape: Tape,
  semiring: SelectiveSemiring<T>,
  weights: Weights<T> = {},
  targets: ArrayLike<T> = ends(tape, semiring),
): Ways<T> {
  const { count } = tape
  const values = forward(tape, semiring, weights)
  const after = backward(tape, semiring, weights, targets)
  let total = semiring.zero
  for (let node = 0; node < count; node++) total = semiring.plus(total, semiring.times(values[node]!, targets[node]!))
  const on = new Uint8Array(count)
  const slack = after.slice()
  for (let node = 0; node < count; node++) {
    const through = semiring.times(values[node]!, after[node]!)
    slack[node] = semiring.residual(through, total)
    if (semiring.attains(through, total)) on[node] = 1
  }
  const found: Found<T> = { tape, semiring, weights, targets, values, after, total, on }
  return { total, values, after, on, slack, always: onEvery(found), ...oneWay(found) }
}

interface Found<T> {
  readonly tape: Tape
  readonly semiring: SelectiveSemiring<T>
  readonly weights: Weights<T>
  readonly targets: ArrayLike<T>
  readonly values: Values<T>
  readonly after: Values<T>
  readonly total: T
  readonly on: Uint8Array
}

/** Whether some best way goes along an edge; both ends are on one. */
function isAlong<T>(
  { tape, semiring, weights, values, after, total, on }: Found<T>,
  edge: number,
  node: number,
): boolean {
  const from = tape.before[edge]!
  if (on[from] === 0 || on[node] === 0) return false
  const { nodes, edges } = weights
  const to = edges === undefined ? values[from]! : semiring.times(values[from]!, edges[edge]!)
  const through = nodes === undefined ? to : semiring.times(to, nodes[node]!)
  return semiring.attains(semiring.times(through, after[node]!), total)
}

const startsHere = <T>({ tape, semiring, weights, after, total, on }: Found<T>, node: number): boolean => {
  if (on[node] === 0) return false
  if (weights.seeds === undefined) return tape.start[node] === tape.start[node + 1]
  const own =
    weights.nodes === undefined ? weights.seeds[node]! : semiring.times(weights.seeds[node]!, weights.nodes[node]!)
  return semiring.attains(semiring.times(own, after[node]!), total)
}

const endsHere = <T>({ semiring, values, targets, total, on }: Found<T>, node: number): boolean =>
  on[node] === 1 && semiring.attains(semiring.times(values[node]!, targets[node]!), total)

/**
 * Every best way goes through a node unless one passes over its place in the order: each node on a best way has a way on from
 * it and one to it, so a best edge over the place (or a start behind it, an end before it) is a best way without it. O(V + E).
 */
function onEvery<T>(found: Found<T>): Uint8Array {
  const { tape, on } = found
  const { count, order, start, before } = tape
  const always = new Uint8Array(count)
  const place = new Uint32Array(count)
  for (let index = 0; index < count; index++) place[order[index]!] = index
  // How far the best edges that begin before a place lead; by the place of their beginning.
  const farthest = new Int32Array(count).fill(-1)
  let [firstEnd, lastStart] = [count, -1]
  for (let index = 0; index < count; index++) {
    const node = order[index]!
    if (on[node] === 0) continue
    if (startsHere(found, node)) lastStart = index
    if (firstEnd === count && endsHere(found, node)) firstEnd = index
    for (let edge = start[node]!; edge < start[node + 1]!; edge++)
      if (isAlong(found, edge, node)) farthest[place[before[edge]!]!] = index
  }
  let reach = -1
  for (let index = 0; index < count; index++) {
    const node = order[index]!
    if (on[node] === 1 && reach <= index && lastStart <= index && firstEnd >= index) always[node] = 1
    reach = Math.max(reach, farthest[index]!)
  }
  return always
}

function oneWay<T>(found: Found<T>): { readonly way: readonly number[]; readonly wayEdges: readonly number[] } {
  const { count, start, before } = found.tape
  const [way, wayEdges]: [number[], number[]] = [[], []]
  let node = 0
  while (node < count && !endsHere(found, node)) node += 1
  if (node === count) return { way, wayEdges }
  for (;;) {
    way.push(node)
    if (startsHere(found, node)) break
    let edge = start[node]!
    while (edge < start[node + 1]! && !isAlong(found, edge, node)) edge += 1
    if (edge === start[node + 1]!) break
    wayEdges.push(edge)
    node = before[edge]!
  }
  return { way: way.reverse(), wayEdges: wayEdges.reverse() }
}
