/** What is different between two versions, as text: the list of it, and the lines of code below. */
import type { Change } from '../../versions/change.ts'
import type { Bump } from '../../versions/version.ts'
import type { CodeDifference, Hunk, PieceDifference } from '../versions/code-difference.ts'
import { CODE, type Entry, type Group, groupsOf, type Mark } from './change-entries.ts'
import type { Screen } from './screen.ts'
import { counted, grouped, padEnd, plain, widthOf } from './text.ts'

export interface Difference {
  /** `ci@1.2.0`, `tutti.ts`. */
  readonly before: string
  readonly after: string
  readonly changes: readonly Change[]
  readonly code: readonly CodeDifference[]
  /** What it weighs, and the number that follows from it; undefined: nothing is different. */
  readonly next: { readonly bump: Bump; readonly number: string | undefined } | undefined
}

/** How much is told: so many lines of each group and piece, or the counts alone. */
export type Detail =
  | { readonly kind: 'counts' }
  | { readonly kind: 'lines'; readonly most: number }
  | { readonly kind: 'all' }

export const LINES_SHOWN = 60

export function renderDifference(difference: Difference, detail: Detail, screen: Screen): string {
  const { before, after, changes } = difference
  const { paint } = screen
  const head = `${plain(before)} → ${plain(after)}`
  if (changes.length === 0) return `${paint.bold(head)}\n${paint.dim('nothing is different')}\n`
  const groups = groupsOf(changes)
  const body =
    detail.kind === 'counts'
      ? countLines(groups, difference)
      : [...groups.flatMap(group => groupLines(group, detail, screen)), ...codeLines(difference, detail, screen)]
  return `${[paint.bold(head), ...body, ...nextLines(difference, detail, screen)].join('\n')}\n`
}

const groupLines = ({ title, entries }: Group, detail: Detail, screen: Screen): readonly string[] => [
  '',
  screen.paint.bold(title),
  ...cut(
    entries.flatMap(entry => entryLines(entry, screen)),
    detail,
    screen,
  ),
]

function entryLines({ mark, text, notes }: Entry, screen: Screen): readonly string[] {
  return [`  ${colourOf(mark, screen)(`${mark} ${text}`)}`, ...notes.map(note => `      ${plain(note)}`)]
}

function colourOf(mark: string, { paint }: Screen): (text: string) => string {
  switch (mark) {
    case '+':
      return paint.green
    case '-':
      return paint.red
    case '~':
      return paint.yellow
    case '→':
      return paint.blue
    default:
      return text => text
  }
}

/** What would fill many screens is cut, and says so. */
function cut(lines: readonly string[], detail: Detail, { paint }: Screen, indent = '  '): readonly string[] {
  if (detail.kind !== 'lines' || lines.length <= detail.most + 1) return lines
  return [
    ...lines.slice(0, detail.most),
    paint.dim(`${indent}… ${grouped(lines.length - detail.most)} more lines; all with --all`),
  ]
}

/** Declarations of which the lines are shown, unless all are asked for. */
const PIECES_SHOWN = 30

/** Below all else: it is the longest. */
function codeLines({ code }: Difference, detail: Detail, screen: Screen): readonly string[] {
  const all = code.flatMap(({ address, pieces }) => pieces.map(piece => ({ address, piece })))
  const shown = detail.kind === 'lines' ? all.slice(0, PIECES_SHOWN) : all
  const left = all.length - shown.length
  return [
    ...shown.flatMap(({ address, piece }) => ['', ...pieceLines(address, piece, detail, screen)]),
    ...(left > 0 ? ['', screen.paint.dim(`… ${counted(left, 'more declaration')}; all with --all`)] : []),
  ]
}

function pieceLines(address: string, piece: PieceDifference, detail: Detail, screen: Screen): readonly string[] {
  const { paint } = screen
  const { name, file, toldUnder, hunks } = piece
  const what =
    name === address ? name : `${name}, ${address.startsWith(`${name}/`) ? `with ${address}` : `which ${address} uses`}`
  if (toldUnder !== undefined) return [`${paint.bold(plain(what))}: ${paint.dim(`as under ${plain(toldUnder)}`)}`]
  const lines = hunks.flatMap(hunk => hunkLines(file, hunk, screen))
  return [paint.bold(plain(what)), ...cut(lines, detail, screen)]
}

function hunkLines(file: string, { before, after, lines }: Hunk, screen: Screen): readonly string[] {
  const { paint } = screen
  const at = after === 0 ? `${file}:${before} (gone)` : `${file}:${after}`
  const width = String(Math.max(before, after) + lines.length).length
  let [old, now] = [before, after]
  const numbered = lines.map(line => {
    const mark = line[0] ?? ' '
    const number = mark === '-' ? old : now
    if (mark !== '+') old++
    if (mark !== '-') now++
    const shown = `${mark} ${plain(line.slice(1))}`.trimEnd()
    return `  ${paint.dim(String(number).padStart(width))} ${colourOf(mark, screen)(shown)}`
  })
  return [`  ${paint.cyan(plain(at))}`, ...numbered]
}

/** `steps  2 added, 1 removed, 3 changed`. */
function countLines(groups: readonly Group[], { code }: Difference): readonly string[] {
  const width = Math.max(...groups.map(({ title }) => widthOf(title)))
  return groups.map(({ title, entries }) => {
    const count = (mark: Mark): number => entries.filter(each => each.mark === mark).length
    const parts = WORDS.flatMap(([mark, word]) => (count(mark) > 0 ? [`${grouped(count(mark))} ${word}`] : []))
    const lines = title === CODE ? linesText(code) : ''
    return `  ${padEnd(title, width)}  ${parts.join(', ')}${lines}`
  })
}

const WORDS: readonly (readonly [Mark, string])[] = [
  ['+', 'added'],
  ['-', 'removed'],
  ['→', 'renamed or moved'],
  ['~', 'changed'],
]

function linesText(code: readonly CodeDifference[]): string {
  const pieces = code.flatMap(each => each.pieces).filter(({ toldUnder }) => toldUnder === undefined)
  const sum = (pick: (piece: PieceDifference) => number): number =>
    pieces.reduce((total, piece) => total + pick(piece), 0)
  return pieces.length === 0
    ? ''
    : `: ${counted(
        sum(each => each.added),
        'line',
      )} added, ${grouped(sum(each => each.removed))} removed`
}

function nextLines({ next }: Difference, { kind }: Detail, { paint }: Screen): readonly string[] {
  if (!next) return []
  const text = next.number === undefined ? next.bump : `${next.bump}: ${next.number}`
  return kind === 'counts' ? [paint.bold(text)] : ['', paint.bold(text)]
}
