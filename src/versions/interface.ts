/** What callers and others outside rely on: parameters, result, signals; and the types that functions declare. */
import type { Graph, Param } from '../core/graph/graph.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { Change } from './change.ts'
import { partOf } from './defs.ts'
import type { Step } from './places.ts'
import { compareTypes } from './types.ts'
import type { Package, Signature } from './version.ts'

export function* parameterChanges(before: Graph, after: Graph): Generator<Change> {
  const [left, right] = [byName(before.params), byName(after.params)]
  for (const [name, { required, type }] of right)
    if (!left.has(name)) yield { kind: 'parameter.added', name, required, type }
  for (const name of left.keys()) if (!right.has(name)) yield { kind: 'parameter.removed', name }
  for (const [name, param] of right) {
    const old = left.get(name)
    if (old) yield* parameterChange(name, old, param)
  }
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map(item => [item.name, item]))

function* parameterChange(name: string, before: Param, after: Param): Generator<Change> {
  const how = compareTypes(before.type, after.type)
  if (how !== 'equal') yield { kind: 'parameter.changed', name, how, before: before.type, after: after.type }
  if (before.required !== after.required) {
    const became = after.required ? 'required' : 'optional'
    yield { kind: 'parameter.changed', name, how: became, before: before.required, after: after.required }
  }
  if (!isSame(before.default, after.default)) {
    const [from, to] = [before.default ?? null, after.default ?? null]
    yield { kind: 'parameter.changed', name, how: 'default', before: from, after: to }
  }
}

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))

type Schema = { readonly [keyword: string]: Json | undefined }

/** Field by field where both are records. */
export function* resultChanges(before: Json, after: Json, path = ''): Generator<Change> {
  const [left, right] = [recordOf(before), recordOf(after)]
  if (left && right) {
    for (const name of Object.keys(right)) if (!(name in left)) yield { kind: 'result.added', path: joined(path, name) }
    for (const name of Object.keys(left))
      if (!(name in right)) yield { kind: 'result.removed', path: joined(path, name) }
    for (const [name, type] of Object.entries(right))
      if (name in left)
        yield* resultChanges(
          partOf(before as Schema, left[name] as Json),
          partOf(after as Schema, type),
          joined(path, name),
        )
    return
  }
  const how = compareTypes(before, after)
  if (how !== 'equal') yield { kind: 'result.changed', path, how, before, after }
}

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** The fields of a record of which nothing but the fields is said, and all are sure to be there. */
function recordOf(type: Json): { readonly [name: string]: Json } | undefined {
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return undefined
  const { type: kind, properties, required, additionalProperties: _, ...rest } = type as Schema
  if (kind !== 'object' || typeof properties !== 'object' || properties === null) return undefined
  if (!Object.keys(rest).every(key => NOTES.has(key))) return undefined
  const names = Object.keys(properties)
  const sure = new Set(Array.isArray(required) ? (required as readonly Json[]) : [])
  return sure.size === names.length && names.every(name => sure.has(name))
    ? (properties as { readonly [name: string]: Json })
    : undefined
}

const NOTES: ReadonlySet<string> = new Set(['$defs', '$schema', 'title', 'description'])

interface Signal {
  readonly type: Json
  readonly early: 'kept' | 'transient'
}

export function* signalChanges(before: readonly Step[], after: readonly Step[]): Generator<Change> {
  const [left, right] = [signalsOf(before), signalsOf(after)]
  for (const name of right.keys()) if (!left.has(name)) yield { kind: 'signal.added', name }
  for (const name of left.keys()) if (!right.has(name)) yield { kind: 'signal.removed', name }
  for (const [name, { type, early }] of right) {
    const old = left.get(name)
    if (!old) continue
    const how = compareTypes(old.type, type)
    if (how !== 'equal') yield { kind: 'signal.changed', name, how, before: old.type, after: type }
    if (old.early !== early) yield { kind: 'signal.changed', name, how: early, before: old.early, after: early }
  }
}

/** Who sends it must please all that wait for it; it is kept when one of them would have it kept. */
function signalsOf(steps: readonly Step[]): ReadonlyMap<string, Signal> {
  const found = new Map<string, Signal[]>()
  const add = (name: string, signal: Signal): void => {
    found.set(name, [...(found.get(name) ?? []), signal])
  }
  for (const { node } of steps) {
    if (node.kind === 'wait' && node.on.kind === 'signal') add(node.on.signal, node.on)
    if (node.kind === 'each' && node.more) add(node.more.signal, { type: node.more.type, early: 'kept' })
  }
  return new Map([...found].map(([name, signals]) => [name, signalOf(signals)]))
}

function signalOf(signals: readonly Signal[]): Signal {
  const types = new Map(signals.map(({ type }) => [canonicalJson(type), type]))
  const [type = {}, ...more] = [...types.keys()].sort().map(text => types.get(text) as Json)
  return {
    type: more.length === 0 ? type : { allOf: [type, ...more] },
    early: signals.some(({ early }) => early === 'kept') ? 'kept' : 'transient',
  }
}

/** `addresses`: of functions of both, before by after. */
export function* signatureChanges(
  addresses: ReadonlyMap<string, string>,
  before: { readonly [address: string]: Signature },
  after: { readonly [address: string]: Signature },
): Generator<Change> {
  for (const [address, from] of addresses) {
    const [left, right] = [before[from] ?? UNDECLARED, after[address] ?? UNDECLARED]
    const count = Math.max(left.parameters.length, right.parameters.length)
    for (let at = 0; at < count; at++)
      yield* partChange(address, `parameters[${at}]`, left.parameters[at] ?? {}, right.parameters[at] ?? {})
    yield* partChange(address, 'result', left.result, right.result)
  }
}

const UNDECLARED: Signature = { parameters: [], result: {} }

function* partChange(address: string, part: string, before: Json, after: Json): Generator<Change> {
  const how = compareTypes(before, after)
  if (how !== 'equal') yield { kind: 'signature.changed', address, part, how, before, after }
}

export function* packageChanges(before: readonly Package[], after: readonly Package[]): Generator<Change> {
  const [left, right] = [grouped(before), grouped(after)]
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [gone, come] = [left.get(name) ?? [], right.get(name) ?? []]
    const old = gone.filter(each => !come.some(other => isSamePackage(each, other)))
    const now = come.filter(each => !gone.some(other => isSamePackage(each, other)))
    for (let at = 0; at < Math.max(old.length, now.length); at++)
      yield { kind: 'package.changed', before: old[at], after: now[at] }
  }
}

/** One name may be there in several versions. */
function grouped(packages: readonly Package[]): ReadonlyMap<string, readonly Package[]> {
  const groups = new Map<string, Package[]>()
  for (const each of packages) groups.set(each.name, [...(groups.get(each.name) ?? []), each])
  return groups
}

const isSamePackage = (a: Package, b: Package): boolean => a.version === b.version && a.integrity === b.integrity
