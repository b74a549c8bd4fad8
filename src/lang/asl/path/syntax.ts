/**
 * What a path of the States Language says, once its text is read (./parse.ts). The language names Jayway's JsonPath as its
 * dialect (https://states-language.net/spec.html#path, https://github.com/json-path/JsonPath); Amazon adds `$$` (the context
 * object) and `$name` (a variable) as roots.
 */
import type { Json } from '../../../util/json.ts'

export interface Path {
  readonly root: Root
  readonly steps: readonly Step[]
  /** It can give one value at most: a path that is not definite gives a list. */
  readonly definite: boolean
  /** Fields and single items alone. */
  readonly plain: boolean
  /** Has a regular expression in it: whoever searches by it must be stopped in time. */
  readonly watched: boolean
}

export type Root =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string }
  /** `@`, in a filter: the node that is looked at. */
  | { readonly kind: 'node' }

export type Step =
  | { readonly kind: 'field'; readonly name: string }
  /** Two or more: at the end of a path one object with these fields, before it one way each. */
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  /** Negative: from the end. */
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'items'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'each' }
  /** What follows is looked for at every depth. */
  | { readonly kind: 'deep' }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly inputs: readonly Operand[] }

export const functionNames = [
  'min',
  'max',
  'avg',
  'stddev',
  'sum',
  'length',
  'size',
  'keys',
  'concat',
  'append',
  'first',
  'last',
  'index',
] as const

export type FunctionName = (typeof functionNames)[number]

export type Filter =
  | { readonly kind: 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'and'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'exists'; readonly path: Path }
  | { readonly kind: 'compare'; readonly left: Operand; readonly operator: Operator; readonly right: Operand }

export type Operand =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }

/** Longest first: that is how they are told apart. */
export const signs = ['===', '!==', '==', '!=', '<=', '>=', '=~', '<', '>'] as const
export const words = ['in', 'nin', 'contains', 'all', 'size', 'empty', 'subsetof', 'anyof', 'noneof'] as const

export type Operator = (typeof signs)[number] | (typeof words)[number]

const quoted = (name: string): string => `'${name}'`

/** As Jayway prints a path that it found nothing at: `$['a'][0]`. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map(printStep).join('')
}

export function printStep(step: Step): string {
  switch (step.kind) {
    case 'field':
      return `[${quoted(step.name)}]`
    case 'fields':
      return `[${step.names.map(quoted).join(',')}]`
    case 'item':
      return `[${step.index}]`
    case 'items':
      return `[${step.indexes.join(',')}]`
    case 'slice':
      return `[${step.from ?? ''}:${step.to ?? ''}]`
    case 'each':
      return '[*]'
    case 'deep':
      return '..'
    case 'filter':
      return '[?]'
    case 'call':
      return `.${step.name}(${step.inputs.length > 0 ? '...' : ''})`
  }
}
