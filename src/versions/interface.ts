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

/** Field by field where both are records, and item by item where both are lists. */
export function* resultChanges(before: Json, after: Json, path = ''): Generator<Change> {
  const [left, right] = [recordOf(before), recordOf(after)]
  if (left && right) {
    for (const name of right.keys()) if (!left.has(name)) yield { kind: 'result.added', path: joined(path, name) }
    for (const name of left.keys()) if (!right.has(name)) yield { kind: 'result.removed', path: joined(path, name) }
    for (const [name, now] of right) {
      const old = left.get(name)
      if (old) yield* fieldChanges(old, now, joined(path, name))
    }
    return
  }
  const [items, others] = [itemsOf(before), itemsOf(after)]
  if (items !== undefined && others !== undefined) return yield* resultChanges(items, others, `${path}[*]`)
  const how = compareTypes(before, after)
  if (how !== 'equal') yield { kind: 'result.changed', path, how, before, after }
}

function* fieldChanges(before: Field, after: Field, path: string): Generator<Change> {
  if (before.isSure !== after.isSure) {
    const how = before.isSure ? 'widened' : 'narrowed'
    yield { kind: 'result.changed', path, how, before: presenceOf(before), after: presenceOf(after) }
  }
  yield* resultChanges(before.type, after.type, path)
}

/** As types have it: what is not there is the value of no type. */
const presenceOf = ({ type, isSure }: Field): Json => (isSure ? type : { anyOf: [type, { not: {} }] })

/** Whether nothing is different but that there is more: fields of records, at any depth. */
const isExtended = (before: Json, after: Json): boolean =>
  [...resultChanges(before, after)].every(({ kind }) => kind === 'result.added')

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

interface Field {
  readonly type: Json
  /** It is always there. */
  readonly isSure: boolean
}

/** The fields of a record of which nothing but the fields is said. */
function recordOf(type: Json): ReadonlyMap<string, Field> | undefined {
  const schema = plainSchema(type, RECORD)
  if (schema?.['type'] !== 'object') return undefined
  const { properties, required } = schema
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return undefined
  const sure = new Set(Array.isArray(required) ? (required as readonly Json[]) : [])
  return new Map(
    Object.entries(properties as Schema).map(([name, each]) => [
      name,
      { type: partOf(schema, each as Json), isSure: sure.has(name) },
    ]),
  )
}

/** What each item of a list is, of which nothing more is said. */
function itemsOf(type: Json): Json | undefined {
  const schema = plainSchema(type, LIST)
  return schema?.['type'] === 'array' && schema['items'] !== undefined ? partOf(schema, schema['items']) : undefined
}

const NOTES = ['$defs', '$schema', 'title', 'description']
const RECORD: ReadonlySet<string> = new Set([...NOTES, 'type', 'properties', 'required', 'additionalProperties'])
const LIST: ReadonlySet<string> = new Set([...NOTES, 'type', 'items'])

/** A schema that says nothing but `words`. */
function plainSchema(type: Json, words: ReadonlySet<string>): Schema | undefined {
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return undefined
  return Object.keys(type).every(key => words.has(key)) ? (type as Schema) : undefined
}
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
  const compared = compareTypes(before, after)
  if (compared === 'equal') return
  const how = part === 'result' && compared !== 'widened' && isExtended(before, after) ? 'extended' : compared
  yield { kind: 'signature.changed', address, part, how, before, after }
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
