/**
 * Makes a net smaller without changing whether it is sound, and remembers how a trace of the small one reads in the large one.
 *
 *   N1. The reduced net is sound exactly when the original is; each step keeps that by itself.
 *   N2. A lifted trace can be fired in the original, and marks the places that are left as the trace does in the reduced net;
 *       or it ends earlier, where the end is reached with something left over.
 *   N3. Kept places and transitions are left, and what they show of any run is the same in both nets.
 *
 * A node is looked at when something next to it has changed. What makes the net grow waits until nothing else can be done, in
 * the order of growth.
 */
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import { type Allowance, dropImpliedPlace, newAllowance } from './implied.ts'
import { newPile, type Pile, pileOn, takeOff } from './pile.ts'
import { type Keep, newReducer, type Reducer } from './reducer.ts'
import { dropConstantPlace, dropLock, dropLoop, dropParallelPlace, dropParallelTransition } from './redundant.ts'
import { residueOf } from './residue.ts'
import { expand } from './sequences.ts'
import { fuseOver, growthWithout, isQuick } from './series.ts'
import { WEIGHT_MAX } from './work-net.ts'

export const RULES = [
  'constant place',
  'parallel place',
  'lock',
  'implied place',
  'series',
  'choice',
  'parallel transition',
  'loop',
] as const

export type Rule = (typeof RULES)[number]

export interface Reduction {
  readonly net: PetriNet
  /** By place of the reduced net: which of the original it is. */
  readonly places: Uint32Array
  /** By transition of the reduced net: one of those that it stands for; a kept one stands for itself. */
  readonly transitions: Uint32Array
  /** Rules applied, in all and each. */
  readonly steps: number
  readonly applied: Readonly<Record<Rule, number>>
  /** A trace of the reduced net as one of the original. */
  lift(trace: readonly number[]): number[]
}

export interface ReduceOptions {
  readonly keep?: Keep
  readonly budget: Budget
}

/** Steps between two looks at the clock. */
const STEPS_A_SLICE = 2_000

/** The net as small as the rules make it, or as small as it is when the budget is spent. */
export function* reduce(net: PetriNet, { keep = {}, budget }: ReduceOptions): Sliced<Reduction> {
  const work = startReducing(net, keep)
  for (let step = 1; nextStep(work) !== 'done'; step++)
    if (step % STEPS_A_SLICE === 0) {
      yield
      if (spent(budget, { bytes: 0, states: 0 }) !== undefined) break
    }
  return reductionOf(work)
}

/** A reduction under way. */
export interface Work {
  readonly original: PetriNet
  readonly reducer: Reducer
  /** Places whose removal makes the net grow, by how much. */
  readonly later: readonly Pile[]
  /** Places that may be implied by others. */
  readonly joined: Pile
  readonly allowance: Allowance
  readonly applied: Record<Rule, number>
  readonly arcsMax: number
}

/** A net may have so many arcs more by a single fusion, dearer ones later; those beyond the last are left undone. */
const GROWTHS = [0, 4, 16, 64, 256, 1_024, 4_096]

export function startReducing(net: PetriNet, keep: Keep): Work {
  const reducer = newReducer(net, keep)
  return {
    original: net,
    reducer,
    later: GROWTHS.map(() => newPile(net.places.length)),
    joined: newPile(net.places.length),
    allowance: newAllowance(net.places.length),
    applied: {
      'constant place': 0,
      'parallel place': 0,
      lock: 0,
      'implied place': 0,
      series: 0,
      choice: 0,
      'parallel transition': 0,
      loop: 0,
    },
    arcsMax: reducer.net.heaviest > WEIGHT_MAX ? 0 : 2 * reducer.net.arcCount + 256,
  }
}

/** Looks at one node; says which rule has been applied, if any. */
export function nextStep(work: Work): Rule | 'none' | 'done' {
  if (work.arcsMax === 0) return 'done'
  const rule = lookAtNext(work)
  if (rule !== 'none' && rule !== 'done') work.applied[rule] += 1
  return rule
}

function lookAtNext(work: Work): Rule | 'none' | 'done' {
  const { net } = work.reducer
  if (net.places.size > 0) return lookAtPlace(work, takeOff(net.places))
  if (net.transitions.size > 0) return lookAtTransition(work, takeOff(net.transitions))
  const level = work.later.findIndex(pile => pile.size > 0)
  if (level !== 0 && work.joined.size > 0) return lookAround(work, takeOff(work.joined))
  return level < 0 ? 'done' : lookAgain(work, level)
}

function lookAtPlace({ reducer, later, joined }: Work, place: number): Rule | 'none' {
  if (reducer.net.placeAlive[place] === 0) return 'none'
  if (isQuick(reducer, place) && growthWithout(reducer, place) !== undefined && fuseOver(reducer, place))
    return 'series'
  if (dropConstantPlace(reducer, place)) return 'constant place'
  if (dropLock(reducer, place)) return 'lock'
  if (dropParallelPlace(reducer, place)) return 'parallel place'
  pileOn(reducer.net.joins[place] === 0 ? later[0]! : joined, place)
  return 'none'
}

function lookAtTransition({ reducer }: Work, transition: number): Rule | 'none' {
  if (reducer.net.transitionAlive[transition] === 0) return 'none'
  if (dropLoop(reducer, transition)) return 'loop'
  return dropParallelTransition(reducer, transition) ? 'parallel transition' : 'none'
}

function lookAround({ reducer, allowance }: Work, place: number): Rule | 'none' {
  return reducer.net.placeAlive[place] === 1 && dropImpliedPlace(reducer, place, allowance) ? 'implied place' : 'none'
}

function lookAgain({ reducer, later, arcsMax }: Work, level: number): Rule | 'none' {
  const { net } = reducer
  const place = takeOff(later[level]!)
  const growth = net.placeAlive[place] === 1 ? growthWithout(reducer, place) : undefined
  if (growth === undefined || net.arcCount + growth > arcsMax) return 'none'
  const levelNow = GROWTHS.findIndex(most => growth <= most)
  if (levelNow < 0) return 'none'
  if (levelNow > level) {
    pileOn(later[levelNow]!, place)
    return 'none'
  }
  const rule = net.pre.placeDegree[place] === 1 ? 'series' : 'choice'
  return fuseOver(reducer, place) ? rule : 'none'
}

export function reductionOf({ original, reducer, applied }: Work): Reduction {
  const { net, places, transitions, alive } = residueOf(original, reducer)
  const { sequences } = reducer
  const sequenceOf = Uint32Array.from(alive, transition => reducer.sequenceOf[transition]!)
  return {
    net,
    places,
    transitions,
    steps: Object.values(applied).reduce((sum, count) => sum + count, 0),
    applied: { ...applied },
    lift: trace =>
      expand(
        sequences,
        trace.map(transition => sequenceOf[transition]!),
      ),
  }
}
