/**
 * Compensation: what a scope that leaves by `x` does to make undone what has succeeded in it.
 *
 *   E11. The records of a scope that ends go to its parent, so what a whole run did can be undone until the run has ended;
 *        those of a scope that leaves by `x` are worked off, last first, one at a time, each in a shielded scope.
 */
import type { Turn } from './fire.ts'
import { nestedUnit } from './program.ts'
import { enterScope } from './scopes.ts'
import { restScope } from './settle.ts'
import { type Cause, NONE, type State, UNDO } from './state.ts'
import { branchPath } from './step-id.ts'

/** Begins the next undoing of a scope that is about to leave; false when there is none. */
export function undoNext(turn: Turn, scope: number, cause: Cause): boolean {
  const { state } = turn
  // A run that diverged does nothing more: what its code would do is not known.
  if (cause.kind === 'diverged') return false
  const record = state.undos.get(scope)?.pop()
  const unit = record && state.program.units[record.unit]
  if (!record || !unit) return false
  state.scopes.live[scope]! += 1
  const undoing = enterScope(turn, nestedUnit(state.program, unit, record.node, 'undo'), {
    parent: scope,
    node: UNDO,
    item: 0,
    path: branchPath('', record.step, 'undo'),
  })
  state.undoing.set(undoing, record)
  return true
}

/** An undoing has ended, well or not: `cause` is added to what the scope leaves with. The next one begins. */
export function leaveUndo(turn: Turn, scope: number, cause: Cause | undefined): void {
  const { state } = turn
  const own = state.causes.get(scope)
  if (cause && own) {
    const causes = [...(own.fault.causes ?? []), cause.fault]
    state.causes.set(scope, { ...own, fault: { ...own.fault, causes } })
  }
  restScope(turn, scope)
}

/** A scope has ended: what it did can still be undone by the one around it. */
export function handUndosUp(state: State, scope: number): void {
  const records = state.undos.get(scope)
  const parent = state.scopes.parent[scope]!
  if (!records || parent === NONE || state.scopes.parentNode[scope] === UNDO) return
  const stack = state.undos.get(parent)
  if (!stack) state.undos.set(parent, records)
  else for (const record of records) stack.push(record)
}

/** Whether a scope belongs to an undoing: its steps are parked rather than given up. */
export function isUndoing(state: State, scope: number): boolean {
  if (state.undoing.size === 0) return false
  for (let at = scope; at !== NONE; at = state.scopes.parent[at]!) if (state.scopes.parentNode[at] === UNDO) return true
  return false
}
