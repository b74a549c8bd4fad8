/** Traces one region: its nodes are the calls that its body makes, its result what the body returns. */
import type { Expr, Node, Region } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { claimedIn } from './claim.ts'
import { toExpr } from './expr.ts'
import { isRef } from './handle.ts'
import { currentSite } from './hooks.ts'
import { type Builder, building, closeNames, newBuilder, type Special, type Trace } from './trace.ts'

export interface TracedRegion {
  readonly region: Region
  readonly builder: Builder
}

export function traceRegion(
  trace: Trace,
  parent: Builder | undefined,
  params: readonly string[],
  body: (builder: Builder) => unknown,
  special: Special = {},
): TracedRegion {
  const builder = newBuilder(trace, parent, params, special)
  return building(builder, () => {
    const returned = body(builder)
    if (!isRef(returned) && returned instanceof Promise) {
      returned.catch(() => undefined)
      refuse('ASYNC_BODY', `The body of ${trace.name} is async, but its graph must be known before anything runs`, {
        at: currentSite()?.at ?? trace.open.at(-1)?.at,
        hint: 'Use flow(async () => …) to branch on values, or move the work into a task.',
      })
    }
    closeNames(builder)
    // The drafts are complete now; only `after` may still grow.
    const nodes = builder.nodes as Node[]
    return { region: { params, nodes, result: toExpr(builder, returned, 'result'), ...claimedIn(builder) }, builder }
  })
}

/** A region of `builder`: an arm, an item, a body. */
export const traceInside = (
  builder: Builder,
  params: readonly string[],
  body: (builder: Builder) => unknown,
): TracedRegion => traceRegion(builder.trace, builder, params, body)

/**
 * An expression that is seen from inside a region before that has steps: a key, a condition, a guard. `give` gets the
 * region's parameters from the builder, as its body does.
 */
export const exprInside = (builder: Builder, give: (builder: Builder) => unknown, where: string): Expr =>
  toExpr(
    builder,
    building(builder, () => give(builder)),
    where,
  )
