/**
 * The text of a call to its parts. Texts stand in single quotes; a backslash stands before a quote, a brace or itself, and
 * nothing else. How many inputs a function takes, and of what types, is seen when it is called: so does Amazon.
 */
import { atEnd, type Cursor, comes, fail, match, skipSpace, take, Unreadable } from '../path/cursor.ts'
import { memo } from '../path/memo.ts'
import { parsePath } from '../path/parse.ts'
import { type Call, type Input, isIntrinsicName } from './syntax.ts'

/** Amazon's. */
const nestedMax = 10

export const parseIntrinsic: (text: string) => Call | Unreadable = memo(text => {
  try {
    const cursor: Cursor = { text, at: 0 }
    const call = parseCall(skipSpace(cursor), 0)
    if (!atEnd(skipSpace(cursor))) fail(`Unexpected text at position ${cursor.at}`)
    return call
  } catch (thrown) {
    if (thrown instanceof Unreadable) return thrown
    throw thrown
  }
})

function parseCall(cursor: Cursor, depth: number): Call {
  if (depth > nestedMax) fail(`Intrinsic functions are nested more than ${nestedMax} deep`)
  const from = cursor.at
  const name = match(cursor, /States\.[A-Za-z0-9]+/y)
  if (name === undefined || !isIntrinsicName(name)) return fail(`No intrinsic function at position ${from}`)
  if (!take(skipSpace(cursor), '(')) fail(`Expected '(' at position ${cursor.at}`)
  const inputs: Input[] = []
  if (!take(skipSpace(cursor), ')')) {
    do inputs.push(parseInput(skipSpace(cursor), depth))
    while (take(skipSpace(cursor), ','))
    if (!take(skipSpace(cursor), ')')) fail(`Expected ',' or ')' at position ${cursor.at}`)
  }
  return { kind: 'call', name, inputs }
}

function parseInput(cursor: Cursor, depth: number): Input {
  if (comes(cursor, "'")) return parseText(cursor)
  if (comes(cursor, '$')) return parsePathInput(cursor)
  if (comes(cursor, 'States.')) return parseCall(cursor, depth + 1)
  const from = cursor.at
  const word = match(cursor, /[^\s,()']+/y)
  const value = word === undefined ? undefined : literals.get(word)
  if (value !== undefined) return { kind: 'value', value }
  if (word === undefined || !/^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) {
    return fail(`Unexpected text at position ${from}`)
  }
  return { kind: 'value', value: Number(word) }
}

const literals = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])

function parseText(cursor: Cursor): Input {
  const from = cursor.at
  const found = match(cursor, /'(?:[^'\\]|\\[\s\S])*'/y)
  if (found === undefined) return fail(`The text at position ${from} does not end`)
  const raw = found.slice(1, -1)
  const bad = /\\[^'{}\\]/.exec(raw.replaceAll('\\\\', '  '))
  if (bad) fail(`'${bad[0]}' in the text at position ${from} escapes nothing`)
  return { kind: 'text', raw, value: raw.replace(/\\([\s\S])/g, '$1') }
}

/** Ends at a comma or a bracket that is not within the path itself. */
function parsePathInput(cursor: Cursor): Input {
  const from = cursor.at
  const open: string[] = []
  while (!atEnd(cursor)) {
    if (open.length === 0 && (comes(cursor, ',') || comes(cursor, ')'))) break
    const part = match(cursor, /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|[\s\S]/y)!
    if (part === '(' || part === '[') open.push(part)
    if (part === ')' || part === ']') open.pop()
  }
  const text = cursor.text.slice(from, cursor.at).trim()
  const path = parsePath(text)
  return path instanceof Unreadable ? fail(path.message) : { kind: 'path', text }
}
