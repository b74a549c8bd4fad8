/**
 * A graph as one place/transition net: every region once, calls written out, guards free choices.
 *
 * What it is about: which steps may begin, go on and end beside which others, with the locks, slots, milestones and cancels
 * between them. It is made as the engine plays: see ./scope.ts for scopes and their interruption, ./life.ts for a step's
 * beginning and end, ./joins.ts for what goes on side by side.
 *
 * Where it differs from the engine
 *   - A task that fails is shown only where something comes of it but the end of the run: in a body that is rescued, in an
 *     arm or item whose failure is borne. (`failures: 'shown'` shows all.)
 *   - An interrupted scope may still begin a step that the engine would not, between the interruption of what is around it and
 *     its own; what begins so is interrupted as well.
 *   - Of an each there are as many items as its locks can make a difference for (./lock-order.ts), of a loop one turn after
 *     another without a count. Retries of a task are part of it, those of a region are not counted.
 *   - Signals may always come, timers always end; the deadline of the run is left out.
 *   - Flows, undos and what a call enters again are single steps: `opaque` lists them.
 */
import type { Graph } from '../../core/index.ts'
import { NetBuilder } from './builder.ts'
import type { Composed } from './composed.ts'
import { crossingsOf, type Detail } from './crossings.ts'
import type { Failures } from './may-exit.ts'
import { type Composing, composeRegion } from './scope.ts'
import { composeStep } from './steps.ts'

export interface ComposeOptions {
  /** Whether runs that fail are part of it. Default: only what can be rescued. */
  readonly failures?: Failures
  /** Items that every `each` has at least, for those who ask what goes on side by side. Default: 1. */
  readonly items?: number
  /** `crossing`: only those steps have parts of their own that soundness can hang on. Default: all. */
  readonly detail?: Detail
  /** Whether a step may still begin between an interruption around it and its own, or not, as in the engine. Default: it may. */
  readonly interrupts?: Composing['interrupts']
}

export function composeGraph(
  graph: Graph,
  { failures = 'hidden', items = 1, detail = 'all', interrupts = 'by and by' }: ComposeOptions = {},
): Composed {
  const builder = new NetBuilder()
  const composing: Composing = {
    builder,
    interrupts,
    crossings: crossingsOf(graph, { detail, itemsMin: items }),
    locks: new Map(),
    pools: new Map(),
    opaque: new Map(),
  }
  const root = composeRegion(
    {
      region: graph.root,
      composing,
      outer: undefined,
      owner: undefined,
      label: '',
      items: [],
      failures,
      permits: [],
      open: [],
      clock: 'none',
    },
    composeStep,
  )
  const end = builder.place({ kind: 'inner', step: undefined })
  builder.mark(root.in, { before: 1, after: 0 })
  builder.mark(end, { before: 0, after: 1 })
  const ends = (from: number, how: 'succeeded' | 'failed'): void =>
    void builder.fire({ step: undefined, deed: { kind: 'ends', how }, items: [], from: [from], to: [end] })
  ends(root.out, 'succeeded')
  if (root.x !== undefined) ends(root.x, 'failed')
  return {
    net: builder.net(graph.name),
    meanings: builder.meanings,
    places: builder.places,
    steps: builder.steps,
    succeeded: root.out,
    failed: root.x,
    opaque: [...composing.opaque.values()],
  }
}
