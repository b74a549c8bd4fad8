/**
 * The image of a run in another graph: its log played there, so timers, counters, kept signals, choices and attempts in flight
 * are what they were. There is one when every event of the log could have come about in the new graph, too (compliance:
 * Rinderle, Reichert and Dadam, "Correctness criteria for dynamic changes in workflow systems", 2004).
 *
 *   E17. A moved run ends as a run of the new graph from an equivalent history would: its state is that run's state.
 *   E18. Only the last life of a run must fit. Of earlier ones nothing is taken over but the arguments, and how often a step
 *        was tried.
 */
import type { Graph, Node } from '../graph/graph.ts'
import { apply } from './apply.ts'
import { obstacleAt, type Obstacle } from './obstacle.ts'
import { objectionTo, stepOf } from './past.ts'
import { compile, type Program } from './program.ts'
import type { Event, Library, StepId } from './protocol.ts'
import { emptyState, locate, nodeOf, type State } from './state.ts'

export type Image =
  | { readonly kind: 'image'; readonly state: State }
  /** `at`: which event of the log could not have come about, from 0. */
  | {
      readonly kind: 'none'
      readonly at: number
      readonly event: Event
      readonly step: StepId | undefined
      readonly reason: Obstacle
    }

export interface Moving {
  /** The graph that the log has been folded with up to now. */
  readonly before: Graph
  readonly after: Graph
  /** Of what flows have called. */
  readonly library: Library
  /** All of the run's log. */
  readonly events: readonly Event[]
}

export function imageOf({ before, after, library, events }: Moving): Image {
  const start = lastLife(events)
  const heritage = newHeritage()
  for (const event of events.slice(0, start)) inherit(heritage, event)
  const was = heir(compile(before, library), heritage)
  const state = heir(compile(after, library), heritage)
  for (let at = start; at < events.length; at++) {
    const event = events[at]!
    const reason = obstacleTo(was, state, library, event)
    if (reason) return { kind: 'none', at, event, step: stepOf(event), reason }
    apply(was, event)
    apply(state, event)
  }
  return { kind: 'image', state }
}

/** Where the last life begins. */
function lastLife(events: readonly Event[]): number {
  for (let at = events.length - 1; at > 0; at--) if (events[at]!.kind === 'run.redriven') return at
  return 0
}

/** E18. What a life takes over from those before it. */
export interface Heritage {
  run: string
  args: State['args']
  attemptMax: number
  eventCount: number
}

export const newHeritage = (): Heritage => ({ run: '', args: {}, attemptMax: 0, eventCount: 0 })

export function inherit(heritage: Heritage, event: Event): void {
  heritage.eventCount += 1
  if (event.kind === 'run.started') {
    heritage.run = event.run
    heritage.args = event.args
  } else if (event.kind === 'attempt.started') heritage.attemptMax = Math.max(heritage.attemptMax, event.attempt)
}

/** The state of a run whose earlier lives left this: what comes next is its first event, or another life. */
export function heir(program: Program, { run, args, attemptMax, eventCount }: Heritage): State {
  const state = emptyState(program)
  if (eventCount > 0)
    Object.assign(state, { run, args, attemptMax, eventCount, phase: { kind: 'ended', status: 'failed' } })
  return state
}

/** Folds a log of which earlier lives may have been those of another graph: what they were is not needed (E18). */
export interface LogFold {
  /** The state after the event; undefined: this life is none of the program's. */
  add(event: Event): State | undefined
  /** Of the last life. Throws when that is no life of the program's. */
  state(): State
}

export function newLogFold(program: Program): LogFold {
  const heritage = newHeritage()
  let state = emptyState(program)
  let failure: { readonly error: unknown } | undefined
  return {
    add(event) {
      if (event.kind === 'run.redriven') {
        state = heir(program, heritage)
        failure = undefined
      }
      inherit(heritage, event)
      if (failure) return undefined
      try {
        apply(state, event)
        return state
      } catch (error) {
        failure = { error }
        return undefined
      }
    },
    state() {
      if (failure) throw failure.error
      return state
    },
  }
}

function obstacleTo(was: State, state: State, library: Library, event: Event): Obstacle | undefined {
  const step = stepOf(event)
  const [old, now] = [was, state].map(each => (step === undefined ? undefined : findNode(each, step)))
  if (step !== undefined && old && now) {
    if (old.kind !== now.kind) return { kind: 'other-kind', step, before: old.kind, after: now.kind }
    if (event.kind === 'items.added' && batchOf(old) !== batchOf(now)) return { kind: 'other-batches', step }
  }
  const message = objectionTo(state, library, event)
  return message === undefined ? undefined : obstacleAt(state, event, message)
}

function findNode(state: State, step: StepId): Node | undefined {
  const place = locate(state, step)
  return place && nodeOf(state, place)
}

const batchOf = (node: Node): number | undefined => (node.kind === 'each' ? node.batch : undefined)
