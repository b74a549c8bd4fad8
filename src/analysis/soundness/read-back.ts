/** A violation that was seen in what the rules left of a net, as one of the net. */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import type { Reduction } from '../reduce/reduce.ts'
import type { Flow } from '../search/firing.ts'
import { Runner } from '../search/runner.ts'
import { found, seenIn } from './lifted.ts'
import { type Look, lookOf } from './look.ts'
import { nearestAbove } from './nearest.ts'
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
 * The trace as one of the net, and what it shows there. Where it shows nothing yet, the net goes on from there: rules take
 * away loops, so that what is dead in what they left may be endless in the net. Undefined where no violation was found.
 */
export function* readBack(
  net: PetriNet,
  { budget, flow, reduction, trap, violation }: ReadBack,
): Sliced<Violation | undefined> {
  const trace = reduction.lift(violation.trace)
  const marks = violation.kind === 'unbounded' ? marksOf(reduction, violation.trace) : []
  const seen = seenIn(net, flow, { trace, marks }) ?? beyondEnd(net, flow, trace)
  if (seen) return seen
  const runner = played(net, flow, trace)
  // In the net a place may hold more than in what is left: what was cut shows nothing.
  if (!runner.isExact) return undefined
  const later = yield* walks({ ...net, initial: runner.tokens.slice() }, { budget, flow, trap, ...GOING_ON })
  if (later.violation && later.violation.kind !== 'no-completion') {
    return { ...later.violation, trace: [...trace, ...later.violation.trace] }
  }
  if (violation.kind === 'deadlock' || violation.kind === 'no-completion') return found(runner, 'no-completion', trace)
  const nearest = yield* nearestAbove(net, { budget: lookOf(net, FOR_ABOVE, budget), flow })
  return nearest.kind === 'found' ? nearest.violation : undefined
}

function played(net: PetriNet, flow: Flow, trace: readonly number[]): Runner {
  const runner = new Runner(net, flow)
  for (const t of trace) {
    if (!runner.isEnabled(t)) break
    runner.fire(t)
  }
  return runner
}

/** It comes to the end, from which one more step leads above it. */
function beyondEnd(net: PetriNet, flow: Flow, trace: readonly number[]): Violation | undefined {
  const runner = played(net, flow, trace)
  if (runner.standing() !== 'equal') return undefined
  for (let index = 0; index < runner.enabledCount; index++) {
    const further = [...trace, runner.enabledAt(index)]
    const after = played(net, flow, further)
    if (after.standing() === 'above') return found(after, 'improper-completion', further)
  }
  return undefined
}

/** How long what stands for each first part of a trace is. */
function marksOf({ lift }: Reduction, trace: readonly number[]): number[] {
  const before = lift([]).length
  let length = before
  return trace.map(t => {
    const at = length
    length += lift([t]).length - before
    return at
  })
}
