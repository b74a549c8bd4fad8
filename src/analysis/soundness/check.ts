/** Decides soundness of a net: what the arcs say, then the exact search. docs/analysis.md tells of the ways. */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Soundness } from '../net/verdict.ts'
import { flowOf } from '../search/firing.ts'
import { partOf } from '../search/part-budget.ts'
import { type Exact, exact } from './exact.ts'

/** States of the first, full search. */
const SMALL = 2_000

export function* checkSoundness(net: PetriNet, budget: Budget): Sliced<Soundness> {
  const startedAtMs = performance.now()
  const flow = flowOf(net)
  const small = partOf(budget, { states: SMALL })
  let found: Exact = yield* exact(net, { budget: small, flow, markings: 'all', statesAfter: SMALL })
  if (found.verdict === 'unknown') found = yield* exact(net, { budget, flow, markings: 'stubborn', statesAfter: 0 })
  const effort = { states: found.states, ms: performance.now() - startedAtMs }
  switch (found.verdict) {
    case 'sound':
      return { kind: 'sound', ...effort }
    case 'unsound':
      return { kind: 'unsound', boundedness: found.boundedness, violations: found.violations, ...effort }
    case 'unknown': {
      const far = `${found.states} markings were looked at, and none was wrong`
      return { kind: 'unknown', boundedness: found.boundedness, why: found.why ?? 'states', far, ...effort }
    }
  }
}
