/**
 * Copies the parts of a state so that equal states give equal bytes.
 *
 * A structured clone also keeps which objects are one and the same, which arrays once had holes, and `undefined` fields.
 * None of that is part of the state: a fold of stored events differs in all three from the run that wrote them. So every
 * array is filled anew, every object is fresh, and a value that occurs often is one object again.
 */
import { unreachable } from '../../util/unreachable.ts'
import type { Bound, ValueRef } from './protocol.ts'
import type { FlowRecord, FlowState, Group, LockState, Queue, SignalState, State, UndoRecord } from './state.ts'

type CopyBound = (bound: Bound) => Bound

/** A flow's calls as a list, in the order in which they were made. */
export type FlowCopy = Omit<FlowState, 'calls'> & { readonly calls: readonly (readonly [string, FlowRecord])[] }

/** As `Array.from`, which makes arrays with holes. */
export function mapped<A, B>(items: Iterable<A>, map: (item: A) => B): B[] {
  const found: B[] = []
  for (const item of items) found.push(map(item))
  return found
}

export const mapFields = <A, B>(fields: { readonly [name: string]: A }, map: (field: A) => B): { [name: string]: B } =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, map(field)]))

/** Plain data without its `undefined` fields. The casts: a copy has the type of what was copied. */
export function copyPlain<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return mapped(value, copyPlain) as T
  const kept = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(kept.map(([name, field]) => [name, copyPlain(field)])) as T
}

/** All copies by one copier share a value's ref. */
export function boundCopier(): CopyBound {
  const refs = new Map<string, ValueRef>()
  const copyRef = (ref: ValueRef): ValueRef => {
    const name = `${ref.codec} ${ref.hash} ${ref.inline === undefined ? 'stored' : 'inline'}`
    const known = refs.get(name)
    if (known) return known
    const copied = copyPlain(ref)
    refs.set(name, copied)
    return copied
  }
  const copy: CopyBound = bound => {
    switch (bound.kind) {
      case 'value':
        return { kind: 'value', value: copyRef(bound.value), path: copyPlain(bound.path) }
      case 'list':
        return { kind: 'list', items: mapped(bound.items, copy) }
      case 'record':
        return { kind: 'record', fields: mapFields(bound.fields, copy) }
      case 'apply':
        return { kind: 'apply', fn: bound.fn, args: mapped(bound.args, copy), path: copyPlain(bound.path) }
      case 'literal':
      case 'resource':
        return copyPlain(bound)
      default:
        return unreachable(bound)
    }
  }
  return copy
}

const copyIf = (bound: Bound | undefined, copy: CopyBound): Bound | undefined => bound && copy(bound)

export function copyGroup(group: Group, copy: CopyBound): Group {
  switch (group.kind) {
    case 'many':
      return {
        ...group,
        keys: copyPlain(group.keys),
        items: copy(group.items),
        added: mapped(group.added, copy),
        pending: mapped(group.pending, copy),
        results: mapped(group.results, result => copyIf(result, copy)),
        failures: copyPlain(group.failures),
        cause: copyPlain(group.cause),
      }
    case 'loop':
      return { ...group, state: copy(group.state) }
    case 'attempt':
      return {
        ...group,
        caught: copyPlain(group.caught),
        end: group.end?.kind === 'passed' ? { kind: 'passed', output: copy(group.end.output) } : copyPlain(group.end),
      }
    case 'net':
      return {
        ...group,
        marking: copyPlain(group.marking),
        marked: new Set(group.marked),
        fired: copyPlain(group.fired),
        outputs: mapped(group.outputs, output => copyIf(output, copy)),
        found: new Map(
          mapped(group.found, ([path, outputs]) => [path, mapped(outputs, output => copyIf(output, copy))] as const),
        ),
        cause: copyPlain(group.cause),
      }
    default:
      return unreachable(group)
  }
}

const copyQueue = (queue: Queue): Queue => new Map(mapped(queue, ([row, place]) => [row, copyPlain(place)] as const))

export const copyLock = ({ holder, waiting }: LockState): LockState => ({ holder, waiting: copyQueue(waiting) })

export const copySignal = ({ kept, waiting }: SignalState, copy: CopyBound): SignalState => ({
  kept: mapped(kept, copy),
  waiting: copyQueue(waiting),
})

export const copyUndo = (record: UndoRecord, copy: CopyBound): UndoRecord => ({
  ...record,
  args: mapFields(record.args, copy),
})

export const copyFlow = (flow: FlowState, copy: CopyBound): FlowCopy => ({
  calls: mapped(flow.calls, ([path, record]) => [path, copyRecord(record, copy)] as const),
  open: flow.open,
  answers: flow.answers,
  end: copyPlain(flow.end),
})

const copyRecord = ({ call, order, answer }: FlowRecord, copy: CopyBound): FlowRecord => ({
  call: { ...copyPlain(call), args: mapped(call.args, copy) },
  order,
  answer: answer?.kind === 'succeeded' ? { kind: 'succeeded', result: copy(answer.result) } : copyPlain(answer),
})

export const copyPhase = (phase: State['phase'], copy: CopyBound): State['phase'] =>
  phase.kind === 'ending' && phase.result ? { ...copyPlain(phase), result: copy(phase.result) } : copyPlain(phase)
