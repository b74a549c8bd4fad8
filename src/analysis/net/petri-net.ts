/**
 * A place/transition net as it is analysed: weights, names, where it begins and where it is to end. Whatever language it
 * came from (a graph of ours, PNML), all checks work on this.
 *
 * Flat arrays, the second of each relation sliced by the first, so that a million nodes are a few arrays:
 * input places of transition t are `pre[preStart[t] .. preStart[t + 1])`, each once, with their weights beside them.
 */
export interface PetriNet {
  readonly name: string
  /** Ids, as the file or the graph has them. */
  readonly places: readonly string[]
  readonly transitions: readonly string[]
  readonly preStart: Uint32Array
  readonly pre: Uint32Array
  readonly preWeight: Uint32Array
  readonly postStart: Uint32Array
  readonly post: Uint32Array
  readonly postWeight: Uint32Array
  /** Tokens of each place at the start. */
  readonly initial: Uint32Array
  /** The marking that is the end; a workflow net's has one token on its sink. */
  readonly final: Uint32Array
}

/** One arc while a net is being built. */
export interface Arc {
  readonly place: number
  readonly transition: number
  readonly weight: number
}

export interface NetParts {
  readonly name: string
  readonly places: readonly string[]
  readonly transitions: readonly string[]
  /** From a place to a transition; several between the same two add up. */
  readonly inputs: readonly Arc[]
  readonly outputs: readonly Arc[]
  readonly initial: ReadonlyMap<number, number>
  readonly final: ReadonlyMap<number, number>
}

export function buildNet({ name, places, transitions, inputs, outputs, initial, final }: NetParts): PetriNet {
  const pre = rowsOf(inputs, transitions.length)
  const post = rowsOf(outputs, transitions.length)
  return {
    name,
    places,
    transitions,
    preStart: pre.start,
    pre: pre.entries,
    preWeight: pre.weights,
    postStart: post.start,
    post: post.entries,
    postWeight: post.weights,
    initial: markingOf(initial, places.length),
    final: markingOf(final, places.length),
  }
}

/** Tokens by place as an array over all places. */
export function markingOf(tokens: ReadonlyMap<number, number>, placeCount: number): Uint32Array {
  const marking = new Uint32Array(placeCount)
  for (const [place, count] of tokens) marking[place] = count
  return marking
}

interface Rows {
  readonly start: Uint32Array
  readonly entries: Uint32Array
  readonly weights: Uint32Array
}

function rowsOf(arcs: readonly Arc[], rowCount: number): Rows {
  const start = new Uint32Array(rowCount + 1)
  for (const { transition } of arcs) start[transition + 1]! += 1
  for (let row = 0; row < rowCount; row++) start[row + 1]! += start[row]!
  const next = start.slice()
  const entries = new Uint32Array(arcs.length)
  const weights = new Uint32Array(arcs.length)
  for (const { place, transition, weight } of arcs) {
    const at = next[transition]!++
    entries[at] = place
    weights[at] = weight
  }
  return merged({ start, entries, weights })
}

/** Several arcs between the same two are one, with the sum of their weights; places ascend in each row. */
function merged({ start, entries, weights }: Rows): Rows {
  const rowCount = start.length - 1
  const newStart = new Uint32Array(rowCount + 1)
  let kept = 0
  for (let row = 0; row < rowCount; row++) {
    const from = start[row]!
    const to = start[row + 1]!
    sortRow(entries, weights, from, to)
    const first = kept
    for (let at = from; at < to; at++) {
      if (kept > first && entries[kept - 1] === entries[at]) weights[kept - 1]! += weights[at]!
      else {
        entries[kept] = entries[at]!
        weights[kept] = weights[at]!
        kept += 1
      }
    }
    newStart[row + 1] = kept
  }
  return { start: newStart, entries: entries.slice(0, kept), weights: weights.slice(0, kept) }
}

/** Rows are short, so that insertion is quick; a long one is sorted by the host. */
const SHORT_ROW = 16

function sortRow(entries: Uint32Array, weights: Uint32Array, from: number, to: number): void {
  if (to - from > SHORT_ROW) {
    const pairs = Array.from(
      { length: to - from },
      (_, index) => [entries[from + index]!, weights[from + index]!] as const,
    )
    pairs.sort(([left], [right]) => left - right)
    pairs.forEach(([entry, weight], index) => {
      entries[from + index] = entry
      weights[from + index] = weight
    })
    return
  }
  for (let at = from + 1; at < to; at++) {
    const entry = entries[at]!
    const weight = weights[at]!
    let hole = at
    for (; hole > from && entries[hole - 1]! > entry; hole--) {
      entries[hole] = entries[hole - 1]!
      weights[hole] = weights[hole - 1]!
    }
    entries[hole] = entry
    weights[hole] = weight
  }
}

export const isEnabled = (net: PetriNet, marking: Uint32Array, transition: number): boolean => {
  for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
    if (marking[net.pre[at]!]! < net.preWeight[at]!) return false
  return true
}

/** Changes the marking. The transition must be enabled. */
export function fireIn(net: PetriNet, marking: Uint32Array, transition: number): void {
  for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
    marking[net.pre[at]!]! -= net.preWeight[at]!
  for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++)
    marking[net.post[at]!]! += net.postWeight[at]!
}
