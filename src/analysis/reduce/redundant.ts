/**
 * Rules that drop a place or a transition that decides nothing. `M` is a reachable marking, `M0` the initial, `Mf` the final one.
 *
 *   constant place. Every arc of p is half of a self-loop whose two weights are equal, M0(p) = Mf(p), and no weight exceeds it.
 *     M(p) never changes, so that p never prevents anything and never differs from the end. (Berthelot 1986: a case of a
 *     redundant place.)
 *   parallel place. p and q have equal arcs: M(p) - M(q) is the same in all M. Where that difference is also the one in Mf and
 *     is not negative, p never prevents what q permits, and holds what the end wants exactly when q does. (Murata 1989.)
 *   lock. See `isLock`.
 *   parallel transition. t and u have equal arcs: each fires when the other one does, to the same effect; one of them will do.
 *     (Murata 1989.)
 *   loop. t puts back exactly what it takes. No marking is lost with it; whether it can fire at all has to be certain without
 *     it: it is when what it needs is there at the start, at the end, after another transition has fired, or whenever another
 *     one can fire, as that one is required to fire somewhere. (Murata 1989; Esparza and Hoffmann 2016: iteration.)
 */
import { atLast, lengthOf } from './sequences.ts'
import { pileOn } from './pile.ts'
import { twinOf } from './twins.ts'
import { dropPlace, dropTransition, isKept, isKeptPlace, isVisible, type Reducer } from './reducer.ts'
import { arcBetween, arcHash, NONE, type Side, type WorkNet, weightBetween } from './work-net.ts'

export function dropConstantPlace(reducer: Reducer, place: number): boolean {
  const { net } = reducer
  const { pre, post, tokens, goal } = net
  if (pre.placeDegree[place] !== post.placeDegree[place] || pre.placeHash[place] !== post.placeHash[place]) return false
  if (tokens[place] !== goal[place] || isKeptPlace(reducer, place)) return false
  for (let arc = pre.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
    if (!isSelfLoop(net, arc, tokens[place]!)) return false
  dropPlace(reducer, place)
  return true
}

/** Of an arc from a place: whether its transition puts the same back, and that is at most so much. */
function isSelfLoop(net: WorkNet, arc: number, most: number): boolean {
  const weight = net.arcWeight[arc]!
  return weight <= most && weightBetween(net, net.post, net.arcPlace[arc]!, net.arcTransition[arc]!) === weight
}

export function dropParallelPlace(reducer: Reducer, place: number): boolean {
  const { tokens } = reducer.net
  const twin = twinOf(reducer.placeTwins, place)
  if (twin === undefined) return false
  const isFuller = tokens[place]! > tokens[twin]! || (tokens[place] === tokens[twin] && !isKeptPlace(reducer, place))
  const fuller = isFuller ? place : twin
  if (isKeptPlace(reducer, fuller)) return false
  dropPlace(reducer, fuller)
  // Now nothing stands for these arcs in the table.
  if (fuller === twin) pileOn(reducer.net.places, place)
  return true
}

/** The one transition that brings about the end, if there is one. */
function lastOf({ net, goals, goalCount }: Reducer): number | undefined {
  if (goalCount !== 1) return undefined
  const place = goals.find(goal => net.placeAlive[goal] === 1)
  if (place === undefined || net.tokens[place] !== 0 || net.pre.placeDegree[place] !== 0) return undefined
  if (net.post.placeDegree[place] !== 1) return undefined
  const arc = net.post.placeFirst[place]!
  return net.arcWeight[arc]! >= net.goal[place]! ? net.arcTransition[arc]! : undefined
}

/**
 * A lock that the last step takes back. Let the end be tokens on one place o that nothing consumes from and only e produces
 * for, enough of them at once; let p hold k tokens at the start, e consume exactly k of it and produce none, e need something else, too, and every other arc
 * of p be half of a self-loop of equal weights, at most k.
 *
 * Then p can go. Until e fires for the first time M(p) = k, so that p prevents nothing: both nets, with p and without, reach
 * the same markings. The first firing of e gives some M with M(o) >= Mf(o), and M(p) = 0 in the net with p.
 *   Sound with p: M >= Mf, so M = Mf. Without p it is Mf, too, and nothing goes on from there that changes it: o has no
 *     consumers, e needs something else, and another transition that needs nothing else than p could have fired at the start, again and again, so that it
 *     changes nothing but p. So every marking without p is one before e, from which e is reached, or Mf.
 *   Sound without p: from a marking before e, Mf is reached, through e, as only e marks o; up to e the same happens with p. After e
 *     comes Mf, in both. A transition that fires somewhere fires before e, or it is a self-loop of p alone, which fires at the
 *     start.
 * After e the net without p may do more than the one with it, but only if it is unsound: a lifted trace ends with the first e,
 * where the end is reached with something left over.
 */
export function dropLock(reducer: Reducer, place: number): boolean {
  const { net } = reducer
  const { pre, post, tokens, goal } = net
  if (tokens[place] === 0 || pre.placeDegree[place] !== post.placeDegree[place]! + 1 || goal[place]! > 0) return false
  const last = reducer.keptPlace === undefined ? lastOf(reducer) : undefined
  if (last === undefined || !isLock(net, place, last)) return false
  dropPlace(reducer, place)
  reducer.sequenceOf[last] = atLast(reducer.sequences, reducer.sequenceOf[last]!)
  return true
}

function isLock(net: WorkNet, place: number, last: number): boolean {
  const { pre, post, tokens } = net
  const size = tokens[place]!
  if (((pre.placeHash[place]! - post.placeHash[place]!) | 0) !== arcHash(last, size)) return false
  if (
    pre.transitionDegree[last]! < 2 ||
    weightBetween(net, pre, place, last) !== size ||
    arcBetween(net, post, place, last) !== NONE
  )
    return false
  for (let arc = pre.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
    if (net.arcTransition[arc] !== last && !isSelfLoop(net, arc, size)) return false
  return true
}

export function dropParallelTransition(reducer: Reducer, transition: number): boolean {
  if (isVisible(reducer, transition)) return false
  const twin = twinOf(reducer.transitionTwins, transition)
  if (twin === undefined || isKept(reducer, twin)) return false
  keepShorter(reducer, transition, twin)
  dropTransition(reducer, transition)
  return true
}

/** The second will stand for the shorter of what both stand for. */
function keepShorter({ sequences, sequenceOf, originOf }: Reducer, transition: number, twin: number): void {
  if (lengthOf(sequences, sequenceOf[transition]!) >= lengthOf(sequences, sequenceOf[twin]!)) return
  sequenceOf[twin] = sequenceOf[transition]!
  originOf[twin] = originOf[transition]!
}

export function dropLoop(reducer: Reducer, transition: number): boolean {
  const { net } = reducer
  const { pre, post } = net
  if (pre.transitionDegree[transition] !== post.transitionDegree[transition]) return false
  if (pre.transitionHash[transition] !== post.transitionHash[transition]) return false
  for (let arc = pre.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (!isSelfLoop(net, arc, Number.POSITIVE_INFINITY)) return false
  if (isVisible(reducer, transition) || !firesSurely(net, transition)) return false
  dropTransition(reducer, transition)
  return true
}

function firesSurely(net: WorkNet, transition: number): boolean {
  const { pre, post, tokens, goal } = net
  if (isWithin(net, transition, tokens) || isWithin(net, transition, goal)) return true
  const place = rarestInput(net, transition)
  for (const side of [pre, post]) {
    let looks = LOOKS_MAX
    for (let arc = side.placeFirst[place]!; arc !== NONE && looks > 0; arc = net.placeNext[arc]!, looks--) {
      const other = net.arcTransition[arc]!
      if (other !== transition && covers(net, side, other, transition)) return true
    }
  }
  return false
}

/** So many neighbours of a place are asked, that a place of very many is not asked over and over. */
const LOOKS_MAX = 64

function isWithin(net: WorkNet, transition: number, marking: Int32Array): boolean {
  for (let arc = net.pre.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (marking[net.arcPlace[arc]!]! < net.arcWeight[arc]!) return false
  return true
}

function rarestInput(net: WorkNet, transition: number): number {
  let [rarest, fewest] = [NONE, Number.POSITIVE_INFINITY]
  for (let arc = net.pre.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!) {
    const place = net.arcPlace[arc]!
    const count = net.pre.placeDegree[place]! + net.post.placeDegree[place]!
    if (count < fewest) [rarest, fewest] = [place, count]
  }
  return rarest
}

/** Whether the arcs of `other` on that side carry at least what the transition needs. */
function covers(net: WorkNet, side: Side, other: number, transition: number): boolean {
  for (let arc = net.pre.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!)
    if (weightBetween(net, side, net.arcPlace[arc]!, other) < net.arcWeight[arc]!) return false
  return true
}
