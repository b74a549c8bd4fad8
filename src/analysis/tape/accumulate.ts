/**
 * Forward and back over a tape, in any semiring.
 *
 *   T3. Forward gives each node the sum over all ways to it; back gives it the sum over all ways from it to the targets, its own
 *       weight not counted. So the sum over the sources of seed × weight × adjoint is that of value × target over the targets.
 *       (Tapes without products only: with products there are no ways, and the adjoint is the derivative.)
 *   T4. Numbers go through Float64Array, all else through arrays; both give the same.
 */
import type { Semiring } from './semiring.ts'
import type { Tape } from './tape.ts'

export interface Weights<T> {
  /** By node; absent: `one` for each. */
  readonly nodes?: ArrayLike<T>
  /** By edge (T2); absent: `one` for each. */
  readonly edges?: ArrayLike<T>
  /** What comes into a node from outside; absent: `one` into each with nothing before it, `zero` into the others. */
  readonly seeds?: ArrayLike<T>
}

/** By node; a Float64Array where the semiring is one of numbers. */
export interface Values<T> {
  readonly length: number
  [node: number]: T
  slice(): Values<T>
}

/** The value of each node: (seed + sum of what is before it × edge) × its own weight; of a product node, product instead of sum. */
export const forward = <T>(tape: Tape, semiring: Semiring<T>, weights: Weights<T> = {}): Values<T> =>
  joined(tape, semiring, weights).values

/** What comes into each node, and what its own weight makes of it. */
interface Joined<T> {
  readonly prefixes: Values<T>
  readonly values: Values<T>
}

function joined<T>(tape: Tape, semiring: Semiring<T>, { nodes, edges, seeds }: Weights<T>): Joined<T> {
  const { count, order, start, before, joins } = tape
  const { zero, one } = semiring
  const values = newValues(count, zero)
  const prefixes = newValues(count, zero)
  for (let index = 0; index < count; index++) {
    const node = order[index]!
    const [first, end] = [start[node]!, start[node + 1]!]
    const isProduct = joins !== undefined && joins[node] === 1
    let sum: T = seeds ? seeds[node]! : first === end || isProduct ? one : zero
    for (let edge = first; edge < end; edge++) {
      const value = values[before[edge]!]!
      const term = edges === undefined ? value : semiring.times(value, edges[edge]!)
      sum = isProduct ? semiring.times(sum, term) : semiring.plus(sum, term)
    }
    prefixes[node] = sum
    values[node] = nodes === undefined ? sum : semiring.times(sum, nodes[node]!)
  }
  return { prefixes, values }
}

/** `targets`: what each node is worth at the end; absent: `one` for each with nothing after it, `zero` for the others. */
export function backward<T>(
  tape: Tape,
  semiring: Semiring<T>,
  weights: Weights<T> = {},
  targets: ArrayLike<T> = ends(tape, semiring),
): Values<T> {
  return adjoints(tape, semiring, weights, { targets, known: tape.joins && joined(tape, semiring, weights).values })
}

/**
 * Of each node, the derivative of the sum over the targets by its own weight: the sum of all ways through it, without itself. The
 * semiring must be commutative. (Of a selective one that is no derivative in the usual sense: see ./ways.ts.)
 */
export function sensitivities<T>(
  tape: Tape,
  semiring: Semiring<T>,
  weights: Weights<T> = {},
  targets: ArrayLike<T> = ends(tape, semiring),
): Values<T> {
  const { prefixes, values } = joined(tape, semiring, weights)
  const after = adjoints(tape, semiring, weights, { targets, known: values })
  const result = newValues(tape.count, semiring.zero)
  for (let node = 0; node < tape.count; node++) result[node] = semiring.times(prefixes[node]!, after[node]!)
  return result
}

function adjoints<T>(
  tape: Tape,
  semiring: Semiring<T>,
  weights: Weights<T>,
  { targets, known }: { readonly targets: ArrayLike<T>; readonly known: Values<T> | undefined },
): Values<T> {
  const { count, order, start, before, joins } = tape
  const { nodes, edges } = weights
  const after = newValues(count, semiring.zero)
  for (let node = 0; node < count; node++) after[node] = targets[node]!
  for (let index = count - 1; index >= 0; index--) {
    const node = order[index]!
    const own = nodes === undefined ? after[node]! : semiring.times(nodes[node]!, after[node]!)
    if (joins !== undefined && joins[node] === 1) {
      if (known) shareProduct(tape, semiring, weights, { node, own, known, after })
      continue
    }
    for (let edge = start[node]!; edge < start[node + 1]!; edge++) {
      const term = edges === undefined ? own : semiring.times(edges[edge]!, own)
      after[before[edge]!] = semiring.plus(after[before[edge]!]!, term)
    }
  }
  return after
}

/** Each factor gets what the others make, by products from both ends: a semiring cannot divide. */
function shareProduct<T>(
  { start, before }: Tape,
  { one, plus, times }: Semiring<T>,
  { edges, seeds }: Weights<T>,
  {
    node,
    own,
    known,
    after,
  }: { readonly node: number; readonly own: T; readonly known: Values<T>; readonly after: Values<T> },
): void {
  const [first, end] = [start[node]!, start[node + 1]!]
  const weightOf = (edge: number): T => (edges === undefined ? one : edges[edge]!)
  const later: T[] = [own]
  for (let edge = end - 1; edge > first; edge--)
    later.push(times(times(known[before[edge]!]!, weightOf(edge)), later.at(-1)!))
  let earlier = seeds ? seeds[node]! : one
  for (let edge = first; edge < end; edge++) {
    const from = before[edge]!
    after[from] = plus(after[from]!, times(earlier, times(weightOf(edge), later[end - 1 - edge]!)))
    earlier = times(earlier, times(known[from]!, weightOf(edge)))
  }
}

/** `one` for each node with nothing after it. */
export function ends<T>({ count, before }: Tape, { zero, one }: Semiring<T>): Values<T> {
  const values = newValues(count, one)
  for (const node of before) values[node] = zero
  return values
}

/** T4. */
function newValues<T>(count: number, fill: T): Values<T> {
  if (typeof fill === 'number') return new Float64Array(count).fill(fill) as unknown as Values<T>
  return new Array<T>(count).fill(fill)
}
