/**
 * Snapshots by column: the typed arrays as they are, the rest as plain data that a structured clone keeps.
 * A snapshot bounds recovery; it is never the truth: the events are.
 */
import { callUnit, nestedUnit, type Program, type Unit, type UnitOrigin } from './program.ts'
import {
  type Cause,
  emptyState,
  type Group,
  type LockState,
  SCOPE_COLUMNS,
  ScopeStatus,
  type SignalState,
  type State,
  STEP_COLUMNS,
  type Stop,
  type Timers,
  type UndoRecord,
} from './state.ts'
import {
  boundCopier,
  copyFlow,
  copyGroup,
  copyLock,
  copyPhase,
  copyPlain,
  copySignal,
  copyUndo,
  type FlowCopy,
  mapFields,
  mapped,
} from './snapshot-copy.ts'

const SNAPSHOT_VERSION = 4

export interface Snapshot {
  readonly version: typeof SNAPSHOT_VERSION
  readonly fields: Pick<
    State,
    | 'run'
    | 'phase'
    | 'args'
    | 'afresh'
    | 'attemptBase'
    | 'attemptMax'
    | 'eventCount'
    | 'deadlineAtMs'
    | 'scopeCount'
    | 'stepCount'
    | 'markCount'
  >
  /** In the order of their indices, the root left out. */
  readonly units: readonly UnitOrigin[]
  readonly columns: { readonly [name: string]: Uint8Array | Uint16Array | Int32Array | Float64Array }
  readonly paths: readonly string[]
  readonly outputs: State['steps']['output']
  readonly free: readonly (readonly [number, readonly number[]])[]
  readonly groups: readonly (readonly [number, Group])[]
  readonly flows: readonly (readonly [number, FlowCopy])[]
  readonly causes: readonly (readonly [number, Cause])[]
  readonly timers: readonly (readonly [number, Timers])[]
  readonly stops: readonly (readonly [number, Stop])[]
  readonly unbegun: readonly number[]
  readonly ruleCounts: readonly (readonly [number, number[]])[]
  readonly locks: readonly (readonly [string, LockState])[]
  readonly signals: readonly (readonly [string, SignalState])[]
  readonly signalIds: readonly string[]
  readonly undos: readonly (readonly [number, UndoRecord[]])[]
  readonly undoing: readonly (readonly [number, UndoRecord])[]
}

export function takeSnapshot(state: State): Snapshot {
  const columns: { [name: string]: Uint8Array | Uint16Array | Int32Array | Float64Array } = {}
  for (const name of SCOPE_COLUMNS) columns[`scope.${name}`] = state.scopes[name].slice(0, state.scopeCount)
  for (const name of STEP_COLUMNS) columns[`step.${name}`] = state.steps[name].slice(0, state.stepCount)
  columns['tokens'] = state.marks.tokens.slice(0, state.markCount)
  columns['missing'] = state.marks.missing.slice(0, state.marks.missingCount)
  const copy = boundCopier()
  const {
    run,
    phase,
    args,
    afresh,
    attemptBase,
    attemptMax,
    eventCount,
    deadlineAtMs,
    scopeCount,
    stepCount,
    markCount,
  } = state
  return {
    version: SNAPSHOT_VERSION,
    fields: {
      run,
      phase: copyPhase(phase, copy),
      args: mapFields(args, copy),
      afresh: copyPlain(afresh),
      attemptBase,
      attemptMax,
      eventCount,
      deadlineAtMs,
      scopeCount,
      stepCount,
      markCount,
    },
    units: mapped(state.program.units.slice(1), unit => copyPlain(unit.origin)),
    columns,
    paths: mapped(state.scopes.path, path => path),
    outputs: mapped(state.steps.output, output => output && copy(output)),
    free: mapped(state.free, ([unit, rows]) => [unit, copyPlain(rows)] as const),
    groups: mapped(state.groups, ([row, group]) => [row, copyGroup(group, copy)] as const),
    flows: mapped(state.flows, ([row, flow]) => [row, copyFlow(flow, copy)] as const),
    causes: plainEntries(state.causes),
    timers: plainEntries(state.timers),
    stops: plainEntries(state.stops),
    unbegun: mapped(state.unbegun, row => row),
    ruleCounts: plainEntries(state.ruleCounts),
    locks: mapped(state.locks, ([name, lock]) => [name, copyLock(lock)] as const),
    signals: mapped(state.signals, ([name, signal]) => [name, copySignal(signal, copy)] as const),
    signalIds: mapped(state.signalIds, id => id),
    undos: mapped(state.undos, ([scope, records]) => [scope, mapped(records, each => copyUndo(each, copy))] as const),
    undoing: mapped(state.undoing, ([scope, record]) => [scope, copyUndo(record, copy)] as const),
  }
}

/** The state that the snapshot was taken of. `program` is freshly compiled from the same graph and library. */
export function restoreSnapshot(program: Program, snapshot: Snapshot): State {
  for (const origin of snapshot.units) restoreUnit(program, origin)
  const state = emptyState(program)
  Object.assign(state, snapshot.fields)
  for (const name of SCOPE_COLUMNS) state.scopes[name] = column(snapshot, `scope.${name}`) as never
  for (const name of STEP_COLUMNS) state.steps[name] = column(snapshot, `step.${name}`) as never
  state.marks.tokens = column(snapshot, 'tokens') as Uint16Array
  state.marks.missing = column(snapshot, 'missing') as Int32Array
  state.marks.missingCount = state.marks.missing.length
  for (const path of snapshot.paths) state.scopes.path.push(path)
  for (const output of snapshot.outputs) state.steps.output.push(output)
  for (const [unit, rows] of snapshot.free) state.free.set(unit, [...rows])
  const copy = boundCopier()
  for (const [row, group] of snapshot.groups) state.groups.set(row, copyGroup(group, copy))
  for (const [row, flow] of snapshot.flows)
    state.flows.set(row, { ...flow, calls: new Map(flow.calls.map(([path, record]) => [path, { ...record }])) })
  fillPlain(state.causes, snapshot.causes)
  fillPlain(state.timers, snapshot.timers)
  fillPlain(state.stops, snapshot.stops)
  for (const row of snapshot.unbegun) state.unbegun.add(row)
  fillPlain(state.ruleCounts, snapshot.ruleCounts)
  for (const [name, lock] of snapshot.locks) state.locks.set(name, copyLock(lock))
  for (const [name, signal] of snapshot.signals) state.signals.set(name, copySignal(signal, copy))
  for (const id of snapshot.signalIds) state.signalIds.add(id)
  for (const [scope, records] of snapshot.undos)
    state.undos.set(
      scope,
      records.map(each => copyUndo(each, copy)),
    )
  for (const [scope, record] of snapshot.undoing) state.undoing.set(scope, copyUndo(record, copy))
  snapshot.paths.forEach((path, scope) => {
    if (state.scopes.status[scope] !== ScopeStatus.free) state.byPath.set(path, scope)
  })
  return state
}

const plainEntries = <K, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] =>
  mapped(map, ([key, value]) => [key, copyPlain(value)] as const)

function fillPlain<K, V>(map: Map<K, V>, entries: readonly (readonly [K, V])[]): void {
  for (const [key, value] of entries) map.set(key, copyPlain(value))
}

function column(snapshot: Snapshot, name: string): Uint8Array | Uint16Array | Int32Array | Float64Array {
  const found = snapshot.columns[name]
  if (!found) throw new Error(`defect: the snapshot lacks the column ${name}`)
  return found.slice()
}

function restoreUnit(program: Program, origin: UnitOrigin): Unit {
  switch (origin.kind) {
    case 'root':
      return program.root
    case 'nested': {
      const parent = program.units[origin.parent]
      if (!parent) throw new Error('defect: a snapshot lists a unit before its parent')
      return nestedUnit(program, parent, origin.node, origin.label)
    }
    case 'call':
      return callUnit(program, origin, origin.argCount)
  }
}
