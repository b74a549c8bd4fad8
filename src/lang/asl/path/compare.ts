/**
 * The operators of filters (https://github.com/json-path/JsonPath#filter-operators). Values of different types are unequal,
 * but for texts and numbers, which are compared as what stands on the left; what is missing equals nothing.
 */
import type { Json } from '../../../util/json.ts'
import { sameJson } from './same.ts'
import type { Operator } from './syntax.ts'

/** `undefined`: its path has found nothing. */
export type Side = Json | RegExp | undefined

export function compares(left: Side, operator: Operator, right: Side): boolean {
  switch (operator) {
    case '==':
      return equal(left, right)
    case '!=':
      return !equal(left, right)
    case '===':
      return typeof left === typeof right && equal(left, right)
    case '!==':
      return typeof left !== typeof right || !equal(left, right)
    case '<':
      return ordered(left, right, sign => sign < 0)
    case '<=':
      return ordered(left, right, sign => sign <= 0)
    case '>':
      return ordered(left, right, sign => sign > 0)
    case '>=':
      return ordered(left, right, sign => sign >= 0)
    case '=~':
      return matches(left, right)
    case 'in':
      return has(right, left)
    case 'nin':
      return !has(right, left)
    case 'contains':
      return typeof left === 'string' ? typeof right === 'string' && left.includes(right) : has(left, right)
    case 'all':
      return isList(left) && isList(right) && right.every(each => has(left, each))
    case 'size':
      return (isList(left) || typeof left === 'string') && left.length === right
    case 'empty':
      return isEmpty(left) !== undefined && isEmpty(left) === right
    case 'subsetof':
      return isList(left) && isList(right) && left.every(each => has(right, each))
    case 'anyof':
      return isList(left) && isList(right) && left.some(each => has(right, each))
    case 'noneof':
      return isList(left) && isList(right) && !left.some(each => has(right, each))
  }
}

const isList = (side: Side): side is readonly Json[] => Array.isArray(side)

export const isPattern = (side: Side): side is RegExp => side instanceof RegExp

function equal(left: Side, right: Side): boolean {
  if (left === undefined || right === undefined || isPattern(left) || isPattern(right)) return false
  if (typeof left === 'number' && typeof right === 'string') return right.trim() !== '' && left === Number(right)
  if (typeof left === 'string' && typeof right === 'number') return left === String(right)
  return sameJson(left, right)
}

function ordered(left: Side, right: Side, holds: (sign: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right)
  if (typeof left === 'string' && typeof right === 'string') return holds(left < right ? -1 : left > right ? 1 : 0)
  return false
}

const has = (list: Side, item: Side): boolean => isList(list) && list.some(each => equal(item, each))

function isEmpty(side: Side): boolean | undefined {
  if (side === undefined || isPattern(side)) return undefined
  if (typeof side === 'string' || isList(side)) return side.length === 0
  return typeof side === 'object' && side !== null ? Object.keys(side).length === 0 : undefined
}

/** The whole text has to match; of a list one item has to. */
function matches(left: Side, right: Side): boolean {
  const [pattern, subject] = isPattern(left) ? [left, right] : [right, left]
  if (!isPattern(pattern) || isPattern(subject)) return false
  if (isList(subject)) return subject.some(each => pattern.test(subjectText(each)))
  return pattern.test(subjectText(subject))
}

const subjectText = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
