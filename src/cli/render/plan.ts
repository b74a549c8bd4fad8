/** What a run would do, a line a step. */
import type { NodeKind } from '../../core/index.ts'
import type { Screen } from './screen.ts'
import { counted, padEnd, plain, widthOf } from './text.ts'

export interface PlanLine {
  readonly step: string
  readonly name: string
  readonly kind: NodeKind
  /** `may run`: that hangs on a step that would run. `waits`: for a time or a signal. `fails`: a source that cannot be read. */
  readonly plan: 'fresh' | 'runs' | 'may run' | 'waits' | 'fails'
  /** Whose result it would take. */
  readonly run?: string
  /** The first is what decided. */
  readonly reasons: readonly string[]
}

const NAME_COLUMNS_MAX = 40
const WORD_COLUMNS = 8

export function renderPlan(workflow: string, lines: readonly PlanLine[], { paint }: Screen): string {
  const width = Math.min(NAME_COLUMNS_MAX, Math.max(0, ...lines.map(({ name }) => widthOf(plain(name)))))
  const colour = { fresh: paint.dim, runs: paint.yellow, 'may run': paint.cyan, waits: paint.cyan, fails: paint.red }
  const rows = lines.flatMap(({ plan, name, reasons: [first = '', ...others] }) => [
    `${colour[plan](padEnd(plan, WORD_COLUMNS))} ${padEnd(plain(name), first === '' ? 0 : width)}${first === '' ? '' : `  ${first}`}`,
    ...others.map(reason => `${' '.repeat(WORD_COLUMNS + 1 + width)}  ${paint.dim(reason)}`),
  ])
  return `${[...rows, paint.bold(`${plain(workflow)}: ${endOf(lines)}`)].join('\n')}\n`
}

function endOf(lines: readonly PlanLine[]): string {
  const count = (plan: PlanLine['plan']): number => lines.filter(each => each.plan === plan).length
  const [runs, may, fails] = [count('runs'), count('may run'), count('fails')]
  if (runs + may + fails === 0) return `nothing would run, ${counted(count('fresh'), 'step')} up to date`
  const parts = [
    ...(runs > 0 ? [`${counted(runs, 'step')} would run`] : []),
    ...(may > 0 ? [`${may} may follow`] : []),
    ...(fails > 0 ? [`${counted(fails, 'source')} cannot be read`] : []),
    ...(count('fresh') > 0 ? [`${count('fresh')} up to date`] : []),
  ]
  return parts.join(', ')
}
