/** What a queued step waits for, and whether it is there: its locks. A milestone and a cancel are looked at when it is granted. */
import { areLocksFree } from './locks.ts'
import { type Place, type State, Status } from './state.ts'

export const canBeGranted = (state: State, place: Place): boolean =>
  state.steps.status[place.row] === Status.queued && areLocksFree(state, place)
