/** What follows from something, as a small tree: each step stands below the first one that it hangs on. */
import type { Affected } from '../../core/index.ts'
import type { Screen } from './screen.ts'
import { clip, counted, padEnd, padStart, plain, showDuration, widthOf } from './text.ts'

/** What was asked about, as it is told. */
export type Subject =
  | { readonly kind: 'step'; readonly step: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }

/** `msOf`: how long a step took when it ran last. */
export function renderImpact(
  subject: Subject,
  steps: readonly Affected[],
  msOf: ReadonlyMap<string, number>,
  { columns, paint }: Screen,
): string {
  if (steps.length === 0) return `nothing hangs on ${subjectText(subject)}\n`
  const rows = rowsOf(steps)
  const times = rows.map(({ step }) => (msOf.has(step.path) ? showDuration(msOf.get(step.path) ?? 0) : ''))
  const timeWidth = Math.max(...times.map(widthOf))
  const nameWidth = Math.min(Math.max(...rows.map(rowWidth)), columns - timeWidth - 2)
  const lines = rows.map((row, index) => {
    const label = clip(`${row.lead}${plain(row.step.shown)}${noteOf(row.step)}`, nameWidth)
    return `${padEnd(label, nameWidth)}  ${paint.dim(padStart(times[index] ?? '', timeWidth))}`.trimEnd()
  })
  const head = subject.kind === 'step' ? [] : [paint.bold(subjectText(subject))]
  return `${[...head, ...lines, paint.dim(endOf(steps, msOf))].join('\n')}\n`
}

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

function endOf(steps: readonly Affected[], msOf: ReadonlyMap<string, number>): string {
  const follow = steps.filter(({ node }) => node.kind !== 'source')
  const known = follow.filter(({ path }) => msOf.has(path))
  const sum = known.reduce((ms, { path }) => ms + (msOf.get(path) ?? 0), 0)
  const took = known.length === 0 ? '' : `; ${known.length} of them took ${showDuration(sum)} when they ran last`
  return `${counted(follow.length, 'step')}${took}`
}

/** What is no task is not spared when its arguments are the same. */
const noteOf = ({ node }: Affected): string => (node.kind === 'task' ? '' : ` (${node.kind})`)

interface Row {
  /** The lines of the tree before the name. */
  readonly lead: string
  readonly step: Affected
}

const rowWidth = ({ lead, step }: Row): number => widthOf(`${lead}${plain(step.shown)}${noteOf(step)}`)

function rowsOf(steps: readonly Affected[]): readonly Row[] {
  const below = new Map<string | undefined, Affected[]>()
  for (const step of steps) below.set(step.from, [...(below.get(step.from) ?? []), step])
  const rows: Row[] = []
  // By hand, not by recursion: a chain may be as long as a graph.
  const pending = (below.get(undefined) ?? []).map(step => ({ step, lead: '', rest: '' })).reverse()
  for (let row = pending.pop(); row; row = pending.pop()) {
    rows.push({ lead: row.lead, step: row.step })
    const { rest } = row
    const inner = below.get(row.step.path) ?? []
    for (const [index, step] of [...inner.entries()].reverse()) {
      const isLast = index === inner.length - 1
      pending.push({ step, lead: `${rest}${isLast ? '└─ ' : '├─ '}`, rest: `${rest}${isLast ? '   ' : '│  '}` })
    }
  }
  return rows
}
