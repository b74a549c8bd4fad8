/**
 * Snapshots by column: the typed arrays as they are, the rest as plain data that a structured clone keeps.
 * A snapshot bounds recovery; it is never the truth: the events are.
 */
import { unreachable } from '../../util/unreachable.ts'
import { callUnit, nestedUnit, type Program, type Unit, type UnitOrigin } from './program.ts'
import type { Bound, ValueRef } from './protocol.ts'
import {
  type Cause,
  type EachState,
  emptyState,
  type FlowRecord,
  type FlowState,
  SCOPE_COLUMNS,
  ScopeStatus,
  type State,
  STEP_COLUMNS,
} from './state.ts'

export const SNAPSHOT_VERSION = 1

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
  readonly flows: readonly (readonly [
    number,
    Omit<FlowState, 'calls'> & { readonly calls: readonly (readonly [string, FlowRecord])[] },
  ])[]
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
    units: state.program.units.slice(1).map(unit => copyPlain(unit.origin)),
    columns,
    paths: state.scopes.path.slice(0, scopeCount),
    outputs: state.steps.output.slice(0, stepCount).map(output => output && copy(output)),
    free: [...state.free].map(([unit, rows]) => [unit, [...rows]] as const),
    eaches: [...state.eaches].map(([row, each]) => [row, copyEach(each, copy)] as const),
    flows: [...state.flows].map(
      ([row, flow]) =>
        [
          row,
          {
            ...flow,
            end: copyPlain(flow.end),
            calls: [...flow.calls].map(([path, record]) => [path, copyRecord(record, copy)] as const),
          },
        ] as const,
    ),
    causes: [...state.causes].map(([scope, cause]) => [scope, copyPlain(cause)] as const),
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

// A structured clone keeps which objects are one and the same, and `undefined` fields. Neither is part of the state: a fold
// of stored events shares otherwise than the run that wrote them. So everything is copied, and one hash is one object.

type CopyBound = (bound: Bound) => Bound

function boundCopier(): CopyBound {
  const refs = new Map<string, ValueRef>()
  const copyRef = (ref: ValueRef): ValueRef => {
    const name = `${ref.codec} ${ref.hash} ${ref.inline === undefined ? '' : 'inline'}`
    const known = refs.get(name)
    if (known) return known
    const copied = copyPlain(ref)
    refs.set(name, copied)
    return copied
  }
  const copy: CopyBound = bound => {
    switch (bound.kind) {
      case 'value':
        return { kind: 'value', value: copyRef(bound.value), path: [...bound.path] }
      case 'list':
        return { kind: 'list', items: bound.items.map(copy) }
      case 'record':
        return { kind: 'record', fields: mapFields(bound.fields, copy) }
      case 'apply':
        return { kind: 'apply', fn: bound.fn, args: bound.args.map(copy), path: [...bound.path] }
      case 'literal':
      case 'resource':
        return copyPlain(bound)
      default:
        return unreachable(bound)
    }
  }
  return copy
}

const mapFields = <A, B>(fields: { readonly [name: string]: A }, map: (field: A) => B): { [name: string]: B } =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, map(field)]))

/** Plain data without its `undefined` fields. The cast: a copy has the type of what was copied. */
function copyPlain<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyPlain) as T
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, copyPlain(field)]])),
  ) as T
}

const copyEach = (each: EachState, copy: CopyBound): EachState => ({
  ...each,
  keys: [...each.keys],
  items: copy(each.items),
  results: each.results.map(result => result && copy(result)),
  cause: copyPlain(each.cause),
})

const copyRecord = ({ call, order, answer }: FlowRecord, copy: CopyBound): FlowRecord => ({
  call: { ...copyPlain(call), args: call.args.map(copy) },
  order,
  answer: answer?.kind === 'succeeded' ? { kind: 'succeeded', result: copy(answer.result) } : copyPlain(answer),
})

const copyPhase = (phase: State['phase'], copy: CopyBound): State['phase'] =>
  phase.kind === 'ending' && phase.result ? { ...copyPlain(phase), result: copy(phase.result) } : copyPlain(phase)
