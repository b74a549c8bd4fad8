/**
 * Whether a workflow is sound: by its structure where that decides, else by the net of the whole.
 *
 * The bookkeeping of the net may hold transitions that can never fire although every step can: the check would call them
 * dead. They are taken out and the rest is checked again, which changes nothing, since they never fire.
 */
import type { Graph } from '../../core/index.ts'
import type { Budget, Sliced } from '../net/budget.ts'
import { type Arc, buildNet, type PetriNet } from '../net/petri-net.ts'
import type { Soundness, Violation } from '../net/verdict.ts'
import { checkSoundness } from '../soundness/check.ts'
import type { Composed, StepAt } from './composed.ts'
import { composeGraph } from './compose.ts'
import { composeNetAlone } from './net-step.ts'

export interface GraphCheck {
  readonly soundness: Soundness
  /** What the violations are of; undefined where the structure alone decided. */
  readonly composed: Composed | undefined
  /** Where it is about one free-form net inside: that step. */
  readonly inside?: StepAt
}

export function* checkGraph(graph: Graph, budget: Budget): Sliced<GraphCheck> {
  const composed = composeGraph(graph)
  for (const { step, why } of composed.opaque) {
    if (why !== 'net' || step.node.kind !== 'net') continue
    const alone = composeNetAlone(step, step.node)
    const soundness = yield* checkComposed(alone, budget)
    if (soundness.kind !== 'sound') return { soundness, composed: alone, inside: step }
  }
  return { soundness: yield* checkComposed(composed, budget), composed }
}

/** The verdict on the steps; its violations are of `composed.net`. */
export function* checkComposed(composed: Composed, budget: Budget): Sliced<Soundness> {
  const startedAtMs = performance.now()
  let kept = composed.net.transitions.map((_, transition) => transition)
  let states = 0
  for (;;) {
    const found = yield* checkSoundness(
      kept.length === composed.net.transitions.length ? composed.net : part(composed.net, kept),
      budget,
    )
    states += found.states
    const effort = { states, ms: performance.now() - startedAtMs }
    if (found.kind !== 'unsound') return { ...found, ...effort }
    const violations = found.violations.map(violation => ofWhole(violation, kept))
    const dead = new Set(violations.flatMap(({ kind, transitions }) => (kind === 'dead-transition' ? transitions : [])))
    const real = violations.flatMap(violation => realOf(composed, violation, dead))
    if (real.length > 0) return { ...found, violations: real, ...effort }
    if (dead.size === 0) return { ...found, violations, ...effort }
    kept = kept.filter(transition => !dead.has(transition))
  }
}

const ofWhole = (violation: Violation, kept: readonly number[]): Violation => ({
  ...violation,
  trace: violation.trace.map(transition => kept[transition]!),
  transitions: violation.transitions.map(transition => kept[transition]!),
})

/** Of dead transitions those whose step, or transition of a free net, is dead. */
function realOf(composed: Composed, violation: Violation, dead: ReadonlySet<number>): readonly Violation[] {
  if (violation.kind !== 'dead-transition') return [violation]
  const transitions = violation.transitions.filter(transition => isRealDead(composed, transition, dead))
  return transitions.length > 0 ? [{ ...violation, transitions }] : []
}

function isRealDead({ meanings, steps }: Composed, transition: number, dead: ReadonlySet<number>): boolean {
  const { step, deed, items } = meanings[transition]!
  if (!step) return false
  if (deed.kind === 'begins') return (steps.get(step.path)?.begins ?? []).every(other => dead.has(other))
  return deed.kind === 'fires' && items.every(item => item === 0)
}

function part(net: PetriNet, kept: readonly number[]): PetriNet {
  const arcs = (start: Uint32Array, entries: Uint32Array, weights: Uint32Array): Arc[] =>
    kept.flatMap((transition, index) => {
      const found: Arc[] = []
      for (let at = start[transition]!; at < start[transition + 1]!; at++)
        found.push({ place: entries[at]!, transition: index, weight: weights[at]! })
      return found
    })
  const tokens = (marking: Uint32Array): ReadonlyMap<number, number> =>
    new Map([...marking].flatMap((count, place) => (count > 0 ? [[place, count] as const] : [])))
  return buildNet({
    name: net.name,
    places: net.places,
    transitions: kept.map(transition => net.transitions[transition]!),
    inputs: arcs(net.preStart, net.pre, net.preWeight),
    outputs: arcs(net.postStart, net.post, net.postWeight),
    initial: tokens(net.initial),
    final: tokens(net.final),
  })
}
