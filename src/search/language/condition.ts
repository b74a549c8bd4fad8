/** Conditions: what may stand behind `where` and in brackets. Which values fit is decided by the field on their left. */
import { nearestName } from '../../util/nearest.ts'
import { type Field, fieldNamed, fullName, hasHistory, namesOf, type Subject } from '../fields.ts'
import {
  type Aggregate,
  AGGREGATES,
  type Condition,
  type Operand,
  type Operator,
  type Place,
  type Scalar,
} from '../query.ts'
import { CONDITIONS_MAX, type Cursor, DEPTH_MAX } from './cursor.ts'
import { readScalar } from './literals.ts'
import { refuseAt, type Token } from './tokens.ts'

export function parseCondition(cursor: Cursor, subject: Subject): Condition {
  cursor.depth += 1
  if (cursor.depth > DEPTH_MAX)
    refuseAt(cursor.text, cursor.peek().at, 'QUERY_SYNTAX', `Conditions are nested more than ${DEPTH_MAX} deep`)
  const of = [conjunction(cursor, subject)]
  while (cursor.takeWord('or')) of.push(conjunction(cursor, subject))
  cursor.depth -= 1
  return of.length === 1 ? of[0]! : flat('any', of)
}

function conjunction(cursor: Cursor, subject: Subject): Condition {
  const of = [negation(cursor, subject)]
  while (cursor.takeWord('and')) of.push(negation(cursor, subject))
  return of.length === 1 ? of[0]! : flat('all', of)
}

function negation(cursor: Cursor, subject: Subject): Condition {
  if (!cursor.takeWord('not')) return comparison(cursor, subject)
  cursor.depth += 1
  if (cursor.depth > DEPTH_MAX)
    refuseAt(cursor.text, cursor.peek().at, 'QUERY_SYNTAX', `Conditions are nested more than ${DEPTH_MAX} deep`)
  const of = negation(cursor, subject)
  cursor.depth -= 1
  return { kind: 'not', of }
}

function comparison(cursor: Cursor, subject: Subject): Condition {
  cursor.conditions += 1
  if (cursor.conditions > CONDITIONS_MAX)
    refuseAt(cursor.text, cursor.peek().at, 'QUERY_SYNTAX', `A query has at most ${CONDITIONS_MAX} conditions`)
  if (cursor.takeSymbol('(')) {
    const condition = parseCondition(cursor, subject)
    cursor.need(')', "'and', 'or' or ')'")
    return condition
  }
  if (cursor.takeWord('has')) return { kind: 'has', field: placeOf(cursor, subject).place }
  const { place, field, at } = placeOf(cursor, subject)
  const operator = cursor.peek()
  if (operator.kind === 'word' && operator.text === 'contains') return containsText(cursor, place, field)
  if (operator.kind === 'word' && operator.text === 'in') return isOneOf(cursor, place, field)
  if (operator.kind === 'symbol' && operator.text === '~') return matchesPattern(cursor, place, field)
  const plain = operator.kind === 'symbol' ? OPERATORS[operator.text] : undefined
  if (plain === undefined) {
    if (field.type === 'flag') return { kind: 'flag', field: place.name }
    return cursor.expected(`an operator after ${place.name} (=, !=, <, <=, >, >=, ~, contains, in)`, operator, at)
  }
  cursor.next += 1
  return comparedWith(cursor, subject, { place, field, operator: plain, operatorAt: operator.at })
}

function comparedWith(
  cursor: Cursor,
  subject: Subject,
  left: { place: Place; field: Field; operator: Operator; operatorAt: number },
): Condition {
  const { place, field, operator } = left
  const isOrdered = field.type !== 'text' && field.type !== 'word' && field.type !== 'flag'
  if (!isOrdered && operator !== '=' && operator !== '!=')
    refuseAt(
      cursor.text,
      left.operatorAt,
      'QUERY_VALUE',
      `${place.name} has no order, so ${operator} says nothing`,
      'Take =, !=, ~, contains or in.',
    )
  const operand = operandOf(cursor, subject, place, field)
  if (field.type !== 'flag') return { kind: 'compare', field: place, operator, with: operand }
  const isTrue = operand.kind === 'flag' && operand.flag
  const flag: Condition = { kind: 'flag', field: place.name }
  return isTrue === (operator === '=') ? flag : { kind: 'not', of: flag }
}

function operandOf(cursor: Cursor, subject: Subject, place: Place, field: Field): Operand {
  const token = cursor.take()
  const star = cursor.peek()
  if (token.kind === 'number' && star.kind === 'symbol' && star.text === '*') {
    cursor.next += 1
    const times = Number(token.text)
    const of = cursor.take()
    if (!Number.isFinite(times) || times < 0) cursor.expected('a number before *', token)
    if (of.kind !== 'word' || !isAggregate(of.text)) cursor.expected(oneOf(AGGREGATES), of)
    return aggregateOf(cursor, subject, place, { of: of.text, at: of.at, times })
  }
  if (token.kind === 'word' && isAggregate(token.text) && field.type !== 'text' && field.type !== 'json')
    return aggregateOf(cursor, subject, place, { of: token.text, at: token.at, times: 1 })
  return scalarOf(cursor, token, place, field)
}

function aggregateOf(
  cursor: Cursor,
  subject: Subject,
  { name }: Place,
  which: { of: Aggregate; at: number; times: number },
): Operand {
  if (hasHistory(subject, name)) return { kind: 'aggregate', of: which.of, times: which.times }
  return refuseAt(
    cursor.text,
    which.at,
    'QUERY_VALUE',
    `There is no ${which.of} of ${name}`,
    'Durations of steps and runs are compared with their history: step where duration > p95.',
  )
}

function scalarOf(cursor: Cursor, token: Token, place: Place, field: Field): Scalar {
  if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'number')
    return cursor.expected(`a value for ${place.name}`, token)
  const read = readScalar({ kind: token.kind, text: token.text }, field, cursor.nowMs)
  if (read.kind === 'read') return read.scalar
  return refuseAt(
    cursor.text,
    token.at,
    'QUERY_VALUE',
    `${JSON.stringify(token.text)} does not fit ${place.name}; expected ${read.expected}`,
    read.hint,
  )
}

function containsText(cursor: Cursor, place: Place, field: Field): Condition {
  const operator = cursor.take()
  needText(cursor, place, field, operator)
  const token = cursor.take()
  if (token.kind !== 'quoted' && token.kind !== 'word' && token.kind !== 'number')
    return cursor.expected('a text', token)
  return { kind: 'contains', field: place, text: token.text }
}

function matchesPattern(cursor: Cursor, place: Place, field: Field): Condition {
  const operator = cursor.take()
  needText(cursor, place, field, operator)
  const token = cursor.take()
  if (token.kind !== 'pattern' && token.kind !== 'quoted' && token.kind !== 'word')
    return cursor.expected('a pattern, in quotes or slashes', token)
  const flags = token.kind === 'pattern' ? token.flags : ''
  if (!/^(?!.*(.).*\1)[imsu]*$/.test(flags))
    refuseAt(cursor.text, token.at, 'QUERY_VALUE', `/…/${flags} has flags that patterns have not`, 'Take i, m, s or u.')
  try {
    new RegExp(token.text, flags)
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/: /, '') : ''
    refuseAt(
      cursor.text,
      token.at,
      'QUERY_VALUE',
      `This is no regular expression: ${why}`,
      'Take contains for plain text.',
    )
  }
  return { kind: 'matches', field: place, pattern: token.text, flags }
}

function needText(cursor: Cursor, { name }: Place, { type }: Field, { at, text }: Token): void {
  if (type === 'text' || type === 'word' || type === 'json') return
  refuseAt(cursor.text, at, 'QUERY_VALUE', `${name} is no text, so ${text} says nothing`, 'Take =, !=, <, <=, > or >=.')
}

function isOneOf(cursor: Cursor, place: Place, field: Field): Condition {
  cursor.next += 1
  cursor.need('(', "'('")
  const values = cursor.list(() => scalarOf(cursor, cursor.take(), place, field))
  cursor.need(')', "',' or ')'")
  return { kind: 'in', field: place, values }
}

/** `run.error.code`, `value.items[0].price`. */
function placeOf(
  cursor: Cursor,
  subject: Subject,
): { readonly place: Place; readonly field: Field; readonly at: number } {
  const first = cursor.take()
  if (first.kind !== 'word' || RESERVED.has(first.text)) return cursor.expected(`a field of ${subject}`, first)
  const whole = fullName(subject, first.text)
  if (fieldNamed(subject, whole)?.type === 'json') {
    const path = pathOf(cursor)
    return { place: { name: whole, path }, field: fieldNamed(subject, whole)!, at: first.at }
  }
  let name = first.text
  while (cursor.peek().text === '.' && cursor.peek().kind === 'symbol') {
    cursor.next += 1
    const part = cursor.take()
    if (part.kind !== 'word') cursor.expected(`the rest of the field's name`, part)
    name += `.${part.text}`
  }
  const full = fullName(subject, name)
  const field = fieldNamed(subject, full)
  if (field) return { place: { name: full, path: [] }, field, at: first.at }
  return unknownField(cursor, subject, name, first.at)
}

function unknownField(cursor: Cursor, subject: Subject, name: string, at: number): never {
  const near = nearestName(name, namesOf(subject))
  const groups = namesOf(subject).filter(each => each.startsWith(`${name}.`))
  const hint = near
    ? `Did you mean ${near}?`
    : groups.length > 0
      ? `It has ${groups.slice(0, 4).join(', ')}.`
      : `${subject} has ${namesOf(subject)
          .filter(each => !each.includes('.'))
          .join(', ')}.`
  return refuseAt(cursor.text, at, 'QUERY_UNKNOWN_FIELD', `A ${subject} has no ${name}`, hint)
}

function pathOf(cursor: Cursor): readonly (string | number)[] {
  const path: (string | number)[] = []
  for (;;) {
    if (cursor.takeSymbol('.')) {
      const token = cursor.take()
      if (token.kind !== 'word' && token.kind !== 'quoted') cursor.expected('the name of a field of the value', token)
      if (/["\\\u0000-\u001f]/.test(token.text))
        refuseAt(cursor.text, token.at, 'QUERY_VALUE', 'Names with quotes or control characters cannot be asked for')
      path.push(token.text)
    } else if (cursor.takeSymbol('[')) {
      const token = cursor.take()
      const index = Number(token.text)
      if (token.kind !== 'number' || !Number.isSafeInteger(index) || index < 0)
        cursor.expected('an index from 0', token)
      path.push(index)
      cursor.need(']', "']'")
    } else return path
  }
}

export function parseField(cursor: Cursor, subject: Subject): string {
  const { place, field, at } = placeOf(cursor, subject)
  if (field.type === 'json')
    refuseAt(cursor.text, at, 'QUERY_VALUE', `${place.name} is plain data, which has no order of its own`)
  return place.name
}

const OPERATORS: { readonly [symbol: string]: Operator | undefined } = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

const RESERVED: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'in', 'contains', 'where', 'order', 'group', 'by', 'limit', 'has', 'asc', 'desc'],
])

const isAggregate = (text: string): text is Aggregate => (AGGREGATES as readonly string[]).includes(text)

/** Lists in lists of the same kind are one list. */
export function flat(kind: 'all' | 'any', of: readonly Condition[]): Condition {
  return { kind, of: of.flatMap(each => (each.kind === kind ? each.of : [each])) }
}

export const oneOf = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
