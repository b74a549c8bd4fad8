/** What is wrong with a payload template, all of it, for the validator. */
import type { Json } from '../../../util/json.ts'
import { checkIntrinsic, looksIntrinsic } from '../intrinsic/index.ts'
import { checkPath } from '../path/index.ts'
import { isDynamic } from './fill.ts'

export interface TemplateProblem {
  /** From the template to the field: names and indexes. */
  readonly at: readonly (string | number)[]
  /** The field's own name, `value.$`. */
  readonly field: string
  readonly why: string
}

export function checkTemplate(template: Json, at: readonly (string | number)[] = []): readonly TemplateProblem[] {
  if (typeof template !== 'object' || template === null) return []
  if (Array.isArray(template)) {
    return (template as readonly Json[]).flatMap((each, index) => checkTemplate(each, [...at, index]))
  }
  return Object.entries(template as { readonly [name: string]: Json }).flatMap(([name, value]) =>
    isDynamic(name) ? checkField(name, value, [...at, name]) : checkTemplate(value, [...at, name]),
  )
}

function checkField(field: string, value: Json, at: readonly (string | number)[]): readonly TemplateProblem[] {
  const why = checkDynamic(value)
  return why === undefined ? [] : [{ at, field, why }]
}

/** What is wrong with the value of a field that is a path or a call. */
export function checkDynamic(value: Json): string | undefined {
  if (typeof value !== 'string') return 'It is not a text'
  return looksIntrinsic(value) ? checkIntrinsic(value) : checkPath(value, 'path')
}
