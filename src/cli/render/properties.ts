/** What is said of a property, for people and for machines. */
import type { PropertyResult, RunEvent, Shown } from '../../analysis/index.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'

export interface PropertyDetail {
  /** Of the run that is shown: what had to be chosen and how it ends, or all that happens. */
  readonly detail: 'choices' | 'all'
  /** A position as the user sees it. */
  readonly showPlace?: (at: Position) => string
}

/** The property and where it stands; below it, what is wrong, a run that shows it, and what is taken for granted. */
export function renderProperty(result: PropertyResult, { detail, showPlace = showPosition }: PropertyDetail): string {
  const { text, around, at, assumptions } = result
  const where = around === '' ? '' : ` in ${around.replace(/\/$/, '')}`
  const place = (of: { readonly at?: Position }): string => (of.at ? `  ${showPlace(of.at)}` : '')
  const head = `${text}${where}${place({ ...(at ? { at } : {}) })}`
  const given = assumptions.map(each => `  assumed: ${lower(each)}`)
  switch (result.kind) {
    case 'holds':
      return [head, ...(detail === 'all' && result.shown ? runLines(result.shown, detail, place) : [])].join('\n')
    case 'violated':
      return [
        head,
        `  ${result.because}`,
        ...(result.shown ? runLines(result.shown, detail, place) : []),
        ...given,
      ].join('\n')
    case 'unknown':
      return [head, `  ${result.why.text}`].join('\n')
    default:
      return unreachable(result)
  }
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** Runs up to this length are shown whole. */
const WHOLE_MAX = 8

function runLines(
  { events, cycle, run }: Shown,
  detail: PropertyDetail['detail'],
  place: (of: RunEvent) => string,
): readonly string[] {
  const line = (event: RunEvent): string => `    ${event.text}${place(event)}`
  const isWhole = detail === 'all' || events.length <= WHOLE_MAX
  const shown = isWhole ? events : events.filter(({ is }, index) => is === 'choice' || index >= events.length - 3)
  const left = events.length - shown.length
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
