/**
 * A judge of small nets that knows nothing of the code under test: all markings, breadth first. Unbounded as soon as a
 * marking covers one on its path (then unsound: whatever the smaller one needs to end leaves something of the larger one).
 */
import type { PetriNet } from '../../src/analysis/net/petri-net.ts'

export interface Judgement {
  /** `undefined`: too many markings to say. */
  readonly sound: boolean | undefined
  readonly bounded: boolean | undefined
  /** First reason found, for messages. */
  readonly why: string
}

type Row = readonly (readonly [place: number, weight: number])[]

const rowOf = (start: Uint32Array, entries: Uint32Array, weights: Uint32Array, row: number): Row =>
  Array.from({ length: start[row + 1]! - start[row]! }, (_, index) => [
    entries[start[row]! + index]!,
    weights[start[row]! + index]!,
  ])

interface Rows {
  readonly inputs: readonly Row[]
  readonly outputs: readonly Row[]
}

const inputsOf = (net: PetriNet, transition: number): Row => rowOf(net.preStart, net.pre, net.preWeight, transition)

const outputsOf = (net: PetriNet, transition: number): Row => rowOf(net.postStart, net.post, net.postWeight, transition)

function after(marking: readonly number[], inputs: Row, outputs: Row): number[] | undefined {
  for (const [place, weight] of inputs) if (marking[place]! < weight) return undefined
  const next = [...marking]
  for (const [place, weight] of inputs) next[place]! -= weight
  for (const [place, weight] of outputs) next[place]! += weight
  return next
}

/** The marking after it, or undefined when it is not enabled. */
export const fire = (net: PetriNet, marking: readonly number[], transition: number): number[] | undefined =>
  after(marking, inputsOf(net, transition), outputsOf(net, transition))

const atLeast = (one: readonly number[], other: ArrayLike<number>): boolean =>
  one.every((count, place) => count >= other[place]!)

export function judge(net: PetriNet, statesMax = 3_000): Judgement {
  const transitionCount = net.transitions.length
  const rows: Rows = {
    inputs: net.transitions.map((_, transition) => inputsOf(net, transition)),
    outputs: net.transitions.map((_, transition) => outputsOf(net, transition)),
  }
  const start = [...net.initial]
  const markings = [start]
  const parents = [-1]
  const successors: number[][] = []
  const known = new Map([[start.join(), 0]])
  const fired = new Set<number>()
  for (let state = 0; state < markings.length; state++) {
    successors.push([])
    for (let transition = 0; transition < transitionCount; transition++) {
      const next = after(markings[state]!, rows.inputs[transition]!, rows.outputs[transition]!)
      if (next === undefined) continue
      fired.add(transition)
      const key = next.join()
      let target = known.get(key)
      if (target === undefined) {
        for (let ancestor = state; ancestor >= 0; ancestor = parents[ancestor]!)
          if (atLeast(next, markings[ancestor]!)) return { sound: false, bounded: false, why: 'unbounded' }
        target = markings.push(next) - 1
        if (target >= statesMax) return { sound: undefined, bounded: undefined, why: 'too large' }
        parents.push(state)
        known.set(key, target)
      }
      successors[state]!.push(target)
    }
  }
  return { ...verdictOf(net, markings, successors, fired.size), bounded: true }
}

function verdictOf(
  net: PetriNet,
  markings: readonly number[][],
  successors: readonly number[][],
  firedCount: number,
): { readonly sound: boolean; readonly why: string } {
  const end = [...net.final].join()
  const ends = markings.findIndex(marking => marking.join() === end)
  if (markings.some(marking => atLeast(marking, net.final) && marking.join() !== end))
    return { sound: false, why: 'improper' }
  if (ends < 0) return { sound: false, why: 'never ends' }
  const before: number[][] = markings.map(() => [])
  successors.forEach((targets, state) => {
    for (const target of targets) before[target]!.push(state)
  })
  const canEnd = new Set([ends])
  for (const state of canEnd) for (const source of before[state]!) canEnd.add(source)
  if (canEnd.size < markings.length) return { sound: false, why: 'cannot end' }
  return firedCount < net.transitions.length ? { sound: false, why: 'dead' } : { sound: true, why: 'sound' }
}
