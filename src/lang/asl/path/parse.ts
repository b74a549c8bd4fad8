/**
 * Text to path. Every text is read once: a state that is entered a million times reads its paths from a table.
 *
 * Problems are worded as Jayway words them, which is what Amazon shows.
 */
import { memo } from './memo.ts'
import { atEnd, comes, type Cursor, expect, fail, match, skipSpace, take, Unreadable } from './cursor.ts'
import { operandComes, type PathAt, parseFilter, parseOperand } from './parse-filter.ts'
import { parseQuoted } from './quoted.ts'
import { type FunctionName, functionNames, type Operand, type Path, type Root, type Step } from './syntax.ts'

/** Where a path stands: alone, or within a filter or a call, where it ends before what is not of it. */
type Place = 'alone' | 'within'

const pathDepthMax = 100
/** A path is followed by recursion. */
const stepsMax = 1_000

export const parsePath: (text: string) => Path | Unreadable = memo(text => {
  try {
    const cursor: Cursor = { text: text.trim(), at: 0 }
    const path = parseSteps(cursor, 'alone', 0)
    return atEnd(cursor) ? path : new Unreadable(`Could not parse token starting at position ${cursor.at}`)
  } catch (thrown) {
    if (thrown instanceof Unreadable) return thrown
    throw thrown
  }
})

/** `depth`: how many filters and calls it stands in. */
function parseSteps(cursor: Cursor, place: Place, depth: number): Path {
  if (depth > pathDepthMax) fail(`Filters and functions are nested more than ${pathDepthMax} deep`)
  const root = parseRoot(cursor, place)
  const steps: Step[] = []
  while (parseStep(cursor, place, depth, steps)) {
    if (steps.length > stepsMax) fail(`A path has more than ${stepsMax} steps`)
  }
  if (steps.at(-1)?.kind === 'deep') fail("Path must not end with a '.' or '..'")
  return { root, steps, definite: isDefinite(steps), plain: steps.every(isPlain), watched: cursor.text.includes('=~') }
}

const within =
  (depth: number): PathAt =>
  cursor =>
    parseSteps(cursor, 'within', depth + 1)

function parseRoot(cursor: Cursor, place: Place): Root {
  if (place === 'within' && take(cursor, '@')) return { kind: 'node' }
  if (!take(cursor, '$')) fail("Path must start with '$' or '@'")
  if (place === 'within') return { kind: 'input' }
  if (take(cursor, '$')) return { kind: 'context' }
  const name = match(cursor, /[\p{ID_Start}_][\p{ID_Continue}]*/uy)
  return name === undefined ? { kind: 'input' } : { kind: 'variable', name }
}

/** Whether there was one more. */
function parseStep(cursor: Cursor, place: Place, depth: number, steps: Step[]): boolean {
  if (atEnd(cursor)) return false
  if (comes(cursor, '[')) {
    steps.push(parseBracket(cursor, depth))
    return true
  }
  if (!take(cursor, '.')) {
    if (place === 'within') return false
    return fail(`Illegal character at position ${cursor.at} expected '.' or '['`)
  }
  if (take(cursor, '.')) steps.push({ kind: 'deep' })
  if (comes(cursor, '.')) fail(`Character '.' on position ${cursor.at} is not valid.`)
  if (comes(cursor, '[')) {
    steps.push(parseBracket(cursor, depth))
    return true
  }
  steps.push(take(cursor, '*') ? { kind: 'each' } : parseName(cursor, place, depth))
  return true
}

/** A function's name where `(` follows. */
function parseName(cursor: Cursor, place: Place, depth: number): Step {
  const from = cursor.at
  const name = match(cursor, place === 'alone' ? /[^ .[(]+/y : /[^\s.[()\]=<>!~&|,]+/y)
  if (name === undefined) {
    return fail(
      atEnd(cursor) ? "Path must not end with a '.' or '..'" : `Could not parse token starting at position ${from}`,
    )
  }
  if (place === 'alone' && comes(cursor, ' ')) {
    fail(`Use bracket notion ['my prop'] if your property contains blank characters. position: ${from}`)
  }
  return comes(cursor, '(') ? parseCall(cursor, name, depth) : { kind: 'field', name }
}

function parseCall(cursor: Cursor, name: string, depth: number): Step {
  if (!functionNames.includes(name as FunctionName)) fail(`Function with name: ${name} does not exist.`)
  expect(cursor, '(')
  const inputs: Operand[] = []
  if (operandComes(cursor)) {
    do inputs.push(parseOperand(skipSpace(cursor), within(depth)))
    while (take(skipSpace(cursor), ','))
  }
  if (!take(skipSpace(cursor), ')')) fail(`Arguments to function: '${name}' are not closed properly.`)
  return { kind: 'call', name: name as FunctionName, inputs }
}

function parseBracket(cursor: Cursor, depth: number): Step {
  const from = cursor.at
  expect(cursor, '[')
  const step = parseInBracket(skipSpace(cursor), depth, from)
  if (!take(skipSpace(cursor), ']')) fail(`Could not parse token starting at position ${from}. Expected ?, ', 0-9, * `)
  return step
}

function parseInBracket(cursor: Cursor, depth: number, from: number): Step {
  if (take(cursor, '*')) return { kind: 'each' }
  if (comes(cursor, "'") || comes(cursor, '"')) return parseNames(cursor)
  if (take(cursor, '?')) {
    expect(cursor, '(')
    const filter = parseFilter(cursor, within(depth))
    expect(cursor, ')')
    return { kind: 'filter', filter }
  }
  return parseIndexes(cursor) ?? fail(`Could not parse token starting at position ${from}. Expected ?, ', 0-9, * `)
}

function parseNames(cursor: Cursor): Step {
  const names: string[] = []
  do names.push(parseQuoted(skipSpace(cursor)))
  while (take(skipSpace(cursor), ','))
  return names.length === 1 ? { kind: 'field', name: names[0]! } : { kind: 'fields', names }
}

/**
 * `[1]`, `[1,2]`, `[1:]`, `[:2]`, `[1:2]`; a third number is read over, as Jayway does. `[(@.length-1)]`, the older way to
 * say `[-1]`, is known too.
 */
function parseIndexes(cursor: Cursor): Step | undefined {
  const fromEnd = match(cursor, /\(\s*@\.length(?:\(\))?\s*-\s*\d{1,9}\s*\)/y)
  if (fromEnd !== undefined) return { kind: 'item', index: -Number(/(\d+)\s*\)$/.exec(fromEnd)![1]) }
  const text = match(cursor, /[-\d:, ]+/y)?.trim()
  if (text === undefined || text === '') return undefined
  if (text.includes(':')) return parseSlice(text)
  const indexes = text
    .split(',')
    .map(each => integer(each.trim(), `Failed to parse token in ArrayIndexOperation: ${each}`))
  return indexes.length === 1 ? { kind: 'item', index: indexes[0]! } : { kind: 'items', indexes }
}

function parseSlice(text: string): Step {
  const why = `Failed to parse SliceOperation: ${text}`
  const [from, to] = text.split(':').map(each => (each === '' ? undefined : integer(each, why)))
  if (from === undefined && to === undefined) return fail(why)
  return { kind: 'slice', from, to }
}

function integer(text: string, why: string): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || value > 0x7fffffff || value < -0x80000000) return fail(why)
  return value
}

const isPlain = (step: Step): boolean => step.kind === 'field' || step.kind === 'item'

const isDefinite = (steps: readonly Step[]): boolean =>
  steps.every(
    (step, at) => isPlain(step) || (step.kind === 'fields' && at === steps.length - 1) || step.kind === 'call',
  ) ||
  // A function behind `..` is given all that was found, as one list (./walk.ts).
  (steps[0]?.kind === 'deep' && steps.at(-1)?.kind === 'call')
