/** Steps with the version that changed each last: a table of all, or a page for one. */
import { factsOf, nameOf } from '../versions/row.ts'
import type { Blame, Health } from '../versions/blame.ts'
import { agoText } from './runs-table.ts'
import type { Screen } from './screen.ts'
import { clip, counted, padEnd, plain, showDuration, widthOf } from './text.ts'

const HEADS = ['STEP', 'VERSION', 'WHEN', 'WHAT', 'TOOK', 'FAILED', 'MESSAGE'] as const
const STEP_COLUMNS_MAX = 40
const WHAT_COLUMNS_MAX = 32
const GAP = 2

export function renderBlames(blames: readonly Blame[], nowMs: number, { columns, paint }: Screen): string {
  const cells = blames.map(each => cellsOf(each, nowMs))
  const widths = HEADS.map((head, column) => Math.max(widthOf(head), ...cells.map(cell => widthOf(cell[column] ?? ''))))
  const room = Math.max(12, columns - widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0))
  const lineOfCells = (cell: readonly string[]): string =>
    cell
      .map((text, column) => (column === HEADS.length - 1 ? clip(text, room) : padEnd(text, widths[column] ?? 0)))
      .join(' '.repeat(GAP))
      .trimEnd()
  return `${[paint.dim(lineOfCells(HEADS)), ...cells.map(lineOfCells)].join('\n')}\n`
}

function cellsOf({ step, last, since, before }: Blame, nowMs: number): readonly string[] {
  const { message = '' } = factsOf(last.row)
  return [
    plain(clip(step.shown, STEP_COLUMNS_MAX)),
    plain(last.row.number),
    agoText(last.row.atMs, nowMs),
    plain(clip(last.what.join(', '), WHAT_COLUMNS_MAX)),
    turned(before, since, tookText),
    turned(before, since, failedText),
    plain(message.split('\n')[0] ?? ''),
  ]
}

export function renderBlame({ step, kind, last, since, before }: Blame, nowMs: number, { paint }: Screen): string {
  const { message, commit } = factsOf(last.row)
  const facts: readonly (readonly [label: string, text: string])[] = [
    ['changed', last.what.join(', ')],
    ...(last.was === undefined ? [] : [['called', `${last.was} then`] as const]),
    ...(message === undefined ? [] : [['message', message.split('\n')[0] ?? ''] as const]),
    ...(commit === undefined
      ? []
      : [['commit', `${commit.id.slice(0, 12)}${commit.clean ? '' : ' and what was not committed'}`] as const]),
    [
      'took',
      withCounts(before, since, tookText, ({ attempts, failed }) =>
        counted(attempts - failed, 'success').replace(/sss$/, 'sses'),
      ),
    ],
    ['failed', withCounts(before, since, failedText, ({ attempts }) => counted(attempts, 'attempt'))],
  ]
  const head = `${plain(step.shown)} (${kind}): ${nameOf(last.row)}, ${agoText(last.row.atMs, nowMs)}`
  const width = Math.max(...facts.map(([label]) => label.length))
  return `${[paint.bold(head), ...facts.map(([label, text]) => `  ${paint.dim(padEnd(label, width))}  ${plain(text)}`)].join('\n')}\n`
}

/** `12s → 8s`; one side alone where nothing is known of the other. */
function turned(before: Health | undefined, since: Health, text: (health: Health) => string | undefined): string {
  const now = text(since)
  const old = before && text(before)
  if (old === undefined) return now ?? '-'
  return old === now ? old : `${old} → ${now ?? '?'}`
}

function withCounts(
  before: Health | undefined,
  since: Health,
  text: (health: Health) => string | undefined,
  count: (health: Health) => string,
): string {
  const told = turned(before, since, text)
  if (told === '-') return 'no run of these versions has tried it'
  const counts = [
    ...(before && text(before) !== undefined ? [count(before)] : []),
    ...(text(since) === undefined ? [] : [count(since)]),
  ]
  return `${told}  (${counts.join(', then ')})`
}

const tookText = ({ medianMs }: Health): string | undefined =>
  medianMs === undefined ? undefined : showDuration(medianMs)

const failedText = ({ attempts, failed }: Health): string | undefined =>
  attempts === 0 ? undefined : `${Math.round((failed / attempts) * 100)}%`
