/** What all rules work on, and what they may not touch. */
import type { PetriNet } from '../net/petri-net.ts'
import { newSequences, type Sequences } from './sequences.ts'
import { newTwins, type Twins } from './twins.ts'
import {
  arcBetween,
  longer,
  NONE,
  newTransition,
  newWorkNet,
  placeHash,
  removePlace,
  removeTransition,
  type Side,
  transitionHash,
  type WorkNet,
} from './work-net.ts'

/** What somebody observes: kept places and transitions stay, and so does the order of what changes them. */
export interface Keep {
  readonly places?: Iterable<number>
  readonly transitions?: Iterable<number>
}

export interface Reducer {
  readonly net: WorkNet
  readonly sequences: Sequences
  /** By transition: what it stands for. */
  sequenceOf: Int32Array
  /** By transition: one of the original whose name it bears. */
  originOf: Int32Array
  readonly keptPlace: Uint8Array | undefined
  /** By transition of the original. */
  readonly keptTransition: Uint8Array | undefined
  readonly placeTwins: Twins
  readonly transitionTwins: Twins
  /** Places that hold tokens at the end, as far as they are left. */
  readonly goals: number[]
  goalCount: number
}

export function newReducer(net: PetriNet, keep: Keep): Reducer {
  const work = newWorkNet(net)
  const transitionCount = net.transitions.length
  const goals = [...net.final.keys()].filter(place => net.final[place]! > 0)
  return {
    net: work,
    sequences: newSequences(transitionCount),
    sequenceOf: Int32Array.from({ length: transitionCount }, (_, transition) => transition),
    originOf: Int32Array.from({ length: transitionCount }, (_, transition) => transition),
    ...keptOf(net, keep),
    placeTwins: newTwins({
      hashOf: place => (placeHash(work, place) + Math.imul(toCome(work, place), 0x27d4eb2f)) | 0,
      isAlive: place => work.placeAlive[place] === 1,
      areEqual: (one, other) =>
        toCome(work, one) === toCome(work, other) && haveEqualArcs(work, one, other, PLACE_CHAINS),
    }),
    transitionTwins: newTwins({
      hashOf: transition => transitionHash(work, transition),
      isAlive: transition => work.transitionAlive[transition] === 1,
      areEqual: (one, other) => haveEqualArcs(work, one, other, TRANSITION_CHAINS),
    }),
    goals,
    goalCount: goals.length,
  }
}

/** Tokens that a place has to get in all. */
const toCome = ({ tokens, goal }: WorkNet, place: number): number => goal[place]! - tokens[place]!

function keptOf(net: PetriNet, { places, transitions }: Keep): Pick<Reducer, 'keptPlace' | 'keptTransition'> {
  const keptPlaces = [...(places ?? [])]
  const keptTransitions = [...(transitions ?? [])]
  if (keptPlaces.length + keptTransitions.length === 0) return { keptPlace: undefined, keptTransition: undefined }
  const keptPlace = new Uint8Array(net.places.length)
  const keptTransition = new Uint8Array(net.transitions.length)
  for (const place of keptPlaces) keptPlace[place] = 1
  for (const transition of keptTransitions) keptTransition[transition] = 1
  return { keptPlace, keptTransition }
}

interface Chains {
  degree(side: Side, node: number): number
  first(side: Side, node: number): number
  next(net: WorkNet, arc: number): number
  across(net: WorkNet, side: Side, node: number, arc: number): number
}

const PLACE_CHAINS: Chains = {
  degree: (side, place) => side.placeDegree[place]!,
  first: (side, place) => side.placeFirst[place]!,
  next: (net, arc) => net.placeNext[arc]!,
  across: (net, side, place, arc) => arcBetween(net, side, place, net.arcTransition[arc]!),
}

const TRANSITION_CHAINS: Chains = {
  degree: (side, transition) => side.transitionDegree[transition]!,
  first: (side, transition) => side.transitionFirst[transition]!,
  next: (net, arc) => net.transitionNext[arc]!,
  across: (net, side, transition, arc) => arcBetween(net, side, net.arcPlace[arc]!, transition),
}

function haveEqualArcs(net: WorkNet, one: number, other: number, chains: Chains): boolean {
  for (const side of [net.pre, net.post]) {
    if (chains.degree(side, one) !== chains.degree(side, other)) return false
    for (let arc = chains.first(side, one); arc !== NONE; arc = chains.next(net, arc)) {
      const opposite = chains.across(net, side, other, arc)
      if (opposite === NONE || net.arcWeight[opposite] !== net.arcWeight[arc]) return false
    }
  }
  return true
}

export const isKeptPlace = ({ keptPlace }: Reducer, place: number): boolean => keptPlace?.[place] === 1

export const isKept = ({ keptTransition, originOf }: Reducer, transition: number): boolean =>
  keptTransition?.[originOf[transition]!] === 1

/** Whether somebody would see it fire. */
export function isVisible(reducer: Reducer, transition: number): boolean {
  const { net, keptPlace } = reducer
  if (keptPlace === undefined) return false
  if (isKept(reducer, transition)) return true
  for (const side of [net.pre, net.post])
    for (let arc = side.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
      if (keptPlace[net.arcPlace[arc]!] === 1) return true
  return false
}

/** One that will stand for `sequence`, named as another is. */
export function addTransition(reducer: Reducer, sequence: number, namedAs: number): number {
  const transition = newTransition(reducer.net)
  if (transition >= reducer.sequenceOf.length) {
    const length = reducer.net.transitionAlive.length
    reducer.sequenceOf = longer(reducer.sequenceOf, length)
    reducer.originOf = longer(reducer.originOf, length)
  }
  reducer.sequenceOf[transition] = sequence
  reducer.originOf[transition] = reducer.originOf[namedAs]!
  return transition
}

export function dropPlace(reducer: Reducer, place: number): void {
  if (reducer.net.goal[place]! > 0) reducer.goalCount -= 1
  removePlace(reducer.net, place)
}

export const dropTransition = (reducer: Reducer, transition: number): void => removeTransition(reducer.net, transition)
