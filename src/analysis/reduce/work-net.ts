/**
 * A net while it is being reduced: arcs and nodes come and go in constant time, and every change says which nodes are worth
 * another look.
 *
 * Arcs are slots of flat arrays, chained twice: by their transition and by their place. Each node carries a hash of its arcs
 * on each side, a sum over them, so that it follows a change in constant time: nodes of equal arcs are found by it, however
 * many neighbours they have. Hashes only find candidates; each rule verifies.
 */
import type { PetriNet } from '../net/petri-net.ts'
import { newPile, type Pile, pileOn, reservePile } from './pile.ts'

export const NONE = -1

/** All arcs of one direction: `pre` from places to transitions, `post` back. */
export interface Side {
  transitionFirst: Int32Array
  transitionDegree: Int32Array
  transitionHash: Int32Array
  readonly placeFirst: Int32Array
  readonly placeDegree: Int32Array
  readonly placeHash: Int32Array
}

export interface WorkNet {
  readonly placeCount: number
  /** Ids given out; some are of transitions that are gone. */
  transitionCount: number
  readonly pre: Side
  readonly post: Side
  arcPlace: Int32Array
  arcTransition: Int32Array
  arcWeight: Int32Array
  transitionNext: Int32Array
  transitionPrevious: Int32Array
  placeNext: Int32Array
  placePrevious: Int32Array
  arcSlots: number
  /** Chain of free slots, by `transitionNext`. */
  arcFree: number
  arcCount: number
  /** No weight and no number of tokens exceeds it. */
  heaviest: number
  readonly placeAlive: Uint8Array
  transitionAlive: Uint8Array
  readonly tokens: Int32Array
  readonly goal: Int32Array
  /** How many consumers of a place have other input places too. */
  readonly joins: Int32Array
  readonly places: Pile
  readonly transitions: Pile
}

/** Beyond this a weight or a number of tokens is left as it is, so that sums stay exact in 32 bits. */
export const WEIGHT_MAX = 2 ** 29

export function newWorkNet(net: PetriNet): WorkNet {
  const placeCount = net.places.length
  const transitionCount = net.transitions.length
  const slots = net.pre.length + net.post.length + 16
  const work: WorkNet = {
    placeCount,
    transitionCount,
    pre: newSide(placeCount, transitionCount),
    post: newSide(placeCount, transitionCount),
    arcPlace: new Int32Array(slots),
    arcTransition: new Int32Array(slots),
    arcWeight: new Int32Array(slots),
    transitionNext: new Int32Array(slots),
    transitionPrevious: new Int32Array(slots),
    placeNext: new Int32Array(slots),
    placePrevious: new Int32Array(slots),
    arcSlots: 0,
    arcFree: NONE,
    arcCount: 0,
    heaviest: heaviestOf(net),
    placeAlive: new Uint8Array(placeCount).fill(1),
    transitionAlive: new Uint8Array(transitionCount).fill(1),
    tokens: Int32Array.from(net.initial),
    goal: Int32Array.from(net.final),
    joins: new Int32Array(placeCount),
    places: newPile(placeCount),
    transitions: newPile(transitionCount),
  }
  for (let transition = transitionCount - 1; transition >= 0; transition--) {
    pileOn(work.transitions, transition)
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
      link(work, work.pre, net.pre[at]!, transition, net.preWeight[at]!)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++)
      link(work, work.post, net.post[at]!, transition, net.postWeight[at]!)
  }
  for (let place = placeCount - 1; place >= 0; place--) pileOn(work.places, place)
  return work
}

/** The greatest of all weights and numbers of tokens. */
function heaviestOf(net: PetriNet): number {
  let heaviest = 0
  for (const numbers of [net.preWeight, net.postWeight, net.initial, net.final])
    for (let at = 0; at < numbers.length; at++) if (numbers[at]! > heaviest) heaviest = numbers[at]!
  return heaviest
}

const newSide = (placeCount: number, transitionCount: number): Side => ({
  transitionFirst: new Int32Array(transitionCount).fill(NONE),
  transitionDegree: new Int32Array(transitionCount),
  transitionHash: new Int32Array(transitionCount),
  placeFirst: new Int32Array(placeCount).fill(NONE),
  placeDegree: new Int32Array(placeCount),
  placeHash: new Int32Array(placeCount),
})

/** What an arc to a node adds to a hash. */
export function arcHash(node: number, weight: number): number {
  let hash = Math.imul(node + 1, 0x9e3779b1) ^ Math.imul(weight, 0x85ebca77)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return hash ^ (hash >>> 15)
}

/** Both sides in one number. */
export const placeHash = ({ pre, post }: WorkNet, place: number): number =>
  (pre.placeHash[place]! + Math.imul(post.placeHash[place]!, 0x5bd1e995)) | 0

export const transitionHash = ({ pre, post }: WorkNet, transition: number): number =>
  (pre.transitionHash[transition]! + Math.imul(post.transitionHash[transition]!, 0x5bd1e995)) | 0

/** The arc between the two, or NONE; looks through the shorter of the two chains. */
export function arcBetween(net: WorkNet, side: Side, place: number, transition: number): number {
  if (side.placeDegree[place]! < side.transitionDegree[transition]!) {
    for (let arc = side.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
      if (net.arcTransition[arc] === transition) return arc
    return NONE
  }
  for (let arc = side.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (net.arcPlace[arc] === place) return arc
  return NONE
}

export const weightBetween = (net: WorkNet, side: Side, place: number, transition: number): number => {
  const arc = arcBetween(net, side, place, transition)
  return arc === NONE ? 0 : net.arcWeight[arc]!
}

/** A new arc, or more weight on the one that is there. */
export function addArc(net: WorkNet, side: Side, place: number, transition: number, weight: number): void {
  const arc = arcBetween(net, side, place, transition)
  if (arc === NONE) link(net, side, place, transition, weight)
  else {
    const sum = net.arcWeight[arc]! + weight
    rehash(side, place, transition, net.arcWeight[arc]!, -1)
    rehash(side, place, transition, sum, 1)
    net.arcWeight[arc] = sum
    if (sum > net.heaviest) net.heaviest = sum
  }
  touch(net, place, transition)
}

export function addTokens(net: WorkNet, place: number, count: number): void {
  net.tokens[place]! += count
  if (net.tokens[place]! > net.heaviest) net.heaviest = net.tokens[place]!
  pileOn(net.places, place)
}

export function removeArc(net: WorkNet, side: Side, arc: number): void {
  const place = net.arcPlace[arc]!
  const transition = net.arcTransition[arc]!
  unlink(net, side, arc)
  touch(net, place, transition)
}

/** The transition and its only input place are worth another look, and so is the place. */
function touch(net: WorkNet, place: number, transition: number): void {
  pileOn(net.places, place)
  pileOn(net.transitions, transition)
  if (net.pre.transitionDegree[transition] === 1)
    pileOn(net.places, net.arcPlace[net.pre.transitionFirst[transition]!]!)
}

export function newTransition(net: WorkNet): number {
  const transition = net.transitionCount++
  if (transition >= net.transitionAlive.length) growTransitions(net)
  net.transitionAlive[transition] = 1
  pileOn(net.transitions, transition)
  return transition
}

export function removeTransition(net: WorkNet, transition: number): void {
  for (const side of [net.pre, net.post])
    for (let arc = side.transitionFirst[transition]!; arc !== NONE; arc = side.transitionFirst[transition]!) {
      pileOn(net.places, net.arcPlace[arc]!)
      unlink(net, side, arc)
    }
  net.transitionAlive[transition] = 0
}

export function removePlace(net: WorkNet, place: number): void {
  for (const side of [net.pre, net.post])
    for (let arc = side.placeFirst[place]!; arc !== NONE; arc = side.placeFirst[place]!) removeArc(net, side, arc)
  net.placeAlive[place] = 0
}

function link(net: WorkNet, side: Side, place: number, transition: number, weight: number): void {
  if (weight > net.heaviest) net.heaviest = weight
  const arc = newSlot(net)
  net.arcPlace[arc] = place
  net.arcTransition[arc] = transition
  net.arcWeight[arc] = weight
  const ofTransition = side.transitionFirst[transition]!
  net.transitionNext[arc] = ofTransition
  net.transitionPrevious[arc] = NONE
  if (ofTransition !== NONE) net.transitionPrevious[ofTransition] = arc
  side.transitionFirst[transition] = arc
  const ofPlace = side.placeFirst[place]!
  net.placeNext[arc] = ofPlace
  net.placePrevious[arc] = NONE
  if (ofPlace !== NONE) net.placePrevious[ofPlace] = arc
  side.placeFirst[place] = arc
  side.placeDegree[place]! += 1
  const degree = ++side.transitionDegree[transition]!
  if (side === net.pre && degree > 1) {
    net.joins[place]! += 1
    if (degree === 2) net.joins[net.arcPlace[ofTransition]!]! += 1
  }
  rehash(side, place, transition, weight, 1)
  net.arcCount += 1
}

function unlink(net: WorkNet, side: Side, arc: number): void {
  const place = net.arcPlace[arc]!
  const transition = net.arcTransition[arc]!
  const { transitionNext, transitionPrevious, placeNext, placePrevious } = net
  const [nextOfTransition, previousOfTransition] = [transitionNext[arc]!, transitionPrevious[arc]!]
  if (nextOfTransition !== NONE) transitionPrevious[nextOfTransition] = previousOfTransition
  if (previousOfTransition !== NONE) transitionNext[previousOfTransition] = nextOfTransition
  else side.transitionFirst[transition] = nextOfTransition
  const [nextOfPlace, previousOfPlace] = [placeNext[arc]!, placePrevious[arc]!]
  if (nextOfPlace !== NONE) placePrevious[nextOfPlace] = previousOfPlace
  if (previousOfPlace !== NONE) placeNext[previousOfPlace] = nextOfPlace
  else side.placeFirst[place] = nextOfPlace
  side.placeDegree[place]! -= 1
  const degree = --side.transitionDegree[transition]!
  if (side === net.pre && degree > 0) {
    net.joins[place]! -= 1
    if (degree === 1) {
      const rest = net.arcPlace[side.transitionFirst[transition]!]!
      net.joins[rest]! -= 1
      pileOn(net.places, rest)
    }
  }
  rehash(side, place, transition, net.arcWeight[arc]!, -1)
  transitionNext[arc] = net.arcFree
  net.arcFree = arc
  net.arcCount -= 1
}

function rehash(side: Side, place: number, transition: number, weight: number, sign: 1 | -1): void {
  side.placeHash[place] = (side.placeHash[place]! + sign * arcHash(transition, weight)) | 0
  side.transitionHash[transition] = (side.transitionHash[transition]! + sign * arcHash(place, weight)) | 0
}

function newSlot(net: WorkNet): number {
  const free = net.arcFree
  if (free !== NONE) {
    net.arcFree = net.transitionNext[free]!
    return free
  }
  if (net.arcSlots === net.arcPlace.length) growArcs(net)
  return net.arcSlots++
}

function growArcs(net: WorkNet): void {
  const length = net.arcPlace.length * 2
  net.arcPlace = longer(net.arcPlace, length)
  net.arcTransition = longer(net.arcTransition, length)
  net.arcWeight = longer(net.arcWeight, length)
  net.transitionNext = longer(net.transitionNext, length)
  net.transitionPrevious = longer(net.transitionPrevious, length)
  net.placeNext = longer(net.placeNext, length)
  net.placePrevious = longer(net.placePrevious, length)
}

function growTransitions(net: WorkNet): void {
  const before = net.transitionAlive.length
  const length = before * 2 + 16
  for (const side of [net.pre, net.post]) {
    side.transitionFirst = longer(side.transitionFirst, length).fill(NONE, before)
    side.transitionDegree = longer(side.transitionDegree, length)
    side.transitionHash = longer(side.transitionHash, length)
  }
  const alive = new Uint8Array(length)
  alive.set(net.transitionAlive)
  net.transitionAlive = alive
  reservePile(net.transitions, length)
}

export function longer(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length)
  more.set(numbers)
  return more
}
