/** How far one stage looks: so many states, fewer in a large net, where each costs more. */
import type { Budget } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import { partOf } from '../search/part-budget.ts'

export interface Look {
  readonly statesMax: number
  /** States times nodes of the net. */
  readonly nodesMax: number
}

export const lookOf = ({ places, transitions }: PetriNet, { statesMax, nodesMax }: Look, budget: Budget): Budget =>
  partOf(budget, { states: Math.min(statesMax, Math.ceil(nodesMax / (places.length + transitions.length + 1))) })
