/** What a shell asks about an open step: its node, its arguments as values, and what its choice hangs on. Derived, never stored. */
import { invariant } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { bind, bindInside, select } from './bind.ts'
import type { Bound, StepId } from './protocol.ts'
import { nodeAt } from './program.ts'
import { type FlowRecord, locate, mustLocate, NONE, type Place, type State, unitOf } from './state.ts'

export interface StepDescription {
  readonly node: Node
  /** In the order of the node's own expressions. */
  readonly args: readonly Bound[]
}

export function describeStep(state: State, step: StepId): StepDescription {
  const place = mustLocate(state, step)
  const node = nodeAt(unitOf(state, place.scope), place.node)
  return { node, args: boundArgs(state, place, node) }
}

function boundArgs(state: State, place: Place, node: Node): readonly Bound[] {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
      return node.args.map(arg => bind(state, place.scope, arg))
    case 'when':
      return [bind(state, place.scope, node.condition)]
    case 'match':
      return [bind(state, place.scope, node.value)]
    case 'each':
      return [bind(state, place.scope, node.items)]
    default:
      return []
  }
}

/** The key of an each's item as an expression over values; undefined when its keys are indices. */
export function boundKey(state: State, step: StepId, items: Bound, index: number): Bound | undefined {
  const place = mustLocate(state, step)
  const node = nodeAt(unitOf(state, place.scope), place.node)
  invariant(node.kind === 'each', 'E1: only an each has keys')
  return (
    node.key &&
    bindInside(state, place.scope, node.key, { item: select(items, [index]), index: { kind: 'literal', value: index } })
  )
}

/** What a flow has called in this life of the run, in the order of calling. */
export function flowRecords(state: State, step: StepId): readonly FlowRecord[] {
  return [...(state.flows.get(mustLocate(state, step).row)?.calls.values() ?? [])]
}

/** The path of the nearest scope around a step that a flow's call is; undefined when there is none. */
export function enclosingCall(state: State, step: StepId): string | undefined {
  let { scope } = mustLocate(state, step)
  for (
    let parent = state.scopes.parent[scope]!;
    parent !== NONE;
    scope = parent, parent = state.scopes.parent[scope]!
  ) {
    if (nodeAt(unitOf(state, parent), state.scopes.parentNode[scope]!).kind === 'flow') return state.scopes.path[scope]
  }
  return undefined
}

/** Whether the step's scope is there: a step may leave with it between a command and its performance. */
export const isThere = (state: State, step: StepId): boolean => locate(state, step) !== undefined
