/**
 * `decide(state, input)`: what follows from what the world reports or asks. O(1), pure, writes nothing.
 * What comes twice, late, or for something that is not there is refused and changes nothing.
 */
import { unreachable } from '../../util/unreachable.ts'
import { type Node, type Policy, regionsOf } from '../graph/graph.ts'
import { callScopePath } from './apply.ts'
import { CALLED_NODE, nodeAt } from './program.ts'
import { type Decision, type Event, EVENT_VERSION, type Fault, type FlowCall, type Input } from './protocol.ts'
import { backoffMs, LOST_ATTEMPTS_MAX } from './retry.ts'
import { locate, type Place, ScopeStatus, type State, Status, unitOf } from './state.ts'
import { escapeKey } from './step-id.ts'

const v = EVENT_VERSION
const accept = (...events: readonly Event[]): Decision => ({ kind: 'accepted', events })
type RefusalCode = Extract<Decision, { kind: 'refused' }>['code']
const refused = (code: RefusalCode, message: string): Decision => ({ kind: 'refused', code, message })

/** One key for all attempts of a step instance, for the world's side to recognise a repetition by. */
export const idempotencyKey = (run: string, step: string): string => `${run}/${step}`

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
        atMs: input.atMs,
      })
    case 'redrive.requested':
      if (state.phase.kind !== 'ended') return refused('RUN_LIVE', `run ${state.run} has not ended`)
      return accept({ kind: 'run.redriven', v, from: input.from, accept: input.accept, atMs: input.atMs })
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

type RunningInput = Exclude<Input, { kind: 'run.requested' | 'redrive.requested' | 'result.evaluated' }>

function decideRunning(state: State, input: RunningInput): Decision {
  switch (input.kind) {
    case 'cancel.requested':
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
    case 'attempt.granted':
    case 'attempt.finished':
    case 'step.known':
    case 'branch.evaluated':
    case 'items.evaluated':
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

type CallInput = Extract<Input, { kind: 'call.granted' | 'call.known' | 'call.made' }>

function decideCall(state: State, input: CallInput): Decision {
  const flow = locate(state, input.call.flow)
  if (
    !flow ||
    nodeAt(unitOf(state, flow.scope), flow.node).kind !== 'flow' ||
    state.steps.status[flow.row] !== Status.running ||
    !isOpen(state, flow.scope)
  ) {
    return refused('UNKNOWN_STEP', `flow ${input.call.flow} does not run`)
  }
  if (state.flows.get(flow.row)?.calls.has(callScopePath(input.call)))
    return refused('CALL_EXISTS', `call ${input.call.key} was made before`)
  if (input.kind !== 'call.made' && input.call.target.kind !== 'node')
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
        !(status === Status.running && input.supersedes === attempt && isOpen(state, place.scope))
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
      if (status !== Status.waiting) return refused('NOT_WAITING', `${step} does not wait`)
      return accept({ kind: 'step.settled', v, step, attempt: 0, outcome: input.outcome, origin: input.origin, atMs })
    case 'attempt.finished':
      if (status !== Status.running || attempt !== input.attempt)
        return refused('SUPERSEDED', `attempt ${input.attempt} of ${step} is not the one that runs`)
      return decideFinished(state, place, input)
    case 'branch.evaluated':
      if (status !== Status.evaluating) return refused('NOT_WAITING', `${step} does not wait for a branch`)
      if (input.result.kind === 'failed') return settledFailed(step, input.result.fault, atMs)
      if (!hasBranch(nodeAt(unitOf(state, place.scope), place.node), input.result.branch)) {
        return settledFailed(
          step,
          { code: 'NO_BRANCH', message: `${step} has no branch ${JSON.stringify(input.result.branch)}` },
          atMs,
        )
      }
      return accept({ kind: 'chosen', v, step, branch: input.result.branch, atMs })
    case 'items.evaluated':
      if (status !== Status.evaluating) return refused('NOT_WAITING', `${step} does not wait for items`)
      if (input.result.kind === 'failed') return settledFailed(step, input.result.fault, atMs)
      if (new Set(input.result.keys.map(escapeKey)).size < input.result.keys.length) {
        return settledFailed(step, { code: 'DUPLICATE_KEY', message: `${step} has two items with one key` }, atMs)
      }
      return accept({
        kind: 'items.added',
        v,
        step,
        keys: input.result.keys,
        items: input.result.items,
        closed: true,
        atMs,
      })
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

const hasBranch = (node: Node, branch: string): boolean => regionsOf(node).some(([label]) => label === branch)

const settledFailed = (step: string, fault: Fault, atMs: number): Decision =>
  accept({ kind: 'step.settled', v, step, attempt: 0, outcome: { kind: 'failed', fault }, atMs })

function decideFinished(state: State, place: Place, input: Extract<Input, { kind: 'attempt.finished' }>): Decision {
  const { step, attempt, outcome, atMs } = input
  const settled: Event = { kind: 'step.settled', v, step, attempt, outcome, atMs }
  if (outcome.kind !== 'failed' || !isOpen(state, place.scope)) return accept(settled)
  const lost = outcome.fault.code === 'WORKER_LOST'
  const delayMs = retryDelayMs(state, place, step, lost)
  if (delayMs === undefined) return accept(settled)
  return accept({
    kind: 'attempt.failed',
    v,
    step,
    attempt,
    fault: outcome.fault,
    counts: !lost,
    retryAtMs: atMs + delayMs,
    atMs,
  })
}

function retryDelayMs(state: State, place: Place, step: string, lost: boolean): number | undefined {
  if (lost) return state.steps.losses[place.row]! < LOST_ATTEMPTS_MAX ? 0 : undefined
  const failures = state.steps.failures[place.row]!
  const { retry } = policyOf(state, place)
  if (!retry || failures >= retry.times) return undefined
  return backoffMs(retry, failures + 1, idempotencyKey(state.run, step))
}

const policyOf = (state: State, place: Place): Policy => nodeAt(unitOf(state, place.scope), place.node).policy
