/**
 * Whether an event could come about in a state: asked of `decide`, by the input that would have led to it. So what may happen
 * is said once, and what may have happened is the same.
 *
 *   E16. An event that could have come about is one that `decide` would answer to some input with, but for what is a matter
 *        of policy alone: whether a failure is the last one.
 */
import { canonicalJson, type Json } from '../../util/json.ts'
import { unreachable } from '../../util/unreachable.ts'
import { decide, mayTryAgain } from './decide.ts'
import type { Event, Input, Library, StepId } from './protocol.ts'
import { locate, nodeOf, type State, Status } from './state.ts'
import { isUndoing } from './undo.ts'

/** Why it could not, in the engine's own words; undefined: it could. */
export function objectionTo(state: State, library: Library, event: Event): string | undefined {
  if ('call' in event && event.call?.target.kind === 'workflow' && !library.has(event.call.target.region))
    return `the workflow that ${event.call.flow} called is not known`
  const decision = decide(state, inputOf(state, event))
  if (decision.kind === 'refused') return decision.message
  const [given] = decision.events
  if (given === undefined) return 'nothing would have come of it'
  return isAlike(state, given, event) ? undefined : `${given.kind} would have come of it`
}

/** The step that an event is about; undefined: the run, or a scope of it. */
export function stepOf(event: Event): StepId | undefined {
  switch (event.kind) {
    case 'call.added':
      return event.call.flow
    case 'attempt.started':
    case 'step.settled':
      return event.call?.flow ?? event.step
    case 'timer.fired':
      return event.step === '' ? undefined : event.step
    default:
      return 'step' in event ? event.step : undefined
  }
}

/** What would have led to the event. */
function inputOf(state: State, event: Event): Input {
  const { atMs } = event
  switch (event.kind) {
    case 'run.started':
      return { ...event, kind: 'run.requested' }
    case 'run.redriven':
      return { kind: 'redrive.requested', from: event.from, accept: event.accept, atMs }
    case 'run.moved':
      return { ...event, kind: 'move.requested' }
    case 'run.ended':
      return { ...event, kind: 'result.evaluated' }
    case 'attempt.started':
      return granted(state, event)
    case 'attempt.failed':
    case 'step.parked': {
      const { step, attempt, fault } = event
      return { kind: 'attempt.finished', step, attempt, outcome: { kind: 'failed', fault }, atMs }
    }
    case 'step.settled':
      return settled(state, event)
    case 'chosen': {
      const { step, branch, branches, value } = event
      const result = branches
        ? ({ kind: 'several', branches } as const)
        : ({ kind: 'chosen', branch, ...(value ? { value } : {}) } as const)
      return { kind: 'branch.evaluated', step, result, atMs }
    }
    case 'chosen.none':
      return { kind: 'branch.evaluated', step: event.step, result: { kind: 'none' }, atMs }
    case 'items.added':
      return listed(event)
    case 'call.added':
      return { kind: 'call.made', call: event.call, atMs }
    case 'value.recorded':
      return { ...event, kind: 'value.recorded' }
    case 'scope.closed':
      return event.cause === 'diverged'
        ? { kind: 'flow.diverged', step: '', fault: event.fault, atMs }
        : { kind: 'cancel.requested', reason: event.fault.message, scope: event.scope, atMs }
    case 'step.stopped':
      return { kind: 'cancel.requested', reason: event.fault.message, step: event.step, atMs }
    case 'timer.set':
      return { kind: 'timer.evaluated', step: event.step, result: { kind: 'due', dueAtMs: event.dueAtMs }, atMs }
    case 'timer.fired':
      return { kind: 'timer.fired', step: event.step, timer: event.timer, atMs }
    case 'signal.received':
      return received(event)
    case 'granted':
      return { kind: 'grant.proposed', step: event.step, atMs }
    case 'step.retried':
      return { kind: 'retry.requested', step: event.step, atMs }
    default:
      return unreachable(event)
  }
}

type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

/** An attempt of a step that runs takes the place of the one that died with its process. */
function granted(state: State, { step, worker, call, atMs }: EventOf<'attempt.started'>): Input {
  if (call) return { kind: 'call.granted', call, worker, atMs }
  const place = locate(state, step)
  const isRunning = place !== undefined && state.steps.status[place.row] === Status.running
  const supersedes = isRunning ? { supersedes: state.steps.attempt[place.row]! } : {}
  return { kind: 'attempt.granted', step, worker, ...supersedes, atMs }
}

/** Without an attempt it was known, or the shell could not evaluate what the step hangs on. */
function settled(state: State, { step, attempt, outcome, origin, call, atMs }: EventOf<'step.settled'>): Input {
  const known = origin ?? { kind: 'given' }
  if (call && outcome.kind === 'succeeded') return { kind: 'call.known', call, outcome, origin: known, atMs }
  if (attempt > 0 || outcome.kind === 'cancelled') return { kind: 'attempt.finished', step, attempt, outcome, atMs }
  if (outcome.kind === 'succeeded') return { kind: 'step.known', step, outcome, origin: known, atMs }
  const place = locate(state, step)
  switch (place && nodeOf(state, place).kind) {
    case 'each':
      return { kind: 'items.evaluated', step, result: outcome, atMs }
    case 'wait':
      return { kind: 'timer.evaluated', step, result: outcome, atMs }
    default:
      return { kind: 'branch.evaluated', step, result: outcome, atMs }
  }
}

function listed({ step, keys, items, count, added, atMs }: EventOf<'items.added'>): Input {
  const result = added
    ? ({ kind: 'added', key: keys[0] ?? '', item: items } as const)
    : ({ kind: 'listed', keys, items, ...(count === undefined ? {} : { count }) } as const)
  return { kind: 'items.evaluated', step, result, atMs }
}

function received({ signal, value, id, step, kept, atMs }: EventOf<'signal.received'>): Input {
  if (kept && step !== undefined) return { kind: 'grant.proposed', step, atMs }
  const particular = { ...(id === undefined ? {} : { id }), ...(step === undefined ? {} : { step }) }
  return { kind: 'signal.sent', signal, value, ...particular, atMs }
}

/** E16. */
function isAlike(state: State, given: Event, event: Event): boolean {
  switch (event.kind) {
    case 'attempt.started':
      return given.kind === event.kind && given.step === event.step && given.attempt === event.attempt
    case 'attempt.failed':
    case 'step.parked':
      return isEndOfAttempt(given) && mayTryAgainAt(state, event.step)
    case 'step.settled':
      if (event.outcome.kind !== 'failed' || event.attempt === 0) return given.kind === event.kind
      return isEndOfAttempt(given) && !(given.kind === 'step.parked' && isUndone(state, event.step))
    case 'signal.received':
      return (
        given.kind === event.kind &&
        given.signal === event.signal &&
        given.step === event.step &&
        (!event.kept || isSame(given.value, event.value))
      )
    case 'run.ended':
      return state.phase.kind === 'ending' && (event.status === 'failed' || event.status === state.phase.status)
    default:
      return given.kind === event.kind
  }
}

const isEndOfAttempt = ({ kind }: Event): boolean =>
  kind === 'attempt.failed' || kind === 'step.parked' || kind === 'step.settled'

function mayTryAgainAt(state: State, step: StepId): boolean {
  const place = locate(state, step)
  return place !== undefined && mayTryAgain(state, place)
}

/** What undoes is parked, never given up. */
function isUndone(state: State, step: StepId): boolean {
  const place = locate(state, step)
  return place !== undefined && isUndoing(state, place.scope)
}

const isSame = (a: object, b: object): boolean => canonicalJson(a as Json) === canonicalJson(b as Json)
