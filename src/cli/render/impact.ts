/** What follows from something, as a small tree: each step stands below the first one that it hangs on. */
import type { ImpactTime } from '../../analysis/index.ts'
import type { Affected } from '../../core/index.ts'
import type { Screen } from './screen.ts'
import { clip, counted, padEnd, padStart, plain, showDuration, widthOf } from './text.ts'
import { type TreeRow, treeRows } from './tree-rows.ts'

/** What was asked about, as it is told. */
export type Subject =
  | { readonly kind: 'step'; readonly step: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }

/** What is known of earlier runs: how long each step took when it ran last, and what that makes of all of them. */
export interface Expected {
  readonly past: ReadonlyMap<string, number>
  /** Undefined: there is no past. */
  readonly time: ImpactTime | undefined
}

export function renderImpact(
  subject: Subject,
  steps: readonly Affected[],
  { past: msOf, time }: Expected,
  { columns, paint }: Screen,
): string {
  if (steps.length === 0) return `nothing hangs on ${subjectText(subject)}\n`
  const rows = rowsOf(steps)
  const times = rows.map(({ entry: step }) => (msOf.has(step.path) ? showDuration(msOf.get(step.path) ?? 0) : ''))
  const timeWidth = widest(times.map(widthOf))
  const nameWidth = Math.min(widest(rows.map(rowWidth)), columns - timeWidth - 2)
  const lines = rows.map((row, index) => {
    const label = clip(`${row.lead}${plain(row.entry.shown)}${noteOf(row.entry)}`, nameWidth)
    return `${padEnd(label, nameWidth)}  ${paint.dim(padStart(times[index] ?? '', timeWidth))}`.trimEnd()
  })
  const head = subject.kind === 'step' ? [] : [paint.bold(subjectText(subject))]
  return `${[...head, ...lines, paint.dim(endOf(steps, time))].join('\n')}\n`
}

/** Not by spreading: there may be more than a call takes arguments. */
const widest = (widths: readonly number[]): number => widths.reduce((most, width) => Math.max(most, width), 0)

const subjectText = (subject: Subject): string => {
  switch (subject.kind) {
    case 'step':
      return plain(subject.step)
    case 'env':
      return `$${plain(subject.name)}`
    case 'file':
      return plain(subject.path)
  }
}

function endOf(steps: readonly Affected[], time: ImpactTime | undefined): string {
  const follow = counted(steps.filter(({ node }) => node.kind !== 'source').length, 'step')
  if (!time || time.known === 0) return follow
  const { workMs, makespanMs } = time
  const work = workMs > makespanMs + 1 ? ` (${showDuration(workMs)} of work)` : ''
  return `${follow}; about ${showDuration(makespanMs)} to run again${work}`
}

/** What is no task is not spared when its arguments are the same. */
const noteOf = ({ node }: Affected): string => (node.kind === 'task' ? '' : ` (${node.kind})`)

type Row = TreeRow<Affected>

const rowWidth = ({ lead, entry }: Row): number => widthOf(`${lead}${plain(entry.shown)}${noteOf(entry)}`)

function rowsOf(steps: readonly Affected[]): readonly Row[] {
  const byPath = new Map(steps.map(step => [step.path, step]))
  return treeRows(steps, ({ from }) => (from === undefined ? undefined : byPath.get(from)))
}
