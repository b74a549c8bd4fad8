/** Lines of steps' output behind the step that wrote them, one colour a step. */
import { hashText } from '../../util/hash.ts'
import type { Screen } from './screen.ts'
import { clipMiddle, padEnd, plain } from './text.ts'

export interface LogLine {
  /** The display path. */
  readonly step: string
  readonly stream: 'stdout' | 'stderr' | 'log'
  readonly text: string
}

const PREFIX_COLUMNS_MAX = 36
const COLOURS = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const

/** `columns`: width of the widest step so far, so that lines that belong together stand under one another. */
export function renderLogLine(line: LogLine, columns: number, screen: Screen): string {
  const { paint } = screen
  const prefix = padEnd(clipMiddle(plain(line.step), PREFIX_COLUMNS_MAX), Math.min(columns, PREFIX_COLUMNS_MAX))
  const colour = COLOURS[Number.parseInt(hashText(line.step).slice(0, 6), 16) % COLOURS.length] ?? 'cyan'
  const bar = line.stream === 'stderr' ? paint.red('|') : paint.dim('|')
  return `${paint[colour](prefix)} ${bar} ${outputText(line.text, screen)}`
}

const COLOUR_CODE = /(\x1b\[[\d;:]*m)/

/** A step's own colours may pass (and end with its line); what else could move the cursor may not. */
function outputText(text: string, { paint }: Screen): string {
  const parts = text.split(COLOUR_CODE)
  if (parts.length === 1) return plain(text)
  if (!paint.isColorSupported)
    return parts
      .filter((_, index) => index % 2 === 0)
      .map(plain)
      .join('')
  return `${parts.map((part, index) => (index % 2 === 0 ? plain(part) : part)).join('')}\x1b[0m`
}
