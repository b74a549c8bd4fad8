/** What a bound expression names instead of holding: outputs and secrets, which only a step may open. */
import type { Bound, Resource } from '../core/index.ts'
import { unreachable } from '../util/unreachable.ts'

/** Every resource in it, in its order. */
export function resourcesIn(bound: Bound): readonly Resource[] {
  switch (bound.kind) {
    case 'resource':
      return [bound.resource]
    case 'record':
      return Object.values(bound.fields).flatMap(resourcesIn)
    case 'list':
      return bound.items.flatMap(resourcesIn)
    case 'apply':
      return bound.args.flatMap(resourcesIn)
    case 'literal':
    case 'value':
      return []
    default:
      return unreachable(bound)
  }
}
