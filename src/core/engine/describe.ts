/** What a shell asks about an open step: its node, its arguments as values, and what its choice hangs on. Derived, never stored. */
import { invariant, unreachable } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { asItem, bind, bindInside, itemOf, UNDEFINED } from './bind.ts'
import { failureCounts } from './counters.ts'
import { netAt } from './free-net.ts'
import { tableOf } from './net-table.ts'
import type { Bound, StepId } from './protocol.ts'
import { nodeAt } from './program.ts'
import { type FlowRecord, locate, mustLocate, NONE, type Place, type State, Status, UNDO, unitOf } from './state.ts'

export interface StepDescription {
  readonly node: Node
  /** In the order of the node's own expressions. */
  readonly args: readonly Bound[]
  /** Attempts so far that failed; those that were lost with their worker do not count. Absent: none. */
  readonly failures?: number
}

export const describeStep = (state: State, step: StepId): StepDescription => describe(state, mustLocate(state, step))

/** As `describeStep`; undefined when the step is not there any more, or has come to rest. */
export function findStep(state: State, step: StepId): StepDescription | undefined {
  const place = locate(state, step)
  return place && isOpen(state.steps.status[place.row]!) ? describe(state, place) : undefined
}

function describe(state: State, place: Place): StepDescription {
  const node = nodeAt(unitOf(state, place.scope), place.node)
  const failures = failureCounts(state, place).reduce((sum, count) => sum + count, 0)
  return { node, args: boundArgs(state, place, node), ...(failures > 0 ? { failures } : {}) }
}

function boundArgs(state: State, place: Place, node: Node): readonly Bound[] {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'service':
      return node.args.map(arg => bind(state, place.scope, arg))
    case 'when':
      return [bind(state, place.scope, node.condition)]
    case 'match':
      return [bind(state, place.scope, node.value)]
    case 'each':
      return [node.items, ...(node.limits ? [node.limits] : [])].map(expr => bind(state, place.scope, expr))
    case 'any':
      return Object.values(node.arms).map(arm => bind(state, place.scope, arm.condition))
    case 'loop':
      return loopArgs(state, place, node)
    case 'wait':
      return waitArgs(state, place, node)
    case 'source':
    case 'call':
    case 'race':
    case 'some':
    case 'attempt':
    case 'scope':
    case 'cancel':
    case 'net':
      return []
    default:
      return unreachable(node)
  }
}

/** The condition and the state that it is about. */
function loopArgs(state: State, place: Place, node: Extract<Node, { kind: 'loop' }>): readonly Bound[] {
  const group = state.groups.get(place.row)
  // It still waits for its locks.
  if (group === undefined) return []
  invariant(group.kind === 'loop', 'E1: a loop that is evaluated has a state')
  const turn: Bound = { kind: 'literal', value: group.turn }
  return [bindInside(state, place.scope, node.condition, { state: group.state, turn }), group.state]
}

/** The duration or the instant of a wait for time. */
function waitArgs(state: State, place: Place, { on }: Extract<Node, { kind: 'wait' }>): readonly Bound[] {
  switch (on.kind) {
    case 'timer':
      return [bind(state, place.scope, on.duration)]
    case 'instant':
      return [bind(state, place.scope, on.instant)]
    case 'signal':
      return []
  }
}

/** The state of a net that carries one. */
export function boundNetState(state: State, step: StepId): Bound | undefined {
  const { node, net } = mustPlay(state, mustLocate(state, step))
  return node.init && (net.outputs[0] ?? UNDEFINED)
}

/**
 * The guards of a net's transitions over its state, when it carries one, or over what each gave last; undefined where there
 * is none.
 */
export function boundGuards(
  state: State,
  step: StepId,
  transitions: readonly string[],
  carried: Bound | undefined,
): readonly (Bound | undefined)[] {
  const place = mustLocate(state, step)
  const { node, net } = mustPlay(state, place)
  const { index } = tableOf(node)
  const params = carried
    ? { state: carried }
    : Object.fromEntries(node.transitions.map(({ id }, at) => [id, net.outputs[at] ?? UNDEFINED]))
  return transitions.map(id => {
    const guard = node.transitions[index.get(id) ?? -1]?.guard
    return guard && bindInside(state, place.scope, guard, params)
  })
}

function mustPlay(state: State, place: Place): NonNullable<ReturnType<typeof netAt>> {
  const played = netAt({ state }, place)
  invariant(played !== undefined, 'E1: only a net has guards')
  return played
}

/**
 * The key of an each's item as an expression over values; undefined when its keys are indices. `index` counts batches where
 * there are any, `count` is how many items there are; `added`: the item itself, when it came later.
 */
export function boundKey(
  state: State,
  step: StepId,
  { items, index, count, added }: { items: Bound; index: number; count: number; added?: Bound },
): Bound | undefined {
  const place = mustLocate(state, step)
  const node = nodeAt(unitOf(state, place.scope), place.node)
  invariant(node.kind === 'each', 'E1: only an each has keys')
  const item = added ? asItem(added, node.batch) : itemOf({ items, added: [], count }, index, node.batch)
  return node.key && bindInside(state, place.scope, node.key, { item, index: { kind: 'literal', value: index } })
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
    const node = state.scopes.parentNode[scope]!
    if (node !== UNDO && nodeAt(unitOf(state, parent), node).kind === 'flow') return state.scopes.path[scope]
  }
  return undefined
}

/** Whether the step is there and has not come to rest: it may have between a command and its performance. */
export function isThere(state: State, step: StepId): boolean {
  const place = locate(state, step)
  return place !== undefined && isOpen(state.steps.status[place.row]!)
}

const AT_REST: ReadonlySet<number> = new Set([
  Status.idle,
  Status.passed,
  Status.failed,
  Status.cancelled,
  Status.skipped,
])
const isOpen = (status: number): boolean => !AT_REST.has(status)
