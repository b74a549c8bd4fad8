/**
 * Text -> tokens with their places. What begins with a digit, or with a minus before a digit, is one token up to the next
 * blank (`10s`, `-2d`, `2026-11-01T09:00Z`, `1.2.0`): which of these it is, the field on its left decides.
 */
import { refuse } from '../../util/diagnostic.ts'

export type Token = {
  /** What it stands for; of a quoted text without quotes and escapes, of a pattern without slashes. */
  readonly text: string
  /** Index of its first character. */
  readonly at: number
  /** Index behind its last one. */
  readonly end: number
} & (
  | { readonly kind: 'word' | 'quoted' | 'number' | 'symbol' | 'end' }
  | { readonly kind: 'pattern'; readonly flags: string }
)

/** What a query is called where a file is named. */
const QUERY_FILE = 'query'
const LENGTH_MAX = 20_000

const BLANK = /\s+/y
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*(?:-[\p{L}\p{N}_$]+)*/uy
const NUMBER = /-?\d(?:[\p{L}\p{N}_.:+]|-(?!>))*/uy
const SYMBOL = /->|<-(?!\d)|!=|<=|>=|<>|==|[=<>~()[\],.*]/y
const PATTERN = /\/((?:[^/\\\n]|\\[^\n])+)\/([a-z]*)/y
const QUOTED = /'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y

/** Refuses with QUERY_SYNTAX. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > LENGTH_MAX)
    refuse('QUERY_SYNTAX', `The query has ${text.length} characters; ${LENGTH_MAX} are the most`)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const blank = matchAt(BLANK, text, at)
    if (blank) {
      at += blank[0].length
      continue
    }
    const token = tokenAt(text, at, tokens.at(-1))
    tokens.push(token)
    at = token.end
  }
  return [...tokens, { kind: 'end', text: '', at: text.length, end: text.length }]
}

function tokenAt(text: string, at: number, before: Token | undefined): Token {
  const char = text[at]!
  const quoted = matchAt(QUOTED, text, at)
  if (quoted) return { kind: 'quoted', text: unescaped(quoted[1] ?? quoted[2] ?? ''), at, end: at + quoted[0].length }
  if (char === "'" || char === '"') refuseAt(text, at, 'QUERY_SYNTAX', 'This text has no end', `Close it with ${char}.`)
  // Elsewhere a slash means nothing.
  if (char === '/' && before?.text === '~') {
    const pattern = matchAt(PATTERN, text, at)
    if (!pattern) refuseAt(text, at, 'QUERY_SYNTAX', 'This pattern has no end', 'Close it with /.')
    return { kind: 'pattern', text: plainSlashes(pattern[1]!), flags: pattern[2]!, at, end: at + pattern[0].length }
  }
  for (const [kind, shape] of SHAPES) {
    const found = matchAt(shape, text, at)
    if (found) return { kind, text: found[0], at, end: at + found[0].length }
  }
  const shown = String.fromCodePoint(text.codePointAt(at)!)
  return refuseAt(
    text,
    at,
    'QUERY_SYNTAX',
    `${JSON.stringify(shown)} means nothing here`,
    "Put texts with other characters than letters and digits in quotes: name = 'a/b'.",
  )
}

const SHAPES = [
  ['number', NUMBER],
  ['symbol', SYMBOL],
  ['word', WORD],
] as const

function matchAt(shape: RegExp, text: string, at: number): RegExpExecArray | null {
  shape.lastIndex = at
  return shape.exec(text)
}

/** A pattern as it reads without slashes around it. */
export const plainSlashes = (pattern: string): string =>
  pattern.replace(/\\([\s\S])/g, (pair, char: string) => (char === '/' ? '/' : pair))

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char))

/** Refuses, and points into the query. */
export function refuseAt(text: string, at: number, code: string, message: string, hint?: string): never {
  const before = text.slice(0, at).split(/\r\n|\r|\n/)
  refuse(code, message, {
    at: { file: QUERY_FILE, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    ...(hint === undefined ? {} : { hint }),
  })
}
