/**
 * Text that fits: display columns instead of UTF-16 units (emoji, wide and combining characters), clipped and padded.
 * Whatever comes from users (names, messages, output) passes `plain` first, so that no control character of theirs
 * moves the cursor, starts a colour or fakes a line of ours.
 */
import { sliceColumns, widthOf } from './width.ts'

export { sliceColumns, widthOf }

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '  ' }
// C0, DEL, C1, the line and paragraph separators, and the marks that turn the direction of text (they can hide code).
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** One harmless line: control characters become visible escapes. */
export const plain = (text: string): string => text.replace(CONTROL, char => ESCAPES[char] ?? escapeOf(char))

const escapeOf = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

/** Several harmless lines: line breaks stay, all else as in `plain`. */
export const plainLines = (text: string): readonly string[] => text.split(/\r\n|\r|\n/).map(plain)

/** `text` in at most `columns`, with an ellipsis where something is missing. */
export function clip(text: string, columns: number): string {
  // A character has at least one UTF-16 unit and at most two columns: very long names need not be measured whole.
  const near = text.length > columns * 16 + 64 ? text.slice(0, columns * 16 + 64) : text
  if (near === text && widthOf(near) <= columns) return text
  return columns < 1 ? '' : `${sliceColumns(near, 0, columns - 1)}…`
}

/** Clips in the middle: for paths, whose end tells the most. */
export function clipMiddle(text: string, columns: number): string {
  const width = widthOf(text)
  if (width <= columns) return text
  const tail = Math.ceil((columns - 1) * 0.6)
  return columns < 2
    ? clip(text, columns)
    : `${sliceColumns(text, 0, columns - 1 - tail)}…${sliceColumns(text, width - tail, width)}`
}

export const padEnd = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)))
export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - widthOf(text))) + text

/** `1 step`, `2 steps`. */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

/** `12,345`. By hand: the first `toLocaleString` of a process loads the locales, 20 ms of every run. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** Durations for people: `12ms`, `3.4s`, `2m05s`, `1h02m`, `3d04h`. */
export function showDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms))
  if (whole < 1_000) return `${whole}ms`
  if (whole < 59_950) return `${(whole / 1_000).toFixed(1)}s`
  const seconds = Math.round(whole / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  return minutes < 1_440
    ? `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`
    : `${Math.floor(minutes / 1_440)}d${two(Math.floor(minutes / 60) % 24)}h`
}

const two = (count: number): string => String(count).padStart(2, '0')

/** Sizes for people: `512 B`, `1.6 MB`. */
export function showBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return unit === 0 ? `${bytes} B` : `${(bytes / 1000 ** unit).toFixed(1)} ${units[unit]}`
}
