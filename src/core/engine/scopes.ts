/** Scopes begin and end: rows are taken and given back, and the tree of scopes is kept. */
import { invariant } from '../../util/unreachable.ts'
import { START } from '../net/net.ts'
import { putToken, type Turn } from './fire.ts'
import { nestedUnit, type Unit } from './program.ts'
import { allocateScope, freeScope, idOf, NONE, type Place, type State, unitOf } from './state.ts'
import { branchPath, callPath, keyedPath, turnPath } from './step-id.ts'

/** Lets a new scope of `unit` begin under a step. */
export function enterScope(
  turn: Turn,
  unit: Unit,
  place: { parent: number; node: number; item: number; path: string },
): number {
  const { state } = turn
  const { scopes } = state
  const scope = allocateScope(state, unit)
  scopes.parent[scope] = place.parent
  scopes.parentNode[scope] = place.node
  scopes.item[scope] = place.item
  scopes.path[scope] = place.path
  state.byPath.set(place.path, scope)
  linkChild(state, place.parent, scope)
  turn.notes?.push({ kind: 'entered', scope: place.path })
  putToken(turn, scope, START)
  return scope
}

/** How the scopes of one step are told apart; see ./step-id.ts. */
export type Mark =
  | { readonly kind: 'call' }
  | { readonly kind: 'branch'; readonly label: string }
  | { readonly kind: 'key'; readonly key: string }
  /** A region that is entered again: the body of an attempt, a transition of a net. */
  | { readonly kind: 'turn'; readonly label: string; readonly turn: number }

/** Enters the region `label` of a step. */
export function enterRegion(turn: Turn, place: Place, label: string, mark: Mark, item = 0): number {
  const { state } = turn
  const unit = nestedUnit(state.program, unitOf(state, place.scope), place.node, label)
  return enterScope(turn, unit, {
    parent: place.scope,
    node: place.node,
    item,
    path: markedPath(state, place, mark),
  })
}

function markedPath(state: State, place: Place, mark: Mark): string {
  const id = idOf(state, place)
  switch (mark.kind) {
    case 'call':
      return callPath('', id)
    case 'branch':
      return branchPath('', id, mark.label)
    case 'key':
      return keyedPath('', id, mark.key)
    case 'turn':
      return turnPath(id, mark.label, mark.turn)
  }
}

function linkChild(state: State, parent: number, scope: number): void {
  const { scopes } = state
  scopes.previous[scope] = NONE
  scopes.next[scope] = parent === NONE ? NONE : scopes.firstChild[parent]!
  if (parent === NONE) return
  if (scopes.next[scope] !== NONE) scopes.previous[scopes.next[scope]!] = scope
  scopes.firstChild[parent] = scope
}

function unlinkChild(state: State, scope: number): void {
  const { scopes } = state
  const [parent, previous, next] = [scopes.parent[scope]!, scopes.previous[scope]!, scopes.next[scope]!]
  if (next !== NONE) scopes.previous[next] = previous
  if (previous !== NONE) scopes.next[previous] = next
  else if (parent !== NONE) scopes.firstChild[parent] = next
}

/** What remains of a scope that has been left. */
export interface Left {
  readonly parent: number
  readonly parentNode: number
  readonly item: number
  readonly path: string
}

/** Gives the scope's rows back, and says where it was. */
export function leaveScope(state: State, scope: number): Left {
  const { scopes } = state
  invariant(scopes.firstChild[scope] === NONE, 'E6: a scope is left when all below it has been left')
  const left = {
    parent: scopes.parent[scope]!,
    parentNode: scopes.parentNode[scope]!,
    item: scopes.item[scope]!,
    path: scopes.path[scope] ?? '',
  }
  unlinkChild(state, scope)
  freeScope(state, scope)
  return left
}
