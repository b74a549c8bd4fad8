/**
 * Counterexamples of a net that is known to be unsound, as short as can be had in a while: those seen in what the rules left,
 * read back into the net; nearest ones, where searches for them end soon; and dead transitions by their names.
 */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Boundedness, Violation, ViolationKind } from '../net/verdict.ts'
import type { Reduction } from '../reduce/reduce.ts'
import { type Flow, flowOf } from '../search/firing.ts'
import { deadOf } from './dead.ts'
import { type Exact, exact } from './exact.ts'
import { type Look, lookOf } from './look.ts'
import { nearestAbove, nearestDead, nearestTrapped } from './nearest.ts'
import { readBack } from './read-back.ts'
import { shortened } from './shorten.ts'
import { trapBesideEnd } from './structure.ts'

export interface Seen {
  readonly budget: Budget
  readonly flow: Flow
  readonly reduction: Reduction
  /** Of the net itself, the markings near its start. */
  readonly few: Exact
  /** Of what is left of it. */
  readonly left: Exact
  /** Transitions that can never fire, by the arcs alone. */
  readonly unfed: readonly number[]
}

export interface Explained {
  readonly boundedness: Boundedness
  readonly violations: readonly Violation[]
}

export function* explain(net: PetriNet, seen: Seen): Sliced<Explained> {
  const all = yield* allNearby(net, seen)
  if (all?.isWhole) return all
  const few = all ?? seen.few
  const found = new Map<ViolationKind, Violation>()
  const keep = (violation: Violation | undefined): void => {
    if (!violation) return
    const known = found.get(violation.kind)
    if (!known || isBetter(violation, known)) found.set(violation.kind, violation)
  }
  for (const violation of few.violations) keep(violation)
  if (seen.unfed.length > 0) keep(deadTransitions(seen.unfed))
  for (const violation of yield* fromResidue(net, seen, found)) keep(violation)
  for (const violation of yield* nearest(net, seen, found)) keep(violation)
  if (found.size === 0) for (const violation of yield* anywhere(net, seen)) keep(violation)
  return { boundedness: yield* boundednessOf(seen, few, found.has('unbounded')), violations: [...found.values()] }
}

/** The whole net, for all the time that is left: only where nothing of what the rules left could be read back. */
function* anywhere(net: PetriNet, { budget, flow }: Seen): Sliced<readonly Violation[]> {
  const { violations } = yield* exact(net, { budget, flow, markings: 'stubborn', statesAfter: 0 })
  return violations
}

/** All markings of a small net are looked at for a while: it shows all kinds, with shortest traces. */
const ALL_NODES_MAX = 2_000
const ALL: Look = { statesMax: 4_000, nodesMax: 1e6 }
const ALL_AFTER = 500

function* allNearby(net: PetriNet, { budget, flow }: Seen): Sliced<Exact | undefined> {
  if (net.places.length + net.transitions.length > ALL_NODES_MAX) return undefined
  return yield* exact(net, { budget: lookOf(net, ALL, budget), flow, markings: 'all', statesAfter: ALL_AFTER })
}

const isBetter = (one: Violation, other: Violation): boolean =>
  one.trace.length < other.trace.length ||
  (one.trace.length === other.trace.length && one.length === 'shortest' && other.length === 'found')

const deadTransitions = (transitions: readonly number[]): Violation => ({
  kind: 'dead-transition',
  trace: [],
  length: 'shortest',
  places: [],
  transitions,
})

function* fromResidue(
  net: PetriNet,
  { left, unfed, ...seen }: Seen,
  found: ReadonlyMap<ViolationKind, Violation>,
): Sliced<readonly Violation[]> {
  const trap = trapBesideEnd(net, seen.flow)
  const violations: Violation[] = []
  for (const violation of left.violations) {
    if (violation.kind === 'dead-transition') {
      // Those that the arcs alone show are named already, and nothing else need be dead.
      const dead = unfed.length > 0 ? [] : yield* deadOf(net, { ...seen, among: violation.transitions })
      if (dead.length > 0) violations.push(deadTransitions(dead))
    } else if (!found.has(violation.kind)) {
      const back = yield* readBack(net, { ...seen, trap, violation })
      if (back) violations.push(shortened(net, seen.flow, back, trap))
    }
  }
  return violations
}

/** Searches for nearest violations in nets up to so many nodes; in larger ones each look costs too much. */
const NEAREST_NODES_MAX = 50_000
/** For other kinds than those that are known, and where markings have no end. */
const FOR_OTHERS: Look = { statesMax: 1_000, nodesMax: 2e5 }
const FOR_NEAREST: Look = { statesMax: 20_000, nodesMax: 2e6 }

function* nearest(
  net: PetriNet,
  { budget, flow }: Seen,
  found: ReadonlyMap<ViolationKind, Violation>,
): Sliced<readonly Violation[]> {
  if (net.places.length + net.transitions.length > NEAREST_NODES_MAX) return []
  const violations: Violation[] = []
  for (const [kind, search] of NEAREST) {
    const known = found.get(kind)
    if (known?.length === 'shortest') continue
    const look = known && !found.has('unbounded') ? FOR_NEAREST : FOR_OTHERS
    const answer = yield* search(net, { budget: lookOf(net, look, budget), flow })
    if (answer.kind === 'found') violations.push(answer.violation)
  }
  const endless = found.get('no-completion')
  if (endless?.length === 'found') {
    const trap = trapBesideEnd(net, flow)
    const answer = yield* nearestTrapped(net, { budget: lookOf(net, FOR_NEAREST, budget), flow, trap })
    // Another marking may keep the end out of reach for another reason, and be nearer.
    if (answer.kind === 'found') violations.push({ ...answer.violation, length: 'found' })
  }
  return violations
}

const NEAREST = [
  ['deadlock', nearestDead],
  ['improper-completion', nearestAbove],
] as const

/** What is left by the rules is bounded only if the net is. */
const FOR_BOUND: Look = { statesMax: 50_000, nodesMax: 5e6 }

function* boundednessOf({ budget, reduction }: Seen, few: Exact, isCovered: boolean): Sliced<Boundedness> {
  if (isCovered) return 'unbounded'
  if (few.boundedness !== 'unknown') return few.boundedness
  const { net } = reduction
  const whole = yield* exact(net, {
    budget: lookOf(net, FOR_BOUND, budget),
    flow: flowOf(net),
    markings: 'all',
    statesAfter: FOR_BOUND.statesMax,
  })
  return whole.boundedness === 'bounded' ? 'bounded' : 'unknown'
}
