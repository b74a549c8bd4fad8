/** What a queued step waits for, and whether it is there: locks, a milestone that is still open, its turn to cancel. */
import { areLocksFree } from './locks.ts'
import { hasBegun } from './open.ts'
import { nodeOf, type Place, type State, Status } from './state.ts'

export function canBeGranted(state: State, place: Place): boolean {
  if (state.steps.status[place.row] !== Status.queued || !areLocksFree(state, place)) return false
  const node = nodeOf(state, place)
  return node.kind !== 'scope' || !hasBegun(state, place, node.until)
}
