/** The table of `tutti versions`: newest first, the current one marked. */
import type { CurrentVersion, VersionRow } from '../../store/store.ts'
import type { Facts } from '../../versions/version.ts'
import { workflowOf } from '../versions/line.ts'
import type { Screen } from './screen.ts'
import { agoText } from './runs-table.ts'
import { clip, padEnd, plain, widthOf } from './text.ts'

export interface ListedVersion {
  readonly row: VersionRow
  readonly facts: Facts
  /** How it became current; absent: it is not. */
  readonly current: CurrentVersion['how'] | undefined
  readonly runs: { readonly total: number; readonly succeeded: number; readonly failed: number; readonly live: number }
}

const HEADS = ['', 'VERSION', 'PUBLISHED', 'CHANNEL', 'RUNS', 'WHAT CHANGED'] as const
const GAP = 2

export function renderVersions(versions: readonly ListedVersion[], nowMs: number, screen: Screen): string {
  if (versions.length === 0) return 'No versions yet: tutti publish\n'
  const isOneLine = new Set(versions.map(({ row }) => row.line)).size === 1
  const cells = versions.map(version => cellsOf(version, nowMs, isOneLine ? 'number' : 'name'))
  const widths = HEADS.map((head, column) => Math.max(widthOf(head), ...cells.map(cell => widthOf(cell[column] ?? ''))))
  const room = Math.max(20, screen.columns - widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0))
  const lineOfCells = (cell: readonly string[]): string =>
    cell
      .map((text, column) => (column === HEADS.length - 1 ? clip(text, room) : padEnd(text, widths[column] ?? 0)))
      .join(' '.repeat(GAP))
      .trimEnd()
  const { paint } = screen
  return `${[
    paint.dim(lineOfCells(HEADS)),
    ...cells.map((cell, index) =>
      versions[index]?.current === undefined ? lineOfCells(cell) : paint.bold(lineOfCells(cell)),
    ),
  ].join('\n')}\n`
}

function cellsOf(
  { row, facts, current, runs }: ListedVersion,
  nowMs: number,
  show: 'number' | 'name',
): readonly string[] {
  return [
    current === undefined ? ' ' : current === 'pinned' ? '◆' : '●',
    plain(show === 'number' ? row.number : `${workflowOf(row.line)}@${row.number}`),
    agoText(row.atMs, nowMs),
    plain(facts.channel),
    runsText(runs),
    plain(whatText(facts)),
  ]
}

const runsText = ({ total, succeeded, failed, live }: ListedVersion['runs']): string =>
  total === 0
    ? '-'
    : [
        ...(succeeded > 0 ? [`${succeeded} ok`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(live > 0 ? [`${live} live`] : []),
      ].join(', ') || `${total}`

/** What the publisher said, else what was found. */
function whatText({ message, changes, bump }: Facts): string {
  const found = bump === 'first' ? 'the first version' : changes.join('; ')
  return message === undefined ? found : `${message.split('\n')[0]}  (${found})`
}
