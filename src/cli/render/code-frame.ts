/** The lines around a position, with a caret under it. All lines scroll sideways together when the caret is far right. */
import type { Position } from '../../util/diagnostic.ts'
import type { Screen } from './screen.ts'
import { padStart, plain, sliceColumns, widthOf } from './text.ts'

/** Lines shown before and after the one that is meant. */
const CONTEXT = 2
/** A column beyond this one is in generated code: measuring megabytes of one line would stall the message. */
const LINE_LENGTH_MAX = 20_000

/** The frame, or nothing when the position lies outside the text (the file has changed since). */
export function codeFrame(source: string, at: Position, screen: Screen): readonly string[] {
  const lines = source.split(/\r\n|\r|\n/)
  const meant = lines[at.line - 1]
  if (meant === undefined || at.column > LINE_LENGTH_MAX) return []
  const first = Math.max(1, at.line - CONTEXT)
  const last = Math.min(lines.length, at.line + CONTEXT)
  const gutter = String(last).length
  const room = Math.max(10, screen.columns - gutter - 6)
  const caret = widthOf(plain(meant.slice(0, at.column - 1)))
  const scroll = caret < room - 2 ? 0 : caret - Math.floor(room / 2)
  const { paint } = screen
  return lines.slice(first - 1, last).flatMap((line, index) => {
    const number = first + index
    const text = window(plain(line.slice(0, LINE_LENGTH_MAX)), scroll, room)
    const label = padStart(String(number), gutter)
    if (number !== at.line) return [`${paint.dim(`  ${label} |`)} ${text}`.trimEnd()]
    return [
      `${paint.red('>')} ${paint.dim(`${label} |`)} ${text}`.trimEnd(),
      `  ${' '.repeat(gutter)} ${paint.dim('|')} ${' '.repeat(caret - scroll)}${paint.red('^')}`,
    ]
  })
}

function window(line: string, scroll: number, room: number): string {
  const left = scroll > 0 ? `…${sliceColumns(line, scroll + 1, scroll + room)}` : sliceColumns(line, 0, room)
  return widthOf(line) > scroll + room ? `${sliceColumns(left, 0, room - 1)}…` : left
}
