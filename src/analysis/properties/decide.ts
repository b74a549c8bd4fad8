/**
 * Whether a watched net can go wrong, and how: first by walks that make for it, then by a search through all markings, of the
 * net itself while it is small, else of what reduction leaves of it.
 *
 *   P2. A run that is told as a counterexample has been fired in the net itself, and has gone wrong there.
 *   P3. `holds` is said after all markings have been looked at, of the net or of a reduced one that shows the same.
 */
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import type { Spent } from '../net/verdict.ts'
import { reduce } from '../reduce/reduce.ts'
import { canReach } from '../search/closure.ts'
import { type Exploration, explore, traceTo } from '../search/explore.ts'
import { partOf } from '../search/part-budget.ts'
import { firedFrom, type Quest, wrongPartOf } from './quest.ts'
import type { Run } from './result.ts'
import { shortened } from './shorten.ts'
import { walkTo } from './walk.ts'

export type Decided =
  | { readonly kind: 'never'; readonly states: number }
  | { readonly kind: 'can'; readonly run: Run; readonly states: number }
  | { readonly kind: 'unknown'; readonly why: Spent; readonly states: number }

/** The net itself is searched that far before it is reduced: what is found there is a shortest way. */
const PLAIN = { states: 30_000, ms: 400 }

export function* decide(quest: Quest, budget: Budget): Sliced<Decided> {
  const plain = yield* search(quest, partOf(budget, PLAIN))
  if (plain.kind !== 'unknown' || spent(budget, plain)) return plain
  const walked = yield* walkTo(quest, budget)
  if (walked) return { kind: 'can', run: shortened(quest, walked), states: plain.states }
  const reduction = yield* reduce(quest.net, { keep: { places: quest.places }, budget })
  const back = new Map([...reduction.places.entries()].map(([index, place]) => [place, index]))
  const wide = new Uint32Array(quest.net.places.length)
  const widened = (marking: Uint32Array): Uint32Array => {
    for (const place of quest.places) {
      const index = back.get(place)
      wide[place] = index === undefined ? 0 : marking[index]!
    }
    return wide
  }
  const { isOwing } = quest
  const small = yield* search(
    {
      net: reduction.net,
      isWrong: marking => quest.isWrong(widened(marking)),
      ...(isOwing ? { isOwing: marking => isOwing(widened(marking)) } : {}),
      places: [],
      avoid: new Uint8Array(reduction.net.transitions.length),
      // Which of them are silent reduction does not keep: so there are more runs here than there are, never fewer.
      silent: new Uint8Array(reduction.net.transitions.length),
    },
    budget,
  )
  return small.kind === 'can' ? yield* lifted(quest, reduction.lift(small.run.trace), small.states, budget) : small
}

type Searched = Decided & { readonly bytes: number }

function* search({ net, isWrong, isOwing, silent }: Quest, budget: Budget): Sliced<Searched> {
  let wrong: number | undefined
  const owing: number[] = []
  const forgiven: number[] = []
  const exploration = yield* explore(net, {
    budget,
    follow: (_, enabled) => {
      const first = enabled.filter(transition => silent[transition] === 1)
      return first.length > 0 ? first : enabled
    },
    visit: ({ state, player }) => {
      if (isWrong(player.tokens)) {
        wrong = state
        return 'stop'
      }
      if (isOwing) (isOwing(player.tokens) ? owing : forgiven).push(state)
      return 'go on'
    },
  })
  const effort = { states: exploration.table.count, bytes: exploration.table.bytes }
  if (wrong !== undefined)
    return { kind: 'can', run: { trace: traceTo(exploration, wrong), length: 'shortest', then: 'wrong' }, ...effort }
  const { stopped } = exploration
  if (stopped !== undefined && stopped !== 'answered') return { kind: 'unknown', why: stopped, ...effort }
  if (owing.length === 0) return { kind: 'never', ...effort }
  const hopeful = canReach(exploration, forgiven)
  const lost = owing.find(state => hopeful[state] === 0)
  return lost === undefined
    ? { kind: 'never', ...effort }
    : { kind: 'can', run: stayingFrom(exploration, lost), ...effort }
}

/** Goes on from a state that is owed something for ever, until nothing happens any more or it has been there before. */
function stayingFrom(exploration: Exploration, lost: number): Run {
  const { rows, successors, firedBy } = exploration
  const prefix = traceTo(exploration, lost)
  const seen = new Map<number, number>()
  const fired: number[] = []
  let at = lost
  for (;;) {
    seen.set(at, fired.length)
    const first = rows.at(at)
    if (first === rows.at(at + 1)) return { trace: [...prefix, ...fired], length: 'shortest', then: 'stuck' }
    fired.push(firedBy.at(first))
    at = successors.at(first)
    const before = seen.get(at)
    if (before !== undefined)
      return {
        trace: [...prefix, ...fired.slice(0, before)],
        length: 'shortest',
        then: 'again',
        cycle: fired.slice(before),
      }
  }
}

/** P2: a way of the reduced net, fired in the net itself; from where it ends, on to where it goes wrong. */
function* lifted(quest: Quest, trace: readonly number[], states: number, budget: Budget): Sliced<Decided> {
  const wrong = wrongPartOf(quest, trace)
  if (wrong) return { kind: 'can', run: shortened(quest, { trace: wrong, length: 'found', then: 'wrong' }), states }
  const marking = quest.isOwing ? firedFrom(quest.net, trace) : undefined
  if (marking && !quest.isWrong(marking)) {
    const rest = yield* search({ ...quest, net: { ...quest.net, initial: marking } }, budget)
    if (rest.kind === 'can')
      return { kind: 'can', run: { ...rest.run, trace: [...trace, ...rest.run.trace], length: 'found' }, states }
  }
  return { kind: 'unknown', why: 'coarse', states }
}
