/** Texts in quotes, as paths and filters write them. */
import { type Cursor, fail, here, match } from './cursor.ts'

/** Single or double quotes, with a backslash before what would end it; `\uXXXX` and the usual letters stand for one character. */
export function parseQuoted(cursor: Cursor): string {
  const quote = here(cursor)
  if (quote !== "'" && quote !== '"') fail(`Found empty property at index ${cursor.at}`)
  const found = match(cursor, quote === "'" ? /'(?:[^'\\]|\\[\s\S])*'/y : /"(?:[^"\\]|\\[\s\S])*"/y)
  if (found === undefined) return fail(`Property has not been closed - missing closing ${quote}`)
  return unescaped(found.slice(1, -1))
}

const letters: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, other: string) =>
    code === undefined ? (letters[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}
