/** A net as a file has it: what it says of its end is not yet decided (./workflow-net.ts does). */
import type { Arc, NetParts } from '../net/petri-net.ts'

export interface RawNet extends Omit<NetParts, 'final'> {
  /** Final markings that the file names; none: its end is to be concluded from its shape. */
  readonly finals: readonly ReadonlyMap<number, number>[]
}

/** Weights are handed on as 32-bit numbers. */
const WEIGHT_MAX = 2 ** 32 - 1

/** One of several arcs between the same two whose weights add up to more than can be counted. */
export function tooHeavy(arcs: readonly Arc[]): Arc | undefined {
  let sum = 0
  for (const { weight } of arcs) sum += weight
  if (sum <= WEIGHT_MAX) return undefined
  const sums = new Map<string, number>()
  return arcs.find(({ place, transition, weight }) => {
    const between = `${place} ${transition}`
    const all = (sums.get(between) ?? 0) + weight
    sums.set(between, all)
    return all > WEIGHT_MAX
  })
}
