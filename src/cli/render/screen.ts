/** What a page is drawn on: its size and its colours, decided once, so that every `render` is a pure function. */
import picocolors from 'picocolors'

type Colors = ReturnType<typeof picocolors.createColors>

export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Each colour is a function from text to text; without colours all of them are the identity. */
  readonly paint: Colors
}

/** The part of a stream that says what it can show. */
export interface Surface {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** Columns where nobody tells (a file, a CI log): wide enough for messages, narrow enough to read. */
const DEFAULT_COLUMNS = 100
const DEFAULT_ROWS = 24

export const screenOf = (surface: Surface, env: Environment): Screen => ({
  columns: positive(surface.columns) ?? positive(Number(env['COLUMNS'])) ?? DEFAULT_COLUMNS,
  rows: positive(surface.rows) ?? DEFAULT_ROWS,
  paint: picocolors.createColors(hasColours(surface, env)),
})

/** A screen without colours: for files and tests. */
export const plainScreen = (columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS): Screen => ({
  columns,
  rows,
  paint: picocolors.createColors(false),
})

const positive = (count: number | undefined): number | undefined =>
  count !== undefined && count > 0 ? count : undefined

/** NO_COLOR (no-color.org) beats FORCE_COLOR, which beats the terminal; both CI hosts show ANSI colours in their logs. */
export function hasColours(surface: Surface, env: Environment): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  if (env['GITHUB_ACTIONS'] || env['GITLAB_CI']) return true
  return surface.isTTY === true && env['TERM'] !== 'dumb'
}
