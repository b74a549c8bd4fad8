/** What `tutti backtest` says: how many runs would have ended differently, and where, place by place. */
import type { BacktestRun, Place } from '../../sim/index.ts'
import { shortText } from '../../sim/backtest/verdict.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Screen } from './screen.ts'
import { plain } from './text.ts'

export interface BacktestSummary {
  readonly runs: number
  readonly same: number
  /** In their end, their effects, or on the way. */
  readonly differs: number
  /** Of these, those that would have come to the same end. */
  readonly otherWay: number
  readonly unknown: number
  readonly refused: number
  /** Passed over: they have not ended. */
  readonly live: number
}

export function summaryOf(runs: readonly BacktestRun[], live: number): BacktestSummary {
  const count = (is: (verdict: BacktestRun['verdict']) => boolean): number =>
    runs.filter(({ verdict }) => is(verdict)).length
  return {
    runs: runs.length,
    same: count(({ kind }) => kind === 'same'),
    differs: count(({ kind }) => kind === 'differs'),
    otherWay: count(isOtherWay),
    unknown: count(({ kind }) => kind === 'unknown'),
    refused: count(({ kind }) => kind === 'refused'),
    live,
  }
}

const isOtherWay = (verdict: BacktestRun['verdict']): boolean =>
  verdict.kind === 'differs' && !verdict.open && verdict.how.every(how => how === 'way')

export interface BacktestPage {
  readonly runs: readonly BacktestRun[]
  readonly summary: BacktestSummary
  readonly place: (at: Position) => Position
  readonly detail: 'all' | 'few'
}

export function renderBacktest(page: BacktestPage, screen: Screen): string {
  const { runs, summary, detail } = page
  const { paint } = screen
  const parts = (is: (verdict: BacktestRun['verdict']) => boolean): string =>
    groupsOf(runs.filter(({ verdict }) => is(verdict)))
      .map(group => groupText(group, page, screen))
      .join('')
  const [of, ended] = [`${summary.runs} ${summary.runs === 1 ? 'run' : 'runs'}`, summary.differs - summary.otherWay]
  const head =
    ended === 0 ? `None of ${of} would have ended differently` : `${ended} of ${of} would have ended differently`
  const lines = [
    `${paint.bold(ended === 0 ? head : paint.red(head))}${ended === 0 ? '.' : ':'}\n`,
    parts(verdict => verdict.kind === 'differs' && !isOtherWay(verdict)),
  ]
  if (summary.otherWay > 0)
    lines.push(`${summary.otherWay} would have come to the same end by another way:\n`, parts(isOtherWay))
  if (summary.unknown > 0)
    lines.push(
      `Of ${summary.unknown} it cannot be told:\n`,
      parts(({ kind }) => kind === 'unknown'),
    )
  if (summary.refused > 0)
    lines.push(
      `${summary.refused} cannot be replayed:\n`,
      parts(({ kind }) => kind === 'refused'),
    )
  if (summary.live > 0) lines.push(paint.dim(`${summary.live} passed over: not ended yet.\n`))
  if (detail === 'few' && runs.length > RUNS_SHOWN && summary.same < runs.length && isCut(runs))
    lines.push(paint.dim('All runs by name: --all\n'))
  return lines.join('')
}

/** Of one place. */
const RUNS_SHOWN = 5

const isCut = (runs: readonly BacktestRun[]): boolean =>
  groupsOf(runs.filter(({ verdict }) => verdict.kind !== 'same')).some(group => group.length > RUNS_SHOWN)

/** By where they are different first, the largest group first. */
function groupsOf(runs: readonly BacktestRun[]): readonly (readonly BacktestRun[])[] {
  const groups = new Map<string, BacktestRun[]>()
  for (const run of runs) {
    const key = keyOf(run)
    const known = groups.get(key)
    if (known) known.push(run)
    else groups.set(key, [run])
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)
}

/** Items and turns of one step are one place. */
const keyOf = ({ verdict }: BacktestRun): string =>
  verdict.kind === 'refused' || verdict.kind === 'same'
    ? JSON.stringify([verdict.kind, 'message' in verdict ? verdict.message : ''])
    : JSON.stringify([verdict.kind, withoutKeys(verdict.where.step), withoutKeys(verdict.where.text)])

const withoutKeys = (text: string): string => text.replaceAll(/\[[^\]]*\]/g, '[*]')

function groupText(group: readonly BacktestRun[], { place, detail }: BacktestPage, { paint }: Screen): string {
  const [first] = group
  if (!first) return ''
  const { verdict } = first
  const count = `${group.length}`.padStart(COUNT_COLUMNS)
  const shown = detail === 'all' ? group : group.slice(0, RUNS_SHOWN)
  const rest = group.length - shown.length
  const names = `${shown.map(({ run }) => plain(run)).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`
  const lines = [`${count}  ${headOf(verdict, place)}`]
  const why = verdict.kind === 'differs' || verdict.kind === 'unknown' ? valuesText(verdict.where, group.length) : ''
  if (why) lines.push(`${INDENT}${why}`)
  if (verdict.kind === 'differs') lines.push(`${INDENT}${paint.dim(howText(verdict))}`)
  lines.push(`${INDENT}${paint.dim(names)}`)
  return `${lines.join('\n')}\n`
}

const COUNT_COLUMNS = 5
const INDENT = ' '.repeat(COUNT_COLUMNS + 2)

function headOf(verdict: BacktestRun['verdict'], place: BacktestPage['place']): string {
  switch (verdict.kind) {
    case 'same':
      return 'the same'
    case 'refused':
      return plain(verdict.message)
    case 'differs':
    case 'unknown': {
      const { at, text } = verdict.where
      return `${at ? `${plain(showPosition(place(at)))}  ` : ''}${plain(text)}`
    }
    default:
      return unreachable(verdict)
  }
}

/** Of the first run: others of the group have other values. */
function valuesText({ values = [], then, now, step }: Place, count: number): string {
  const given = values.map(({ name, value }) => `${name} = ${shortText(value)}`)
  if (step === '' && then !== undefined && now !== undefined) given.push(`${now}, where it was ${then}`)
  return given.length === 0 ? '' : plain(`${count > 1 ? 'for example ' : ''}${given.join(', ')}`)
}

function howText({ how, open }: Extract<BacktestRun['verdict'], { kind: 'differs' }>): string {
  const ends = how.filter(each => each !== 'way')
  const what = ends.length > 0 ? `other ${ends.join(', ')}` : 'another way'
  return open ? `${what}; what comes after is not known` : what
}

/** One object a run. */
export function backtestJson(
  { run, status, createdAtMs, verdict }: BacktestRun,
  place: (at: Position) => Position,
): object {
  const common = { kind: 'run', run, status, createdAt: new Date(createdAtMs).toISOString() }
  switch (verdict.kind) {
    case 'same':
      return { ...common, verdict: 'same' }
    case 'refused':
      return { ...common, verdict: 'refused', code: verdict.code, message: verdict.message }
    case 'unknown':
      return { ...common, verdict: 'unknown', why: verdict.why, where: placeJson(verdict.where, place) }
    case 'differs':
      return {
        ...common,
        verdict: 'differs',
        how: verdict.how,
        open: verdict.open,
        where: placeJson(verdict.where, place),
      }
    default:
      return unreachable(verdict)
  }
}

const placeJson = ({ at, ...where }: Place, place: (at: Position) => Position): object => ({
  ...where,
  ...(at ? { at: place(at) } : {}),
})
