/** Conditions over plain records, one after the other and without an index: what the index is compared with. */
import { fieldNamed, type Subject } from '../../src/search/fields.ts'
import { keyOf } from '../../src/search/kept/collect.ts'
import type { Aggregate, Condition, Found, Operand, Operator, Order, Place, Scalar } from '../../src/search/query.ts'

export interface Records {
  readonly subject: Subject
  readonly rows: readonly Found[]
  /** Durations that a record's own is compared with, in order. */
  history(row: Found, field: string): readonly number[]
}

export function fieldOf(row: Found, name: string): unknown {
  return name.split('.').reduce<unknown>((value, part) => (value as Found | undefined)?.[part], row)
}

export function holds(records: Records, row: Found, condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every(each => holds(records, row, each))
    case 'any':
      return condition.of.some(each => holds(records, row, each))
    case 'not':
      return !holds(records, row, condition.of)
    case 'flag':
      return fieldOf(row, condition.field) === true
    case 'has':
      return valueAt(row, condition.field) !== undefined
    case 'contains':
      return contains(valueAt(row, condition.field), condition.text)
    case 'matches': {
      const value = valueAt(row, condition.field)
      return typeof value === 'string' && new RegExp(condition.pattern, condition.flags).test(value)
    }
    case 'in':
      return condition.values.some(value => compare(valueAt(row, condition.field), '=', value))
    case 'compare': {
      const value = valueAt(row, condition.field)
      const operand = condition.with
      if (operand.kind !== 'aggregate') return compare(value, condition.operator, operand)
      const number = aggregate(records.history(row, condition.field.name), operand)
      return number !== undefined && compare(value, condition.operator, { kind: 'number', number })
    }
  }
}

function valueAt(row: Found, { name, path }: Place): unknown {
  return path.reduce<unknown>(
    (value, part) => {
      if (typeof value !== 'object' || value === null) return undefined
      if (Array.isArray(value) !== (typeof part === 'number')) return undefined
      return Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined
    },
    fieldOf(row, name),
  )
}

function contains(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text)
  return Array.isArray(value) && value.includes(text)
}

function compare(value: unknown, operator: Operator, scalar: Scalar): boolean {
  if (value === undefined) return false
  if (operator === '!=') return !compare(value, '=', scalar)
  switch (scalar.kind) {
    case 'time': {
      const number = value as number
      const isIn = number >= scalar.fromMs && number < scalar.toMs
      if (operator === '=') return isIn
      if (operator === '<') return number < scalar.fromMs
      if (operator === '>') return number >= scalar.toMs
      return operator === '<=' ? number < scalar.toMs : number >= scalar.fromMs
    }
    case 'number':
      return typeof value === 'number' && ordered(value, operator, scalar.number)
    case 'text':
      return typeof value === 'string' && ordered(value, operator, scalar.text)
    case 'flag':
      return operator === '=' && value === scalar.flag
    case 'null':
      return operator === '=' && value === null
  }
}

function ordered<T extends string | number>(a: T, operator: Operator, b: T): boolean {
  switch (operator) {
    case '=':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}

function aggregate(
  durations: readonly number[],
  { of, times }: Extract<Operand, { kind: 'aggregate' }>,
): number | undefined {
  if (durations.length === 0) return undefined
  return times * OF[of](durations)
}

const rank =
  (share: number) =>
  (sorted: readonly number[]): number =>
    sorted.find((_, index) => (index + 1) * 100 >= share * sorted.length)!
const OF: { readonly [of in Aggregate]: (sorted: readonly number[]) => number } = {
  avg: sorted => sorted.reduce((sum, each) => sum + each, 0) / sorted.length,
  max: sorted => sorted.at(-1)!,
  p50: rank(50),
  p95: rank(95),
  p99: rank(99),
}

/** Missing ones last, whatever the direction. */
export function inOrder(a: Found, b: Found, orders: readonly Order[]): boolean {
  for (const { field, direction } of orders) {
    const [left, right] = [fieldOf(a, field), fieldOf(b, field)] as (string | number | boolean | undefined)[]
    if (left === right) continue
    if (left === undefined || right === undefined) return right === undefined
    return direction === 'asc' ? left < right : left > right
  }
  return true
}

/** Of the steps and runs that a store has. */
export function historiesOf(runs: readonly Found[], steps: readonly Found[]): Records['history'] {
  const durations = new Map<string, number[]>()
  const runKey = (row: Found, prefix: string): string =>
    `${fieldOf(row, `${prefix}file`)} ${fieldOf(row, `${prefix}workflow`)}`
  const stepKey = (row: Found): string => `${runKey(row, 'run.')} ${keyOf(row['id'] as string)}`
  const note = (key: string, row: Found): void => {
    const isWhole = row['status'] === 'succeeded' || row['status'] === 'failed'
    if (isWhole && typeof row['duration'] === 'number')
      durations.set(key, [...(durations.get(key) ?? []), row['duration']])
  }
  for (const run of runs) note(runKey(run, ''), run)
  for (const step of steps) note(stepKey(step), step)
  for (const list of durations.values()) list.sort((a, b) => a - b)
  return (row, field) => {
    const isStep = field === 'duration' && fieldOf(row, 'run.id') !== undefined
    const key = isStep ? stepKey(row) : runKey(row, field === 'duration' ? '' : 'run.')
    return durations.get(key) ?? []
  }
}

/** What is worth asking for: values that records have. */
export function materialOf(all: { readonly [subject in Subject]: readonly Found[] }) {
  const of = (subject: Subject, field: string): readonly unknown[] =>
    [...new Set(all[subject].map(row => fieldOf(row, field)))].filter(value => value !== undefined).slice(0, 40)
  return {
    texts: (subject: Subject, field: string): readonly string[] => {
      const found = fieldNamed(subject, field)?.type === 'text' ? of(subject, field).map(String) : []
      return found.length > 0 ? found : ['x']
    },
    numbers: (subject: Subject, field: string): readonly number[] =>
      of(subject, field).map(Number).filter(Number.isFinite),
  }
}
