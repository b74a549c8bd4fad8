/** Whether what a step has given may still be used by something that has not come to rest. Errs on the side of yes. */
import { dependenciesOf, resultDependencies } from '../graph/dependencies.ts'
import type { StepId } from './protocol.ts'
import { isThere } from './describe.ts'
import { idOf, locate, placeAt, type State, Status, unitOf } from './state.ts'

/** `true` where the scope of the step has been left: its result is part of another value now. */
export function isWanted(state: State, step: StepId): boolean {
  const place = locate(state, step)
  if (!place) return true
  const { region } = unitOf(state, place.scope)
  const id = region.nodes[place.node]!.id
  if (resultDependencies(region).includes(id)) return true
  return region.nodes.some((node, index) => {
    if (!dependenciesOf(node).includes(id)) return false
    const other = placeAt(state, place.scope, index)
    return state.steps.status[other.row] === Status.idle || isThere(state, idOf(state, other))
  })
}
