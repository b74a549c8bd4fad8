/** The 39 operators of a JSONPath Choice. A value of another type than the operator compares is no error: the test does not hold. */
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

const FAMILIES = {
  // By UTF-16 code units, as Java compares.
  String: comparing(text, (left, right) => (left < right ? -1 : left > right ? 1 : 0)),
  Numeric: comparing(number, (left, right) => left - right),
  Timestamp: comparing(instant, compareInstants),
}
const sameTruth = comparing(truth, (left, right) => Number(left) - Number(right))

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...Object.entries(FAMILIES).flatMap(([family, order]) =>
    Object.entries(ORDERS).flatMap(([suffix, fits]) =>
      compared(`${family}${suffix}`, (value, comparand) => {
        const found = order(value, comparand)
        return found !== undefined && fits(found)
      }),
    ),
  ),
  ...compared('BooleanEquals', (value, comparand) => sameTruth(value, comparand) === 0),
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

function compared(name: string, holds: (value: Json, comparand: Json) => boolean): [string, Operator][] {
  return [
    [name, { kind: 'compares', by: 'value', holds }],
    [`${name}Path`, { kind: 'compares', by: 'path', holds }],
  ]
}
