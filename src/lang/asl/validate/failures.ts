/** Retriers and catchers. */
import { assign } from './assign.ts'
import { checkFields, either, type FieldTable, fieldTable, jsonata, jsonPath, require } from './fields.ts'
import { into, type Place, refuse } from './place.ts'
import { jsonataIn, orNull, resultPath } from './query.ts'
import {
  type Check,
  decimal,
  fieldOf,
  filledListOf,
  filledText,
  has,
  integer,
  isObject,
  oneOf,
  text,
} from './values.ts'

const SECONDS_MAX = 99_999_999
const DELAY_MAX = 31_622_400

const RETRIER = fieldTable({
  Comment: either(text),
  ErrorEquals: either(filledListOf(filledText)),
  IntervalSeconds: either(integer({ least: 0, most: SECONDS_MAX })),
  MaxAttempts: either(integer({ least: 0, most: SECONDS_MAX })),
  BackoffRate: either(decimal({ least: 1 })),
  MaxDelaySeconds: either(integer({ least: 1, most: DELAY_MAX })),
  JitterStrategy: either(oneOf('NONE', 'FULL')),
})

const CATCHER = fieldTable({
  Comment: either(text),
  ErrorEquals: either(filledListOf(filledText)),
  Next: either(text),
  ResultPath: jsonPath(orNull(resultPath)),
  Assign: either(assign('input', 'context', 'errorOutput')),
  Output: jsonata(jsonataIn('input', 'context', 'errorOutput')),
})

export const retriers: Check = (value, place) => checkAll(value, place, RETRIER, ['ErrorEquals'])
export const catchers: Check = (value, place) => checkAll(value, place, CATCHER, ['ErrorEquals', 'Next'])

function checkAll(list: unknown, place: Place, table: FieldTable, required: readonly string[]): void {
  if (!Array.isArray(list)) return refuse(place, 'Expected value of type [ARRAY]')
  for (const [index, each] of list.entries()) {
    const here = into(place, index)
    if (!isObject(each)) {
      refuse(here, 'Expected value of type [OBJECT]')
      continue
    }
    checkFields(each, table, here)
    require(each, required, here)
    if (has(each, 'ErrorEquals'))
      checkAllErrors(fieldOf(each, 'ErrorEquals'), index === list.length - 1, into(here, 'ErrorEquals'))
  }
}

function checkAllErrors(names: unknown, isLast: boolean, place: Place): void {
  if (!Array.isArray(names) || !names.includes('States.ALL') || (names.length === 1 && isLast)) return
  refuse(
    place,
    'States.ALL must appear alone and at end of list',
    names.length > 1 ? 'It stands for all errors, so the others say nothing.' : 'What comes after it is never asked.',
  )
}
