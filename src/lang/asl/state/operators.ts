/**
 * The 39 operators of a JSONPath Choice. A variable of another type than the operator compares is no error: the test does not hold.
 *
 * What a path leads to, to compare with, is taken for the operator's type as AWS's JSON library does it (`asDouble` and its like):
 * a list or an object counts as 0, true as 1. Measured on AWS: 7 is greater than [6], and 8 than false.
 */
import type { Json } from '../../../util/json.ts'
import { compareInstants, instantOf } from './timestamp.ts'
import { matchesWildcard } from './wildcard.ts'

export type Operator =
  /** With a value of the definition, or what it leads to where it is a path. */
  | { readonly kind: 'compares'; readonly by: 'value' | 'path'; holds(value: Json, comparand: Json): boolean }
  /** Compared with the definition's true or false. */
  | { readonly kind: 'is'; is(value: Json): boolean }
  | { readonly kind: 'present' }

/** Left out of what may stand beside `Variable`: whatever is no operator. */
export const operatorOf = (name: string): Operator | undefined => OPERATORS.get(name)

const ORDERS: { readonly [suffix: string]: (order: number) => boolean } = {
  Equals: order => order === 0,
  LessThan: order => order < 0,
  GreaterThan: order => order > 0,
  LessThanEquals: order => order <= 0,
  GreaterThanEquals: order => order >= 0,
}

/** Reads both sides, and compares them where both are of its type. */
const comparing =
  <T>(read: (value: Json) => T | undefined, compare: (left: T, right: T) => number) =>
  (value: Json, comparand: Json): number | undefined => {
    const left = read(value)
    const right = left === undefined ? undefined : read(comparand)
    return left === undefined || right === undefined ? undefined : compare(left, right)
  }

const text = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined)
const number = (value: Json): number | undefined => (typeof value === 'number' ? value : undefined)
const truth = (value: Json): boolean | undefined => (typeof value === 'boolean' ? value : undefined)
const instant = (value: Json) => (typeof value === 'string' ? instantOf(value) : undefined)

interface Family {
  readonly order: (value: Json, comparand: Json) => number | undefined
  /** What a path leads to, as a comparand. */
  readonly taken: (value: Json) => Json
}

const asDouble = (value: Json): Json => {
  const number = typeof value === 'string' ? Number(value.trim() || 0) : typeof value === 'object' ? 0 : Number(value)
  return Number.isNaN(number) ? 0 : number
}
const asText = (value: Json): Json => (value !== null && typeof value === 'object' ? '' : String(value))
const asTruth = (value: Json): Json =>
  typeof value === 'number' ? value !== 0 : typeof value === 'string' ? value.trim() === 'true' : value === true

const STRINGS: Family = {
  // By UTF-16 code units, as Java compares.
  order: comparing(text, (left, right) => (left < right ? -1 : left > right ? 1 : 0)),
  taken: asText,
}
const NUMBERS: Family = { order: comparing(number, (left, right) => left - right), taken: asDouble }
const TIMESTAMPS: Family = { order: comparing(instant, compareInstants), taken: value => value }
const TRUTHS: Family = { order: comparing(truth, (left, right) => Number(left) - Number(right)), taken: asTruth }
const FAMILIES = { String: STRINGS, Numeric: NUMBERS, Timestamp: TIMESTAMPS }

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...Object.entries(FAMILIES).flatMap(([name, family]) =>
    Object.entries(ORDERS).flatMap(([suffix, fits]) => compared(`${name}${suffix}`, family, fits)),
  ),
  ...compared('BooleanEquals', TRUTHS, order => order === 0),
  [
    'StringMatches',
    {
      kind: 'compares',
      by: 'value',
      holds: (value, pattern) =>
        typeof value === 'string' && typeof pattern === 'string' && matchesWildcard(value, pattern),
    },
  ],
  ['IsPresent', { kind: 'present' }],
  ['IsNull', { kind: 'is', is: value => value === null }],
  ['IsString', { kind: 'is', is: value => typeof value === 'string' }],
  ['IsNumeric', { kind: 'is', is: value => typeof value === 'number' }],
  ['IsBoolean', { kind: 'is', is: value => typeof value === 'boolean' }],
  ['IsTimestamp', { kind: 'is', is: value => typeof value === 'string' && instantOf(value) !== undefined }],
])

function compared(name: string, { order, taken }: Family, fits: (order: number) => boolean): [string, Operator][] {
  const holds = (value: Json, comparand: Json) => {
    const found = order(value, comparand)
    return found !== undefined && fits(found)
  }
  return [
    [name, { kind: 'compares', by: 'value', holds }],
    [`${name}Path`, { kind: 'compares', by: 'path', holds: (value, comparand) => holds(value, taken(comparand)) }],
  ]
}
