/**
 * Playing the nets: firing, opening steps, entering and leaving scopes. Called by ./apply.ts only.
 *
 *   E4. A step opens when all that it depends on has passed, so every value that it uses is there.
 *   E5. Silent transitions fire at once, in any order with the same result (N2); the agenda makes the order defined.
 *   E6. A closing scope opens nothing; it is left, by `x`, when its last open step has settled.
 */
import { invariant } from '../../util/unreachable.ts'
import type { Expr, Node } from '../graph/graph.ts'
import { END, failTransition, isSilent, passTransition, roleOf, START } from '../net/net.ts'
import { bind, select, UNDEFINED } from './bind.ts'
import type { Bound, Command, Fault, RunStatus } from './protocol.ts'
import { nestedUnit, nodeAt, type Unit } from './program.ts'
import { allocateScope, type Cause, type EachState, freeScope, NONE, ScopeStatus, type State, Status, stepAt, unitOf } from './state.ts'
import { branchPath, callPath, keyedPath } from './step-id.ts'

/** One application of an event: the state, the commands so far, and the silent transitions still to fire. */
export interface Turn {
  readonly state: State
  readonly commands: Command[]
  /** Pairs (scope, transition). */
  readonly agenda: number[]
}

/** Fires what is enabled until nothing is. Iterative: the depth of the graph costs no stack. */
export function settleAgenda(turn: Turn): void {
  for (let next = 0; next < turn.agenda.length; next += 2) {
    const scope = turn.agenda[next]!
    const transition = turn.agenda[next + 1]!
    if (turn.state.scopes.status[scope] === ScopeStatus.open) fireSilent(turn, scope, transition)
  }
  turn.agenda.length = 0
}

function fireSilent(turn: Turn, scope: number, transition: number): void {
  fire(turn, scope, transition)
  const role = roleOf(transition)
  if (role.kind === 'open') openStep(turn, scope, role.node)
  else if (role.kind === 'end') leaveByEnd(turn, scope)
}

/** Moves the tokens of one transition; O(arcs). */
function fire(turn: Turn, scope: number, transition: number): void {
  const { net } = unitOf(turn.state, scope)
  for (let arc = net.preStart[transition]!; arc < net.preStart[transition + 1]!; arc++) takeToken(turn, scope, net.pre[arc]!)
  for (let arc = net.postStart[transition]!; arc < net.postStart[transition + 1]!; arc++) putToken(turn, scope, net.post[arc]!)
}

function takeToken(turn: Turn, scope: number, place: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const at = scopes.token[scope]! + place
  invariant(marks.tokens[at]! > 0, 'E5: a transition fires only when its input places are marked')
  marks.tokens[at]! -= 1
  if (marks.tokens[at] !== 0) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++) {
    marks.missing[scopes.missing[scope]! + net.consumers[arc]!]! += 1
  }
}

function putToken(turn: Turn, scope: number, place: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const at = scopes.token[scope]! + place
  marks.tokens[at]! += 1
  if (marks.tokens[at] !== 1) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++) {
    const transition = net.consumers[arc]!
    const missing = scopes.missing[scope]! + transition
    marks.missing[missing]! -= 1
    if (marks.missing[missing] === 0 && isSilent(transition)) turn.agenda.push(scope, transition)
  }
}

function openStep(turn: Turn, scope: number, index: number): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const node = nodeAt(unitOf(state, scope), index)
  state.scopes.live[scope]! += 1
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
      state.steps.status[row] = Status.waiting
      turn.commands.push({ kind: 'startAttempt', step: stepAt(state, scope, index), notBeforeMs: 0 })
      return
    case 'when':
    case 'match':
      state.steps.status[row] = Status.evaluating
      turn.commands.push({ kind: 'evaluateBranch', step: stepAt(state, scope, index) })
      return
    case 'each':
      state.steps.status[row] = Status.evaluating
      turn.commands.push({ kind: 'evaluateItems', step: stepAt(state, scope, index) })
      return
    case 'call':
      state.steps.status[row] = Status.spawned
      enterCall(turn, scope, index, node)
      return
    default:
      throw new Error(`defect: the validator let a node of kind ${node.kind} pass`)
  }
}

/** Lets a new scope of `unit` begin under a step. */
export function enterScope(turn: Turn, unit: Unit, place: { parent: number; node: number; item: number; path: string; params: readonly Bound[] }): number {
  const { state } = turn
  const { scopes } = state
  const scope = allocateScope(state, unit)
  scopes.parent[scope] = place.parent
  scopes.parentNode[scope] = place.node
  scopes.item[scope] = place.item
  scopes.path[scope] = place.path
  scopes.params[scope] = place.params
  state.byPath.set(place.path, scope)
  linkChild(state, place.parent, scope)
  putToken(turn, scope, START)
  return scope
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

function enterCall(turn: Turn, scope: number, index: number, node: Extract<Node, { kind: 'call' }>): void {
  const { state } = turn
  const unit = nestedUnit(state.program, unitOf(state, scope), index, 'body')
  const params = unit.region.params.map(param => bindOrUndefined(state, scope, node.args[param]))
  enterScope(turn, unit, { parent: scope, node: index, item: 0, path: callPath(state.scopes.path[scope] ?? '', node.id), params })
}

const bindOrUndefined = (state: State, scope: number, expr: Expr | undefined): Bound => (expr ? bind(state, scope, expr) : UNDEFINED)

/** A when or match goes one way. */
export function enterBranch(turn: Turn, scope: number, index: number, branch: string): void {
  const { state } = turn
  const unit = unitOf(state, scope)
  const node = nodeAt(unit, index)
  invariant(node.kind === 'when' || node.kind === 'match', 'E1: only a when or a match has branches')
  state.steps.status[state.scopes.step[scope]! + index] = Status.spawned
  const params = node.kind === 'match' ? [bind(state, scope, node.value)] : []
  enterScope(turn, nestedUnit(state.program, unit, index, branch), {
    parent: scope,
    node: index,
    item: 0,
    path: branchPath(state.scopes.path[scope] ?? '', node.id, branch),
    params,
  })
}

/** The items of an each are known: as many scopes begin as its concurrency allows. */
export function enterItems(turn: Turn, scope: number, index: number, keys: readonly string[], items: Bound): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const each: EachState = { keys, items, results: new Array(keys.length).fill(undefined), next: 0, open: 0, passed: 0, cause: undefined }
  state.steps.status[row] = Status.spawned
  state.eaches.set(row, each)
  if (keys.length === 0) return passStep(turn, scope, index, { kind: 'list', items: [] })
  enterMoreItems(turn, scope, index, each)
}

function enterMoreItems(turn: Turn, scope: number, index: number, each: EachState): void {
  const { state } = turn
  const unit = unitOf(state, scope)
  const node = nodeAt(unit, index)
  invariant(node.kind === 'each', 'E1: only an each has items')
  const limit = node.concurrency ?? Number.POSITIVE_INFINITY
  const body = nestedUnit(state.program, unit, index, 'body')
  const parentPath = state.scopes.path[scope] ?? ''
  while (each.next < each.keys.length && each.open < limit) {
    const item = each.next++
    each.open += 1
    enterScope(turn, body, {
      parent: scope,
      node: index,
      item,
      path: keyedPath(parentPath, node.id, each.keys[item] ?? ''),
      params: [select(each.items, [item]), { kind: 'literal', value: item }],
    })
  }
}

/** A step has its value: what waited for it may open. */
export function passStep(turn: Turn, scope: number, index: number, output: Bound): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  state.steps.status[row] = Status.passed
  state.steps.output[row] = output
  state.scopes.live[scope]! -= 1
  if (state.scopes.status[scope] === ScopeStatus.open) fire(turn, scope, passTransition(index))
  else leaveWhenSettled(turn, scope)
}

/** A step has failed for good: its scope is interrupted. */
export function failStep(turn: Turn, scope: number, index: number, cause: Cause): void {
  const { state } = turn
  state.steps.status[state.scopes.step[scope]! + index] = Status.failed
  state.scopes.live[scope]! -= 1
  if (state.scopes.status[scope] === ScopeStatus.open) fire(turn, scope, failTransition(index))
  closeScope(turn, scope, cause)
  leaveWhenSettled(turn, scope)
}

/** A step of a closing scope has come to rest without a value. */
export function cancelStep(turn: Turn, scope: number, index: number): void {
  const { state } = turn
  state.steps.status[state.scopes.step[scope]! + index] = Status.cancelled
  state.scopes.live[scope]! -= 1
  leaveWhenSettled(turn, scope)
}

/** Interrupts a scope and all scopes below it. Iterative, children last in, first closed. */
export function closeScope(turn: Turn, root: number, cause: Cause): void {
  const { scopes } = turn.state
  const pending = [root]
  const closed: number[] = []
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    if (scopes.status[scope] !== ScopeStatus.open) continue
    scopes.status[scope] = ScopeStatus.closing
    turn.state.causes.set(scope, cause)
    for (let child = scopes.firstChild[scope]!; child !== NONE; child = scopes.next[child]!) pending.push(child)
    stopSteps(turn, scope)
    closed.push(scope)
  }
  // Deepest first, so that each finds its children gone; the root is left by the caller that has settled its step.
  for (const scope of closed.reverse()) if (scope !== root) leaveWhenSettled(turn, scope)
}

function stopSteps(turn: Turn, scope: number): void {
  const { state } = turn
  const first = state.scopes.step[scope]!
  const count = unitOf(state, scope).region.nodes.length
  for (let index = 0; index < count; index++) {
    const row = first + index
    const status = state.steps.status[row]
    if (status === Status.running) {
      turn.commands.push({ kind: 'stopAttempt', step: stepAt(state, scope, index), attempt: state.steps.attempt[row]! })
    } else if (status === Status.waiting || status === Status.evaluating) {
      state.steps.status[row] = Status.cancelled
      state.scopes.live[scope]! -= 1
    }
  }
}

/** E6: out by `x` once nothing of a closing scope is open. */
export function leaveWhenSettled(turn: Turn, scope: number): void {
  const { state } = turn
  if (state.scopes.status[scope] !== ScopeStatus.closing || state.scopes.live[scope] !== 0) return
  const cause = state.causes.get(scope)
  invariant(cause !== undefined, 'E6: a closing scope knows why')
  const [parent, index, item] = [state.scopes.parent[scope]!, state.scopes.parentNode[scope]!, state.scopes.item[scope]!]
  const path = state.scopes.path[scope] ?? ''
  unlinkChild(state, scope)
  freeScope(state, scope)
  if (parent === NONE) return endRun(turn, statusOf(cause), undefined, cause.fault)
  const node = nodeAt(unitOf(state, parent), index)
  if (node.kind === 'flow') return answerFlow(turn, parent, index, path, cause.kind === 'failed' ? { kind: 'failed', fault: cause.fault } : { kind: 'cancelled' })
  if (node.kind === 'each') return leaveItemByExit(turn, parent, index, item, cause)
  leaveStepByExit(turn, parent, index, cause)
}

/** The parent's step ends as its scope did, unless the parent itself is closing: then it just comes to rest. */
function leaveStepByExit(turn: Turn, scope: number, index: number, cause: Cause): void {
  if (turn.state.scopes.status[scope] === ScopeStatus.open) failStep(turn, scope, index, cause)
  else cancelStep(turn, scope, index)
}

/** One item failed: its siblings are interrupted, and the each fails when the last of them has left. */
function leaveItemByExit(turn: Turn, scope: number, index: number, _item: number, cause: Cause): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const each = state.eaches.get(row)
  invariant(each !== undefined, 'E1: an item belongs to an each')
  each.open -= 1
  if (!each.cause) {
    each.cause = cause
    each.next = each.keys.length
    for (const sibling of childrenOf(state, scope, index)) closeScope(turn, sibling, cause)
    for (const sibling of childrenOf(state, scope, index)) leaveWhenSettled(turn, sibling)
  }
  // The innermost of these calls sees the last sibling off; the outer ones find the each gone.
  if (state.eaches.get(row) === each && each.open === 0) {
    state.eaches.delete(row)
    leaveStepByExit(turn, scope, index, each.cause)
  }
}

function childrenOf(state: State, parent: number, index: number): readonly number[] {
  const found: number[] = []
  for (let child = state.scopes.firstChild[parent]!; child !== NONE; child = state.scopes.next[child]!) {
    if (state.scopes.parentNode[child] === index) found.push(child)
  }
  return found
}

function leaveByEnd(turn: Turn, scope: number): void {
  const { state } = turn
  const { scopes, marks } = state
  invariant(scopes.live[scope] === 0 && marks.tokens[scopes.token[scope]! + END] === 1, 'N3: a scope that ends holds one token')
  const result = bind(state, scope, unitOf(state, scope).region.result)
  const [parent, index, item] = [scopes.parent[scope]!, scopes.parentNode[scope]!, scopes.item[scope]!]
  const path = scopes.path[scope] ?? ''
  unlinkChild(state, scope)
  freeScope(state, scope)
  if (parent === NONE) return endRun(turn, 'succeeded', result, undefined)
  const node = nodeAt(unitOf(state, parent), index)
  if (node.kind === 'flow') return answerFlow(turn, parent, index, path, { kind: 'succeeded', result })
  if (node.kind === 'each') return leaveItemByEnd(turn, parent, index, item, result)
  passStep(turn, parent, index, result)
}

function leaveItemByEnd(turn: Turn, scope: number, index: number, item: number, result: Bound): void {
  const row = turn.state.scopes.step[scope]! + index
  const each = turn.state.eaches.get(row)
  invariant(each !== undefined, 'E1: an item belongs to an each')
  each.results[item] = result
  each.open -= 1
  each.passed += 1
  if (each.cause) {
    if (each.open === 0) {
      turn.state.eaches.delete(row)
      leaveStepByExit(turn, scope, index, each.cause)
    }
  } else if (each.passed === each.keys.length) {
    turn.state.eaches.delete(row)
    passStep(turn, scope, index, { kind: 'list', items: each.results.map(each => each ?? UNDEFINED) })
  } else {
    enterMoreItems(turn, scope, index, each)
  }
}

function answerFlow(turn: Turn, scope: number, index: number, path: string, answer: Extract<Command, { kind: 'answerCall' }>['answer']): void {
  const flow = turn.state.flows.get(turn.state.scopes.step[scope]! + index)
  invariant(flow !== undefined, 'E1: a call belongs to a flow')
  const record = flow.calls.get(path)
  invariant(record !== undefined, 'E1: an answer belongs to a call')
  record.answer = answer
  record.order = flow.answers++
  flow.open -= 1
  turn.commands.push({ kind: 'answerCall', flow: stepAt(turn.state, scope, index), key: record.call.key, answer })
}

function endRun(turn: Turn, status: RunStatus, result: Bound | undefined, fault: Fault | undefined): void {
  turn.state.phase = { kind: 'ending', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) }
  turn.commands.push({ kind: 'evaluateResult', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) })
}

function statusOf(cause: Cause): RunStatus {
  if (cause.kind !== 'failed') return cause.kind
  return 'failed'
}
