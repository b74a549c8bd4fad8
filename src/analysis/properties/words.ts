/** A run of the composed net as people read it: what steps do, and what was chosen. */
import type { Property } from '../../core/index.ts'
import type { Composed, Deed, Meaning } from '../workflow/composed.ts'
import type { Run, RunEvent } from './result.ts'

export const eventsOf = ({ meanings }: Composed, trace: readonly number[]): readonly RunEvent[] =>
  trace.flatMap(transition => {
    const meaning = meanings[transition]
    return meaning ? eventOf(meaning) : []
  })

function eventOf({ step, deed, items }: Meaning): readonly RunEvent[] {
  const what = wordsOf(deed)
  if (what === undefined) return []
  const which = items.length > 0 ? ` (item ${items.map(item => item + 1).join('.')})` : ''
  const is = deed.kind === 'chooses' ? 'choice' : 'event'
  return [
    { text: step ? `${step.shown}${which} ${what}` : `the run ${what}`, is, ...(step?.at ? { at: step.at } : {}) },
  ]
}

function wordsOf(deed: Deed): string | undefined {
  switch (deed.kind) {
    case 'begins':
      return 'begins'
    case 'passes':
      return 'is done'
    case 'fails':
      return 'fails'
    case 'interrupted':
      return 'is interrupted'
    case 'withdrawn':
      return 'is withdrawn'
    case 'passed-over':
      return 'comes too late'
    case 'chooses':
      return deed.guard === 'items' ? `has ${deed.label}` : `goes by ${deed.label}`
    case 'times-out':
      return 'times out'
    case 'fires':
      return `fires ${deed.label}`
    case 'ends':
      return deed.how === 'succeeded' ? 'succeeds' : 'fails'
    default:
      return undefined
  }
}

/** What is wrong, in one sentence. */
export function becauseOf(property: Property, name: (which: 'a' | 'b') => string, run: Run | undefined): string {
  const [a, b] = [name('a'), name('b')]
  const end =
    run?.then === 'stuck'
      ? 'the run can come to a stand'
      : run?.then === 'again'
        ? 'the run can go on for ever'
        : 'a run can succeed'
  switch (property.kind) {
    case 'never':
      return a === b ? `${a} can run twice at the same time` : `${a} and ${b} can run at the same time`
    case 'atMost':
      return `More than ${property.count} of ${a} can run at the same time`
    case 'precedes':
      return `${b} can begin before ${a} is done`
    case 'responds':
      return `${a} can be done and ${b} not: ${end} without it`
    case 'exclusive':
      return `${a} and ${b} can both be done in one run`
    case 'absent':
      return `${b} can begin after ${a} is done`
    case 'alternates':
      return `${a} and ${b} can be done out of turn`
    case 'eventually':
      return `${upper(end)} without ${a}`
    case 'exactlyOnce':
      return run?.then === 'wrong' ? `A run can do ${a} not once, but never or twice` : `${upper(end)} without ${a}`
    case 'reachable':
      return `No run does ${a}`
  }
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
