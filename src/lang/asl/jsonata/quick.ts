/**
 * The value of a simple text at once, without waiting: fields of variables, literals, and operators on them.
 *
 * jsonata waits before each node, so that whoever asks must wait as well; a loop of thousands of states whose conditions are such as
 * `$states.input.n < 5` took three times as long by it. Only what has one plain meaning is decided here. At anything else (a list on
 * the way of a path, types that do not fit, an error) it leaves the text to jsonata, which gives the value or the error.
 */
import type { Json } from '../../../util/json.ts'
import type { Vars } from '../scope.ts'
import { builtin } from './builtin.ts'
import type { Node } from './syntax.ts'

/** jsonata has to say. */
export const LEAVE = Symbol('leave')

export interface Seen {
  readonly states: { readonly [field: string]: Json | undefined }
  readonly vars: Vars
}

/** undefined: nothing, as in jsonata. */
export type Quick = (seen: Seen) => unknown

/** undefined: the text is none of those. What it gives leaves by throwing LEAVE. */
export function quickOf(node: Node): Quick | undefined {
  if (node.group || node.predicate || node.stages || node.tuple || node.keepArray || node.keepSingletonArray)
    return undefined
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value': {
      const { value } = node
      return () => value
    }
    case 'variable':
      return variable(String(node.value))
    case 'path':
      return path(node.steps ?? [])
    case 'binary':
      return binary(node)
    case 'condition':
      return condition(node)
    case 'unary':
      return node.value === '-' ? negation(node) : node.value === '[' ? list(node) : record(node)
    case 'function':
      return call(node)
    default:
      return undefined
  }
}

function leave(): never {
  throw LEAVE
}

function variable(name: string): Quick | undefined {
  if (name === 'states') return ({ states }) => states
  if (name === '' || name === '$' || builtin(name) !== undefined) return undefined
  return ({ vars }) => (Object.hasOwn(vars, name) ? vars[name] : undefined)
}

function path(steps: readonly Node[]): Quick | undefined {
  const [first, ...rest] = steps
  const start = first?.type === 'variable' && first.focus === undefined ? quickOf(first) : undefined
  const ways = rest.map(step)
  if (start === undefined || !ways.every(way => way !== undefined)) return undefined
  return seen => {
    let value = start(seen)
    for (const way of ways) {
      if (Array.isArray(value)) leave()
      value = way(value)
    }
    return value
  }
}

/** A name, and `[0]` behind it. */
function step(node: Node): ((value: unknown) => unknown) | undefined {
  const { tuple, focus, index, keepArray, stages = [], type } = node
  if (type !== 'name' || tuple || focus !== undefined || index !== undefined || keepArray || stages.length > 1)
    return undefined
  const name = String(node.value)
  const [stage] = stages
  if (stage === undefined) return value => fieldOf(value, name)
  const at = stage.type === 'filter' && stage.expr?.type === 'number' ? Math.floor(Number(stage.expr.value)) : undefined
  return at === undefined ? undefined : value => itemOf(fieldOf(value, name), at)
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

/** A value that is no list is one of itself alone. */
function itemOf(value: unknown, at: number): unknown {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  return items[at < 0 ? items.length + at : at]
}

function binary({ value: operator, lhs, rhs }: Node): Quick | undefined {
  const left = lhs !== undefined && 'type' in lhs ? quickOf(lhs) : undefined
  const right = rhs && quickOf(rhs)
  if (left === undefined || right === undefined) return undefined
  if (operator === 'and') return seen => truth(left(seen)) && truth(right(seen))
  if (operator === 'or') return seen => truth(left(seen)) || truth(right(seen))
  const apply = OPERATORS.get(String(operator))
  return apply && (seen => apply(left(seen), right(seen)))
}

/** What is neither true, false nor nothing jsonata makes one of both, by rules of its own. */
function truth(value: unknown): boolean {
  return typeof value === 'boolean' ? value : value === undefined ? false : leave()
}

type Apply = (left: unknown, right: unknown) => unknown

const arithmetic =
  (apply: (left: number, right: number) => number): Apply =>
  (left, right) => {
    if (!isNumberOrNothing(left) || !isNumberOrNothing(right)) leave()
    return left === undefined || right === undefined ? undefined : apply(left, right)
  }

const isNumberOrNothing = (value: unknown): value is number | undefined =>
  value === undefined || (typeof value === 'number' && Number.isFinite(value))

const comparison =
  (apply: (left: number | string, right: number | string) => boolean): Apply =>
  (left, right) => {
    if (!isComparable(left) || !isComparable(right)) leave()
    if (left === undefined || right === undefined) return undefined
    return typeof left === typeof right ? apply(left, right) : leave()
  }

const isComparable = (value: unknown): value is number | string | undefined =>
  value === undefined || typeof value === 'number' || typeof value === 'string'

/** Of two lists, or two objects, jsonata looks into both. */
function equal(left: unknown, right: unknown): boolean {
  if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null) leave()
  return left === right
}

const OPERATORS = new Map<string, Apply>([
  ['+', arithmetic((left, right) => left + right)],
  ['-', arithmetic((left, right) => left - right)],
  ['*', arithmetic((left, right) => left * right)],
  ['/', arithmetic((left, right) => left / right)],
  ['%', arithmetic((left, right) => left % right)],
  ['<', comparison((left, right) => left < right)],
  ['<=', comparison((left, right) => left <= right)],
  ['>', comparison((left, right) => left > right)],
  ['>=', comparison((left, right) => left >= right)],
  ['=', (left, right) => left !== undefined && right !== undefined && equal(left, right)],
  ['!=', (left, right) => left !== undefined && right !== undefined && !equal(left, right)],
  ['&', (left, right) => textOf(left) + textOf(right)],
])

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  return typeof value === 'boolean' || value === null || Number.isSafeInteger(value) ? String(value) : leave()
}

function condition(node: Node): Quick | undefined {
  const test = node.condition && quickOf(node.condition)
  const chosen = node.then && quickOf(node.then)
  const other = node.else ? quickOf(node.else) : () => undefined
  return test && chosen && other && (seen => (truth(test(seen)) ? chosen(seen) : other(seen)))
}

function negation({ expression }: Node): Quick | undefined {
  const of = expression && quickOf(expression)
  return (
    of &&
    (seen => {
      const value = of(seen)
      return isNumberOrNothing(value) ? (value === undefined ? undefined : -value) : leave()
    })
  )
}

/** A list in it stands for its items, but for one that is written as a list. */
function list({ expressions = [] }: Node): Quick | undefined {
  const items = expressions.map(node => ({ of: quickOf(node), nested: node.value === '[' }))
  if (!items.every((item): item is { of: Quick; nested: boolean } => item.of !== undefined)) return undefined
  return seen => {
    const values: unknown[] = []
    for (const { of, nested } of items) {
      const value = of(seen)
      if (Array.isArray(value) && !nested) for (const each of value as readonly unknown[]) values.push(each)
      else if (value !== undefined) values.push(value)
    }
    return values
  }
}

function record({ value, lhs = [] }: Node): Quick | undefined {
  if (value !== '{' || !Array.isArray(lhs)) return undefined
  const pairs = lhs as readonly (readonly [Node, Node])[]
  const names = pairs.map(([name]) => (name.type === 'string' ? String(name.value) : undefined))
  const fields = pairs.map(([, field]) => quickOf(field))
  if (names.includes(undefined) || fields.includes(undefined) || new Set(names).size < names.length) return undefined
  if (names.some(name => name?.startsWith('_'))) return undefined
  return seen => {
    const values: Record<string, unknown> = {}
    for (const [at, name] of names.entries()) {
      const value = fields[at]?.(seen)
      if (name !== undefined && value !== undefined) values[name] = value
    }
    return values
  }
}

/** `$exists` and `$not`, of which conditions are full. */
function call({ procedure, arguments: given = [] }: Node): Quick | undefined {
  const [first, ...more] = given
  const of = first && more.length === 0 ? quickOf(first) : undefined
  if (of === undefined || procedure?.type !== 'variable') return undefined
  const name = String(procedure.value)
  const apply = CALLS.get(name)
  return apply && (seen => (Object.hasOwn(seen.vars, name) ? leave() : apply(of(seen))))
}

const CALLS = new Map<string, (value: unknown) => unknown>([
  ['exists', value => value !== undefined],
  ['not', value => (typeof value === 'boolean' ? !value : leave())],
])
