/**
 * Playing the nets: firing, opening steps, entering and leaving scopes. Called by ./apply.ts only.
 *
 *   E4. A step opens when all that it depends on has passed, so every value that it uses is there.
 *   E5. Silent transitions fire at once, in any order with the same result (N2); the agenda makes the order defined.
 *   E6. A closing scope opens nothing; it is left, by `x`, when its last open step has settled.
 *   E7. A flow comes to rest after all its calls have: what it leaves open is interrupted and awaited.
 */
import { invariant, unreachable } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import { END, failTransition, isSilent, type Net, passTransition, roleOf, START } from '../net/net.ts'
import { bind, UNDEFINED, WHOLE } from './bind.ts'
import type { Answer, Bound, Command, Fault, Outcome, RunStatus } from './protocol.ts'
import { nestedUnit, nodeAt, type Unit } from './program.ts'
import {
  allocateScope,
  type Cause,
  type EachState,
  freeScope,
  type MarkColumns,
  NONE,
  type Place,
  ScopeStatus,
  type State,
  Status,
  stepAt,
  unitOf,
} from './state.ts'
import { branchPath, callPath, keyedPath } from './step-id.ts'

/** One application of an event: the state, the commands so far, and what is still to be done before it is over. */
export interface Turn {
  readonly state: State
  readonly commands: Command[]
  /** Silent transitions to fire: pairs (scope, transition). */
  readonly agenda: number[]
  /** Closing scopes in which nothing is open any more. */
  readonly exits: number[]
}

export const beginTurn = (state: State): Turn => ({ state, commands: [], agenda: [], exits: [] })

/**
 * Leaves and fires until there is nothing left to do. Iterative: the depth of the graph costs no stack. Scopes are left
 * before anything fires, and only firing enters scopes: so a row on either list still is the scope that was meant.
 */
export function settleTurn(turn: Turn): void {
  const { state, agenda, exits } = turn
  for (let next = 0; ; next += 2) {
    for (let scope = exits.pop(); scope !== undefined; scope = exits.pop()) leaveByExit(turn, scope)
    if (next >= agenda.length) break
    const scope = agenda[next]!
    if (state.scopes.status[scope] === ScopeStatus.open) fireSilent(turn, scope, agenda[next + 1]!)
  }
  agenda.length = 0
}

function fireSilent(turn: Turn, scope: number, transition: number): void {
  fire(turn, scope, transition)
  const role = roleOf(transition)
  if (role.kind === 'open') openStep(turn, scope, role.node)
  else if (role.kind === 'end') leaveByEnd(turn, scope)
}

/** Moves the tokens of one transition; O(arcs). */
function fire(turn: Turn, scope: number, transition: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const token = scopes.token[scope]!
  const missing = scopes.missing[scope]!
  for (let arc = net.preStart[transition]!; arc < net.preStart[transition + 1]!; arc++) {
    takeToken(marks, net, { place: net.pre[arc]!, token, missing })
  }
  for (let arc = net.postStart[transition]!; arc < net.postStart[transition + 1]!; arc++)
    putToken(turn, scope, net.post[arc]!)
}

function takeToken(
  marks: MarkColumns,
  net: Net,
  { place, token, missing }: { place: number; token: number; missing: number },
): void {
  const left = marks.tokens[token + place]! - 1
  invariant(left >= 0, 'E5: a transition fires only when its input places are marked')
  marks.tokens[token + place] = left
  if (left > 0) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++)
    marks.missing[missing + net.consumers[arc]!]! += 1
}

function putToken(turn: Turn, scope: number, place: number): void {
  const { scopes, marks } = turn.state
  const { net } = unitOf(turn.state, scope)
  const at = scopes.token[scope]! + place
  const missing = scopes.missing[scope]!
  marks.tokens[at]! += 1
  if (marks.tokens[at] !== 1) return
  for (let arc = net.consumerStart[place]!; arc < net.consumerStart[place + 1]!; arc++) {
    const transition = net.consumers[arc]!
    const left = marks.missing[missing + transition]! - 1
    marks.missing[missing + transition] = left
    if (left === 0 && isSilent(transition)) turn.agenda.push(scope, transition)
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
export function enterScope(
  turn: Turn,
  unit: Unit,
  place: { parent: number; node: number; item: number; path: string },
): void {
  const { state } = turn
  const { scopes } = state
  const scope = allocateScope(state, unit)
  scopes.parent[scope] = place.parent
  scopes.parentNode[scope] = place.node
  scopes.item[scope] = place.item
  scopes.path[scope] = place.path
  state.byPath.set(place.path, scope)
  linkChild(state, place.parent, scope)
  putToken(turn, scope, START)
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
  enterScope(turn, unit, {
    parent: scope,
    node: index,
    item: 0,
    path: callPath(state.scopes.path[scope] ?? '', node.id),
  })
}

/** A when or match goes one way. */
export function enterBranch(turn: Turn, scope: number, index: number, branch: string): void {
  const { state } = turn
  const unit = unitOf(state, scope)
  const node = nodeAt(unit, index)
  invariant(node.kind === 'when' || node.kind === 'match', 'E1: only a when or a match has branches')
  state.steps.status[state.scopes.step[scope]! + index] = Status.spawned
  enterScope(turn, nestedUnit(state.program, unit, index, branch), {
    parent: scope,
    node: index,
    item: 0,
    path: branchPath(state.scopes.path[scope] ?? '', node.id, branch),
  })
}

/** The items of an each are known: as many scopes begin as its concurrency allows. */
export function enterItems(turn: Turn, scope: number, index: number, keys: readonly string[], items: Bound): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const each: EachState = {
    keys,
    items,
    results: new Array(keys.length).fill(undefined),
    next: 0,
    open: 0,
    passed: 0,
    cause: undefined,
  }
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
    })
  }
}

/** A step has its value: what waited for it may open. In a closing scope the value is kept, and opens nothing. */
function passStep(turn: Turn, scope: number, index: number, output: Bound): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  state.steps.status[row] = Status.passed
  state.steps.output[row] = output
  if (state.scopes.status[scope] === ScopeStatus.open) fire(turn, scope, passTransition(index))
  rest(turn, scope)
}

/** A step has failed for good: its scope is interrupted. */
function failStep(turn: Turn, scope: number, index: number, cause: Cause): void {
  const { state } = turn
  state.steps.status[state.scopes.step[scope]! + index] = Status.failed
  if (state.scopes.status[scope] === ScopeStatus.open) {
    fire(turn, scope, failTransition(index))
    closeScope(turn, scope, cause)
  }
  rest(turn, scope)
}

/** A step of a closing scope has come to rest without a value. */
function cancelStep(turn: Turn, scope: number, index: number): void {
  turn.state.steps.status[turn.state.scopes.step[scope]! + index] = Status.cancelled
  rest(turn, scope)
}

/** E3: one open step less. */
function rest(turn: Turn, scope: number): void {
  const { scopes } = turn.state
  scopes.live[scope]! -= 1
  if (scopes.live[scope] === 0 && scopes.status[scope] === ScopeStatus.closing) turn.exits.push(scope)
}

/** Interrupts an open scope and all scopes below it: nothing more starts, what runs is asked to stop. */
export function closeScope(turn: Turn, root: number, cause: Cause): void {
  const { scopes, causes } = turn.state
  const pending = [root]
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    if (scopes.status[scope] !== ScopeStatus.open) continue
    scopes.status[scope] = ScopeStatus.closing
    causes.set(scope, cause)
    for (let child = scopes.firstChild[scope]!; child !== NONE; child = scopes.next[child]!) pending.push(child)
    stopSteps(turn, scope)
  }
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
    } else if (status === Status.waiting) {
      settleStep(turn, { scope, node: index, row }, { kind: 'cancelled' })
    } else if (status === Status.evaluating) {
      cancelStep(turn, scope, index)
    }
  }
}

/** What became of a step that had attempts. A flow comes to rest after its calls: what it leaves behind is interrupted. */
export function settleStep(turn: Turn, place: Place, outcome: Outcome): void {
  const { scope, node, row } = place
  const flow = turn.state.flows.get(row)
  if (flow === undefined || flow.open === 0) return restStep(turn, place, outcome)
  turn.state.steps.status[row] = Status.draining
  flow.end = outcome
  const fault = {
    code: 'FLOW_ENDED',
    message: 'the flow that made this call has ended',
    step: stepAt(turn.state, scope, node),
  }
  for (const call of childrenOf(turn.state, scope, node)) closeScope(turn, call, { kind: 'cancelled', fault })
}

function restStep(turn: Turn, { scope, node }: Place, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'succeeded':
      return passStep(turn, scope, node, { kind: 'value', value: outcome.output, path: WHOLE })
    case 'failed':
      return failStep(turn, scope, node, {
        kind: 'failed',
        fault: { ...outcome.fault, step: outcome.fault.step ?? stepAt(turn.state, scope, node) },
      })
    case 'cancelled':
      return cancelStep(turn, scope, node)
    default:
      return unreachable(outcome)
  }
}

/** E6: a closing scope in which nothing is open is left by `x`. */
function leaveByExit(turn: Turn, scope: number): void {
  const { state } = turn
  const cause = state.causes.get(scope)
  invariant(cause !== undefined && state.scopes.live[scope] === 0, 'E6: a scope is left when nothing of it is open')
  const { parent, index, path } = leave(state, scope)
  if (parent === NONE) return endRun(turn, cause.kind, undefined, cause.fault)
  const node = nodeAt(unitOf(state, parent), index)
  if (node.kind === 'flow')
    return answerFlow(
      turn,
      parent,
      index,
      path,
      cause.kind === 'failed' ? { kind: 'failed', fault: cause.fault } : { kind: 'cancelled' },
    )
  if (node.kind === 'each') return leaveItemByExit(turn, parent, index, cause)
  leaveStepByExit(turn, parent, index, cause)
}

/** Gives the scope's rows back, and says where it was. */
function leave(
  state: State,
  scope: number,
): { readonly parent: number; readonly index: number; readonly item: number; readonly path: string } {
  const { scopes } = state
  const place = {
    parent: scopes.parent[scope]!,
    index: scopes.parentNode[scope]!,
    item: scopes.item[scope]!,
    path: scopes.path[scope] ?? '',
  }
  unlinkChild(state, scope)
  freeScope(state, scope)
  return place
}

/** The parent's step ends as its scope did, unless the parent itself is closing: then it just comes to rest. */
function leaveStepByExit(turn: Turn, scope: number, index: number, cause: Cause): void {
  if (turn.state.scopes.status[scope] === ScopeStatus.open) failStep(turn, scope, index, cause)
  else cancelStep(turn, scope, index)
}

/** One item failed: its siblings are interrupted, and the each fails when the last of them has left. */
function leaveItemByExit(turn: Turn, scope: number, index: number, cause: Cause): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const each = mustEach(state, row)
  each.open -= 1
  if (!each.cause) {
    each.cause = cause
    each.next = each.keys.length
    for (const sibling of childrenOf(state, scope, index)) closeScope(turn, sibling, cause)
  }
  if (each.open > 0) return
  state.eaches.delete(row)
  leaveStepByExit(turn, scope, index, each.cause)
}

function mustEach(state: State, row: number): EachState {
  const each = state.eaches.get(row)
  invariant(each !== undefined, 'E1: an item belongs to an each')
  return each
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
  invariant(
    scopes.live[scope] === 0 && marks.tokens[scopes.token[scope]! + END] === 1,
    'N3: a scope that ends holds one token',
  )
  const result = bind(state, scope, unitOf(state, scope).region.result)
  const { parent, index, item, path } = leave(state, scope)
  if (parent === NONE) return endRun(turn, 'succeeded', result, undefined)
  const node = nodeAt(unitOf(state, parent), index)
  if (node.kind === 'flow') return answerFlow(turn, parent, index, path, { kind: 'succeeded', result })
  if (node.kind === 'each') return leaveItemByEnd(turn, parent, index, item, result)
  passStep(turn, parent, index, result)
}

/** Only open scopes end, and a failing item closes its siblings at once: an each whose item ends has not failed. */
function leaveItemByEnd(turn: Turn, scope: number, index: number, item: number, result: Bound): void {
  const row = turn.state.scopes.step[scope]! + index
  const each = mustEach(turn.state, row)
  each.results[item] = result
  each.open -= 1
  each.passed += 1
  if (each.passed < each.keys.length) return enterMoreItems(turn, scope, index, each)
  turn.state.eaches.delete(row)
  passStep(turn, scope, index, { kind: 'list', items: each.results.map(each => each ?? UNDEFINED) })
}

function answerFlow(turn: Turn, scope: number, index: number, path: string, answer: Answer): void {
  const { state } = turn
  const row = state.scopes.step[scope]! + index
  const flow = state.flows.get(row)
  const record = flow?.calls.get(path)
  invariant(flow !== undefined && record !== undefined, 'E1: an answer belongs to a call of a flow')
  record.answer = answer
  record.order = flow.answers++
  flow.open -= 1
  if (flow.end === undefined)
    turn.commands.push({ kind: 'answerCall', flow: stepAt(state, scope, index), key: record.call.key, answer })
  else if (flow.open === 0) restStep(turn, { scope, node: index, row }, flow.end)
}

function endRun(turn: Turn, status: RunStatus, result: Bound | undefined, fault: Fault | undefined): void {
  turn.state.phase = { kind: 'ending', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) }
  turn.commands.push({ kind: 'evaluateResult', status, ...(result ? { result } : {}), ...(fault ? { fault } : {}) })
}
