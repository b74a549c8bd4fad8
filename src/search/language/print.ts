/** A query as text that is parsed to the same query again. */
import { type FieldType, fieldNamed, type Subject } from '../fields.ts'
import type { Condition, Link, Operand, Place, Query, Scalar } from '../query.ts'

export function printQuery(query: Query): string {
  const { subject, chain, where, groupBy, orderBy, limit, wanted } = query
  const links = [...(chain?.links ?? [])].reverse()
  const parts = [
    ...(wanted === 'count' ? ['count'] : []),
    ...links.map(link => `${printElement(subject, link)} ${printArrows(link)}`),
    subject,
    ...(where ? ['where', printCondition(subject, where)] : []),
    ...(groupBy.length > 0 ? ['group by', groupBy.map(field => printPlace({ name: field, path: [] })).join(', ')] : []),
    ...(orderBy.length > 0
      ? ['order by', orderBy.map(({ field, direction }) => `${field} ${direction}`).join(', ')]
      : []),
    ...(limit === undefined ? [] : [`limit ${limit}`]),
  ]
  return parts.join(' ')
}

const printElement = (subject: Subject, { where }: Link): string =>
  where ? `${subject}[${printCondition(subject, where)}]` : subject

function printArrows({ towards, reach }: Link): string {
  const arrow = towards === 'upstream' ? '->' : '<-'
  return reach === 'any' ? `${arrow} * ${arrow}` : arrow
}

function printCondition(subject: Subject, condition: Condition): string {
  const within = (inner: Condition): string => {
    const text = printCondition(subject, inner)
    return inner.kind === 'all' || inner.kind === 'any' || inner.kind === 'not' ? `(${text})` : text
  }
  switch (condition.kind) {
    case 'all':
      return condition.of.map(within).join(' and ')
    case 'any':
      return condition.of.map(within).join(' or ')
    case 'not':
      return `not ${within(condition.of)}`
    case 'has':
      return `has ${printPlace(condition.field)}`
    case 'flag':
      return condition.field
    case 'contains':
      return `${printPlace(condition.field)} contains ${quoted(condition.text)}`
    case 'matches':
      return `${printPlace(condition.field)} ~ ${printPattern(condition.pattern, condition.flags)}`
    case 'compare': {
      const type = fieldNamed(subject, condition.field.name)?.type ?? 'text'
      return `${printPlace(condition.field)} ${condition.operator} ${printOperand(condition.with, type)}`
    }
    case 'in': {
      const type = fieldNamed(subject, condition.field.name)?.type ?? 'text'
      return `${printPlace(condition.field)} in (${condition.values.map(value => printScalar(value, type)).join(', ')})`
    }
  }
}

const printPlace = ({ name, path }: Place): string =>
  name +
  path.map(part => (typeof part === 'number' ? `[${part}]` : isWord(part) ? `.${part}` : `.${quoted(part)}`)).join('')

const isWord = (text: string): boolean => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text)

function printOperand(operand: Operand, type: FieldType): string {
  if (operand.kind !== 'aggregate') return printScalar(operand, type)
  return operand.times === 1 ? operand.of : `${operand.times} * ${operand.of}`
}

function printScalar(scalar: Scalar, type: FieldType): string {
  switch (scalar.kind) {
    case 'text':
      return quoted(scalar.text)
    case 'number':
      return `${scalar.number}${type === 'duration' ? 'ms' : type === 'size' ? 'B' : ''}`
    case 'flag':
      return String(scalar.flag)
    case 'null':
      return 'null'
    case 'time': {
      const iso = new Date(scalar.fromMs).toISOString()
      return scalar.toMs - scalar.fromMs > 1 ? iso.slice(0, 10) : iso
    }
  }
}

/** Quoted, so that no slash of it ends it. */
const printPattern = (pattern: string, flags: string): string =>
  flags === ''
    ? quoted(pattern)
    : `/${pattern.replace(/\\[\s\S]|\//g, found => (found === '/' ? '\\/' : found))}/${flags}`

const quoted = (text: string): string =>
  `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`
