/**
 * `decide(state, input)`: what follows from what the world reports or asks. O(1), pure, writes nothing.
 * What comes twice, late, or for something that is not there is refused and changes nothing.
 */
import { unreachable } from '../../util/unreachable.ts'
import { type Node, regionsOf } from '../graph/graph.ts'
import { callScopePath } from './apply.ts'
import { failureCounts } from './counters.ts'
import { enabledTransitions, netAt } from './free-net.ts'
import { canBeGranted } from './grants.ts'
import { idempotencyKey } from './idempotency.ts'
import { CALLED_NODE, nodeAt } from './program.ts'
import {
  type Bound,
  type Decision,
  type Event,
  EVENT_VERSION,
  type Fault,
  type FlowCall,
  type Input,
} from './protocol.ts'
import { LOST_ATTEMPTS_MAX, nextRetry } from './retry.ts'
import { earlyOf, isTaking, keptSignal, signalOf, waiterFor } from './signals.ts'
import { idOf, locate, nodeOf, type Place, ScopeStatus, type State, Status, unitOf } from './state.ts'
import { escapeKey } from './step-id.ts'
import { dueAtMs } from './timers.ts'
import { isUndoing } from './undo.ts'

const v = EVENT_VERSION
const accept = (...events: readonly Event[]): Decision => ({ kind: 'accepted', events })
type RefusalCode = Extract<Decision, { kind: 'refused' }>['code']
const refused = (code: RefusalCode, message: string): Decision => ({ kind: 'refused', code, message })

export function decide(state: State, input: Input): Decision {
  switch (input.kind) {
    case 'run.requested':
      if (state.phase.kind !== 'new') return refused('RUN_EXISTS', `run ${state.run} has begun`)
      return accept({
        kind: 'run.started',
        v,
        run: input.run,
        graph: input.graph,
        bundle: input.bundle,
        args: input.args,
        ...(input.deadlineAtMs === undefined ? {} : { deadlineAtMs: input.deadlineAtMs }),
        ...(input.fresh === undefined ? {} : { fresh: input.fresh }),
        atMs: input.atMs,
      })
    case 'redrive.requested':
      if (state.phase.kind !== 'ended') return refused('RUN_LIVE', `run ${state.run} has not ended`)
      return accept({ kind: 'run.redriven', v, from: input.from, accept: input.accept, atMs: input.atMs })
    case 'move.requested':
      // One that is about to end may have more to do as a run of the other graph.
      if (state.phase.kind === 'new' || state.phase.kind === 'ended')
        return refused('RUN_ENDED', `run ${state.run} is not running`)
      return accept({ ...input, kind: 'run.moved', v })
    case 'result.evaluated':
      if (state.phase.kind !== 'ending') return refused('NOT_WAITING', `run ${state.run} is not about to end`)
      return accept({
        kind: 'run.ended',
        v,
        status: input.status,
        output: input.output,
        fault: input.fault,
        atMs: input.atMs,
      })
    default:
      if (state.phase.kind !== 'running') return refused('RUN_ENDED', `run ${state.run} is not running`)
      return decideRunning(state, input)
  }
}

type RunningInput = Exclude<
  Input,
  { kind: 'run.requested' | 'redrive.requested' | 'move.requested' | 'result.evaluated' }
>

function decideRunning(state: State, input: RunningInput): Decision {
  switch (input.kind) {
    case 'cancel.requested':
      if (input.step !== undefined) return decideStop(state, input.step, input.reason, input.atMs)
      if (!isOpen(state, state.byPath.get(input.scope ?? ''))) return accept()
      return accept({
        kind: 'scope.closed',
        v,
        scope: input.scope ?? '',
        cause: 'cancelled',
        fault: { code: 'CANCELLED', message: input.reason },
        atMs: input.atMs,
      })
    case 'flow.diverged':
      if (!isOpen(state, state.byPath.get(''))) return accept()
      return accept({ kind: 'scope.closed', v, scope: '', cause: 'diverged', fault: input.fault, atMs: input.atMs })
    case 'call.granted':
    case 'call.known':
    case 'call.made':
      return decideCall(state, input)
    case 'signal.sent':
      return decideSignal(state, input)
    case 'timer.fired':
      return decideTimer(state, input)
    case 'attempt.granted':
    case 'attempt.finished':
    case 'step.known':
    case 'branch.evaluated':
    case 'items.evaluated':
    case 'timer.evaluated':
    case 'grant.proposed':
    case 'retry.requested':
    case 'value.recorded': {
      const place = locate(state, input.step)
      return place
        ? decideStep(state, place, input)
        : refused('UNKNOWN_STEP', `run ${state.run} has no open step ${input.step}`)
    }
    default:
      return unreachable(input)
  }
}

/** A scope that is closing starts nothing and tries nothing again (E6). */
const isOpen = (state: State, scope: number | undefined): boolean =>
  scope !== undefined && state.scopes.status[scope] === ScopeStatus.open

/** Stopping twice, or what has ended, changes nothing. */
function decideStop(state: State, step: string, reason: string, atMs: number): Decision {
  const place = locate(state, step)
  if (!place) return refused('UNKNOWN_STEP', `run ${state.run} has no open step ${step}`)
  if (!isOpen(state, place.scope) || state.stops.has(place.row) || isAtRest(state, place)) return accept()
  return accept(stopped(step, { code: 'CANCELLED', message: reason }, atMs))
}

const stopped = (step: string, fault: Fault, atMs: number): Event => ({ kind: 'step.stopped', v, step, fault, atMs })

function isAtRest(state: State, { row }: Place): boolean {
  const status = state.steps.status[row]
  return (
    status === Status.passed || status === Status.failed || status === Status.cancelled || status === Status.skipped
  )
}

function decideTimer(state: State, { step, timer, atMs }: Extract<Input, { kind: 'timer.fired' }>): Decision {
  const place = step === '' ? undefined : locate(state, step)
  if (step !== '' && (!place || !isOpen(state, place.scope)))
    return refused('UNKNOWN_STEP', `run ${state.run} has no open step ${step}`)
  const due = place ? dueAtMs(state, place, timer) : runDeadline(state)
  if (due === undefined) return refused('NOT_WAITING', `${step || 'the run'} waits for no ${timer}`)
  if (atMs < due) return refused('NOT_DUE', `${step || 'the run'} waits until ${due}, and it is ${atMs}`)
  return accept({ kind: 'timer.fired', v, step, timer, atMs })
}

const runDeadline = (state: State): number | undefined =>
  state.deadlineAtMs > 0 && isOpen(state, state.byPath.get('')) ? state.deadlineAtMs : undefined

/** E10. */
function decideSignal(state: State, input: Extract<Input, { kind: 'signal.sent' }>): Decision {
  const { signal, value, id, atMs } = input
  if (id !== undefined && state.signalIds.has(id))
    return refused('SIGNAL_REPEATED', `the signal ${signal} with the id ${id} was received before`)
  const received = (step: string | undefined): Decision =>
    accept({
      kind: 'signal.received',
      v,
      signal,
      value,
      ...(id === undefined ? {} : { id }),
      ...(step === undefined ? {} : { step }),
      atMs,
    })
  if (input.step !== undefined) {
    const place = locate(state, input.step)
    if (place && isTaking(state, place, signal)) return received(input.step)
    return refused('UNKNOWN_STEP', `${input.step} does not wait for the signal ${signal}`)
  }
  const waiter = waiterFor(state, signal)
  if (waiter) return received(idOf(state, waiter))
  const early = earlyOf(state.program, signal)
  if (early === 'kept') return received(undefined)
  return early === 'transient'
    ? refused('SIGNAL_LOST', `nobody waits for the signal ${signal} now, and it is not kept`)
    : refused('SIGNAL_UNKNOWN', `run ${state.run} has no signal ${signal}`)
}

type CallInput = Extract<Input, { kind: 'call.granted' | 'call.known' | 'call.made' }>

function decideCall(state: State, input: CallInput): Decision {
  const flow = locate(state, input.call.flow)
  if (
    !flow ||
    nodeAt(unitOf(state, flow.scope), flow.node).kind !== 'flow' ||
    state.steps.status[flow.row] !== Status.running ||
    !isOpen(state, flow.scope) ||
    state.stops.has(flow.row)
  ) {
    return refused('UNKNOWN_STEP', `flow ${input.call.flow} does not run`)
  }
  if (state.flows.get(flow.row)?.calls.has(callScopePath(input.call)))
    return refused('CALL_EXISTS', `call ${input.call.key} was made before`)
  if (input.kind !== 'call.made' && input.call.target.kind === 'workflow')
    return refused('UNKNOWN_STEP', `call ${input.call.key} is not to a definition`)
  const step = calledStep(input.call)
  switch (input.kind) {
    case 'call.made':
      return accept({ kind: 'call.added', v, call: input.call, atMs: input.atMs })
    case 'call.granted':
      return accept({
        kind: 'attempt.started',
        v,
        step,
        attempt: state.attemptBase + 1,
        worker: input.worker,
        call: input.call,
        atMs: input.atMs,
      })
    case 'call.known':
      return accept({
        kind: 'step.settled',
        v,
        step,
        attempt: 0,
        outcome: input.outcome,
        origin: input.origin,
        call: input.call,
        atMs: input.atMs,
      })
  }
}

/** The step that a flow's call to a definition is. */
export const calledStep = (call: Pick<FlowCall, 'flow' | 'key'>): string => callScopePath(call) + CALLED_NODE

type StepInput = Extract<
  Input,
  {
    kind:
      | 'attempt.granted'
      | 'attempt.finished'
      | 'step.known'
      | 'branch.evaluated'
      | 'items.evaluated'
      | 'timer.evaluated'
      | 'grant.proposed'
      | 'retry.requested'
      | 'value.recorded'
  }
>

function decideStep(state: State, place: Place, input: StepInput): Decision {
  const status = state.steps.status[place.row]
  const attempt = state.steps.attempt[place.row]!
  const { step, atMs } = input
  switch (input.kind) {
    case 'attempt.granted':
      if (
        status !== Status.waiting &&
        !(
          status === Status.running &&
          input.supersedes === attempt &&
          isOpen(state, place.scope) &&
          !state.stops.has(place.row)
        )
      )
        return refused('NOT_WAITING', `${step} does not wait for an attempt`)
      return accept({
        kind: 'attempt.started',
        v,
        step,
        attempt: Math.max(attempt, state.attemptBase) + 1,
        worker: input.worker,
        atMs,
      })
    case 'step.known':
      if (
        status !== Status.waiting &&
        !(isWait(state, place) && (status === Status.sleeping || status === Status.evaluating))
      )
        return refused('NOT_WAITING', `${step} does not wait`)
      return accept({ kind: 'step.settled', v, step, attempt: 0, outcome: input.outcome, origin: input.origin, atMs })
    case 'attempt.finished':
      if (status !== Status.running || attempt !== input.attempt)
        return refused('SUPERSEDED', `attempt ${input.attempt} of ${step} is not the one that runs`)
      return decideFinished(state, place, input)
    case 'branch.evaluated':
      return decideBranch(state, place, input)
    case 'items.evaluated':
      return decideItems(state, place, input)
    case 'timer.evaluated':
      if (status !== Status.evaluating || !isWait(state, place))
        return refused('NOT_WAITING', `${step} does not wait for an instant`)
      if (input.result.kind === 'failed') return settledFailed(step, input.result.fault, atMs)
      return accept({ kind: 'timer.set', v, step, dueAtMs: input.result.dueAtMs, atMs })
    case 'grant.proposed':
      return decideGrant(state, place, step, atMs)
    case 'retry.requested':
      if (status !== Status.parked) return refused('NOT_WAITING', `${step} is not parked`)
      return accept({ kind: 'step.retried', v, step, atMs })
    case 'value.recorded':
      if (status !== Status.running || attempt !== input.attempt)
        return refused('SUPERSEDED', `attempt ${input.attempt} of ${step} is not the one that runs`)
      return accept({
        kind: 'value.recorded',
        v,
        step,
        attempt: input.attempt,
        name: input.name,
        value: input.value,
        atMs,
      })
  }
}

const isWait = (state: State, place: Place): boolean => nodeOf(state, place).kind === 'wait'

function decideBranch(state: State, place: Place, input: Extract<Input, { kind: 'branch.evaluated' }>): Decision {
  const { step, result, atMs } = input
  const played = netAt({ state }, place)
  const isAsked = played ? played.net.asking : state.steps.status[place.row] === Status.evaluating
  if (!isAsked || !isOpen(state, place.scope)) return refused('NOT_WAITING', `${step} does not wait for a branch`)
  // Of a net something may still run: it is stopped first.
  const failed = (fault: Fault): Decision =>
    played ? accept(stopped(step, fault, atMs)) : settledFailed(step, fault, atMs)
  switch (result.kind) {
    case 'failed':
      return failed(result.fault)
    case 'none':
      return played ? accept({ kind: 'chosen.none', v, step, atMs }) : refused('NOT_WAITING', `${step} is no net`)
    case 'several':
    case 'chosen': {
      const branches = result.kind === 'several' ? result.branches : [result.branch]
      const known = played ? enabledTransitions(played.node, played.net) : branchesOf(nodeOf(state, place))
      const unknown = branches.find(branch => !known.includes(branch))
      if (unknown !== undefined)
        return failed({ code: 'NO_BRANCH', message: `${step} has no branch ${JSON.stringify(unknown)}` })
      return accept({
        kind: 'chosen',
        v,
        step,
        branch: branches[0] ?? '',
        ...(result.kind === 'several' ? { branches } : {}),
        ...(result.kind === 'chosen' && result.value ? { value: result.value } : {}),
        atMs,
      })
    }
    default:
      return unreachable(result)
  }
}

function branchesOf(node: Node): readonly string[] {
  return node.kind === 'loop' ? ['again', 'done'] : regionsOf(node).map(([label]) => label)
}

function decideItems(state: State, place: Place, input: Extract<Input, { kind: 'items.evaluated' }>): Decision {
  const { step, result, atMs } = input
  const group = state.groups.get(place.row)
  const pending: Bound | undefined = group?.kind === 'many' ? group.pending[0] : undefined
  const isAsked = pending !== undefined || state.steps.status[place.row] === Status.evaluating
  if (!isAsked || !isOpen(state, place.scope)) return refused('NOT_WAITING', `${step} does not wait for items`)
  const failed = (fault: Fault): Decision =>
    pending ? accept(stopped(step, fault, atMs)) : settledFailed(step, fault, atMs)
  const duplicate = (key: string): Decision =>
    failed({ code: 'DUPLICATE_KEY', message: `${step} has two items with the key ${JSON.stringify(key)}` })
  switch (result.kind) {
    case 'failed':
      return failed(result.fault)
    case 'added': {
      if (!pending || group?.kind !== 'many') return refused('NOT_WAITING', `${step} does not wait for an item`)
      if (group.keys.some(key => escapeKey(key) === escapeKey(result.key))) return duplicate(result.key)
      return accept({
        kind: 'items.added',
        v,
        step,
        keys: [result.key],
        items: pending,
        closed: false,
        added: true,
        atMs,
      })
    }
    case 'listed': {
      if (pending) return refused('NOT_WAITING', `${step} waits for one item`)
      const twice = firstDuplicate(result.keys)
      if (twice !== undefined) return duplicate(twice)
      const node = nodeOf(state, place)
      const closed = node.kind !== 'each' || !node.more
      const { keys, items } = result
      const count = result.count === undefined ? {} : { count: result.count }
      const limits = result.limits ? { limits: result.limits } : {}
      return accept({ kind: 'items.added', v, step, keys, items, closed, ...count, ...limits, atMs })
    }
    default:
      return unreachable(result)
  }
}

function firstDuplicate(keys: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return keys.find(key => seen.size === seen.add(escapeKey(key)).size)
}

/** What a queued step waits for may be there now; so may a kept signal. */
function decideGrant(state: State, place: Place, step: string, atMs: number): Decision {
  const { scope } = place
  if (!isOpen(state, scope)) return refused('NOT_WAITING', `${step} is being stopped`)
  const signal = signalOf(nodeOf(state, place))
  const kept = signal !== undefined && isTaking(state, place, signal) ? keptSignal(state, signal) : undefined
  if (signal !== undefined && kept)
    return accept({ kind: 'signal.received', v, signal, value: kept, step, kept: true, atMs })
  if (!canBeGranted(state, place)) return refused('NOT_WAITING', `${step} cannot be granted yet`)
  return accept({ kind: 'granted', v, step, atMs })
}

const settledFailed = (step: string, fault: Fault, atMs: number): Decision =>
  accept({ kind: 'step.settled', v, step, attempt: 0, outcome: { kind: 'failed', fault }, atMs })

/** Whether nothing but its own policy keeps a failed step from another attempt. */
export const mayTryAgain = (state: State, place: Place): boolean =>
  isOpen(state, place.scope) && !state.stops.has(place.row)

function decideFinished(state: State, place: Place, input: Extract<Input, { kind: 'attempt.finished' }>): Decision {
  const { step, attempt, outcome, atMs } = input
  const settled: Event = { kind: 'step.settled', v, step, attempt, outcome, atMs }
  if (outcome.kind !== 'failed' || !mayTryAgain(state, place)) return accept(settled)
  const { fault } = outcome
  const lost = fault.code === 'WORKER_LOST'
  if (lost && state.steps.losses[place.row]! < LOST_ATTEMPTS_MAX) {
    return accept({ kind: 'attempt.failed', v, step, attempt, fault, counts: false, retryAtMs: atMs, atMs })
  }
  const { policy } = nodeOf(state, place)
  const next = lost
    ? undefined
    : nextRetry(policy.retry, failureCounts(state, place), fault, idempotencyKey(state.run, step))
  if (next) {
    const retryAtMs = atMs + next.delayMs
    const rule = next.rule === 0 ? {} : { rule: next.rule }
    return accept({ kind: 'attempt.failed', v, step, attempt, fault, counts: true, ...rule, retryAtMs, atMs })
  }
  // Poison, and what must be undone, is not given up: somebody has to look at it.
  const parks = lost || policy.exhausted === 'park' || isUndoing(state, place.scope)
  return accept(parks ? { kind: 'step.parked', v, step, attempt, fault, atMs } : settled)
}
