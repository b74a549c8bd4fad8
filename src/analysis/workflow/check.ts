/**
 * Whether a workflow is sound, and if not, how it goes wrong.
 *
 * Structured regions are sound by construction: what begins can end, joins get what they wait for, nothing is left behind. Only
 * what crosses regions can change that: locks that are wanted in a circle, cancels and milestones, which may keep steps from
 * ever running, handlers that nothing can call, free-form nets, calls that never come back. A graph without any of these needs
 * no search at all, O(V + E); of the others a net is made of what crosses and what that stands in.
 *
 * The bookkeeping of the net may hold transitions that can never fire although every step can: the check would call them
 * dead. They are taken out and the rest is checked again, which changes nothing, since they never fire.
 *
 * Invariants
 *   W1. A workflow without crossings is sound, and no net is made of it.
 *   W2. Of dead transitions only those are told by which a step begins or a free-form net fires.
 *   W3. Where something is left out of the net that could change the verdict, none is given.
 */
import { type Graph, type Node, placedNodes, type Region, regionsOf } from '../../core/index.ts'
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import { type Arc, buildNet, type PetriNet } from '../net/petri-net.ts'
import type { Soundness, Spent, Violation } from '../net/verdict.ts'
import { partOf } from '../search/part-budget.ts'
import { checkSoundness } from '../soundness/check.ts'
import { endlessCalls } from './completes.ts'
import type { Composed, StepAt } from './composed.ts'
import { composeGraph } from './compose.ts'
import { hasCrossings } from './crossings.ts'
import { lockOrdersOf } from './lock-order.ts'
import { checkNetAlone, composeNetAlone } from './nets.ts'
import type { IsOver } from './player.ts'
import { replay, type Replayed } from './replay.ts'
import { type Counterexample, wordsOf, wordsOfCalls } from './words.ts'

export interface GraphCheck {
  readonly soundness: Soundness
  /** What the violations are of; undefined where the structure alone decided. */
  readonly composed: Composed | undefined
  /** Where they are about one free-form net inside: that step. */
  readonly inside?: StepAt
  /** One for each violation, in the user's steps. */
  readonly counterexamples: readonly Counterexample[]
  /** Flows: what they call is not seen. */
  readonly flows: readonly StepAt[]
}

export function* checkGraph(graph: Graph, budget: Budget): Sliced<GraphCheck> {
  const startedAtMs = performance.now()
  const flows = stepsOfKind(graph, 'flow')
  const effort = (states: number) => ({ states, ms: performance.now() - startedAtMs })
  const calls = endlessCalls(graph)
  if (calls) {
    const violation = { kind: 'no-completion', trace: [], length: 'shortest', places: [], transitions: [] } as const
    const soundness = { kind: 'unsound', boundedness: 'unknown', violations: [violation], ...effort(0) } as const
    return { soundness, composed: undefined, counterexamples: [wordsOfCalls(calls)], flows }
  }
  const orders = lockOrdersOf(graph.root)
  if (!hasCrossings(graph.root, orders))
    return { soundness: { kind: 'sound', ...effort(0) }, composed: undefined, counterexamples: [], flows }
  let states = 0
  const conclude = (composed: Composed, found: Soundness): GraphCheck => {
    states += found.states
    return { ...told(composed, confirmed(graph, composed, { ...found, ...effort(states) }, budget)), flows }
  }
  for (const step of stepsOfKind(graph, 'net')) {
    if (step.node.kind !== 'net') continue
    const composed = composeNetAlone(step, step.node)
    const check = conclude(composed, unlessInterrupted(graph, step, yield* checkNetAlone(composed, budget)))
    if (check.soundness.kind !== 'sound') return { ...check, inside: step }
  }
  // One circle of locks is soon looked at; what it shows need only be seen in the engine.
  if (orders.shortest) {
    const circle = composeGraph(graph, { detail: 'circle' })
    const check = conclude(circle, yield* checkComposed(circle, partOf(budget, { ms: CIRCLE_MS })))
    // That a step never begins is told with all else of the whole.
    if (faultsOf(check.soundness).length > 0) return check
  }
  const composed = composeGraph(graph, { detail: 'crossing' })
  const check = conclude(composed, yield* checkComposed(composed, budget))
  const unseen = check.soundness.kind === 'sound' ? unseenIn(graph, composed) : undefined
  return unseen === undefined ? check : { ...check, soundness: coarse(check.soundness, unseen) }
}

/** A net that goes round for ever may be meant to, where something else ends it: a cancel, another arm, a deadline. */
function unlessInterrupted(graph: Graph, { path, shown }: StepAt, soundness: Soundness): Soundness {
  if (soundness.kind !== 'unsound') return soundness
  const others = soundness.violations.filter(({ kind }) => kind !== 'no-completion')
  if (others.length === soundness.violations.length) return soundness
  const isInterruptible = composeGraph(graph).opaque.some(({ step, why }) => why === 'net' && step.path === path)
  if (!isInterruptible) return soundness
  return others.length > 0
    ? { ...soundness, violations: others }
    : coarse(soundness, `${shown} goes round until something interrupts it, which is not seen`)
}

const faultsOf = (soundness: Soundness): readonly Violation[] =>
  soundness.kind === 'unsound' ? soundness.violations.filter(({ kind }) => kind !== 'dead-transition') : []

/** Of all that a check may take: time enough for a few steps. */
const CIRCLE_MS = 500

/** W4: of the violations those that the engine shows as well. Without any the verdict is not known. */
function confirmed(graph: Graph, composed: Composed, soundness: Soundness, budget: Budget): Soundness {
  if (soundness.kind !== 'unsound') return soundness
  const replays = soundness.violations.map(violation => ({
    violation,
    replayed: replayedOf(graph, composed, violation, () => timeOver(budget) !== undefined),
  }))
  const violations = replays.flatMap(({ violation, replayed }) => (replayed.kind === 'differs' ? [] : [violation]))
  if (violations.length > 0) return { ...soundness, violations }
  const why = timeOver(budget)
  if (why) return unknown(soundness, why, 'something looks wrong, and was not played in the engine to its end')
  const differs = replays.flatMap(({ replayed }) => (replayed.kind === 'differs' ? [replayed.why] : []))
  return coarse(soundness, `what looked wrong came out otherwise in the engine: ${differs[0] ?? ''}`)
}

/** Tokens that pile up are never all there in an engine that takes them as they come. */
const replayedOf = (graph: Graph, composed: Composed, violation: Violation, isOver: IsOver): Replayed =>
  violation.kind === 'unbounded' ? { kind: 'nothing-to-play' } : replay(graph, composed, violation, isOver)

const timeOver = (budget: Budget): Spent | undefined => spent(budget, { bytes: 0, states: 0 })

const coarse = (soundness: Soundness, far: string): Soundness => unknown(soundness, 'coarse', far)

const unknown = ({ states, ms }: Soundness, why: Spent, far: string): Soundness => ({
  kind: 'unknown',
  boundedness: 'unknown',
  why,
  far,
  states,
  ms,
})

const told = (composed: Composed, soundness: Soundness) => ({
  soundness,
  composed,
  counterexamples:
    soundness.kind === 'unsound' ? soundness.violations.map(violation => wordsOf(composed, violation)) : [],
})

const stepsOfKind = (graph: Graph, kind: Node['kind']): readonly StepAt[] =>
  [...placedNodes(graph.root)].flatMap(({ path, shown, node }) =>
    node.kind === kind ? [{ path, shown, node, ...(node.at ? { at: node.at } : {}) }] : [],
  )

/** W3: what could still go wrong where the net has nothing wrong. */
function unseenIn(graph: Graph, { opaque }: Composed): string | undefined {
  const { circular, withoutUndos } = lockOrdersOf(graph.root)
  if (circular.size === 0) return undefined
  const names = [...circular].join(', ')
  if (withoutUndos.size < circular.size)
    return `what is undone takes the locks ${names} in a circle, and undoing is not seen`
  const net = opaque.find(({ why }) => why === 'net')
  if (net) return `${net.step.shown} takes the locks ${names} in a circle and may be interrupted, which is not seen`
  return recurs(graph.root)
    ? `the locks ${names} are taken in a circle by what calls itself, and its inner calls are not seen`
    : undefined
}

const recurs = (region: Region): boolean =>
  region.nodes.some(
    node => (node.kind === 'call' && node.recurs !== undefined) || regionsOf(node).some(([, inner]) => recurs(inner)),
  )

/** The net of the whole, without bookkeeping that can never happen: what reads it elsewhere comes to the same verdict. */
export function* netOf(graph: Graph, budget: Budget): Sliced<PetriNet> {
  const { net } = yield* checkLiving(composeGraph(graph), budget)
  return endlessCalls(graph) ? withoutEnd(net) : net
}

/** Calls that never come back are not in the net, which takes them for steps: so its end is put out of reach. */
function withoutEnd(net: PetriNet): PetriNet {
  const final = new Uint32Array(net.places.length + 1)
  final[net.places.length] = 1
  const initial = new Uint32Array(net.places.length + 1)
  initial.set(net.initial)
  return { ...net, places: [...net.places, 'end, never reached'], initial, final }
}

/** The verdict on the steps; its violations are of `composed.net`. */
function* checkComposed(composed: Composed, budget: Budget): Sliced<Soundness> {
  return (yield* checkLiving(composed, budget)).soundness
}

interface Living {
  readonly soundness: Soundness
  /** What was checked in the end. */
  readonly net: PetriNet
}

function* checkLiving(composed: Composed, budget: Budget): Sliced<Living> {
  const startedAtMs = performance.now()
  let kept = composed.net.transitions.map((_, transition) => transition)
  let states = 0
  for (;;) {
    const net = kept.length === composed.net.transitions.length ? composed.net : part(composed.net, kept)
    const found = yield* checkSoundness(net, budget)
    states += found.states
    const effort = { states, ms: performance.now() - startedAtMs }
    if (found.kind !== 'unsound') return { soundness: { ...found, ...effort }, net }
    const violations = found.violations.map(violation => ofWhole(violation, kept))
    const dead = new Set(violations.flatMap(({ kind, transitions }) => (kind === 'dead-transition' ? transitions : [])))
    const real = violations.flatMap(violation => realOf(composed, violation, dead))
    if (real.length > 0 || dead.size === 0)
      return { soundness: { ...found, violations: real.length > 0 ? real : violations, ...effort }, net }
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
