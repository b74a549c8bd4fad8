/**
 * The log played through the engine itself: that a scope has ended, a step is skipped or waits for something is read from
 * the engine's own state, never found out a second time.
 *
 *   F3. What the engine would not have written (an event of another graph, a repeated one, a log that is damaged) is never
 *       played, and never thrown at: its facts are shown, and nothing is concluded from them.
 */
import { apply, callScopePath } from '../core/engine/apply.ts'
import { heir, inherit, newHeritage } from '../core/engine/image.ts'
import type { Note } from '../core/engine/note.ts'
import { callUnit, compile } from '../core/engine/program.ts'
import type { Event, FlowCall, Library, StepId } from '../core/engine/protocol.ts'
import { emptyState, locate, nodeOf, type Place, type State, Status } from '../core/engine/state.ts'
import { dueAtMs } from '../core/engine/timers.ts'
import { waitAt } from '../core/engine/waits.ts'
import type { Graph, Node, Region } from '../core/graph/graph.ts'
import type { Json } from '../util/json.ts'
import type { Awaited } from './run-view.ts'

export interface Replay {
  /** What follows from the event; nothing when it cannot be played. */
  play(event: Event): readonly Note[] | undefined
  /** What holds the step up, if anything does. */
  holdUp(step: StepId): HoldUp | undefined
  /** The region of a flow's call; nothing when the run's library lacks it. */
  calledRegion(call: FlowCall): Region | undefined
}

export type HoldUp =
  | { readonly kind: 'awaits'; readonly what: Awaited }
  | { readonly kind: 'backs-off'; readonly retryAtMs: number }

export function newReplay(graph: Graph, library: Library): Replay {
  const program = compile(graph, library)
  const heritage = newHeritage()
  let state = emptyState(program)
  let isLost = false
  return {
    play(event) {
      // What came before may have been the life of another graph, from which the run was moved.
      if (event.kind === 'run.redriven' && isLost) {
        state = heir(program, heritage)
        isLost = false
      }
      inherit(heritage, event)
      if (isLost || !fits(state, library, event)) return undefined
      const notes: Note[] = []
      try {
        apply(state, event, notes)
      } catch {
        // No log of an engine of ours gets here; a damaged or a foreign one must still be shown.
        isLost = true
        return undefined
      }
      return notes
    },
    holdUp(step) {
      const place = locate(state, step)
      return place && holdUpOf(state, place)
    },
    calledRegion: call =>
      isKnownTarget(library, call) ? callUnit(state.program, call, call.args.length).region : undefined,
  }
}

/** Whether the engine could have given this event in this state. */
function fits(state: State, library: Library, event: Event): boolean {
  switch (event.kind) {
    case 'run.started':
      return state.phase.kind === 'new'
    case 'run.redriven':
      return state.phase.kind !== 'new'
    case 'run.ended':
    case 'run.moved':
      return state.phase.kind !== 'new'
    case 'call.added':
      return fitsCall(state, library, event.call)
    case 'scope.closed':
      return state.byPath.has(event.scope)
    case 'signal.received':
      return event.step === undefined ? state.phase.kind === 'running' : fitsStep(state, event.step, isOpen)
    case 'timer.fired':
      return event.step === '' ? state.byPath.has('') : fitsStep(state, event.step, isOpen)
    case 'attempt.started':
      return event.call ? fitsCall(state, library, event.call) : fitsStep(state, event.step, isOpen)
    case 'step.settled':
      return event.call ? fitsCall(state, library, event.call) : fitsStep(state, event.step, isOpen)
    case 'chosen':
    case 'chosen.none':
      return fitsStep(state, event.step, isAsking)
    case 'items.added':
      return fitsStep(state, event.step, event.added ? isOpen : isAsking)
    case 'step.stopped':
      return fitsStep(state, event.step, isUnsettled)
    case 'attempt.failed':
    case 'step.parked':
    case 'step.retried':
    case 'timer.set':
    case 'granted':
    case 'value.recorded':
      return fitsStep(state, event.step, isOpen)
  }
}

function fitsStep(state: State, step: StepId, holds: (state: State, place: Place) => boolean): boolean {
  const place = locate(state, step)
  return place !== undefined && holds(state, place)
}

function fitsCall(state: State, library: Library, call: FlowCall): boolean {
  return isKnownTarget(library, call) && fitsStep(state, call.flow, isOpen) && !state.byPath.has(callScopePath(call))
}

const isKnownTarget = (library: Library, { target }: FlowCall): boolean =>
  target.kind !== 'workflow' || library.has(target.region)

const AT_REST: ReadonlySet<number> = new Set([Status.passed, Status.failed, Status.cancelled, Status.skipped])

/** A step can be stopped before it opens. */
const isUnsettled = (state: State, { row }: Place): boolean => !AT_REST.has(state.steps.status[row] ?? Status.idle)

const isOpen = (state: State, place: Place): boolean =>
  state.steps.status[place.row] !== Status.idle && isUnsettled(state, place)

/** Whether its choice or its items are asked for: once, but by a net. */
const isAsking = (state: State, place: Place): boolean =>
  state.steps.status[place.row] === Status.evaluating || nodeOf(state, place).kind === 'net'

function holdUpOf(state: State, place: Place): HoldUp | undefined {
  const wait = waitAt(state, place)
  switch (wait?.kind) {
    case 'signal': {
      const deadlineAtMs = dueAtMs(state, place, 'deadline')
      const what = { kind: 'signal', signal: wait.signal, type: typeOf(nodeOf(state, place)) } as const
      return { kind: 'awaits', what: deadlineAtMs === undefined ? what : { ...what, deadlineAtMs } }
    }
    case 'timer':
      return nodeOf(state, place).kind === 'wait'
        ? { kind: 'awaits', what: { kind: 'timer', dueAtMs: wait.dueAtMs } }
        : { kind: 'backs-off', retryAtMs: wait.dueAtMs }
    case 'lock':
      return { kind: 'awaits', what: { kind: 'locks', locks: wait.locks } }
    default:
      return undefined
  }
}

const typeOf = (node: Node): Json => (node.kind === 'wait' && node.on.kind === 'signal' ? node.on.type : {})
