/**
 * Nearest violations of one kind, by searches that follow only what can matter for it: a shortest way stays one, though the
 * graph is often smaller by orders of magnitude.
 *
 *   dead marking     stubborn sets: each way to it stays, in another order
 *   above the end    of a marking in which a place of the end lacks tokens, only what leads towards filling that place
 *   into a trap      the same for the places of the trap
 */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Spent, Violation, ViolationKind } from '../net/verdict.ts'
import { type Exploration, type ExploreOptions, explore, traceTo, type Visit } from '../search/explore.ts'
import type { Flow, Player } from '../search/firing.ts'
import { Stubborn } from '../search/stubborn.ts'
import { compareToEnd, type End, endOf } from './marking.ts'

export type Nearest =
  | { readonly kind: 'found'; readonly violation: Violation; readonly states: number }
  /** There is no such marking. */
  | { readonly kind: 'none'; readonly states: number }
  | { readonly kind: 'unknown'; readonly why: Spent; readonly states: number }

interface Within {
  readonly budget: Budget
  readonly flow: Flow
}

export function* nearestDead(net: PetriNet, within: Within): Sliced<Nearest> {
  const end = endOf(net)
  return yield* nearest(net, 'deadlock', {
    ...within,
    follow: (player, enabled, stubborn) => stubborn(player).choose(enabled),
    isThere: ({ player, enabled }) => enabled.length === 0 && compareToEnd(end, player) === 'below',
  })
}

export function* nearestAbove(net: PetriNet, within: Within): Sliced<Nearest> {
  const end = endOf(net)
  return yield* nearest(net, 'improper-completion', {
    ...within,
    follow: (player, enabled, stubborn) => {
      const lacking = lackingOf(end, player, within.flow)
      return lacking === undefined ? enabled : stubborn(player).toward([lacking], enabled)
    },
    isThere: ({ player }) => compareToEnd(end, player) === 'above',
  })
}

/** Of the places of the end that lack tokens, one with the fewest suppliers. */
function lackingOf({ places, tokens }: End, player: Player, { producers }: Flow): number | undefined {
  let lacking: number | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const place of places) {
    const suppliers = producers.start[place + 1]! - producers.start[place]!
    if (player.tokens[place]! >= tokens[place]! || suppliers >= fewest) continue
    fewest = suppliers
    lacking = place
  }
  return lacking
}

/** `trap`: a 1 for each place that, once marked, keeps the end out of reach. */
export function* nearestTrapped(
  net: PetriNet,
  { trap, ...within }: Within & { readonly trap: Uint8Array },
): Sliced<Nearest> {
  const places = Array.from(trap.keys()).filter(place => trap[place] === 1)
  return yield* nearest(net, 'no-completion', {
    ...within,
    follow: (player, enabled, stubborn) => stubborn(player).toward(places, enabled),
    isThere: ({ player }) => isTrapped(player, trap),
  })
}

function isTrapped({ marked, markedCount }: Player, trap: Uint8Array): boolean {
  for (let index = 0; index < markedCount; index++) if (trap[marked[index]!] === 1) return true
  return false
}

interface Aim extends Within {
  readonly follow: (
    player: Player,
    enabled: readonly number[],
    stubborn: (player: Player) => Stubborn,
  ) => readonly number[]
  readonly isThere: (at: Visit) => boolean
}

function* nearest(net: PetriNet, kind: ViolationKind, { budget, flow, follow, isThere }: Aim): Sliced<Nearest> {
  let made: Stubborn | undefined
  const stubborn = (player: Player): Stubborn => (made ??= new Stubborn(player))
  let found: number | undefined
  const options: ExploreOptions = {
    budget,
    flow,
    follow: (player, enabled) => follow(player, enabled, stubborn),
    visit: at => {
      if (!isThere(at)) return 'go on'
      found = at.state
      return 'stop'
    },
  }
  const exploration = yield* explore(net, options)
  const states = exploration.table.count
  if (found !== undefined) {
    return { kind: 'found', violation: violationAt(exploration, { kind, state: found, length: 'shortest' }), states }
  }
  const { stopped } = exploration
  return stopped && stopped !== 'answered' ? { kind: 'unknown', why: stopped, states } : { kind: 'none', states }
}

/** What a state of a search shows. */
export function violationAt(
  exploration: Exploration,
  {
    kind,
    state,
    length,
  }: { readonly kind: ViolationKind; readonly state: number; readonly length: Violation['length'] },
): Violation {
  const { player, table } = exploration
  player.go(table, state)
  const places = Array.from(player.marked.subarray(0, player.markedCount))
  const isLeft = (place: number): boolean => player.tokens[place]! > player.net.final[place]!
  return {
    kind,
    trace: traceTo(exploration, state),
    length,
    places: kind === 'improper-completion' ? places.filter(isLeft) : places,
    transitions: [],
  }
}
