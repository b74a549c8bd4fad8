/** `.undo()`: what makes a step undone after it has succeeded. Its body outlives what is around it, so it is closed. */
import { refuse } from '../util/diagnostic.ts'
import { mustBeFunction } from './arguments.ts'
import { currentSite } from './hooks.ts'
import { paramRef } from './ref.ts'
import { traceRegion } from './region.ts'
import { type Boundary, currentBuilder, type Target } from './trace.ts'

/** Traces the body of an undo; refs that it uses from around it become captures. Refuses BAD_UNDO and BAD_ARGUMENT. */
export function traceUndo(target: Target, body: unknown): void {
  if (target.kind !== 'node' || target.path.length > 0)
    return refuseUndo('Only a step can be undone: .undo() was called on a field, a mapped value or a parameter')
  const { node, builder } = target
  if (node.undo) refuseUndo(`${node.name} has an undo already`)
  if (currentBuilder() !== builder) refuseUndo(`The undo of ${node.name} stands in another body than the step`)
  mustBeFunction(body, '.undo() takes a function', 'charge(order).undo(receipt => refund(receipt))')
  const boundary: Boundary = { outer: builder, node, captures: new Map() }
  const { region } = traceRegion(builder.trace, undefined, ['value'], inside => body(paramRef(inside, 'value')), {
    boundary,
  })
  const captures = Object.fromEntries(boundary.captures)
  node.undo = { captures, body: { ...region, params: ['value', ...Object.keys(captures)] } }
}

const refuseUndo = (message: string): never =>
  refuse('BAD_UNDO', message, {
    at: currentSite()?.at,
    hint: 'Call .undo() once, where the step is called: charge(order).undo(receipt => refund(receipt)).',
  })
