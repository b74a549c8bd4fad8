/** Whether two values are the same JSON: the order of fields is no matter. */
import type { Json } from '../../../util/json.ts'

export function sameJson(left: Json, right: Json): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) return sameList(left, right)
  return !Array.isArray(right) && sameFields(left as Fields, right as Fields)
}

type Fields = { readonly [name: string]: Json }

function sameList(left: readonly Json[], right: Json): boolean {
  if (!Array.isArray(right) || left.length !== right.length) return false
  return left.every((each, at) => sameJson(each, right[at] as Json))
}

function sameFields(left: Fields, right: Fields): boolean {
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every(name => Object.hasOwn(right, name) && sameJson(left[name]!, right[name]!))
}
