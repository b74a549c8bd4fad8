/** What is said of a property, for people and for machines. */
import type { PropertyResult, RunEvent, Shown } from '../../analysis/index.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'
import { padEnd, widthOf } from './text.ts'

export interface PropertyDetail {
  /** Of the run that is shown: what had to be chosen and how it ends, or all that happens. */
  readonly detail: 'choices' | 'all'
  /** A position as the user sees it. */
  readonly showPlace?: (at: Position) => string
  /** Columns of the title, where several stand below each other. */
  readonly columns?: number
}

/** The property, and in what part of the workflow. */
export const titleOf = ({ text, around }: PropertyResult): string =>
  around === '' ? text : `${text} in ${around.replace(/\/$/, '')}`

/** The property and where it stands; below it, what is wrong, a run that shows it, and what is taken for granted. */
export function renderProperty(result: PropertyResult, options: PropertyDetail): string {
  const { detail, showPlace = showPosition, columns = 0 } = options
  const { at, assumptions } = result
  const placed: Placed = (text, of, width) => (of ? `${padEnd(text, width)}  ${showPlace(of)}` : text)
  const head = placed(titleOf(result), at, columns)
  const given = assumptions.map(each => `  assumed: ${lower(each)}`)
  switch (result.kind) {
    case 'holds':
      return [head, ...(detail === 'all' && result.shown ? runLines(result.shown, detail, placed) : [])].join('\n')
    case 'violated':
      return [
        head,
        `  ${result.because}`,
        ...(result.shown ? runLines(result.shown, detail, placed) : []),
        ...given,
      ].join('\n')
    case 'unknown':
      return [head, `  ${result.why.text}`].join('\n')
    default:
      return unreachable(result)
  }
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** A text, and where it stands, in a column of its own. */
type Placed = (text: string, at: Position | undefined, width: number) => string

/** Longer texts do not move the positions of the others. */
export const COLUMNS_MAX = 60

/** Runs up to this length are shown whole. */
const WHOLE_MAX = 8

function runLines({ events, cycle, run }: Shown, detail: PropertyDetail['detail'], placed: Placed): readonly string[] {
  const isWhole = detail === 'all' || events.length <= WHOLE_MAX
  const shown = isWhole ? events : events.filter(({ is }, index) => is === 'choice' || index >= events.length - 3)
  const left = events.length - shown.length
  const width = Math.min(COLUMNS_MAX, Math.max(0, ...[...shown, ...cycle].map(({ text }) => widthOf(text))))
  const line = ({ text, at }: RunEvent): string => `    ${placed(text, at, width)}`
  return [
    ...shown.slice(0, -1).map(line),
    ...(left > 0 ? [`    … and ${left} events more (--verbose shows them)`] : []),
    ...shown.slice(-1).map(line),
    ...(run.then === 'stuck' ? ['    and nothing happens any more'] : []),
    ...(cycle.length > 0 ? ['    and then for ever:', ...cycle.map(line)] : []),
  ]
}

/** The same as plain data. */
export function propertyJson(result: PropertyResult): object {
  const { text, around, at, assumptions, states, property } = result
  const shown = result.kind === 'unknown' ? undefined : result.shown
  return {
    property: property.kind,
    text,
    ...(around === '' ? {} : { in: around.replace(/\/$/, '') }),
    ...(at ? { at } : {}),
    ...(result.kind === 'holds' ? { by: result.by } : {}),
    ...(result.kind === 'violated' ? { because: result.because } : {}),
    ...(result.kind === 'unknown' ? { why: result.why.text } : {}),
    ...(shown ? { run: shown.events, then: shown.run.then, length: shown.run.length } : {}),
    ...(shown && shown.cycle.length > 0 ? { cycle: shown.cycle } : {}),
    assumptions,
    states,
  }
}
