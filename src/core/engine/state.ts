/**
 * The state of one run, in columns: a row a scope, a row a step, and the markings of all scopes in one arena. What only few
 * steps have (groups, timers, locks, stops) stands in maps by row.
 * Only ./apply.ts (and what it calls) writes here; everything else is derived on demand.
 *
 *   E1. Only events change the state; folding a run's events gives the same bytes everywhere.
 *   E2. A row is given back when its scope is left, and used again by the next scope of the same unit: a loop has flat memory.
 *   E3. `live` of a scope counts its steps that are open or running, lingering ones and its undoing included; a closing
 *       scope is left when it is 0.
 */
import { invariant } from '../../util/unreachable.ts'
import type { Node } from '../graph/graph.ts'
import type { Answer, Bound, EachLimits, Fault, FlowCall, Outcome, RunStatus, StepId, ValueRef } from './protocol.ts'
import { nodeAt, type Program, type Unit } from './program.ts'
import { splitStepId } from './step-id.ts'

/**
 * Of a step's row. `queued`: waits for a grant; `sleeping`: a wait; `backingOff`: an attempt node between two tries of its
 * body; `draining`: a flow whose outcome is known and whose calls have not all come to rest; `lingering`: has passed, and
 * something of it still runs; `skipped`: will never begin, or was withdrawn.
 */
export const Status = {
  idle: 0,
  waiting: 1,
  running: 2,
  evaluating: 3,
  spawned: 4,
  passed: 5,
  failed: 6,
  cancelled: 7,
  draining: 8,
  queued: 9,
  sleeping: 10,
  backingOff: 11,
  parked: 12,
  lingering: 13,
  skipped: 14,
} as const

/** Of a scope's row. */
export const ScopeStatus = { free: 0, open: 1, closing: 2 } as const

export const NONE = -1
/** `parentNode` of a scope that undoes a step of its parent. */
export const UNDO = -2

export interface State {
  readonly program: Program
  run: string
  phase: Phase
  args: { readonly [param: string]: Bound }
  afresh: Afresh
  /** Attempts of a redriven run go on counting from here, so that an old attempt is never taken for a new one. */
  attemptBase: number
  attemptMax: number
  eventCount: number
  /** Of the whole run; 0 when it has none. */
  deadlineAtMs: number
  scopeCount: number
  readonly scopes: ScopeColumns
  stepCount: number
  readonly steps: StepColumns
  markCount: number
  readonly marks: MarkColumns
  /** Free scope rows of each unit. */
  readonly free: Map<number, number[]>
  readonly byPath: Map<string, number>
  /** By step row: what steps with several scopes, one after the other or side by side, know of them. */
  readonly groups: Map<number, Group>
  readonly flows: Map<number, FlowState>
  /** Why a scope closes; of a region that finishes, the first failure while it is still open. */
  readonly causes: Map<number, Cause>
  /** By step row. */
  readonly timers: Map<number, Timers>
  /** Steps that are being stopped for a reason of their own, or that were withdrawn before they began. */
  readonly stops: Map<number, Stop>
  /** Milestones that were entered and in which nothing has begun: they are left again when what ends them begins. */
  readonly unbegun: Set<number>
  /** Further failures counted by retry rules beyond the first. */
  readonly ruleCounts: Map<number, number[]>
  /** By lock: who holds it and who waits, longest first. */
  readonly locks: Map<string, LockState>
  /** By name. */
  readonly signals: Map<string, SignalState>
  readonly signalIds: Set<string>
  /** By scope: what is to be undone when it leaves by `x`, in the order of succeeding. */
  readonly undos: Map<number, UndoRecord[]>
  /** By the scope that undoes. */
  readonly undoing: Map<number, UndoRecord>
}

export type Phase =
  | { readonly kind: 'new' }
  | { readonly kind: 'running' }
  /** The root scope has been left; its result is being evaluated. */
  | { readonly kind: 'ending'; readonly status: RunStatus; readonly result?: Bound; readonly fault?: Fault }
  | { readonly kind: 'ended'; readonly status: RunStatus; readonly output?: ValueRef; readonly fault?: Fault }

export interface Cause {
  readonly kind: 'failed' | 'cancelled' | 'diverged' | 'timed-out'
  readonly fault: Fault
}

export type Group = ManyState | LoopState | AttemptState | NetState

/** A step that spawns a scope for each item or arm: each, any, race, some. */
export interface ManyState {
  readonly kind: 'many'
  /** Keys of items or labels of arms; grows while an each may be added to. */
  readonly keys: string[]
  /** Of an each: its items, and those that were added. */
  readonly items: Bound
  readonly added: Bound[]
  /** Items before the first that was added, batches not yet made. */
  readonly count: number
  readonly limits?: EachLimits
  readonly results: (Bound | undefined)[]
  /** First failures, for the causes of the fault; at most FAILURES_KEPT. */
  readonly failures: Fault[]
  next: number
  open: number
  passed: number
  failed: number
  /** Items that signals brought and that have no key yet; the key of the first is being evaluated. */
  readonly pending: Bound[]
  /** Label of the first that passed. */
  winner: string
  /** `joining`: still wanted; `decided`: its value is known, the rest is on its way out; `failing`: it leaves by `x`. */
  phase: 'joining' | 'decided' | 'failing'
  cause: Cause | undefined
}

export interface LoopState {
  readonly kind: 'loop'
  turn: number
  state: Bound
}

export interface AttemptState {
  readonly kind: 'attempt'
  turn: number
  part: 'body' | 'catch' | 'finally'
  /** What a handler is about, and what `finally` must not lose. */
  caught: Fault | undefined
  /** Known before `finally` runs. */
  end: AttemptEnd | undefined
}

export type AttemptEnd =
  | { readonly kind: 'passed'; readonly output: Bound }
  | { readonly kind: 'left'; readonly cause: Cause }

export interface NetState {
  readonly kind: 'net'
  /** Tokens by place. */
  readonly marking: number[]
  /** The places that have any: few, however large the net. */
  readonly marked: Set<number>
  /** Firings by transition. */
  readonly fired: number[]
  /** What each transition gave last; of a net with a state: that alone. */
  readonly outputs: (Bound | undefined)[]
  /** The same as each open firing found it, by the path of its scope: what runs beside it must not change its arguments. */
  readonly found: Map<string, readonly (Bound | undefined)[]>
  open: number
  /** Whether the shell is asked which transition goes. */
  asking: boolean
  /** Whether more has become enabled since it was asked. */
  isStale: boolean
  cause: Cause | undefined
}

/** Instants in milliseconds since 1970; 0 when there is none. */
export interface Timers {
  wakeAtMs: number
  deadlineAtMs: number
}

export type Stop =
  /** It ends with this fault unless its success is already on the way. */
  | { readonly kind: 'failed'; readonly fault: Fault; readonly cause: 'cancelled' | 'timed-out' }
  | { readonly kind: 'withdrawn'; readonly dependents: 'skip' | 'run' }

export interface LockState {
  /** Step rows; NONE when free. */
  holder: number
  readonly waiting: Queue
}

export interface SignalState {
  readonly kept: Bound[]
  /** Waits, and eaches that may be added to; longest first. */
  readonly waiting: Queue
}

/** Steps by their rows, in the order of their coming: who leaves from the middle of 100,000 costs no search. */
export type Queue = Map<number, Place>

/** What takes no result from other runs: steps that the run named when it began, and those that its last redrive began with. */
export interface Afresh {
  readonly names: readonly string[]
  readonly from: readonly StepId[]
}

export interface UndoRecord {
  readonly step: StepId
  /** Where its region is. */
  readonly unit: number
  readonly node: number
  readonly args: { readonly [param: string]: Bound }
}

export interface FlowState {
  /** In the order in which they were made. */
  readonly calls: Map<string, FlowRecord>
  open: number
  answers: number
  /** Its outcome, while it waits for the calls that it left open. */
  end: Outcome | undefined
}

export interface FlowRecord {
  readonly call: FlowCall
  /** Position among the flow's answers, from 0. */
  order: number
  answer: Answer | undefined
}

export interface ScopeColumns {
  status: Uint8Array
  unit: Int32Array
  parent: Int32Array
  /** Index of the parent's node that spawned this scope. */
  parentNode: Int32Array
  /** Position among an each's items. */
  item: Int32Array
  /** First row of this scope's steps. */
  step: Int32Array
  /** First token of this scope. */
  token: Int32Array
  /** First missing-counter of this scope. */
  missing: Int32Array
  live: Int32Array
  firstChild: Int32Array
  next: Int32Array
  previous: Int32Array
  readonly path: string[]
}

export interface StepColumns {
  status: Uint8Array
  attempt: Int32Array
  failures: Int32Array
  /** Attempts that were lost with their worker; at most LOST_ATTEMPTS_MAX. */
  losses: Uint8Array
  retryAtMs: Float64Array
  readonly output: (Bound | undefined)[]
}

export interface MarkColumns {
  /** Tokens on each place; nets of regions are safe, so 0 or 1 but for the exit. */
  tokens: Uint16Array
  /** For each transition: how many of its input places are empty. */
  missing: Int32Array
  missingCount: number
}

export function emptyState(program: Program): State {
  return {
    program,
    run: '',
    phase: { kind: 'new' },
    args: {},
    afresh: { names: [], from: [] },
    attemptBase: 0,
    attemptMax: 0,
    eventCount: 0,
    deadlineAtMs: 0,
    scopeCount: 0,
    scopes: {
      status: new Uint8Array(4),
      unit: new Int32Array(4),
      parent: new Int32Array(4),
      parentNode: new Int32Array(4),
      item: new Int32Array(4),
      step: new Int32Array(4),
      token: new Int32Array(4),
      missing: new Int32Array(4),
      live: new Int32Array(4),
      firstChild: new Int32Array(4),
      next: new Int32Array(4),
      previous: new Int32Array(4),
      path: [],
    },
    stepCount: 0,
    steps: {
      status: new Uint8Array(8),
      attempt: new Int32Array(8),
      failures: new Int32Array(8),
      losses: new Uint8Array(8),
      retryAtMs: new Float64Array(8),
      output: [],
    },
    markCount: 0,
    marks: { tokens: new Uint16Array(64), missing: new Int32Array(64), missingCount: 0 },
    free: new Map(),
    byPath: new Map(),
    groups: new Map(),
    flows: new Map(),
    causes: new Map(),
    timers: new Map(),
    stops: new Map(),
    unbegun: new Set(),
    ruleCounts: new Map(),
    locks: new Map(),
    signals: new Map(),
    signalIds: new Set(),
    undos: new Map(),
    undoing: new Map(),
  }
}

type Column = Uint8Array | Uint16Array | Int32Array | Float64Array

/** At least `count` rows; doubles, so that a row costs O(1) in the mean. */
function grown<T extends Column>(column: T, count: number): T {
  if (column.length >= count) return column
  const next = new (column.constructor as new (length: number) => T)(Math.max(count, column.length * 2))
  next.set(column)
  return next
}

/** A row for a scope of `unit`, its steps idle and its marking empty. */
export function allocateScope(state: State, unit: Unit): number {
  const scope = state.free.get(unit.index)?.pop() ?? appendScope(state, unit)
  const { scopes, steps, marks } = state
  const { net, region } = unit
  scopes.status[scope] = ScopeStatus.open
  scopes.live[scope] = 0
  scopes.firstChild[scope] = NONE
  const step = scopes.step[scope]!
  steps.status.fill(0, step, step + region.nodes.length)
  steps.attempt.fill(0, step, step + region.nodes.length)
  steps.failures.fill(0, step, step + region.nodes.length)
  steps.losses.fill(0, step, step + region.nodes.length)
  steps.retryAtMs.fill(0, step, step + region.nodes.length)
  for (let row = step; row < step + region.nodes.length; row++) steps.output[row] = undefined
  const token = scopes.token[scope]!
  marks.tokens.fill(0, token, token + net.placeCount)
  const missing = scopes.missing[scope]!
  for (let t = 0; t < net.transitionCount; t++) marks.missing[missing + t] = net.preStart[t + 1]! - net.preStart[t]!
  return scope
}

function appendScope(state: State, unit: Unit): number {
  const { scopes, steps, marks } = state
  const { net, region } = unit
  const scope = state.scopeCount++
  if (scopes.status.length < state.scopeCount)
    for (const name of SCOPE_COLUMNS) scopes[name] = grown(scopes[name] as Int32Array, state.scopeCount) as never
  scopes.unit[scope] = unit.index
  scopes.step[scope] = state.stepCount
  scopes.token[scope] = state.markCount
  scopes.missing[scope] = marks.missingCount
  state.stepCount += region.nodes.length
  if (steps.status.length < state.stepCount)
    for (const name of STEP_COLUMNS) steps[name] = grown(steps[name] as Int32Array, state.stepCount) as never
  state.markCount += net.placeCount
  marks.tokens = grown(marks.tokens, state.markCount)
  marks.missingCount += net.transitionCount
  marks.missing = grown(marks.missing, marks.missingCount)
  return scope
}

export const SCOPE_COLUMNS = [
  'status',
  'unit',
  'parent',
  'parentNode',
  'item',
  'step',
  'token',
  'missing',
  'live',
  'firstChild',
  'next',
  'previous',
] as const
export const STEP_COLUMNS = ['status', 'attempt', 'failures', 'losses', 'retryAtMs'] as const

/** Gives the row back. The scope's outputs are gone: its result has been bound before. */
export function freeScope(state: State, scope: number): void {
  const { scopes, steps } = state
  const unit = unitOf(state, scope)
  state.byPath.delete(scopes.path[scope] ?? '')
  state.causes.delete(scope)
  state.undos.delete(scope)
  state.undoing.delete(scope)
  scopes.status[scope] = ScopeStatus.free
  scopes.path[scope] = ''
  const step = scopes.step[scope]!
  const sparse = state.groups.size + state.flows.size + state.timers.size + state.stops.size + state.ruleCounts.size > 0
  for (let node = 0; node < unit.region.nodes.length; node++) {
    steps.output[step + node] = undefined
    if (!sparse) continue
    state.groups.delete(step + node)
    state.flows.delete(step + node)
    state.timers.delete(step + node)
    state.stops.delete(step + node)
    state.ruleCounts.delete(step + node)
  }
  const rows = state.free.get(unit.index)
  if (rows) rows.push(scope)
  else state.free.set(unit.index, [scope])
}

export function unitOf(state: State, scope: number): Unit {
  const unit = state.program.units[state.scopes.unit[scope]!]
  invariant(unit !== undefined, 'E1: a scope belongs to a unit of its program')
  return unit
}

/** Where a step instance lives. */
export interface Place {
  readonly scope: number
  readonly node: number
  /** Its row in the step columns. */
  readonly row: number
}

/** The place of a step instance, or undefined when its scope is not there (not yet, or no more). */
export function locate(state: State, step: StepId): Place | undefined {
  const [path, nodeId] = splitStepId(step)
  const scope = state.byPath.get(path)
  if (scope === undefined) return undefined
  const node = unitOf(state, scope).nodeIndex.get(nodeId)
  return node === undefined ? undefined : { scope, node, row: state.scopes.step[scope]! + node }
}

export function mustLocate(state: State, step: StepId): Place {
  const place = locate(state, step)
  if (place === undefined) throw new Error(`defect: E1: an event names a step that is there (${step})`)
  return place
}

export const nodeOf = (state: State, { scope, node }: Place): Node => nodeAt(unitOf(state, scope), node)

export const placeAt = (state: State, scope: number, node: number): Place => ({
  scope,
  node,
  row: state.scopes.step[scope]! + node,
})

export const idOf = (state: State, { scope, node }: Place): StepId => stepAt(state, scope, node)

const stepAt = (state: State, scope: number, node: number): StepId =>
  (state.scopes.path[scope] ?? '') + (unitOf(state, scope).region.nodes[node]?.id ?? '')
