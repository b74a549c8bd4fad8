/**
 * Counterexamples of a net that is known to be unsound, as short as can be had in a while: those seen in what the rules left,
 * read back into the net; nearest ones, where searches for them end soon; and dead transitions by their names.
 */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Boundedness, Violation, ViolationKind } from '../net/verdict.ts'
import type { Reduction } from '../reduce/reduce.ts'
import { type Flow, flowOf } from '../search/firing.ts'
import { partOf } from '../search/part-budget.ts'
import { deadOf } from './dead.ts'
import { type Exact, exact } from './exact.ts'
import { type Nearest, nearestAbove, nearestDead } from './nearest.ts'
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
  const found = new Map<ViolationKind, Violation>()
  const keep = (violation: Violation | undefined): void => {
    if (!violation) return
    const known = found.get(violation.kind)
    if (!known || isBetter(violation, known)) found.set(violation.kind, violation)
  }
  for (const violation of seen.few.violations) keep(violation)
  if (seen.unfed.length > 0) keep(deadTransitions(seen.unfed))
  for (const violation of yield* fromResidue(net, seen)) keep(violation)
  for (const violation of yield* nearby(net, seen, found)) keep(violation)
  return { boundedness: yield* boundednessOf(seen, found.has('unbounded')), violations: [...found.values()] }
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

function* fromResidue(net: PetriNet, { left, few, unfed, ...seen }: Seen): Sliced<readonly Violation[]> {
  const trap = trapBesideEnd(net, seen.flow)
  const violations: Violation[] = []
  for (const violation of left.violations) {
    if (violation.kind === 'dead-transition') {
      // Those that the arcs alone show are named already, and nothing else need be dead.
      const dead = unfed.length > 0 ? [] : yield* deadOf(net, { ...seen, among: violation.transitions })
      if (dead.length > 0) violations.push(deadTransitions(dead))
      continue
    }
    if (few.violations.some(({ kind }) => kind === violation.kind)) continue
    const back = yield* readBack(net, { ...seen, violation })
    violations.push(shortened(net, seen.flow, back, trap))
  }
  return violations
}

/** Searches for nearest violations on nets up to so many nodes; in larger ones each look costs too much. */
const NEARBY_NODES_MAX = 50_000
const NEARBY = { states: 20_000, ms: 60 }

function* nearby(
  net: PetriNet,
  { budget, flow }: Seen,
  found: ReadonlyMap<ViolationKind, Violation>,
): Sliced<readonly Violation[]> {
  if (net.places.length + net.transitions.length > NEARBY_NODES_MAX) return []
  const violations: Violation[] = []
  for (const [kind, search] of NEAREST) {
    if (found.get(kind)?.length === 'shortest') continue
    const nearest: Nearest = yield* search(net, { budget: partOf(budget, NEARBY), flow })
    if (nearest.kind === 'found') violations.push(nearest.violation)
  }
  return violations
}

const NEAREST = [
  ['deadlock', nearestDead],
  ['improper-completion', nearestAbove],
] as const

/** What is left by the rules is bounded only if the net is. */
const BOUNDED = { states: 50_000, ms: 200 }

function* boundednessOf({ budget, few, reduction }: Seen, isCovered: boolean): Sliced<Boundedness> {
  if (isCovered || few.boundedness === 'unbounded') return 'unbounded'
  if (few.boundedness === 'bounded') return 'bounded'
  const { net } = reduction
  const whole = yield* exact(net, {
    budget: partOf(budget, BOUNDED),
    flow: flowOf(net),
    markings: 'all',
    statesAfter: BOUNDED.states,
  })
  return whole.boundedness === 'bounded' ? 'bounded' : 'unknown'
}
