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
  /** Has not begun. */
  | { readonly kind: 'waiting' }
  /** It could go on, but for what it names. */
  | { readonly kind: 'awaiting'; readonly what: Awaited; readonly sinceMs: number }
  | { readonly kind: 'running'; readonly attempt: number; readonly sinceMs: number; readonly worker?: string }
  /** The last attempt failed; the next one starts at `retryAtMs` or later. */
  | { readonly kind: 'retrying'; readonly attempt: number; readonly retryAtMs: number }
  /** No attempt is left; it goes on when somebody asks for another. */
  | { readonly kind: 'parked'; readonly attempt: number; readonly fault: Fault; readonly sinceMs: number }
  /** Steps that hold others have no output of their own in the log. */
  | { readonly kind: 'succeeded'; readonly output?: ValueRef; readonly atMs: number }
  /** Not run: the outcome was known from another run or from before. */
  | { readonly kind: 'known'; readonly output?: ValueRef; readonly origin: Origin; readonly atMs: number }
  /** Will never begin: what it depends on did not come, or it was withdrawn. */
  | { readonly kind: 'skipped'; readonly atMs: number }
  | { readonly kind: 'failed'; readonly fault: Fault; readonly atMs: number }
  | { readonly kind: 'cancelled'; readonly atMs: number }

export type StateKind = StepState['kind']

/** What holds a step up. */
export type Awaited =
  /** `type`: JSON Schema of its value. `deadlineAtMs`: when it gives up. */
  | { readonly kind: 'signal'; readonly signal: string; readonly type: Json; readonly deadlineAtMs?: number }
  | { readonly kind: 'timer'; readonly dueAtMs: number }
  /** Taken all at once, when none of them is held. */
  | { readonly kind: 'locks'; readonly locks: readonly string[] }

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
  /** Of steps that hold others: when, each, loop, race, call, flow … */
  readonly inside?: Inside
  /** What undoes it, once that has begun. */
  readonly undo?: ScopeView
  /** It has passed, and something inside runs on. */
  readonly isLingering: boolean
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
  /** Scopes by their state: items of an each, turns of a loop, calls of a flow, the branch of a when. */
  readonly items: Counts
  /** Steps in all these scopes. */
  readonly steps: Counts
  /** What was chosen in a when, match or any; who won a race. */
  readonly branch?: string
  /** Of a loop or net only the last ones: `dropped` more have ended. */
  readonly scopes: readonly ScopeView[]
  readonly dropped: number
}

/** One instance of a region. */
export interface ScopeView {
  /** Prefix of the ids of its steps; empty for the root. */
  readonly path: string
  /** Prefix of their display paths. */
  readonly shownPath: string
  /** The key of an item, turn or call, the label of a branch; empty for the root and for the body of a call. */
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
  readonly deadlineAtMs?: number
  /** Time of the last event. */
  readonly lastAtMs: number
  readonly output?: ValueRef
  readonly fault?: Fault
  /** The run is being cancelled, has run out of time, or has diverged: nothing more starts. */
  readonly closing?: { readonly cause: 'cancelled' | 'timed-out' | 'diverged'; readonly fault: Fault }
  readonly redrives: number
  /** Work only: steps that hold others are not counted. Grows when branches are chosen and items listed. */
  readonly counts: Counts
  /** Steps that have begun, in order of their first event. */
  readonly steps: ReadonlyMap<StepId, StepView>
  /** Running or waiting for a retry, in order of start: no more than there are slots, but for what backs off. */
  readonly active: ReadonlySet<StepView>
  /** Awaiting something, or parked, in order of beginning: there may be 100,000. */
  readonly held: ReadonlySet<StepView>
  readonly root: ScopeView
  /** Steps that began to wait or came to rest with the last event, other than the one that it names. */
  readonly changed: readonly StepView[]
}

/** The steps of a scope: those of its region in the order of the file, then those found while it ran. */
export function stepsOf(view: Pick<RunView, 'steps'>, scope: ScopeView): readonly StepView[] {
  const listed = (scope.region?.nodes ?? []).map(
    node => view.steps.get(scope.path + node.id) ?? waitingStep(scope, node),
  )
  return [...listed, ...scope.found.flatMap(id => view.steps.get(id) ?? [])]
}

/** The scopes under a step that are kept, its undoing last. */
export const scopesOf = ({ inside, undo }: StepView): readonly ScopeView[] => [
  ...(inside?.scopes ?? []),
  ...(undo ? [undo] : []),
]

/** All steps, depth first, in the order of the file: those that wait included, as far as their scopes have been entered. */
export function* everyStep(view: Pick<RunView, 'steps'>, scope: ScopeView): Generator<StepView> {
  for (const step of stepsOf(view, scope)) {
    yield step
    for (const inner of scopesOf(step)) yield* everyStep(view, inner)
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
    isLingering: false,
  }
}

/** From its start to its end, or to `nowMs` while it runs; nothing for a step that has not started. Clocks may be put back. */
export function durationOf(step: StepView, nowMs: number): number | undefined {
  if (step.startedAtMs === undefined) return undefined
  return Math.max(0, ('atMs' in step.state ? step.state.atMs : nowMs) - step.startedAtMs)
}

export const isActive = (state: StepState): boolean => state.kind === 'running' || state.kind === 'retrying'

/** Whether it could go on, but for something that is named or for somebody who asks for it. */
export const isHeld = (state: StepState): boolean => state.kind === 'awaiting' || state.kind === 'parked'

/** Whether a step of this kind is work of its own, or only holds other steps. */
export function isWork(kind: NodeKind | 'unknown'): boolean {
  switch (kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
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
    case 'net':
      return false
  }
}
