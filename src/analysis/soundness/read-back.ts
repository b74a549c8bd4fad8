/** A violation that was seen in what the rules left of a net, as one of the net. */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import type { Reduction } from '../reduce/reduce.ts'
import type { Flow } from '../search/firing.ts'
import { found, seenIn } from './lifted.ts'
import { type Look, lookOf } from './look.ts'
import { nearestAbove } from './nearest.ts'
import { Runner } from '../search/runner.ts'
import { walks } from './walks.ts'

interface ReadBack {
  readonly budget: Budget
  readonly flow: Flow
  readonly reduction: Reduction
  readonly trap: Uint8Array
  readonly violation: Violation
}

const GOING_ON = { runs: 4, stepsMax: 200_000 }
const FOR_ABOVE: Look = { statesMax: 20_000, nodesMax: 20e6 }

/**
 * Where the net can still go on where what is left of it could not (a loop that the rules took away), it either comes to
 * a dead marking or goes on for ever: the end is out of reach in any case.
 */
export function* readBack(net: PetriNet, { budget, flow, reduction, trap, violation }: ReadBack): Sliced<Violation> {
  const trace = reduction.lift(violation.trace)
  const marks = violation.kind === 'unbounded' ? marksOf(reduction, violation.trace) : []
  const seen = seenIn(net, flow, { trace, marks })
  if (seen) return seen
  const runner = new Runner(net, flow)
  for (const t of trace) {
    if (!runner.isEnabled(t)) break
    runner.fire(t)
  }
  const stuck = found(runner, 'no-completion', trace)
  if (violation.kind === 'improper-completion' || violation.kind === 'unbounded') {
    const nearest = yield* nearestAbove(net, { budget: lookOf(net, FOR_ABOVE, budget), flow })
    if (nearest.kind === 'found') return nearest.violation
  }
  const initial = runner.tokens.slice()
  const { violation: later } = yield* walks({ ...net, initial }, { budget, flow, trap, ...GOING_ON })
  if (!later || later.kind === 'no-completion') return stuck
  return { ...later, trace: [...trace, ...later.trace] }
}

/** How long what stands for each first part of a trace is. */
function marksOf({ lift }: Reduction, trace: readonly number[]): number[] {
  let length = 0
  return trace.map(t => {
    const at = length
    length += lift([t]).length
    return at
  })
}
