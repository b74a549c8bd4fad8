/** A place in a text that is being read, for the small parsers of paths and of intrinsic functions. */

export interface Cursor {
  readonly text: string
  at: number
}

/** What is wrong with a text, for who asked to have it read: never leaves ./path and ../intrinsic. */
export class Unreadable extends Error {}

export function fail(why: string): never {
  throw new Unreadable(why)
}

export const here = (cursor: Cursor): string => cursor.text.charAt(cursor.at)
export const atEnd = (cursor: Cursor): boolean => cursor.at >= cursor.text.length
export const comes = (cursor: Cursor, what: string): boolean => cursor.text.startsWith(what, cursor.at)

export function take(cursor: Cursor, what: string): boolean {
  if (!comes(cursor, what)) return false
  cursor.at += what.length
  return true
}

export function skipSpace(cursor: Cursor): Cursor {
  while (' \t\r\n'.includes(here(cursor)) && !atEnd(cursor)) cursor.at += 1
  return cursor
}

export function expect(cursor: Cursor, what: string): void {
  if (!take(skipSpace(cursor), what)) fail(`Expected '${what}' at position ${cursor.at}`)
}

/** What `pattern` (sticky) finds here, and goes behind it. */
export function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}
