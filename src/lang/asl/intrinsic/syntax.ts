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

/** What a literal of an input has to be; a path's value is looked at when it is known. */
export type InputType = 'any' | 'list' | 'object' | 'number' | 'text' | 'scalar' | 'boolean'

interface Signature {
  readonly inputs: readonly InputType[]
  /** May be left away, behind the others. */
  readonly optional?: InputType
  /** Any number more of these. */
  readonly rest?: InputType
}

export const signatures = {
  'States.Format': { inputs: ['text'], rest: 'any' },
  'States.StringToJson': { inputs: ['any'] },
  'States.JsonToString': { inputs: ['any'] },
  'States.Array': { inputs: [], rest: 'any' },
  'States.ArrayPartition': { inputs: ['list', 'number'] },
  'States.ArrayContains': { inputs: ['list', 'any'] },
  'States.ArrayRange': { inputs: ['number', 'number', 'number'] },
  'States.ArrayGetItem': { inputs: ['list', 'number'] },
  'States.ArrayLength': { inputs: ['list'] },
  'States.ArrayUnique': { inputs: ['list'] },
  'States.Base64Encode': { inputs: ['text'] },
  'States.Base64Decode': { inputs: ['text'] },
  'States.Hash': { inputs: ['any', 'text'] },
  'States.JsonMerge': { inputs: ['object', 'object', 'boolean'] },
  'States.MathRandom': { inputs: ['number', 'number'], optional: 'number' },
  'States.MathAdd': { inputs: ['number', 'number'] },
  'States.StringSplit': { inputs: ['text', 'text'] },
  'States.UUID': { inputs: [] },
} as const satisfies { readonly [name: string]: Signature }

export type IntrinsicName = keyof typeof signatures

export const signatureOf = (name: IntrinsicName): Signature => signatures[name]

export const isIntrinsicName = (name: string): name is IntrinsicName => Object.hasOwn(signatures, name)
