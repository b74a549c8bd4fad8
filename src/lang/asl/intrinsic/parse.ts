/** The text of a call to its parts. Texts stand in single quotes; a backslash stands before a quote, a brace or itself, and nothing else. */
import { atEnd, type Cursor, comes, fail, match, skipSpace, take, Unreadable } from '../path/cursor.ts'
import { memo } from '../path/memo.ts'
import { parsePath } from '../path/parse.ts'
import { type Call, type Input, type IntrinsicName, type InputType, isIntrinsicName, signatureOf } from './syntax.ts'

/** Amazon's. */
const nestedMax = 10
/** What keeps a hostile text from filling the stack. */
const depthMax = 100

export const parseIntrinsic: (text: string) => Call | Unreadable = memo(text => {
  try {
    const cursor: Cursor = { text, at: 0 }
    const call = parseCall(skipSpace(cursor), 0)
    if (!atEnd(skipSpace(cursor))) fail(`Unexpected text at position ${cursor.at}`)
    if (countCalls(call) > nestedMax + 1) fail(`More than ${nestedMax} intrinsic functions are nested in one field`)
    return call
  } catch (thrown) {
    if (thrown instanceof Unreadable) return thrown
    throw thrown
  }
})

const countCalls = (input: Input): number =>
  input.kind === 'call' ? 1 + input.inputs.reduce((sum, each) => sum + countCalls(each), 0) : 0

function parseCall(cursor: Cursor, depth: number): Call {
  if (depth > depthMax) fail('Intrinsic functions are nested too deep')
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
  checkInputs(name, inputs)
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

function checkInputs(name: IntrinsicName, inputs: readonly Input[]): void {
  const { inputs: needed, optional, rest } = signatureOf(name)
  const most = rest ? Number.POSITIVE_INFINITY : needed.length + (optional ? 1 : 0)
  if (inputs.length < needed.length || inputs.length > most) fail(`${name} is given ${inputs.length} arguments`)
  for (const [at, input] of inputs.entries()) {
    const type = needed[at] ?? (at === needed.length ? optional : undefined) ?? rest ?? 'any'
    if (!mayBe(input, type)) fail(`Argument ${at + 1} of ${name} has the wrong type`)
  }
}

/** Literals alone are known before anything runs. */
function mayBe(input: Input, type: InputType): boolean {
  if (input.kind === 'text') return type === 'any' || type === 'text' || type === 'scalar'
  if (input.kind !== 'value') return true
  switch (type) {
    case 'any':
    case 'scalar':
      return true
    case 'number':
      return typeof input.value === 'number'
    case 'boolean':
      return typeof input.value === 'boolean'
    case 'text':
    case 'list':
    case 'object':
      return false
  }
}
