/**
 * Locks: steps that exclude one another, in the whole run or in one scope.
 *
 *   E9. A step takes all its locks in one event or none of them, so holding one while waiting for another needs two nested
 *       steps; it gives them back when it has come to rest. Who has waited longest goes first, unless he waits for more.
 */
import type { Turn } from './fire.ts'
import { idOf, type LockState, NONE, nodeOf, type Place, type Queue, type State } from './state.ts'

/** The names of a step's locks; those of a region carry the path of the scope. */
function lockNames(state: State, place: Place): readonly string[] {
  const { locks = [] } = nodeOf(state, place).policy
  return locks.map(({ name, of }) => (of === 'run' ? name : `${state.scopes.path[place.scope] ?? ''}#${name}`))
}

/** A step that has opened waits for its locks; it is proposed when they are free. */
export function queueForLocks(turn: Turn, place: Place): void {
  const { locks } = turn.state
  for (const name of lockNames(turn.state, place)) {
    const lock = locks.get(name)
    if (lock) lock.waiting.set(place.row, place)
    else locks.set(name, { holder: NONE, waiting: new Map([[place.row, place]]) })
  }
  if (areLocksFree(turn.state, place)) turn.commands.push({ kind: 'proposeGrant', step: idOf(turn.state, place) })
}

export const hasLocks = (state: State, place: Place): boolean => (nodeOf(state, place).policy.locks?.length ?? 0) > 0

export const areLocksFree = (state: State, place: Place): boolean =>
  lockNames(state, place).every(name => (state.locks.get(name)?.holder ?? NONE) === NONE)

export function takeLocks(state: State, place: Place): void {
  for (const name of lockNames(state, place)) {
    const lock = state.locks.get(name)
    if (!lock) continue
    lock.holder = place.row
    lock.waiting.delete(place.row)
  }
}

/** The step has come to rest, whether it held its locks or still waited for them. */
export function releaseLocks(turn: Turn, place: Place): void {
  const { state } = turn
  if (!hasLocks(state, place)) return
  const released: LockState[] = []
  for (const name of lockNames(state, place)) {
    const lock = state.locks.get(name)
    if (!lock) continue
    lock.waiting.delete(place.row)
    if (lock.holder === place.row) lock.holder = NONE
    if (lock.holder !== NONE) continue
    if (lock.waiting.size === 0) state.locks.delete(name)
    else released.push(lock)
  }
  // Each lock has its own queue: who waits for one of them must not wait for the next holder of another.
  const next = released.flatMap(({ waiting }) => firstFree(state, waiting) ?? [])
  for (const step of new Set(next.map(each => idOf(state, each)))) turn.commands.push({ kind: 'proposeGrant', step })
}

function firstFree(state: State, waiting: Queue): Place | undefined {
  for (const place of waiting.values()) if (areLocksFree(state, place)) return place
  return undefined
}
