/** What a folder of cases came to: a table by kind and by area, and the failures with their reasons. */
import type { Verdict } from './compare.ts'

export interface Scored {
  readonly file: string
  readonly kind: string
  readonly area: string
  readonly needs: readonly string[]
  readonly verdict: Verdict
  readonly reason: string
}

/** Only these are left of an area: what several files of one folder test. */
const AREA_WIDTH = 48

export function showScore(all: readonly Scored[]): string {
  const failures = all.filter(each => each.verdict !== 'PASS')
  const parts = [
    failures.map(({ verdict, file, reason }) => `${verdict} ${file}\n    ${reason}`),
    table('kind', all, each => each.kind),
    table('executions that need', onlyExecutions(all), needOf),
    table('area', all, each => each.area),
    [totalOf(all)],
  ]
  return parts.flatMap(lines => (lines.length > 0 ? [lines.join('\n')] : [])).join('\n\n')
}

const onlyExecutions = (all: readonly Scored[]): readonly Scored[] => all.filter(each => each.kind === 'execution')

/** Of several, the one that is not the function. */
const needOf = ({ needs }: Scored): string => needs.find(each => each !== 'lambda') ?? needs[0] ?? 'nothing'

/** A history is right only where the output is. */
function table(title: string, all: readonly Scored[], keyOf: (each: Scored) => string): readonly string[] {
  if (all.length === 0) return []
  const groups = new Map<string, Scored[]>()
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each])
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => [key, ...numbers(group)])
  return [[title, 'cases', 'output', 'all', ''], ...rows].map(line)
}

function numbers(group: readonly Scored[]): readonly string[] {
  const whole = group.filter(each => each.verdict === 'PASS').length
  const output = group.filter(each => each.verdict !== 'FAIL-output').length
  return [String(group.length), String(output), String(whole), percent(whole, group.length)]
}

const line = ([key = '', ...cells]: readonly string[]): string =>
  `${key.padEnd(AREA_WIDTH)}${cells.map(cell => cell.padStart(8)).join('')}`.trimEnd()

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

export function totalOf(all: readonly Scored[]): string {
  const [count = '0', output = '0', whole = '0', share = ''] = all.length === 0 ? [] : numbers(all)
  return `${whole} of ${count} pass (${share}); ${output} in status and output`
}
