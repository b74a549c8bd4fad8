/** Comparing markings with the end. Only the places that the end marks are looked at, beside the number of marked ones. */
import type { PetriNet } from '../net/petri-net.ts'
import type { Player } from '../search/firing.ts'

export interface End {
  readonly places: readonly number[]
  readonly tokens: Uint32Array
}

export function endOf({ final }: PetriNet): End {
  const places: number[] = []
  for (let place = 0; place < final.length; place++) if (final[place]! > 0) places.push(place)
  return { places, tokens: final }
}

/** `below`: not all of the end is there; `above`: it is, and something is left over. */
export type AgainstEnd = 'below' | 'equal' | 'above'

export function compareToEnd({ places, tokens }: End, player: Player): AgainstEnd {
  for (const place of places) if (player.tokens[place]! < tokens[place]!) return 'below'
  if (player.markedCount > places.length) return 'above'
  for (const place of places) if (player.tokens[place]! > tokens[place]!) return 'above'
  return 'equal'
}
