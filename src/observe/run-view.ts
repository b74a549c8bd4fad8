/**
 * A run as its readers see it: progress, `show`, JUnit and the web page all draw this one picture, folded from the log.
 *
 * Plain data. Steps appear with their first event; those that wait are known from the graph (`stepsOf` lists both).
 *
 *   V1. Same events, same view: no clock, no order that is not the log's.
 *   V2. A step that the graph does not know is shown under its id, never dropped and never thrown at.
 */
import type { Fault, Origin, RunStatus, StepId, ValueRef } from '../core/engine/protocol.ts'
import type { Node, NodeKind, Position, Region } from '../core/graph/graph.ts'
import type { Json } from '../util/json.ts'

export type StepState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly attempt: number; readonly sinceMs: number; readonly worker?: string }
  /** The last attempt failed; the next one starts at `retryAtMs` or later. */
  | { readonly kind: 'retrying'; readonly attempt: number; readonly retryAtMs: number }
  /** Steps that hold others have no output of their own in the log. */
  | { readonly kind: 'succeeded'; readonly output?: ValueRef; readonly atMs: number }
  /** Not run: the outcome was known from another run or from before. */
  | { readonly kind: 'known'; readonly output?: ValueRef; readonly origin: Origin; readonly atMs: number }
  | { readonly kind: 'failed'; readonly fault: Fault; readonly atMs: number }
  | { readonly kind: 'cancelled'; readonly atMs: number }

export type StateKind = StepState['kind']

/** How many of `total` are in which state. */
export type Counts = { readonly total: number } & { readonly [state in StateKind]: number }

export interface StepView {
  readonly id: StepId
  /** The last part of the path. */
  readonly name: string
  /** Names instead of ids from the root on: `tests[a.ts]/triage`. */
  readonly path: string
  readonly kind: NodeKind | 'unknown'
  readonly at?: Position
  readonly state: StepState
  /** Started so far. */
  readonly attempts: number
  /** Start of the first attempt, or of the first step inside. */
  readonly startedAtMs?: number
  readonly failures: readonly Failure[]
  readonly recorded: readonly Recorded[]
  /** Of steps that hold others: when, match, each, call, flow. */
  readonly inside?: Inside
}

/** A failed attempt. `retryAtMs` is absent on the last one. */
export interface Failure {
  readonly attempt: number
  readonly fault: Fault
  readonly atMs: number
  readonly retryAtMs?: number
}

export interface Recorded {
  readonly attempt: number
  readonly name: string
  readonly value: Json
  readonly atMs: number
}

export interface Inside {
  /** Scopes by their state: items of an each, calls of a flow, the branch of a when. */
  readonly items: Counts
  /** Steps in all these scopes. */
  readonly steps: Counts
  /** The chosen branch of a when or match. */
  readonly branch?: string
  readonly scopes: readonly ScopeView[]
}

/** One instance of a region. */
export interface ScopeView {
  /** Prefix of the ids of its steps; empty for the root. */
  readonly path: string
  /** Prefix of their display paths. */
  readonly shownPath: string
  /** The key of an item or call, the label of a branch; empty for the root and for the body of a call. */
  readonly label: string
  readonly region?: Region
  readonly state: StateKind
  readonly steps: Counts
  /** Ids of steps that the region does not list: found while a flow ran, or unknown. */
  readonly found: readonly StepId[]
}

export interface RunView {
  /** Empty before the first event. */
  readonly run: string
  readonly workflow: string
  readonly status: 'waiting' | 'running' | RunStatus
  readonly startedAtMs?: number
  readonly endedAtMs?: number
  /** Time of the last event. */
  readonly lastAtMs: number
  readonly output?: ValueRef
  readonly fault?: Fault
  /** The run is being cancelled or has diverged: nothing more starts. */
  readonly closing?: { readonly cause: 'cancelled' | 'diverged'; readonly fault: Fault }
  readonly redrives: number
  /** Work only: steps that hold others are not counted. Grows when branches are chosen and items listed. */
  readonly counts: Counts
  /** Steps that have begun, in order of their first event. */
  readonly steps: ReadonlyMap<StepId, StepView>
  /** Running or waiting for a retry, in order of start. */
  readonly active: ReadonlySet<StepView>
  readonly root: ScopeView
}

/** The steps of a scope: those of its region in the order of the file, then those found while it ran. */
export function stepsOf(view: Pick<RunView, 'steps'>, scope: ScopeView): readonly StepView[] {
  const listed = (scope.region?.nodes ?? []).map(
    node => view.steps.get(scope.path + node.id) ?? waitingStep(scope, node),
  )
  return [...listed, ...scope.found.flatMap(id => view.steps.get(id) ?? [])]
}

/** All steps, depth first, in the order of the file: those that wait included, as far as their scopes have been entered. */
export function* everyStep(view: Pick<RunView, 'steps'>, scope: ScopeView): Generator<StepView> {
  for (const step of stepsOf(view, scope)) {
    yield step
    for (const inner of step.inside?.scopes ?? []) yield* everyStep(view, inner)
  }
}

function waitingStep(scope: Pick<ScopeView, 'path' | 'shownPath'>, node: Node): StepView {
  return {
    id: scope.path + node.id,
    name: node.name,
    path: scope.shownPath + node.name,
    kind: node.kind,
    at: node.at,
    state: { kind: 'waiting' },
    attempts: 0,
    failures: [],
    recorded: [],
  }
}

/** From its start to its end, or to `nowMs` while it runs; nothing for a step that has not started. */
export function durationOf(step: StepView, nowMs: number): number | undefined {
  if (step.startedAtMs === undefined) return undefined
  return ('atMs' in step.state ? step.state.atMs : nowMs) - step.startedAtMs
}

export const isActive = (state: StepState): boolean => state.kind === 'running' || state.kind === 'retrying'

/** Whether a step of this kind is work of its own, or only holds other steps. */
export function isWork(kind: NodeKind | 'unknown'): boolean {
  switch (kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'service':
    case 'net':
    case 'unknown':
      return true
    case 'when':
    case 'match':
    case 'any':
    case 'each':
    case 'loop':
    case 'race':
    case 'some':
    case 'attempt':
    case 'call':
    case 'scope':
      return false
  }
}
