/** All reachable markings of a net as a graph, for checks that ask more than soundness does; and the nearest of a kind. */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Spent } from '../net/verdict.ts'
import { explore, markingAt, traceTo } from './explore.ts'

/** State 0 is the initial marking; states ascend by their distance from it. */
export interface Reachability {
  readonly stateCount: number
  /** States below this have all their successors; it is `stateCount` where the graph is whole. */
  readonly expandedCount: number
  /** Successors of state s: entries `start[s] .. start[s + 1]` of `successors` and, what was fired, of `firedBy`. */
  readonly start: Uint32Array
  readonly successors: Uint32Array
  readonly firedBy: Uint32Array
  /** Why it is not whole; undefined where it is. */
  readonly stopped: Spent | undefined
  /** A fresh dense marking. */
  marking(state: number): Uint32Array
  /** A shortest way from the initial marking. */
  trace(state: number): number[]
}

/** The graph of all reachable markings, or as much of it as the budget bears. */
export function* reachability(net: PetriNet, { budget }: { readonly budget: Budget }): Sliced<Reachability> {
  const exploration = yield* explore(net, { budget })
  const { table, rows, successors, firedBy, stopped } = exploration
  return {
    stateCount: table.count,
    expandedCount: rows.length - 1,
    start: rows.view(),
    successors: successors.view(),
    firedBy: firedBy.view(),
    stopped: stopped === 'answered' ? undefined : stopped,
    marking: state => markingAt(exploration, state),
    trace: state => traceTo(exploration, state),
  }
}

export type Shortest =
  | {
      readonly kind: 'found'
      readonly trace: readonly number[]
      readonly marking: Uint32Array
      readonly states: number
    }
  /** No reachable marking is such. */
  | { readonly kind: 'none'; readonly states: number }
  | { readonly kind: 'unknown'; readonly why: Spent; readonly states: number }

/** A shortest way to a marking that is as asked. The marking given to `goal` is valid until it answers. */
export function* shortestTo(net: PetriNet, goal: (marking: Uint32Array) => boolean, budget: Budget): Sliced<Shortest> {
  let found: number | undefined
  const exploration = yield* explore(net, {
    budget,
    visit: ({ state, player }) => {
      if (!goal(player.tokens)) return 'go on'
      found = state
      return 'stop'
    },
  })
  const states = exploration.table.count
  if (found !== undefined) {
    return { kind: 'found', trace: traceTo(exploration, found), marking: markingAt(exploration, found), states }
  }
  const { stopped } = exploration
  return stopped && stopped !== 'answered' ? { kind: 'unknown', why: stopped, states } : { kind: 'none', states }
}
