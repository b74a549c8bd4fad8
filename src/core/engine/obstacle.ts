/** Why an event of a run's log could not have come about in another graph: found by looking at where its step stands there. */
import { dependenciesOf } from '../graph/dependencies.ts'
import { type NodeKind, regionsOf } from '../graph/graph.ts'
import { stepOf } from './past.ts'
import type { Event, StepId } from './protocol.ts'
import { waiterFor } from './signals.ts'
import { idOf, locate, nodeOf, type Place, placeAt, ScopeStatus, type State, Status, unitOf } from './state.ts'
import { escapeKey } from './step-id.ts'

export type Obstacle =
  /** The graph has no such step. */
  | { readonly kind: 'gone'; readonly step: StepId }
  /** The step has no such branch, arm or region. */
  | { readonly kind: 'no-branch'; readonly step: StepId; readonly branch: string }
  | {
      readonly kind: 'other-kind'
      readonly step: StepId
      readonly before: NodeKind
      readonly after: NodeKind
    }
  /** Its items are grouped otherwise. */
  | { readonly kind: 'other-batches'; readonly step: StepId }
  /** Each waits for the next one, and the last one has not come to rest. `begun`: it has, at least. */
  | { readonly kind: 'waits'; readonly chain: readonly StepId[]; readonly begun: boolean }
  /** Something of the step would not have begun by then: its branch is not chosen, or it does fewer at a time. */
  | { readonly kind: 'not-entered'; readonly step: StepId; readonly scope: string }
  /** It would be queued still: for locks, a milestone. */
  | { readonly kind: 'queued'; readonly step: StepId; readonly locks: readonly string[] }
  /** It would have come to rest before. */
  | { readonly kind: 'at-rest'; readonly step: StepId; readonly how: 'passed' | 'failed' | 'cancelled' | 'skipped' }
  /** It would be on its way out, because something else has failed or was cancelled. */
  | { readonly kind: 'closing'; readonly step: StepId; readonly cause: string }
  /** Whoever waits for the signal longest would have taken it, and in the log it was kept, or went elsewhere. */
  | { readonly kind: 'signal-taken'; readonly signal: string; readonly step: StepId }
  /** Nobody would ever take the signal. */
  | { readonly kind: 'signal-lost'; readonly signal: string }
  /** The run would be over. */
  | { readonly kind: 'over' }
  /** The engine's own words. */
  | { readonly kind: 'other'; readonly message: string }

/** `message`: the engine's own words. */
export function obstacleAt(state: State, event: Event, message: string): Obstacle {
  if (state.phase.kind === 'ending' || state.phase.kind === 'ended') return { kind: 'over' }
  if (event.kind === 'signal.received' && event.step === undefined) return notKept(state, event.signal)
  const step = event.kind === 'scope.closed' ? ownerOf(event.scope) : stepOf(event)
  if (step === undefined || step === '') return { kind: 'other', message }
  const place = locate(state, step)
  if (!place) return unlocated(state, step)
  return held(state, place) ?? unlikeEvent(state, place, event) ?? { kind: 'other', message }
}

function notKept(state: State, signal: string): Obstacle {
  const waiter = waiterFor(state, signal)
  return waiter ? { kind: 'signal-taken', signal, step: idOf(state, waiter) } : { kind: 'signal-lost', signal }
}

/** What keeps the step itself. */
function held(state: State, place: Place): Obstacle | undefined {
  const step = idOf(state, place)
  if (state.scopes.status[place.scope] === ScopeStatus.closing)
    return { kind: 'closing', step, cause: state.causes.get(place.scope)?.fault.message ?? '' }
  switch (state.steps.status[place.row]) {
    case Status.idle:
      return waiting(state, place)
    case Status.queued:
      return { kind: 'queued', step, locks: (nodeOf(state, place).policy.locks ?? []).map(({ name }) => name) }
    case Status.passed:
      return { kind: 'at-rest', step, how: 'passed' }
    case Status.failed:
      return { kind: 'at-rest', step, how: 'failed' }
    case Status.cancelled:
      return { kind: 'at-rest', step, how: 'cancelled' }
    case Status.skipped:
      return { kind: 'at-rest', step, how: 'skipped' }
    default:
      return undefined
  }
}

/** The step takes part, and not in this. */
function unlikeEvent(state: State, place: Place, event: Event): Obstacle | undefined {
  if (event.kind !== 'chosen') return undefined
  const labels = regionsOf(nodeOf(state, place)).map(([label]) => label)
  const missing = (event.branches ?? [event.branch]).find(branch => !labels.includes(branch))
  return missing === undefined || nodeOf(state, place).kind === 'loop'
    ? undefined
    : { kind: 'no-branch', step: idOf(state, place), branch: missing }
}

/** The nearest step before it that has not come to rest, and the way there (the first of the shortest ones). */
function waiting(state: State, place: Place): Obstacle | undefined {
  const unit = unitOf(state, place.scope)
  const trails: (readonly number[])[] = [[place.node]]
  const met = new Set([place.node])
  for (const trail of trails) {
    const open = dependenciesOf(unit.region.nodes[trail.at(-1)!]!)
      .map(id => unit.nodeIndex.get(id)!)
      .filter(node => !isAtRest(state, placeAt(state, place.scope, node)))
    if (open.length === 0 && trail.length > 1) return chainOf(state, place.scope, trail)
    for (const node of open.filter(each => !met.has(each))) {
      met.add(node)
      trails.push([...trail, node])
    }
  }
  return undefined
}

function chainOf(state: State, scope: number, trail: readonly number[]): Obstacle {
  const places = trail.map(node => placeAt(state, scope, node))
  return {
    kind: 'waits',
    chain: places.map(each => idOf(state, each)),
    begun: hasBegun(state, places.at(-1)!),
  }
}

function hasBegun(state: State, { row }: Place): boolean {
  const status = state.steps.status[row]
  if (status === Status.waiting) return state.steps.attempt[row]! > 0
  return status !== Status.idle && status !== Status.queued
}

function isAtRest(state: State, { row }: Place): boolean {
  const status = state.steps.status[row]
  return (
    status === Status.passed || status === Status.failed || status === Status.cancelled || status === Status.skipped
  )
}

/** The step's scope, or its node, is not there: looks for the innermost one around it that is. */
function unlocated(state: State, step: StepId): Obstacle {
  const around = prefixesOf(step).find(path => state.byPath.has(path))
  if (around === undefined) return { kind: 'over' }
  const [segment = ''] = step.slice(around.length).split('/')
  const owner = around + nodeIn(segment)
  const place = locate(state, owner)
  if (!place) return { kind: 'gone', step: owner }
  const branch = branchOf(segment)
  if (branch !== undefined && !regionsOf(nodeOf(state, place)).some(([label]) => escapeKey(label) === branch))
    return { kind: 'no-branch', step: owner, branch }
  return held(state, place) ?? { kind: 'not-entered', step: owner, scope: `${around}${segment}/` }
}

/** The scopes around a step, innermost first, the run's own last. */
function prefixesOf(step: StepId): readonly string[] {
  const found: string[] = []
  for (let end = step.lastIndexOf('/'); end >= 0; end = step.lastIndexOf('/', end - 1)) {
    found.push(step.slice(0, end + 1))
    if (end === 0) break
  }
  return [...found, '']
}

/** `ci/race.fast/` belongs to the step `ci/race`. */
function ownerOf(scope: string): StepId {
  const start = scope.lastIndexOf('/', scope.length - 2) + 1
  return scope.slice(0, start) + nodeIn(scope.slice(start, -1))
}

function nodeIn(segment: string): string {
  const end = segment.search(/[.[]/)
  return end < 0 ? segment : segment.slice(0, end)
}

/** As the id has it; undefined where the mark is that of a call or a key. */
function branchOf(segment: string): string | undefined {
  const mark = segment.slice(nodeIn(segment).length)
  return mark.startsWith('.') ? mark.slice(1).replace(/\[\d+\]$/, '') : undefined
}
