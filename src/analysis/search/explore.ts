/**
 * Breadth-first search through the markings of a net, in slices, within a budget. It keeps the whole graph in compressed
 * rows: states are numbered as they are found, so that their rows stand in that order, and the first way to each is kept.
 *
 * Invariants
 *   S1. States are visited in the order of their distance from the initial marking, as far as all enabled transitions are
 *       followed: the first state with a property is a nearest one.
 */
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Spent } from '../net/verdict.ts'
import { type Flow, OVERFLOW, Player } from './firing.ts'
import { GrowingUint32 } from './growing.ts'
import { StateTable } from './state-table.ts'

export interface ExploreOptions {
  readonly budget: Budget
  readonly flow?: Flow
  /** Which of the enabled transitions are followed; all, where it is left out. The player stands at the state. */
  readonly follow?: (player: Player, enabled: readonly number[]) => readonly number[]
  /** Looks at a state before it is expanded. */
  readonly visit?: (at: Visit) => 'go on' | 'stop'
}

export interface Visit {
  readonly state: number
  readonly player: Player
  readonly enabled: readonly number[]
  readonly exploration: Exploration
}

/** Instead of a parent: the initial state has none. */
export const NO_PARENT = 0xffff_ffff

export interface Exploration {
  readonly player: Player
  readonly table: StateTable
  /** Successors of state s: entries `rows[s] .. rows[s + 1]` of the two below. States that were not expanded have no row. */
  readonly rows: GrowingUint32
  readonly successors: GrowingUint32
  readonly firedBy: GrowingUint32
  readonly parents: GrowingUint32
  readonly parentFired: GrowingUint32
  /** Why it ended early, if it did; `visit` may have answered. */
  stopped: Spent | 'answered' | undefined
}

/** Tokens and arcs touched between two looks at the clock: about a millisecond. */
const SLICE = 20_000

export function* explore(net: PetriNet, { budget, flow, follow, visit }: ExploreOptions): Sliced<Exploration> {
  const player = new Player(net, flow)
  const exploration = newExploration(player)
  const { table, rows, successors, firedBy, parents, parentFired } = exploration
  player.store(table, net.initial)
  parents.push(NO_PARENT)
  parentFired.push(NO_PARENT)
  // The budget may be spent already.
  let nextLook = 0
  const isDue = (): boolean => player.effort >= nextLook || table.count > budget.statesMax
  const look = (): Spent | undefined => {
    nextLook = player.effort + SLICE
    exploration.stopped = spent(budget, { bytes: bytesOf(exploration), states: table.count })
    return exploration.stopped
  }
  for (let state = 0; state < table.count; state++) {
    if (isDue()) {
      yield
      if (look()) return exploration
    }
    player.go(table, state)
    const enabled = player.enabled()
    if (visit?.({ state, player, enabled, exploration }) === 'stop') {
      exploration.stopped = 'answered'
      return exploration
    }
    for (const t of follow ? follow(player, enabled) : enabled) {
      // One state may have very many successors, all of them large.
      if (isDue()) {
        yield
        if (look()) return exploration
      }
      const known = table.count
      const next = player.storeNext(table, t)
      if (next === OVERFLOW) {
        exploration.stopped = 'memory'
        return exploration
      }
      if (next === known) {
        parents.push(state)
        parentFired.push(t)
      }
      successors.push(next)
      firedBy.push(t)
    }
    rows.push(successors.length)
  }
  return exploration
}

function newExploration(player: Player): Exploration {
  const rows = new GrowingUint32()
  rows.push(0)
  return {
    player,
    table: new StateTable(),
    rows,
    successors: new GrowingUint32(),
    firedBy: new GrowingUint32(),
    parents: new GrowingUint32(),
    parentFired: new GrowingUint32(),
    stopped: undefined,
  }
}

const bytesOf = ({ table, rows, successors, firedBy, parents, parentFired }: Exploration): number =>
  table.bytes + rows.bytes + successors.bytes + firedBy.bytes + parents.bytes + parentFired.bytes

/** The transitions of the first way that was found to a state. */
export function traceTo({ parents, parentFired }: Exploration, state: number): number[] {
  const trace: number[] = []
  for (let at = state; parents.at(at) !== NO_PARENT; at = parents.at(at)) trace.push(parentFired.at(at))
  return trace.reverse()
}

/** A state as a dense marking. */
export function markingAt({ player, table }: Exploration, state: number): Uint32Array {
  player.go(table, state)
  return player.tokens.slice()
}
