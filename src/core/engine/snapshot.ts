/**
 * Snapshots by column: the typed arrays as they are, the rest as plain data that a structured clone keeps.
 * A snapshot bounds recovery; it is never the truth: the events are.
 */
import { callUnit, nestedUnit, type Program, type Unit, type UnitOrigin } from './program.ts'
import {
  type Cause,
  type EachState,
  emptyState,
  SCOPE_COLUMNS,
  ScopeStatus,
  type State,
  STEP_COLUMNS,
} from './state.ts'
import {
  boundCopier,
  copyEach,
  copyFlow,
  copyPhase,
  copyPlain,
  type FlowCopy,
  mapFields,
  mapped,
} from './snapshot-copy.ts'

const SNAPSHOT_VERSION = 1

export interface Snapshot {
  readonly version: 1
  readonly fields: Pick<
    State,
    'run' | 'phase' | 'args' | 'attemptBase' | 'attemptMax' | 'eventCount' | 'scopeCount' | 'stepCount' | 'markCount'
  >
  /** In the order of their indices, the root left out. */
  readonly units: readonly UnitOrigin[]
  readonly columns: { readonly [name: string]: Uint8Array | Uint16Array | Int32Array | Float64Array }
  readonly paths: readonly string[]
  readonly outputs: State['steps']['output']
  readonly free: readonly (readonly [number, readonly number[]])[]
  readonly eaches: readonly (readonly [number, EachState])[]
  readonly flows: readonly (readonly [number, FlowCopy])[]
  readonly causes: readonly (readonly [number, Cause])[]
}

export function takeSnapshot(state: State): Snapshot {
  const columns: { [name: string]: Uint8Array | Uint16Array | Int32Array | Float64Array } = {}
  for (const name of SCOPE_COLUMNS) columns[`scope.${name}`] = state.scopes[name].slice(0, state.scopeCount)
  for (const name of STEP_COLUMNS) columns[`step.${name}`] = state.steps[name].slice(0, state.stepCount)
  columns['tokens'] = state.marks.tokens.slice(0, state.markCount)
  columns['missing'] = state.marks.missing.slice(0, state.marks.missingCount)
  const copy = boundCopier()
  const { run, phase, args, attemptBase, attemptMax, eventCount, scopeCount, stepCount, markCount } = state
  return {
    version: SNAPSHOT_VERSION,
    fields: {
      run,
      phase: copyPhase(phase, copy),
      args: mapFields(args, copy),
      attemptBase,
      attemptMax,
      eventCount,
      scopeCount,
      stepCount,
      markCount,
    },
    units: mapped(state.program.units.slice(1), unit => copyPlain(unit.origin)),
    columns,
    paths: mapped(state.scopes.path, path => path),
    outputs: mapped(state.steps.output, output => output && copy(output)),
    free: mapped(state.free, ([unit, rows]) => [unit, copyPlain(rows)] as const),
    eaches: mapped(state.eaches, ([row, each]) => [row, copyEach(each, copy)] as const),
    flows: mapped(state.flows, ([row, flow]) => [row, copyFlow(flow, copy)] as const),
    causes: mapped(state.causes, ([scope, cause]) => [scope, copyPlain(cause)] as const),
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
  for (const [row, each] of snapshot.eaches) state.eaches.set(row, { ...each, results: [...each.results] })
  for (const [row, flow] of snapshot.flows)
    state.flows.set(row, { ...flow, calls: new Map(flow.calls.map(([path, record]) => [path, { ...record }])) })
  for (const [scope, cause] of snapshot.causes) state.causes.set(scope, cause)
  snapshot.paths.forEach((path, scope) => {
    if (state.scopes.status[scope] !== ScopeStatus.free) state.byPath.set(path, scope)
  })
  return state
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
