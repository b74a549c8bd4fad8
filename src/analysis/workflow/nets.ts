/**
 * A free-form net of a step by itself, as the engine plays it: it ends when nothing is enabled and nothing runs, with success
 * when its end is marked. So tokens that are left elsewhere are no fault; a marking is one from which no such rest can be
 * reached, and a transition that never fires.
 */
import type { Node } from '../../core/index.ts'
import type { Budget, Sliced } from '../net/budget.ts'
import type { Soundness, Violation } from '../net/verdict.ts'
import { type Reachability, reachability } from '../search/reachability.ts'
import { checkSoundness } from '../soundness/check.ts'
import { NetBuilder } from './builder.ts'
import type { Composed, StepAt } from './composed.ts'

type NetNode = Extract<Node, { kind: 'net' }>

export function* checkNetAlone(composed: Composed, budget: Budget): Sliced<Soundness> {
  const classical = yield* checkSoundness(composed.net, budget)
  // Where nothing takes from the end, to be sound is to end well.
  if (classical.kind === 'sound' && !composed.net.pre.includes(composed.succeeded)) return classical
  if (classical.kind === 'unknown') return classical
  const others = classical.kind === 'unsound' ? classical.violations.flatMap(each => faultOf(composed, each)) : []
  if (classical.kind === 'unsound' && others.length > 0) return { ...classical, violations: others }
  const graph = yield* reachability(composed.net, { budget })
  const effort = { states: classical.states + graph.stateCount, ms: classical.ms }
  if (graph.stopped !== undefined) {
    const far = `${graph.stateCount} markings were looked at`
    return { kind: 'unknown', boundedness: 'unknown', why: graph.stopped, far, ...effort }
  }
  const violations = violationsOf(composed, graph)
  if (violations.length === 0) return { kind: 'sound', ...effort }
  return { kind: 'unsound', boundedness: 'bounded', violations, ...effort }
}

/** Leftovers are none; of dead transitions those count that begin a firing. */
function faultOf({ meanings }: Composed, violation: Violation): readonly Violation[] {
  if (violation.kind === 'improper-completion') return []
  if (violation.kind !== 'dead-transition') return [violation]
  const transitions = violation.transitions.filter(transition => meanings[transition]?.deed.kind === 'fires')
  return transitions.length > 0 ? [{ ...violation, transitions }] : []
}

function violationsOf(composed: Composed, graph: Reachability): readonly Violation[] {
  const { rests, stuck } = terminals(composed, graph)
  const marked = (state: number): readonly number[] =>
    [...graph.marking(state)].flatMap((count, place) => (count > 0 ? [place] : []))
  const found: Violation[] = []
  const first = stuck[0]
  if (first !== undefined)
    found.push({
      kind: 'deadlock',
      trace: graph.trace(first),
      length: 'shortest',
      places: marked(first),
      transitions: [],
    })
  const reaching = reachingBack(graph, [...rests, ...stuck])
  const lost = reaching.indexOf(0)
  if (lost >= 0)
    found.push({
      kind: 'no-completion',
      trace: graph.trace(lost),
      length: 'shortest',
      places: marked(lost),
      transitions: [],
    })
  const hasFired = new Uint8Array(composed.meanings.length)
  for (const transition of graph.firedBy) hasFired[transition] = 1
  const dead = composed.meanings.flatMap(({ deed }, index) =>
    hasFired[index] === 0 && deed.kind === 'fires' ? [index] : [],
  )
  if (dead.length > 0)
    found.push({ kind: 'dead-transition', trace: [], length: 'shortest', places: [], transitions: dead })
  return found
}

/** Markings in which nothing can fire, with and without a token on the end. */
function terminals(
  { succeeded }: Composed,
  graph: Reachability,
): { readonly rests: readonly number[]; readonly stuck: readonly number[] } {
  const rests: number[] = []
  const stuck: number[] = []
  for (let state = 0; state < graph.stateCount; state++) {
    if (graph.start[state] !== graph.start[state + 1]) continue
    if (graph.marking(state)[succeeded]! > 0) rests.push(state)
    else stuck.push(state)
  }
  return { rests, stuck }
}

function reachingBack(graph: Reachability, goals: readonly number[]): Uint8Array {
  const before: number[][] = Array.from({ length: graph.stateCount }, () => [])
  for (let from = 0; from < graph.stateCount; from++)
    for (let at = graph.start[from]!; at < graph.start[from + 1]!; at++) before[graph.successors[at]!]!.push(from)
  const reaching = new Uint8Array(graph.stateCount)
  const pending = [...goals]
  for (const goal of goals) reaching[goal] = 1
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const from of before[next]!) {
      if (reaching[from] === 1) continue
      reaching[from] = 1
      pending.push(from)
    }
  return reaching
}

/** What the transitions do is one thing each. */
export function composeNetAlone(step: StepAt, node: NetNode): Composed {
  const builder = new NetBuilder()
  const items: readonly number[] = []
  const places = new Map(node.places.map(name => [name, builder.place({ kind: 'token', step, name })]))
  const tokens = (names: readonly string[]): readonly number[] => names.map(name => places.get(name)!)
  const begin = builder.place({ kind: 'inner', step })
  const end = places.get(node.end)!
  builder.mark(begin, { before: 1, after: 0 })
  builder.mark(end, { before: 0, after: 1 })
  builder.fire({ step, deed: { kind: 'begins' }, items, from: [begin], to: tokens(node.start) })
  for (const { id, consumes, produces, body } of node.transitions) {
    const fires = (kind: 'fires' | 'fired', from: readonly number[], to: readonly number[]): void =>
      void builder.fire({ step, deed: { kind, label: id }, items, from, to })
    if (body.nodes.length === 0) fires('fires', tokens(consumes), tokens(produces))
    else {
      const runs = builder.place({ kind: 'inner', step })
      fires('fires', tokens(consumes), [runs])
      fires('fired', [runs], tokens(produces))
    }
  }
  return {
    net: builder.net(step.shown),
    meanings: builder.meanings,
    places: builder.places,
    steps: builder.steps,
    succeeded: end,
    failed: undefined,
    opaque: [],
  }
}
