/**
 * The judge: soundness by its definition, on nets small enough. Maps and strings, no code of what is judged: it shares only
 * the arrays of a net.
 */
import type { PetriNet } from '../../../src/analysis/net/petri-net.ts'
import type { ViolationKind } from '../../../src/analysis/net/verdict.ts'

export interface Judged {
  readonly sound: boolean
  readonly bounded: boolean
  /** All kinds that there are; only `unbounded` where the net is not bounded. */
  readonly kinds: ReadonlySet<ViolationKind>
  /** Fewest steps to a violation of a kind. */
  readonly distance: ReadonlyMap<ViolationKind, number>
  readonly dead: readonly number[]
  readonly states: number
}

interface State {
  readonly marking: readonly number[]
  readonly parent: State | undefined
  readonly distance: number
  readonly next: { readonly state: State; readonly fired: number }[]
}

/** Undefined where the net has more states than that. */
export function judge(net: PetriNet, statesMax: number): Judged | undefined {
  const steps = net.transitions.map((_, t) => ({
    takes: pairs(net.preStart, net.pre, net.preWeight, t),
    puts: pairs(net.postStart, net.post, net.postWeight, t),
  }))
  const first: State = { marking: [...net.initial], parent: undefined, distance: 0, next: [] }
  const states = new Map([[first.marking.join(), first]])
  const queue = [first]
  const hasFired = new Set<number>()
  for (const state of queue) {
    for (const [fired, { takes, puts }] of steps.entries()) {
      if (!takes.every(([place, weight]) => state.marking[place]! >= weight)) continue
      hasFired.add(fired)
      const marking = [...state.marking]
      for (const [place, weight] of takes) marking[place]! -= weight
      for (const [place, weight] of puts) marking[place]! += weight
      const key = marking.join()
      let next = states.get(key)
      if (!next) {
        next = { marking, parent: state, distance: state.distance + 1, next: [] }
        if (coversEarlier(next)) {
          return {
            sound: false,
            bounded: false,
            kinds: new Set(['unbounded']),
            distance: new Map(),
            dead: [],
            states: states.size,
          }
        }
        states.set(key, next)
        if (states.size > statesMax) return undefined
        queue.push(next)
      }
      state.next.push({ state: next, fired })
    }
  }
  return judgeWhole(net, queue, hasFired)
}

function judgeWhole(net: PetriNet, states: readonly State[], hasFired: ReadonlySet<number>): Judged {
  const final = [...net.final]
  const isFinal = ({ marking }: State): boolean => marking.join() === final.join()
  const distance = new Map<ViolationKind, number>()
  const add = (kind: ViolationKind, found: State | undefined): void => {
    if (found) distance.set(kind, found.distance)
  }
  const isAbove = (state: State): boolean =>
    !isFinal(state) && state.marking.every((tokens, place) => tokens >= final[place]!)
  const isDead = (state: State): boolean => state.next.length === 0
  add(
    'deadlock',
    states.find(state => isDead(state) && !isFinal(state) && !isAbove(state)),
  )
  add('improper-completion', states.find(isAbove))
  const completes = backwards(states, isFinal)
  const ends = backwards(states, state => isFinal(state) || isDead(state))
  add(
    'no-completion',
    states.find(state => !ends.has(state)),
  )
  const dead = net.transitions.flatMap((_, t) => (hasFired.has(t) ? [] : [t]))
  if (dead.length > 0) distance.set('dead-transition', 0)
  const sound = completes.size === states.length && !states.some(isAbove) && dead.length === 0
  return { sound, bounded: true, kinds: new Set(distance.keys()), distance, dead, states: states.length }
}

function backwards(states: readonly State[], isGoal: (state: State) => boolean): ReadonlySet<State> {
  const sources = new Map<State, State[]>()
  for (const state of states) {
    for (const { state: next } of state.next) sources.set(next, [...(sources.get(next) ?? []), state])
  }
  const reached = new Set(states.filter(isGoal))
  for (const state of reached) for (const source of sources.get(state) ?? []) reached.add(source)
  return reached
}

const pairs = (
  start: Uint32Array,
  places: Uint32Array,
  weights: Uint32Array,
  t: number,
): (readonly [number, number])[] =>
  Array.from(
    { length: start[t + 1]! - start[t]! },
    (_, index) => [places[start[t]! + index]!, weights[start[t]! + index]!] as const,
  )

function coversEarlier({ marking, parent }: State): boolean {
  for (let earlier = parent; earlier; earlier = earlier.parent) {
    if (marking.every((tokens, place) => tokens >= earlier!.marking[place]!)) return true
  }
  return false
}
