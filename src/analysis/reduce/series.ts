/**
 * Rules that fuse transitions over a place between them. Let p be a place with Mf(p) = 0 all of whose consumers b have p as
 * their only input, with one weight w, put nothing back on p, and put something somewhere. (Post-agglomeration: Berthelot 1986;
 * the shortcut of Esparza and Hoffmann 2016, which does not need the net to be free-choice elsewhere.)
 *
 * When a producer u puts w on p, some b fires at once: replace u by all `u b`. Once all producers are replaced p stays empty, and
 * goes with its consumers.
 *   Each run of the new net is one of the old net. A run of the old one has the same effect when, for each u, the next firing of
 *   a consumer is moved to follow it: it is enabled there, and what fires in between needs nothing of p. When no consumer comes
 *   after u, p stays marked and one can be put in. So from each marking of the old net one of the new net is reached.
 *   Completion: a run to Mf leaves p empty, so that nothing has to be put in. Proper completion: of an M > Mf with p marked, the b
 *   put in takes from p only, where the end holds nothing, and leaves something: still M' > Mf. Dead transitions: `u b` fires
 *   when u does; every b occurs in one. Boundedness: the b put in takes w and leaves at least one token.
 *
 *   series. One consumer b; each producer puts a multiple j w on p (then b follows j times), and so does the start (b fires
 *     before anything else).
 *   choice. Several consumers, j = 1, and p is empty at the start. Grows the net, so that it comes after everything else, in the
 *     order of growth.
 */
import { andThen, fireBefore, lengthMaxOf, lengthOf, times } from './sequences.ts'
import { addTransition, dropPlace, dropTransition, isKept, isKeptPlace, isVisible, type Reducer } from './reducer.ts'
import { addArc, addTokens, arcBetween, NONE, removeArc, WEIGHT_MAX, type WorkNet } from './work-net.ts'

/** How many arcs more the net would have without the place; undefined when the rules do not apply. */
export function growthWithout(reducer: Reducer, place: number): number | undefined {
  const { net } = reducer
  const { pre, post } = net
  const consumerCount = pre.placeDegree[place]!
  if (consumerCount === 0 || net.joins[place] !== 0 || net.goal[place] !== 0 || isKeptPlace(reducer, place))
    return undefined
  const producerCount = post.placeDegree[place]!
  if (producerCount === 0 && net.tokens[place] === 0) return undefined
  if (consumerCount > 1 && net.tokens[place] !== 0) return undefined
  let produced = 0
  for (let arc = pre.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!) {
    const degree = post.transitionDegree[net.arcTransition[arc]!]!
    if (degree === 0) return undefined
    produced += degree
  }
  if (consumerCount === 1) return producerCount * produced - producerCount - 1 - produced
  let own = 0
  for (let arc = post.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!) {
    const producer = net.arcTransition[arc]!
    own += pre.transitionDegree[producer]! + post.transitionDegree[producer]! - 1
  }
  return own * (consumerCount - 1) + produced * (producerCount - 1) - producerCount - consumerCount
}

/** Whether fusing over it needs no second thought. */
export const isQuick = (reducer: Reducer, place: number): boolean => {
  const { pre, post, joins } = reducer.net
  return pre.placeDegree[place] === 1 && joins[place] === 0 && post.placeDegree[place]! <= 1
}

export function fuseOver(reducer: Reducer, place: number): boolean {
  return reducer.net.pre.placeDegree[place] === 1 ? fuseSeries(reducer, place) : fuseChoice(reducer, place)
}

function fuseSeries(reducer: Reducer, place: number): boolean {
  const { net, sequences, sequenceOf } = reducer
  const { pre, post, tokens } = net
  const input = pre.placeFirst[place]!
  const consumer = net.arcTransition[input]!
  const weight = net.arcWeight[input]!
  if (isVisible(reducer, consumer) || arcBetween(net, post, place, consumer) !== NONE) return false
  if (!areMultiples(net, place, weight) || !fits(net, place, consumer, weight)) return false
  if (isTooLong(reducer, place, consumer, weight)) return false
  if (tokens[place]! > 0) {
    const count = tokens[place]! / weight
    fireBefore(sequences, times(sequences, sequenceOf[consumer]!, count))
    for (let arc = post.transitionFirst[consumer]!; arc !== NONE; arc = net.transitionNext[arc]!)
      addTokens(net, net.arcPlace[arc]!, count * net.arcWeight[arc]!)
    tokens[place] = 0
  }
  for (let arc = post.placeFirst[place]!; arc !== NONE; arc = post.placeFirst[place]!) {
    const producer = net.arcTransition[arc]!
    const count = net.arcWeight[arc]! / weight
    if (count === 1 && post.placeDegree[place] === 1 && isCheaperBackwards(reducer, producer, consumer)) {
      absorbProducer(reducer, { producer, consumer, place })
      dropTransition(reducer, producer)
      dropPlace(reducer, place)
      return true
    }
    removeArc(net, post, arc)
    sequenceOf[producer] = andThen(sequences, sequenceOf[producer]!, times(sequences, sequenceOf[consumer]!, count))
    for (let out = post.transitionFirst[consumer]!; out !== NONE; out = net.transitionNext[out]!)
      addArc(net, post, net.arcPlace[out]!, producer, count * net.arcWeight[out]!)
  }
  dropTransition(reducer, consumer)
  dropPlace(reducer, place)
  return true
}

/** Whether the start and all producers put a multiple of the weight on it. */
function areMultiples(net: WorkNet, place: number, weight: number): boolean {
  if (weight === 1) return true
  if (net.tokens[place]! % weight !== 0) return false
  for (let arc = net.post.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
    if (net.arcWeight[arc]! % weight !== 0) return false
  return true
}

/** Whether all sums stay small when the consumer fires for all tokens that come at once. */
function fits(net: WorkNet, place: number, consumer: number, weight: number): boolean {
  if (net.heaviest === 1) return true
  let most = net.tokens[place]!
  for (let arc = net.post.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
    most = Math.max(most, net.arcWeight[arc]!)
  for (let arc = net.post.transitionFirst[consumer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if ((most / weight) * net.arcWeight[arc]! + net.heaviest > WEIGHT_MAX) return false
  return true
}

/** Whether a fused sequence, or what is fired at the start, would be. */
function isTooLong({ net, sequences, sequenceOf }: Reducer, place: number, consumer: number, weight: number): boolean {
  const length = lengthOf(sequences, sequenceOf[consumer]!) / weight
  const most = lengthMaxOf(sequences)
  if (sequences.lengthBefore + length * net.tokens[place]! > most) return true
  for (let arc = net.post.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!) {
    const producer = net.arcTransition[arc]!
    if (lengthOf(sequences, sequenceOf[producer]!) + length * net.arcWeight[arc]! > most) return true
  }
  return false
}

function isCheaperBackwards(reducer: Reducer, producer: number, consumer: number): boolean {
  const { pre, post } = reducer.net
  if (isKept(reducer, producer)) return false
  return pre.transitionDegree[producer]! + post.transitionDegree[producer]! - 1 < post.transitionDegree[consumer]!
}

interface Fusion {
  readonly producer: number
  readonly consumer: number
  readonly place: number
}

/** The consumer becomes both, one after the other. */
function absorbProducer(reducer: Reducer, { producer, consumer, place }: Fusion): void {
  const { net, sequences, sequenceOf } = reducer
  removeArc(net, net.pre, arcBetween(net, net.pre, place, consumer))
  for (let arc = net.pre.transitionFirst[producer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    addArc(net, net.pre, net.arcPlace[arc]!, consumer, net.arcWeight[arc]!)
  for (let arc = net.post.transitionFirst[producer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (net.arcPlace[arc] !== place) addArc(net, net.post, net.arcPlace[arc]!, consumer, net.arcWeight[arc]!)
  sequenceOf[consumer] = andThen(sequences, sequenceOf[producer]!, sequenceOf[consumer]!)
  if (isVisible(reducer, producer)) reducer.originOf[consumer] = reducer.originOf[producer]!
}

function fuseChoice(reducer: Reducer, place: number): boolean {
  const { net } = reducer
  const { pre, post } = net
  const inputs = arcsOf(net, pre.placeFirst[place]!)
  const outputs = arcsOf(net, post.placeFirst[place]!)
  const weight = net.arcWeight[inputs[0]!]!
  if ([...inputs, ...outputs].some(arc => net.arcWeight[arc] !== weight) || net.heaviest * 2 > WEIGHT_MAX) return false
  const consumers = inputs.map(arc => net.arcTransition[arc]!)
  if (consumers.some(consumer => isVisible(reducer, consumer) || arcBetween(net, post, place, consumer) !== NONE))
    return false
  const producers = outputs.map(arc => net.arcTransition[arc]!)
  if (longestOf(reducer, consumers) + longestOf(reducer, producers) > lengthMaxOf(reducer.sequences)) return false
  const last = producers[producers.length - 1]!
  for (const consumer of consumers) {
    for (const producer of producers) if (producer !== last) addFused(reducer, { producer, consumer, place })
    absorbProducer(reducer, { producer: last, consumer, place })
  }
  for (const producer of producers) dropTransition(reducer, producer)
  dropPlace(reducer, place)
  return true
}

const longestOf = ({ sequences, sequenceOf }: Reducer, transitions: readonly number[]): number =>
  transitions.reduce((longest, transition) => Math.max(longest, lengthOf(sequences, sequenceOf[transition]!)), 0)

function arcsOf(net: WorkNet, first: number): number[] {
  const arcs: number[] = []
  for (let arc = first; arc !== NONE; arc = net.placeNext[arc]!) arcs.push(arc)
  return arcs
}

/** A new transition that is both, one after the other. */
function addFused(reducer: Reducer, { producer, consumer, place }: Fusion): void {
  const { net, sequences, sequenceOf } = reducer
  const fused = addTransition(reducer, andThen(sequences, sequenceOf[producer]!, sequenceOf[consumer]!), producer)
  for (let arc = net.pre.transitionFirst[producer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    addArc(net, net.pre, net.arcPlace[arc]!, fused, net.arcWeight[arc]!)
  for (let arc = net.post.transitionFirst[producer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (net.arcPlace[arc] !== place) addArc(net, net.post, net.arcPlace[arc]!, fused, net.arcWeight[arc]!)
  for (let arc = net.post.transitionFirst[consumer]!; arc !== NONE; arc = net.transitionNext[arc]!)
    addArc(net, net.post, net.arcPlace[arc]!, fused, net.arcWeight[arc]!)
}
