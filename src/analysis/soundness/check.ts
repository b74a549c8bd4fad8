/**
 * Decides soundness of a net. docs/analysis.md tells of the ways, which are tried from the cheap to the dear:
 *
 *   all markings, as long as they are few       decides most nets at once, with the shortest counterexamples
 *   reduction                                   what is left is sound exactly when the net is
 *   stubborn sets, ends above, runs             on what is left, each for a while
 *   stubborn sets                               for all the time that is left
 *
 *   S3. The verdict is the same whatever way found it; a violation is one of the net that was asked about.
 */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Boundedness, Soundness, Spent, Violation } from '../net/verdict.ts'
import { reduce, type Reduction } from '../reduce/reduce.ts'
import { type Flow, flowOf } from '../search/firing.ts'
import { type Exact, exact } from './exact.ts'
import { explain } from './explain.ts'
import { type Look, lookOf } from './look.ts'
import { nearestAbove } from './nearest.ts'
import { neverFed, trapBesideEnd } from './structure.ts'
import { walks } from './walks.ts'

/* Stages end by how much they have looked at, not by the clock: what is found does not hang on the machine. */

/** The first look at all markings. */
const FEW: Look = { statesMax: 300, nodesMax: 1e6 }
/** What is left after reduction is small as a rule. */
const FOR_A_WHILE: Look = { statesMax: 20_000, nodesMax: 20e6 }
const RUNS = { runs: 40, stepsMax: 400_000 }
/** States that are visited after a violation, for other kinds. */
const AFTER = 200

export function* checkSoundness(net: PetriNet, budget: Budget): Sliced<Soundness> {
  const startedAtMs = performance.now()
  const { states, ...outcome } = yield* decide(net, budget)
  const effort = { states, ms: performance.now() - startedAtMs }
  switch (outcome.kind) {
    case 'sound':
      return { kind: 'sound', ...effort }
    case 'unsound': {
      const { boundedness, violations } = outcome
      return { kind: 'unsound', boundedness, violations, ...effort }
    }
    case 'unknown':
      return { kind: 'unknown', boundedness: 'unknown', why: outcome.why, far: outcome.far, ...effort }
  }
}

type Decided = { readonly states: number } & (
  | { readonly kind: 'sound' }
  | { readonly kind: 'unsound'; readonly boundedness: Boundedness; readonly violations: readonly Violation[] }
  | { readonly kind: 'unknown'; readonly why: Spent; readonly far: string }
)

function* decide(net: PetriNet, budget: Budget): Sliced<Decided> {
  const flow = flowOf(net)
  const few = yield* exact(net, { budget: lookOf(net, FEW, budget), flow, markings: 'all', statesAfter: FEW.statesMax })
  if (few.verdict === 'sound') return { kind: 'sound', states: few.states }
  if (few.isWhole) return { ...few, kind: 'unsound' }
  const reduction = yield* reduce(net, { budget })
  const left = yield* decideResidue(reduction, budget)
  const states = few.states + left.states
  if (few.verdict === 'unknown' && left.verdict === 'sound') return { kind: 'sound', states }
  const unfed = neverFed(net, flow)
  if (few.verdict === 'unknown' && left.verdict === 'unknown' && unfed.length === 0) {
    return { kind: 'unknown', why: left.why ?? 'time', far: farOf(net, reduction, left), states }
  }
  const explained = yield* explain(net, { budget, flow, reduction, few, left, unfed })
  return { kind: 'unsound', ...explained, states }
}

/** What is left of a net, on its own. */
function* decideResidue({ net }: Reduction, budget: Budget): Sliced<Exact> {
  const flow = flowOf(net)
  const short = lookOf(net, FOR_A_WHILE, budget)
  const first = yield* exact(net, { budget: short, flow, markings: 'stubborn', statesAfter: AFTER })
  if (first.verdict !== 'unknown') return first
  const seen = (yield* nearestSeen(net, flow, budget)) ?? (yield* walked(net, flow, budget))
  if (seen) return { ...first, verdict: 'unsound', violations: [seen] }
  return yield* exact(net, { budget, flow, markings: 'stubborn', statesAfter: AFTER })
}

function* nearestSeen(net: PetriNet, flow: Flow, budget: Budget): Sliced<Violation | undefined> {
  const nearest = yield* nearestAbove(net, { budget: lookOf(net, FOR_A_WHILE, budget), flow })
  return nearest.kind === 'found' ? nearest.violation : undefined
}

function* walked(net: PetriNet, flow: Flow, budget: Budget): Sliced<Violation | undefined> {
  const trap = trapBesideEnd(net, flow)
  const { violation } = yield* walks(net, { budget, flow, trap, ...RUNS })
  return violation
}

function farOf(net: PetriNet, { net: residue }: Reduction, { states }: Exact): string {
  const nodes = ({ places, transitions }: PetriNet): string =>
    `${places.length} places and ${transitions.length} transitions`
  return `of ${nodes(net)} the rules left ${nodes(residue)}, of which ${states} markings were looked at: none was wrong`
}
