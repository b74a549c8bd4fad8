/** What has happened in a run, as far as any property asks, and what follows from it: written once more, for the tests. */
import type { Property } from '../../../src/core/index.ts'

/** What has happened so far, as far as any property asks. */
export interface History {
  readonly a: 0 | 1 | 2
  readonly b: 0 | 1 | 2
  readonly last: 'a' | 'b' | ''
  readonly owed: boolean
  readonly broken: boolean
  readonly over: 'succeeded' | 'failed' | ''
}

export const START: History = { a: 0, b: 0, last: '', owed: false, broken: false, over: '' }

export type Happening = 'aBegins' | 'bBegins' | 'aDone' | 'bDone' | 'succeeds' | 'fails'

export function afterEvents(property: Property, history: History, happened: ReadonlySet<Happening>): History {
  const { kind } = property
  const { a, b, last, owed } = history
  const [isA, isB] = [happened.has('aDone'), happened.has('bDone')]
  const now = { a: more(a, isA), b: more(b, isB) }
  const owing = kind === 'responds' ? (isB ? false : isA ? true : owed) : owed
  const lacks = kind === 'responds' ? owing : (kind === 'eventually' || kind === 'exactlyOnce') && now.a === 0
  const breaks =
    (kind === 'precedes' && happened.has('bBegins') && a === 0) ||
    (kind === 'absent' && happened.has('bBegins') && a > 0) ||
    (kind === 'exclusive' && now.a > 0 && now.b > 0) ||
    (kind === 'alternates' && ((isA && last === 'a') || (isB && last !== 'a'))) ||
    (kind === 'exactlyOnce' && now.a === 2) ||
    (kind === 'reachable' && now.a > 0) ||
    (happened.has('succeeds') && lacks)
  return {
    ...now,
    last: isB ? 'b' : isA ? 'a' : last,
    owed: owing,
    broken: history.broken || breaks,
    over: happened.has('succeeds') ? 'succeeded' : happened.has('fails') ? 'failed' : history.over,
  }
}

export function isOwedForEver(owed: readonly boolean[], next: readonly (readonly number[])[]): boolean {
  const hopeful = owed.map(is => !is)
  for (let grown = true; grown; ) {
    grown = false
    next.forEach((after, at) => {
      if (!hopeful[at] && after.some(to => hopeful[to])) {
        hopeful[at] = true
        grown = true
      }
    })
  }
  return hopeful.includes(false)
}

export function isOwing({ kind }: Property, { a, owed, over }: History): boolean {
  if (over !== '') return false
  if (kind === 'responds') return owed
  return (kind === 'eventually' || kind === 'exactlyOnce') && a === 0
}

const more = (count: 0 | 1 | 2, is: boolean): 0 | 1 | 2 => (is ? (count === 0 ? 1 : 2) : count)
