/** What `tutti debug` tells: what it runs, how that ended, and how it compares with what is recorded. */
import type { Outcome } from '../../core/engine/protocol.ts'
import type { Comparison, Difference } from '../../run/debug/compare.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'
import type { Screen } from './screen.ts'
import { faultLine } from './step-label.ts'
import { clip, padEnd, plain, showDuration } from './text.ts'

export interface DebugHead {
  /** Its display path. */
  readonly step: string
  readonly run: string
  readonly attempt: number
  /** The name of the task, effect or flow; that of the step when it is a source. */
  readonly task: string
  /** Where that is defined. */
  readonly at?: Position
  readonly folder: string
}

export function renderDebugHead({ step, run, attempt, task, at, folder }: DebugHead, { paint }: Screen): string {
  return [
    `${paint.bold(`debug ${plain(step)}`)}  attempt ${attempt} of run ${plain(run)}`,
    fact('task', `${plain(task)}${at ? `  ${paint.cyan(plain(showPosition(at)))}` : ''}`, paint.dim),
    fact('folder', plain(folder), paint.dim),
    '',
  ].join('\n')
}

const LABEL_COLUMNS = 8

const fact = (label: string, text: string, dim: (text: string) => string): string =>
  `  ${dim(padEnd(label, LABEL_COLUMNS))} ${text}`

export const renderDebugArguments = (
  args: readonly (readonly [name: string, shown: string])[],
  { paint, columns }: Screen,
): string =>
  args
    .map(([name, shown]) => {
      const label = clip(plain(name), 24)
      return `${fact(label, clip(plain(shown), Math.max(20, columns - Math.max(LABEL_COLUMNS, label.length) - 4)), paint.dim)}\n`
    })
    .join('')

/** The last line, and what differs. `tookMs`: of the whole, the time in a debugger included. */
export function renderDebugEnd(
  outcome: Outcome,
  comparison: Comparison,
  { tookMs, screen }: { readonly tookMs: number; readonly screen: Screen },
): string {
  const { paint } = screen
  const word = { succeeded: paint.green('ok'), failed: paint.red('failed'), cancelled: paint.magenta('cancelled') }
  return [
    `${word[outcome.kind]} in ${showDuration(tookMs)}: ${comparisonText(outcome, comparison)}`,
    ...(comparison.kind === 'differs' ? comparison.differences.map(each => differenceLine(each, screen)) : []),
    '',
  ].join('\n')
}

function comparisonText(outcome: Outcome, comparison: Comparison): string {
  switch (comparison.kind) {
    case 'same':
      return outcome.kind === 'succeeded' ? 'the same value as then' : `${outcome.kind} as then`
    case 'differs':
      return 'another value than then'
    case 'failed otherwise':
      return `then it failed with ${faultLine(comparison.then)}`
    case 'ended otherwise':
      return comparison.then.kind === 'failed'
        ? `then it failed with ${faultLine(comparison.then.fault)}`
        : `then it ${comparison.then.kind === 'succeeded' ? 'succeeded' : 'was cancelled'}`
    case 'nothing recorded':
      return 'how it ended then is not recorded'
  }
}

function differenceLine({ path, then, now }: Difference, { paint, columns }: Screen): string {
  const room = Math.max(12, Math.floor((columns - path.length - 16) / 2))
  const side = (text: string | undefined): string => (text === undefined ? 'nothing' : clip(plain(text), room))
  return `  ${plain(path) || 'value'}  ${paint.dim('then')} ${side(then)}  ${paint.dim('now')} ${side(now)}`
}
