/**
 * A place that says no more than some others together do.
 *
 *   implied place. Let S be other places whose tokens together change, by each transition, as those of p do: then
 *     M(p) = k + M(S) in all M, with k = M0(p) - M0(S). Where each consumer of p needs no more of it than k and what it needs of S,
 *     p never prevents what S permits; where Mf(p) = k + Mf(S), p is at its end when S is. So p can go. (Berthelot 1986; Colom
 *     and Silva 1991: implicit places, by linear programming; here only with small S, found by a bounded search.)
 *
 * The search starts with S empty. While some transition changes p and S differently, one of its neighbours has to join S.
 */
import { dropPlace, isKeptPlace, type Reducer } from './reducer.ts'
import { NONE, type Side, type WorkNet } from './work-net.ts'

/** The most places of S, the most arcs of each, and how many places are tried for one. */
const SET_MAX = 12
const ARCS_MAX = 24
const TRIES_MAX = 48

/** How many places may be tried in all: a large net where nothing is implied is not worth more. */
export interface Allowance {
  triesLeft: number
}

export const newAllowance = (placeCount: number): Allowance => ({ triesLeft: 50_000 + 4 * placeCount })

export function dropImpliedPlace(reducer: Reducer, place: number, allowance: Allowance): boolean {
  const { net } = reducer
  if (isKeptPlace(reducer, place) || isBusy(net, place) || allowance.triesLeft < TRIES_MAX) return false
  const search: Search = { net, place, chosen: [], lack: new Map(), triesLeft: TRIES_MAX }
  addEffects(search, place, 1)
  const isImplied = isSetFound(search)
  allowance.triesLeft -= TRIES_MAX - search.triesLeft
  if (!isImplied) return false
  // What was found is likely to be found again.
  allowance.triesLeft += TRIES_MAX
  dropPlace(reducer, place)
  return true
}

interface Search {
  readonly net: WorkNet
  readonly place: number
  readonly chosen: number[]
  /** By transition: how it changes p, less how it changes S, where these differ. */
  readonly lack: Map<number, number>
  triesLeft: number
}

const isBusy = ({ pre, post }: WorkNet, place: number): boolean =>
  pre.placeDegree[place]! + post.placeDegree[place]! > ARCS_MAX

function isSetFound(search: Search): boolean {
  const [lacking] = search.lack
  if (lacking === undefined) return implies(search)
  if (search.chosen.length === SET_MAX) return false
  const [transition, lack] = lacking
  for (const candidate of neighboursOf(search, transition, lack)) {
    if (search.triesLeft === 0) return false
    search.triesLeft -= 1
    search.chosen.push(candidate)
    addEffects(search, candidate, -1)
    if (isSetFound(search)) return true
    search.chosen.pop()
    addEffects(search, candidate, 1)
  }
  return false
}

/** Places that the transition takes from, or puts on, without overdoing it. */
function neighboursOf({ net, place, chosen }: Search, transition: number, lack: number): number[] {
  const side = lack < 0 ? net.pre : net.post
  const found: number[] = []
  if (side.transitionDegree[transition]! > ARCS_MAX) return found
  for (let arc = side.transitionFirst[transition]!; arc !== NONE; arc = net.transitionNext[arc]!) {
    const candidate = net.arcPlace[arc]!
    if (candidate === place || chosen.includes(candidate) || isBusy(net, candidate)) continue
    const change = changeOf(net, candidate, transition)
    if (lack < 0 ? change < 0 && change >= lack : change > 0 && change <= lack) found.push(candidate)
  }
  return found
}

/** By how much the transition changes the place. */
const changeOf = (net: WorkNet, place: number, transition: number): number =>
  weightAt(net, net.post, place, transition) - weightAt(net, net.pre, place, transition)

function weightAt(net: WorkNet, side: Side, place: number, transition: number): number {
  for (let arc = side.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!)
    if (net.arcTransition[arc] === transition) return net.arcWeight[arc]!
  return 0
}

function addEffects({ net, lack }: Search, place: number, sign: 1 | -1): void {
  for (const [side, direction] of [
    [net.pre, -sign],
    [net.post, sign],
  ] as const)
    for (let arc = side.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!) {
      const transition = net.arcTransition[arc]!
      const sum = (lack.get(transition) ?? 0) + direction * net.arcWeight[arc]!
      if (sum === 0) lack.delete(transition)
      else lack.set(transition, sum)
    }
}

function implies({ net, place, chosen }: Search): boolean {
  const { tokens, goal, pre } = net
  const sum = (numbers: Int32Array): number => chosen.reduce((total, other) => total + numbers[other]!, 0)
  const constant = tokens[place]! - sum(tokens)
  if (goal[place]! - sum(goal) !== constant) return false
  for (let arc = pre.placeFirst[place]!; arc !== NONE; arc = net.placeNext[arc]!) {
    const transition = net.arcTransition[arc]!
    const needed = chosen.reduce((total, other) => total + weightAt(net, pre, other, transition), 0)
    if (net.arcWeight[arc]! > constant + needed) return false
  }
  return true
}
