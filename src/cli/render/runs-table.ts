/** The table of `tutti runs`: newest first, as wide as the screen allows. */
import type { RunRow } from '../../store/store.ts'
import type { Screen } from './screen.ts'
import { statusColour } from './step-label.ts'
import { clip, clipMiddle, counted, grouped, padEnd, plain, showDuration, widthOf } from './text.ts'
import type { WaitJson } from './waits.ts'

const HEADS = ['RUN', 'WORKFLOW', 'VERSION', 'STATUS', 'STARTED', 'TOOK', 'WAITS FOR', 'FILE'] as const
const WORKFLOW_COLUMNS_MAX = 32
const WAITS_COLUMNS_MAX = 40
const GAP = 2

export interface ListedRun extends RunRow {
  /** Of a run that has not ended, as far as that is known. */
  readonly waits?: readonly WaitJson[]
}

/** `file` is clipped in the middle when the row is too wide; run ids never are, since they are copied. */
export function renderRuns(rows: readonly ListedRun[], nowMs: number, screen: Screen): string {
  if (rows.length === 0) return 'No runs yet.\n'
  const isAnyWaiting = rows.some(row => (row.waits?.length ?? 0) > 0)
  const isAnyPinned = rows.some(row => row.version !== undefined)
  const heads = HEADS.filter(head => (head !== 'WAITS FOR' || isAnyWaiting) && (head !== 'VERSION' || isAnyPinned))
  const cells = rows.map(row => [
    plain(row.run),
    plain(clip(row.workflow, WORKFLOW_COLUMNS_MAX)),
    ...(isAnyPinned ? [row.version ?? '-'] : []),
    row.status,
    agoText(row.createdAtMs, nowMs),
    took(row, nowMs),
    ...(isAnyWaiting ? [clip(waitsText(row.waits ?? []), WAITS_COLUMNS_MAX)] : []),
    plain(row.file),
  ])
  const widths = heads.map((head, column) => Math.max(widthOf(head), ...cells.map(cell => widthOf(cell[column] ?? ''))))
  const room = Math.max(8, screen.columns - widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0))
  const lines = cells.map((cell, index) =>
    cell
      .map((text, column) =>
        paintCell(text, heads[column] ?? 'FILE', widths[column] ?? 0, room, rows[index]!.status, screen),
      )
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
  return `${[
    screen.paint.dim(
      heads
        .map((head, column) => padEnd(head, widths[column] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    ),
    ...lines,
  ].join('\n')}\n`
}

function paintCell(
  text: string,
  head: (typeof HEADS)[number],
  width: number,
  room: number,
  status: RunRow['status'],
  screen: Screen,
): string {
  if (head === 'FILE') return clipMiddle(text, room)
  const padded = padEnd(text, width)
  return head === 'STATUS' ? statusColour(status, screen)(padded) : padded
}

/** `signal approval, 2 parked`: what somebody can answer first. */
function waitsText(waits: readonly WaitJson[]): string {
  const signals = new Set(waits.flatMap(wait => (wait.kind === 'signal' ? [`signal ${plain(wait.signal)}`] : [])))
  const count = (kind: WaitJson['kind']): number => waits.filter(wait => wait.kind === kind).length
  const [parked, timers] = [count('parked'), count('timer')]
  return [
    ...signals,
    ...(parked > 0 ? [`${grouped(parked)} parked`] : []),
    ...(timers > 0 ? [counted(timers, 'timer')] : []),
  ].join(', ')
}

function took(row: RunRow, nowMs: number): string {
  if (row.endedAtMs !== undefined) return showDuration(row.endedAtMs - row.createdAtMs)
  // A paused run does nothing: what counts is how long it had worked.
  return showDuration((row.status === 'paused' ? row.updatedAtMs : nowMs) - row.createdAtMs)
}

/** How long ago, in one unit. */
export function agoText(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - atMs) / 1_000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h ago` : `${Math.floor(seconds / 86_400)}d ago`
}
