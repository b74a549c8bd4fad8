/** Takes out of a run what it does not need to go wrong. */
import type { PetriNet } from '../net/petri-net.ts'
import { type Quest, wrongPartOf } from './quest.ts'
import type { Run } from './result.ts'

/** Runs up to this length are also tried without each of their events. */
const TRIED_MAX = 400

/** Of a run that ends in a wrong marking. What is left has been fired, and is wrong as well. */
export function shortened(quest: Quest, run: Run): Run {
  if (run.then !== 'wrong') return run
  let trace = run.trace
  const causes = causesOf(quest, trace)
  trace = wrongPartOf(quest, causes) ?? trace
  if (trace.length <= TRIED_MAX)
    for (let at = trace.length - 1; at >= 0; at--) trace = wrongPartOf(quest, trace.toSpliced(at, 1)) ?? trace
  return { ...run, trace }
}

/** The events that the tokens on watched places come from, by way of whatever they took. */
function causesOf({ net, places }: Quest, trace: readonly number[]): readonly number[] {
  /** By place, the events that its tokens come from, oldest first; -1: they were there. */
  const makers = new Map<number, number[]>()
  const of = (place: number): number[] => {
    let found = makers.get(place)
    if (!found) makers.set(place, (found = new Array<number>(net.initial[place]!).fill(-1)))
    return found
  }
  const before = trace.map((transition, event) => {
    const given = new Map(tokensOf(net, transition, 'post'))
    // What is put back is only read, so that it still comes from where it came from.
    const taken = tokensOf(net, transition, 'pre').flatMap(([place, weight]) => {
      const read = Math.min(weight, given.get(place) ?? 0)
      given.set(place, (given.get(place) ?? 0) - read)
      return [...of(place).slice(0, read), ...of(place).splice(read, weight - read)]
    })
    for (const [place, weight] of given) of(place).push(...new Array<number>(weight).fill(event))
    return taken
  })
  const needed = new Set<number>()
  const pending = places.flatMap(of)
  for (let event = pending.pop(); event !== undefined; event = pending.pop()) {
    if (event === -1 || needed.has(event)) continue
    needed.add(event)
    for (const each of before[event]!) pending.push(each)
  }
  return trace.filter((_, event) => needed.has(event))
}

function tokensOf(net: PetriNet, transition: number, side: 'pre' | 'post'): readonly (readonly [number, number])[] {
  const [start, entries, weights] =
    side === 'pre' ? [net.preStart, net.pre, net.preWeight] : [net.postStart, net.post, net.postWeight]
  const found: (readonly [number, number])[] = []
  for (let at = start[transition]!; at < start[transition + 1]!; at++) found.push([entries[at]!, weights[at]!])
  return found
}
