/**
 * What each transition of a reduced net stands for: a sequence of transitions of the original.
 *
 * Sequences share their parts: one is a transition of the original, or one followed by another, or one after which
 * everything stops. Nothing is written out before a trace is lifted, so that a step of the reduction costs a constant.
 */
import { longer } from './work-net.ts'

export interface Sequences {
  /** Smaller numbers are transitions of the original. */
  readonly leafCount: number
  count: number
  left: Int32Array
  /** Or STOP. */
  right: Int32Array
  /** How many transitions each stands for. */
  length: Float64Array
  /** Fired before any trace of the reduced net; how many transitions that is. */
  readonly before: number[]
  lengthBefore: number
}

const STOP = -1

export const newSequences = (leafCount: number): Sequences => ({
  leafCount,
  count: 0,
  left: new Int32Array(64),
  right: new Int32Array(64),
  length: new Float64Array(64),
  before: [],
  lengthBefore: 0,
})

/** How many transitions of the original it stands for. */
export const lengthOf = ({ leafCount, length }: Sequences, sequence: number): number =>
  sequence < leafCount ? 1 : length[sequence - leafCount]!

/** No sequence should be longer: repetition doubles lengths, and a trace has to be written out in the end. */
export const lengthMaxOf = ({ leafCount }: Sequences): number => 4_096 + 2 * leafCount

/** Fires it once and for all before any trace. */
export function fireBefore(sequences: Sequences, sequence: number): void {
  sequences.before.push(sequence)
  sequences.lengthBefore += lengthOf(sequences, sequence)
}

/** The first, then the second. */
export const andThen = (sequences: Sequences, first: number, second: number): number => put(sequences, first, second)

/** It, so many times over. */
export function times(sequences: Sequences, sequence: number, count: number): number {
  let power = sequence
  let product: number | undefined
  for (let rest = count; ; ) {
    if (rest % 2 === 1) product = product === undefined ? power : andThen(sequences, product, power)
    rest = Math.floor(rest / 2)
    if (rest === 0) return product!
    power = andThen(sequences, power, power)
  }
}

/** It, and nothing of the trace after it. */
export function atLast(sequences: Sequences, sequence: number): number {
  const node = sequence - sequences.leafCount
  return node >= 0 && sequences.right[node] === STOP ? sequence : put(sequences, sequence, STOP)
}

/** Transitions of the original, in the order in which they fire. */
export function expand(sequences: Sequences, trace: Iterable<number>): number[] {
  const fired: number[] = []
  for (const sequence of sequences.before) if (expandOne(sequences, sequence, fired) === 'stopped') return fired
  for (const sequence of trace) if (expandOne(sequences, sequence, fired) === 'stopped') return fired
  return fired
}

function expandOne({ leafCount, left, right }: Sequences, sequence: number, fired: number[]): 'went on' | 'stopped' {
  const open = [sequence]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === STOP) return 'stopped'
    if (next < leafCount) fired.push(next)
    else open.push(right[next - leafCount]!, left[next - leafCount]!)
  }
  return 'went on'
}

function put(sequences: Sequences, left: number, right: number): number {
  const length = lengthOf(sequences, left) + (right === STOP ? 0 : lengthOf(sequences, right))
  const node = sequences.count++
  if (node === sequences.left.length) {
    sequences.left = longer(sequences.left, node * 2)
    sequences.right = longer(sequences.right, node * 2)
    const lengths = new Float64Array(node * 2)
    lengths.set(sequences.length)
    sequences.length = lengths
  }
  sequences.left[node] = left
  sequences.right[node] = right
  sequences.length[node] = length
  return sequences.leafCount + node
}
