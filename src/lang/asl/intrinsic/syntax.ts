/** What a call of an intrinsic function says (https://states-language.net/spec.html#intrinsic-functions). */
import type { Json } from '../../../util/json.ts'

export interface Call {
  readonly kind: 'call'
  readonly name: IntrinsicName
  readonly inputs: readonly Input[]
}

export type Input =
  | Call
  /** A number, true, false or null. */
  | { readonly kind: 'value'; readonly value: Json }
  /** `raw`: with the backslashes that States.Format reads. */
  | { readonly kind: 'text'; readonly value: string; readonly raw: string }
  | { readonly kind: 'path'; readonly text: string }

/** How many inputs each takes. */
const counts = {
  'States.Format': [1, Number.POSITIVE_INFINITY],
  'States.StringToJson': [1, 1],
  'States.JsonToString': [1, 1],
  'States.Array': [0, Number.POSITIVE_INFINITY],
  'States.ArrayPartition': [2, 2],
  'States.ArrayContains': [2, 2],
  'States.ArrayRange': [3, 3],
  'States.ArrayGetItem': [2, 2],
  'States.ArrayLength': [1, 1],
  'States.ArrayUnique': [1, 1],
  'States.Base64Encode': [1, 1],
  'States.Base64Decode': [1, 1],
  'States.Hash': [2, 2],
  'States.JsonMerge': [3, 3],
  'States.MathRandom': [2, 3],
  'States.MathAdd': [2, 2],
  'States.StringSplit': [2, 2],
  'States.UUID': [0, 0],
} as const satisfies { readonly [name: string]: readonly [least: number, most: number] }

export type IntrinsicName = keyof typeof counts

export const isIntrinsicName = (name: string): name is IntrinsicName => Object.hasOwn(counts, name)

export const takes = (name: IntrinsicName, count: number): boolean =>
  count >= counts[name][0] && count <= counts[name][1]
