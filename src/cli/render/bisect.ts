/** What bisecting found, probe by probe, and at the end. */
import type { VersionRow } from '../../store/store.ts'
import type { Inferred } from '../../versions/bump.ts'
import type { Verdict } from '../versions/bisect.ts'
import { factsOf, nameOf } from '../versions/row.ts'
import { workflowOf } from '../versions/line.ts'
import type { Screen } from './screen.ts'
import { counted, plain, showDuration } from './text.ts'

export interface ProbeLine {
  readonly version: string
  readonly verdict: Verdict
  readonly why: string
  readonly run?: string
  readonly ms: number
}

export function renderProbe({ version, verdict, why, run, ms }: ProbeLine, { paint }: Screen): string {
  const colour = { good: paint.green, bad: paint.red, skip: paint.yellow }[verdict]
  const details = [showDuration(ms), ...(run === undefined ? [] : [`run ${run}`])].join(', ')
  return `${plain(version)} is ${colour(verdict === 'skip' ? 'passed over' : verdict)}: ${plain(why)} ${paint.dim(`(${details})`)}\n`
}

const CHANGES_SHOWN = 20

export function renderFirstBad(
  { before, after, inferred }: { readonly before: VersionRow; readonly after: VersionRow; readonly inferred: Inferred },
  { paint }: Screen,
): string {
  const { message, commit } = factsOf(after)
  const { reasons } = inferred
  const name = workflowOf(after.line)
  return `${[
    paint.bold(`${nameOf(after)} is the first bad version`),
    ...(message === undefined ? [] : [`  ${plain(message.split('\n')[0] ?? '')}`]),
    ...(commit === undefined ? [] : [`  ${paint.dim(`commit ${commit.id.slice(0, 12)}`)}`]),
    ...reasons.slice(0, CHANGES_SHOWN).map(({ bump, text }) => `  ${paint.bold(bump.padEnd(5))}  ${plain(text)}`),
    ...(reasons.length > CHANGES_SHOWN ? [`  and ${counted(reasons.length - CHANGES_SHOWN, 'more change')}`] : []),
    `  tutti diff ${name}@${before.number} ${name}@${after.number}`,
  ].join('\n')}\n`
}
