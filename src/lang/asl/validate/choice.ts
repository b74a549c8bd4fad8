/** The rules of a Choice state. */
import { assign } from './assign.ts'
import {
  atMostOne,
  checkFields,
  either,
  exactlyOne,
  type Field,
  type FieldTable,
  fieldTable,
  jsonata,
  jsonPath,
  require,
} from './fields.ts'
import { into, type Place, refuse } from './place.ts'
import { compared, jsonataIn, literal, orJsonata } from './query.ts'
import { boolean, type Check, fieldOf, has, isObject, number, text, timestamp } from './values.ts'

const ORDERS = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals']

const orders = (kind: string, check: Check): [string, Field][] =>
  ORDERS.flatMap(order => [
    [kind + order, jsonPath(literal(check))],
    [`${kind + order}Path`, jsonPath(compared)],
  ])

const OPERATORS: { readonly [name: string]: Field } = Object.fromEntries([
  ...orders('String', text),
  ...orders('Numeric', number),
  ...orders('Timestamp', timestamp),
  ['BooleanEquals', jsonPath(boolean)],
  ['BooleanEqualsPath', jsonPath(compared)],
  ['StringMatches', jsonPath(literal(text))],
  ...['Null', 'Present', 'Numeric', 'String', 'Boolean', 'Timestamp'].map((what): [string, Field] => [
    `Is${what}`,
    jsonPath(boolean),
  ]),
])

const OPERATOR_NAMES = Object.keys(OPERATORS)

const NESTED = fieldTable(OPERATORS, {
  Comment: either(text),
  Variable: jsonPath(compared),
  And: jsonPath((value, place) => checkNested(value, place)),
  Or: jsonPath((value, place) => checkNested(value, place)),
  Not: jsonPath((value, place) => checkRule(value, NESTED, place)),
})

const RULE: FieldTable = new Map([
  ...NESTED,
  ...fieldTable({
    Next: either(text),
    Assign: either(assign('input', 'context')),
    Condition: jsonata(orJsonata(boolean, 'input', 'context')),
    Output: jsonata(jsonataIn('input', 'context')),
  }),
])

export const choices: Check = (value, place) => {
  if (!Array.isArray(value)) return refuse(place, 'Expected value of type [ARRAY]')
  if (value.length === 0) return refuse(place, 'Value cannot be empty')
  for (const [index, rule] of value.entries()) {
    const here = into(place, index)
    checkRule(rule, RULE, here)
    if (isObject(rule)) require(rule, ['Next'], here)
  }
}

function checkNested(value: unknown, place: Place): void {
  if (!Array.isArray(value)) return refuse(place, 'Expected value of type [ARRAY]')
  if (value.length === 0) return refuse(place, 'Value cannot be empty')
  for (const [index, rule] of value.entries()) checkRule(rule, NESTED, into(place, index))
}

function checkRule(rule: unknown, table: FieldTable, place: Place): void {
  if (!isObject(rule)) return refuse(place, 'Expected value of type [OBJECT]')
  checkFields(rule, table, place)
  const heads = place.language === 'JSONata' ? ['Condition'] : HEADS
  if (HEADS.some(name => has(rule, name)) || has(rule, 'Condition')) atMostOne(rule, [...HEADS, 'Condition'], place)
  else refuse(place, `The object must have only one of the following fields, [${heads.join(', ')}]`)
  if (has(rule, 'Variable')) checkOperator(rule, place)
}

const HEADS = ['And', 'Or', 'Not', 'Variable']

function checkOperator(rule: { readonly [name: string]: unknown }, place: Place): void {
  if (OPERATOR_NAMES.some(name => fieldOf(rule, name) !== undefined)) atMostOne(rule, OPERATOR_NAMES, place)
  else exactlyOne(rule, OPERATOR_NAMES, place)
}
