/** What an expression obviously gives: literals, records and lists of them, and what annotations beside it say. */
import type { Json } from '../../util/json.ts'
import { isFunction, type Node } from '../instrument/tree.ts'
import { type Field, fieldsOf, isSchema, record, tagged, UNDEFINED, union, UNKNOWN } from './shapes.ts'

export interface Inference {
  /** The schema of an annotation inside. */
  readonly type: (type: Node) => Json
  /** Variables whose types are known: parameters. */
  readonly names: ReadonlyMap<string, Json>
  /** `exact`: a literal is its value (`as const`, types); absent: it is of its value's type, as TypeScript widens it. */
  readonly literals?: 'exact'
}

const BOOLEAN: Json = { type: 'boolean' }
const NUMBER: Json = { type: 'number' }
const STRING: Json = { type: 'string' }
const COMPARES = new Set(['==', '!=', '===', '!==', '<', '<=', '>', '>=', 'in', 'instanceof'])
const COUNTS = new Set(['-', '*', '/', '%', '**'])

export function inferred(node: Node, how: Inference): Json {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ChainExpression':
      return inferred(node.expression, how)
    case 'TSAsExpression':
    case 'TSTypeAssertion':
      return isConst(node.typeAnnotation)
        ? inferred(node.expression, { ...how, literals: 'exact' })
        : how.type(node.typeAnnotation)
    case 'AwaitExpression':
      return inferred(node.argument, how)
    case 'Literal':
      return literal(node.value, how)
    case 'TemplateLiteral':
      return node.expressions.length === 0 ? literal(node.quasis[0]?.value.cooked ?? '', how) : STRING
    case 'Identifier':
      return node.name === 'undefined' ? UNDEFINED : (how.names.get(node.name) ?? UNKNOWN)
    case 'ObjectExpression':
      return recordIn(node, how)
    case 'ArrayExpression':
      return listIn(node, how)
    case 'UnaryExpression':
      return unary(node, how)
    case 'BinaryExpression':
      return binary(node, how)
    case 'ConditionalExpression':
      return union([inferred(node.consequent, how), inferred(node.alternate, how)])
    case 'MemberExpression':
      return member(node, how)
    default:
      return UNKNOWN
  }
}

const isConst = (type: Node): boolean =>
  type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const'

function literal(value: unknown, { literals }: Inference): Json {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return literals === 'exact' ? { const: value } : { type: typeof value }
    case 'bigint':
      return tagged('$bigint', { type: 'string' })
    default:
      return value === null ? { type: 'null' } : UNKNOWN
  }
}

function recordIn({ properties }: Extract<Node, { type: 'ObjectExpression' }>, how: Inference): Json {
  const fields = new Map<string, Field>()
  for (const each of properties) {
    if (each.type !== 'Property' || each.computed || each.kind !== 'init') return UNKNOWN
    const name =
      each.key.type === 'Identifier' ? each.key.name : each.key.type === 'Literal' ? String(each.key.value) : ''
    fields.set(name, { type: isFunction(each.value) ? UNKNOWN : inferred(each.value, how), isOptional: false })
  }
  return record(fields)
}

function listIn({ elements }: Extract<Node, { type: 'ArrayExpression' }>, how: Inference): Json {
  if (elements.some(each => each === null || each.type === 'SpreadElement')) return { type: 'array' }
  const items = elements.map(each => inferred(each!, how))
  if (how.literals === 'exact') return { type: 'array', prefixItems: items, items: false, minItems: items.length }
  return items.length === 0 ? { type: 'array' } : { type: 'array', items: union(items) }
}

function unary({ operator, argument }: Extract<Node, { type: 'UnaryExpression' }>, how: Inference): Json {
  switch (operator) {
    case '!':
    case 'delete':
      return BOOLEAN
    case 'typeof':
      return STRING
    case 'void':
      return UNDEFINED
    case '-': {
      const value = inferred(argument, how)
      return isSchema(value) && typeof value.const === 'number' ? { const: -value.const } : onlyNumber(value)
    }
    case '+':
      return NUMBER
    default:
      return UNKNOWN
  }
}

function binary({ operator, left, right }: Extract<Node, { type: 'BinaryExpression' }>, how: Inference): Json {
  if (COMPARES.has(operator)) return BOOLEAN
  if (operator !== '+' && !COUNTS.has(operator)) return UNKNOWN
  const sides = [left, right].map(each => inferred(each, how))
  if (operator === '+' && sides.some(each => kindOf(each) === 'string')) return STRING
  return sides.every(each => kindOf(each) === 'number') ? NUMBER : UNKNOWN
}

function member({ object, property, computed }: Extract<Node, { type: 'MemberExpression' }>, how: Inference): Json {
  const type = inferred(object, how)
  if (computed || property.type !== 'Identifier' || !isSchema(type)) return UNKNOWN
  if (property.name === 'length' && (type.type === 'array' || kindOf(type) === 'string')) return NUMBER
  const field = fieldsOf(type)?.get(property.name)
  if (!field) return UNKNOWN
  return field.isOptional ? union([field.type, UNDEFINED]) : field.type
}

const kindOf = (type: Json): unknown => (isSchema(type) ? (type.type ?? typeof type.const) : undefined)
const onlyNumber = (type: Json): Json => (kindOf(type) === 'number' ? NUMBER : UNKNOWN)
