/**
 * What stands in `[?(…)]`, and the inputs of a function: paths, literals, and how they are compared.
 *
 *   or      = and { '||' and }
 *   and     = single { '&&' single }
 *   single  = '!' single | '(' or ')' | operand [ operator operand ]
 */
import type { Json } from '../../../util/json.ts'
import { comes, type Cursor, expect, fail, here, match, skipSpace, take } from './cursor.ts'
import { parseQuoted } from './quoted.ts'
import { type Filter, type Operand, type Operator, type Path, signs, words } from './syntax.ts'

/** Reads the path that begins here: given, since paths hold filters and filters hold paths. */
export type PathAt = (cursor: Cursor) => Path

const parenthesesMax = 100

export function parseFilter(cursor: Cursor, pathAt: PathAt): Filter {
  return parseOr(cursor, pathAt, 0)
}

function parseOr(cursor: Cursor, pathAt: PathAt, depth: number): Filter {
  if (depth > parenthesesMax) fail(`A filter is nested more than ${parenthesesMax} deep`)
  const filters = [parseAnd(cursor, pathAt, depth)]
  while (take(skipSpace(cursor), '||')) filters.push(parseAnd(cursor, pathAt, depth))
  return filters.length === 1 ? filters[0]! : { kind: 'or', filters }
}

function parseAnd(cursor: Cursor, pathAt: PathAt, depth: number): Filter {
  const filters = [parseSingle(cursor, pathAt, depth)]
  while (take(skipSpace(cursor), '&&')) filters.push(parseSingle(cursor, pathAt, depth))
  return filters.length === 1 ? filters[0]! : { kind: 'and', filters }
}

function parseSingle(cursor: Cursor, pathAt: PathAt, depth: number): Filter {
  skipSpace(cursor)
  if (take(cursor, '!')) {
    if (depth > parenthesesMax) fail(`A filter is nested more than ${parenthesesMax} deep`)
    return { kind: 'not', filter: parseSingle(cursor, pathAt, depth + 1) }
  }
  if (!take(cursor, '(')) return parseComparison(cursor, pathAt)
  const filter = parseOr(cursor, pathAt, depth + 1)
  expect(cursor, ')')
  return filter
}

function parseComparison(cursor: Cursor, pathAt: PathAt): Filter {
  const left = parseOperand(cursor, pathAt)
  const operator = parseOperator(skipSpace(cursor))
  if (operator !== undefined) return { kind: 'compare', left, operator, right: parseOperand(skipSpace(cursor), pathAt) }
  if (left.kind === 'path') return { kind: 'exists', path: left.path }
  return fail(`Expected path node at position ${cursor.at}`)
}

function parseOperator(cursor: Cursor): Operator | undefined {
  const sign = signs.find(each => take(cursor, each))
  if (sign !== undefined) return sign
  const from = cursor.at
  const text = match(cursor, /[A-Za-z]+/y)
  if (text === undefined) return undefined
  const word = words.find(each => each === text.toLowerCase())
  return word ?? fail(`Filter operator ${text} at position ${from} is not supported!`)
}

export function parseOperand(cursor: Cursor, pathAt: PathAt): Operand {
  const first = here(cursor)
  if (first === '@' || first === '$') return { kind: 'path', path: pathAt(cursor) }
  if (first === '/') return parsePattern(cursor)
  return { kind: 'value', value: parseLiteral(cursor) }
}

function parseLiteral(cursor: Cursor): Json {
  const first = here(cursor)
  if (first === "'" || first === '"') return parseQuoted(cursor)
  if (first === '[' || first === '{') return parseJson(cursor)
  const number = match(cursor, /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y)
  if (number !== undefined) return Number(number)
  const word = match(cursor, /[\p{ID_Start}_][-\p{ID_Continue}]*/uy)
  if (word === 'true') return true
  if (word === 'false') return false
  if (word === 'null') return null
  // A text whose quotes were forgotten: such definitions are in use, and are read as they are meant.
  return word ?? fail(`Unexpected character in a filter at position ${cursor.at}`)
}

/** A list or an object; single quotes are taken for double ones, as Jayway's reader does. */
function parseJson(cursor: Cursor): Json {
  const from = cursor.at
  const open: string[] = []
  do {
    const part = match(cursor, /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|[[\]{}]|[^'"[\]{}]+/y)
    if (part === undefined) return fail(`A list or an object at position ${from} does not end`)
    if (part === '[' || part === '{') open.push(part)
    if (part === ']' || part === '}') open.pop()
  } while (open.length > 0)
  const text = cursor.text.slice(from, cursor.at)
  try {
    return JSON.parse(text.replace(/'((?:[^'\\]|\\[\s\S])*)'|"(?:[^"\\]|\\[\s\S])*"/g, doubleQuoted)) as Json
  } catch {
    return fail(`A list or an object at position ${from} is not JSON`)
  }
}

const doubleQuoted = (all: string, single: string | undefined): string =>
  single === undefined ? all : JSON.stringify(single.replace(/\\'/g, "'"))

/** Java's d, u, U and x change nothing here: texts are read as Unicode anyhow, and there are no comments in patterns. */
const flagsOf = (letters: string): string => [...new Set(`u${letters}`)].filter(each => 'uims'.includes(each)).join('')

/** The whole of a text has to match. Java's `(?i)` in front is a flag, too. */
function parsePattern(cursor: Cursor): Operand {
  const from = cursor.at
  const found = match(cursor, /\/(?:[^/\\]|\\[\s\S])*\//y)
  if (found === undefined) return fail(`Pattern not closed. Expected / at position ${from}`)
  const body = found.slice(1, -1)
  const inline = /^\(\?([a-z]+)\)/.exec(body)
  const letters = (match(cursor, /[idsumxU]+/y) ?? '') + (inline?.[1] ?? '')
  try {
    return { kind: 'pattern', pattern: wholePattern(inline ? body.slice(inline[0].length) : body, flagsOf(letters)) }
  } catch {
    return fail(`The pattern ${found} at position ${from} cannot be used`)
  }
}

/** What Unicode's strict reading refuses, such as `\_`, is read the older way. */
function wholePattern(body: string, flags: string): RegExp {
  const whole = `^(?:${body})$`
  try {
    return new RegExp(whole, flags)
  } catch {
    return new RegExp(whole, flags.replace('u', ''))
  }
}

/** Whether an operand begins here; a function's brackets may hold none. */
export const operandComes = (cursor: Cursor): boolean => !comes(skipSpace(cursor), ')')
