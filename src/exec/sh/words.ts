/**
 * The text of an `sh` template, cut into the words of a command without a shell: quotes and backslashes as POSIX has them,
 * each interpolated value one word (an array: many), whatever it contains. What only a shell could do is refused.
 *
 *   Q1. A value never changes how the text round it is read: no character of a value is syntax.
 *   Q2. Text that a shell would treat differently is refused, never passed on as plain characters.
 *   Q3. An array next to text or to another value gives one word for each item: `-I${dirs}` is `-Ia -Ib`.
 */

/** A part of a word. `secret`: shown under its name. */
export interface Piece {
  readonly text: string
  readonly shown: string
}

export type Word = Piece

/** Why a template was not accepted. `fragment`: the characters at fault. */
export interface Problem {
  readonly fragment: string
  readonly why: string
  readonly hint: string
}

export type Split =
  | { readonly kind: 'words'; readonly words: readonly Word[] }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** A value as the words that it stands for. */
export type Value = readonly Piece[]

const USE_SHELL = 'Put it in quotes if it is plain text, or use sh.shell`…` if a shell shall run it.'
const SYNTAX: Readonly<Record<string, string>> = {
  '|': 'a pipe',
  '>': 'a redirection',
  '<': 'a redirection',
  '&': 'a background command',
  ';': 'a command separator',
  '*': 'a file pattern',
  '?': 'a file pattern',
  '(': 'a subshell',
  ')': 'a subshell',
  '`': 'a command substitution',
}
/** What a backslash takes its meaning from inside double quotes (POSIX, 2.2.3). */
const ESCAPED_IN_DOUBLE = '$`"\\\n'

type Quote = 'none' | 'single' | 'double'

/** A word in the making: all the words that its arrays have made of it so far. */
type Open = readonly Piece[]
const EMPTY: Open = [{ text: '', shown: '' }]

interface Reading {
  readonly words: Word[]
  open: Open | undefined
  quote: Quote
}

/** `parts`: the raw text of the template (`strings.raw`); `values`: one less, in between. */
export function splitWords(parts: readonly string[], values: readonly Value[]): Split {
  const reading: Reading = { words: [], open: undefined, quote: 'none' }
  for (const [part, text] of parts.entries()) {
    const isLast = part === parts.length - 1
    const problem =
      readText(reading, text, isLast ? 'last' : 'more') ?? (isLast ? undefined : readValue(reading, values[part] ?? []))
    if (problem !== undefined) return { kind: 'problem', problem }
  }
  if (reading.quote !== 'none') return { kind: 'problem', problem: unclosed(reading.quote) }
  close(reading)
  const assignment = /^[A-Za-z_]\w*=/.exec(parts[0]?.trimStart() ?? '')?.[0]
  if (assignment !== undefined) return { kind: 'problem', problem: assigned(assignment) }
  return { kind: 'words', words: reading.words }
}

function readText(reading: Reading, text: string, rest: 'more' | 'last'): Problem | undefined {
  let index = 0
  while (index < text.length) {
    const problem = syntaxAt(text, index, reading.quote, reading.open === undefined)
    if (problem !== undefined) return problem
    const char = text[index] ?? ''
    const next = text[index + 1]
    if (reading.quote === 'none' && char === '\n') {
      close(reading)
      if (reading.words.length > 0 && (rest === 'more' || text.slice(index).trim() !== '')) return NEWLINE
    }
    if (reading.quote === 'none' && char === '\\' && next === undefined) return DANGLING
    index += readChar(reading, char, next)
  }
  return undefined
}

/** How many characters were read. */
function readChar(reading: Reading, char: string, next: string | undefined): 1 | 2 {
  const { quote } = reading
  const escapes = quote === 'none' || (quote === 'double' && ESCAPED_IN_DOUBLE.includes(next ?? ' '))
  if (char === '\\' && next !== undefined && escapes) {
    if (next !== '\n') add(reading, next)
    return 2
  }
  if (quote !== 'none') {
    if (char === (quote === 'single' ? "'" : '"')) reading.quote = 'none'
    else add(reading, char)
  } else if (char === "'" || char === '"') {
    reading.quote = char === "'" ? 'single' : 'double'
    add(reading, '') // '' is a word
  } else if (/\s/.test(char)) close(reading)
  else add(reading, char)
  return 1
}

function readValue(reading: Reading, value: Value): Problem | undefined {
  if (reading.quote !== 'none' && value.length !== 1) return QUOTED_LIST
  reading.open = (reading.open ?? EMPTY).flatMap(word => value.map(piece => join(word, piece)))
  return undefined
}

function add(reading: Reading, text: string): void {
  reading.open = (reading.open ?? EMPTY).map(word => join(word, plain(text)))
}

function close(reading: Reading): void {
  if (reading.open !== undefined) reading.words.push(...reading.open)
  reading.open = undefined
}

const plain = (text: string): Piece => ({ text, shown: text })
const join = (a: Piece, b: Piece): Piece => ({ text: a.text + b.text, shown: a.shown + b.shown })

/** Shell syntax at `index` that no quote protects. */
function syntaxAt(text: string, index: number, quote: Quote, atWordStart: boolean): Problem | undefined {
  const char = text[index] ?? ''
  if (quote === 'single') return undefined
  // At the end of a part `$` stands before an interpolation or alone: alone it is plain, as in a shell.
  if (char === '$' && /[\w{(@*#?$!-]/.test(text[index + 1] ?? ''))
    return syntax(
      /^\$(\w+|\{[^}]*\}?|.)/.exec(text.slice(index))?.[0] ?? '$',
      'a shell variable',
      'Interpolate the value: ${process.env.NAME}, or use sh.shell`…`.',
    )
  if (quote === 'double') return char === '`' ? syntax(char, 'a command substitution', USE_SHELL) : undefined
  if (atWordStart && char === '~')
    return syntax(char, 'the home folder', "Interpolate it: ${os.homedir()}, or put '~' in quotes.")
  if (atWordStart && char === '#') return syntax(char, 'a comment', USE_SHELL)
  const why = SYNTAX[char]
  if (why === undefined) return undefined
  const doubled = text[index + 1] === char && '|&>;<'.includes(char) ? char + char : char
  return syntax(doubled, doubled === '&&' || doubled === '||' ? 'a conditional command' : why, USE_SHELL)
}

const syntax = (fragment: string, what: string, hint: string): Problem => ({
  fragment,
  why: `${JSON.stringify(fragment)} is ${what} in a shell, and sh runs no shell`,
  hint,
})

const DANGLING: Problem = {
  fragment: '\\',
  why: 'a backslash at the end escapes nothing',
  hint: 'Remove it, or put it in single quotes.',
}
const NEWLINE: Problem = {
  fragment: '\n',
  why: 'a line break separates two commands in a shell, and sh runs one',
  hint: 'End the line with \\ to go on in the next one, or use sh.shell`…` or two sh`…`.',
}
const QUOTED_LIST: Problem = {
  fragment: '${…}',
  why: 'a list inside quotes would have to be one word',
  hint: 'Take the list out of the quotes; each item is one safe word without them.',
}

const unclosed = (quote: Quote): Problem => ({
  fragment: quote === 'single' ? "'" : '"',
  why: 'a quote is opened and never closed',
  hint: 'Close it, or escape it with a backslash.',
})

const assigned = (fragment: string): Problem => ({
  fragment,
  why: `${fragment}… before a command sets a variable in a shell, and sh runs no shell`,
  hint: 'Use sh`…`.env({ NAME: value }), or sh.shell`…`.',
})
