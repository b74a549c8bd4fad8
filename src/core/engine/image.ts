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
  const [was, state] = [before, after].map(graph => heir(compile(graph, library), events.slice(0, start))) as [
    State,
    State,
  ]
  for (let at = start; at < events.length; at++) {
    const event = events[at]!
    const reason = obstacleTo(was, state, library, event)
    if (reason) return { kind: 'none', at, event, step: stepOf(event), reason }
    apply(was, event)
    apply(state, event)
  }
  return { kind: 'image', state }
}

/** The state of a run that was moved, and of any other: the whole log in one graph, but for lives that were of another (E18). */
export function foldLastLife(program: Program, events: readonly Event[]): State {
  const start = lastLife(events)
  const state = heir(program, events.slice(0, start))
  for (const event of events.slice(start)) apply(state, event)
  return state
}

/** Where the last life begins. */
function lastLife(events: readonly Event[]): number {
  for (let at = events.length - 1; at > 0; at--) if (events[at]!.kind === 'run.redriven') return at
  return 0
}

/** E18. What a life takes over from those before it. */
export function heir(program: Program, earlier: Iterable<Event>): State {
  const state = emptyState(program)
  for (const event of earlier) {
    state.eventCount += 1
    if (event.kind === 'run.started') {
      state.run = event.run
      state.args = event.args
      state.phase = { kind: 'ended', status: 'failed' }
    }
    if (event.kind === 'attempt.started') state.attemptMax = Math.max(state.attemptMax, event.attempt)
  }
  return state
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
