/** Offsets to lines and columns and back. Lines and columns count from 1, offsets from 0, all in UTF-16 units. */
import { lastNotAfter } from '../../util/sorted.ts'

/** Offsets at which lines start; `\r\n` ends one line. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(match.index + match[0].length)
  return starts
}

export function placeOf(starts: readonly number[], offset: number): { readonly line: number; readonly column: number } {
  const index = lastNotAfter(starts, offset)
  return { line: index + 1, column: offset - starts[index]! + 1 }
}

export const offsetOf = (starts: readonly number[], line: number, column: number): number =>
  (starts[line - 1] ?? 0) + column - 1
