/** What a fuzz run of moves was made of: answers by edit, by kind of node and by obstacle, so that "random" can be looked at. */
import { EDIT_KINDS } from './edit.ts'
import type { Tried } from './check.ts'

/** How many were allowed and how many refused. */
export type Answers = [allowed: number, refused: number]

/** Counts that can be added up over threads. */
export interface Census {
  cases: number
  /** Cases that were moved once at least, and more than once. */
  moved: number
  again: number
  all: Answers
  /** Events of the logs that were moved. */
  events: number
  /** Of moves that had one edit. */
  edits: { [kind: string]: Answers }
  /** Of moves to a graph that has the kind. */
  kinds: { [kind: string]: Answers }
  /** Why not. */
  obstacles: { [kind: string]: number }
}

export const newCensus = (): Census => ({
  cases: 0,
  moved: 0,
  again: 0,
  all: [0, 0],
  events: 0,
  edits: {},
  kinds: {},
  obstacles: {},
})

export function count(census: Census, tried: readonly Tried[]): void {
  const moved = tried.filter(({ answer }) => answer === 'allowed').length
  census.cases += 1
  census.moved += moved > 0 ? 1 : 0
  census.again += moved > 1 ? 1 : 0
  for (const { done, kinds, events, answer, obstacle } of tried) {
    const which = answer === 'allowed' ? 0 : 1
    census.all[which] += 1
    census.events += events
    if (done.length === 1) answersIn(census.edits, done[0]!)[which] += 1
    for (const kind of kinds) answersIn(census.kinds, kind)[which] += 1
    if (obstacle !== undefined) census.obstacles[obstacle] = (census.obstacles[obstacle] ?? 0) + 1
  }
}

export function sum(into: Census, other: Census): void {
  for (const name of ['cases', 'moved', 'again', 'events'] as const) into[name] += other[name]
  add(into.all, other.all)
  for (const name of ['edits', 'kinds'] as const)
    for (const [kind, answers] of Object.entries(other[name])) add(answersIn(into[name], kind), answers)
  for (const [kind, many] of Object.entries(other.obstacles)) into.obstacles[kind] = (into.obstacles[kind] ?? 0) + many
}

const answersIn = (counts: { [kind: string]: Answers }, kind: string): Answers => {
  const known = counts[kind] ?? [0, 0]
  counts[kind] = known
  return known
}

function add(into: Answers, other: Answers): void {
  into[0] += other[0]
  into[1] += other[1]
}

export function showCensus(census: Census): string {
  const { cases, moved, again, all, events, edits, kinds, obstacles } = census
  const share = (many: number, of: number): string => `${Math.round((many / of) * 100)}%`
  const answers = (name: string, [yes, no] = [0, 0] as Answers): string =>
    `  ${name.padEnd(18)} ${String(yes).padStart(7)} moved ${String(no).padStart(7)} refused  ${share(yes, yes + no)}`
  const sorted = (counts: { readonly [name: string]: Answers }): readonly string[] =>
    Object.keys(counts)
      .sort()
      .map(name => answers(name, counts[name]))
  const tries = all[0] + all[1]
  return [
    `${tries} tries at runs of ${Math.round(events / tries)} events in the mean: ${share(all[0], tries)} allowed; ${share(moved, cases)} of the cases were moved, ${share(again, cases)} more than once`,
    'by edit, where it was the only one',
    ...EDIT_KINDS.map(kind => answers(kind, edits[kind])),
    'by kind of node in the new graph',
    ...sorted(kinds),
    'why not',
    ...Object.keys(obstacles)
      .sort()
      .map(name => `  ${name.padEnd(18)} ${String(obstacles[name]).padStart(7)}`),
  ].join('\n')
}
