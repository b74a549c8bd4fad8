/**
 * The exact search: all markings, or those that stubborn sets leave, until a violation is seen or none can be left.
 *
 * Invariants
 *   S2. A verdict of a whole graph is certain: nothing that the search leaves out could change it.
 */
import type { Budget, Sliced } from '../net/budget.ts'
import { isEnabled, type PetriNet } from '../net/petri-net.ts'
import type { Boundedness, Spent, Violation, ViolationKind } from '../net/verdict.ts'
import { canReach } from '../search/closure.ts'
import { type Exploration, explore, type Visit } from '../search/explore.ts'
import type { Flow, Player } from '../search/firing.ts'
import { Stubborn } from '../search/stubborn.ts'
import { CoverWatch } from './cover.ts'
import { compareToEnd, type End, endOf } from './marking.ts'
import { nearestAbove, violationAt } from './nearest.ts'

export interface Exact {
  readonly verdict: 'sound' | 'unsound' | 'unknown'
  readonly violations: readonly Violation[]
  readonly boundedness: Boundedness
  readonly states: number
  /** Whether all markings that were to be looked at were. */
  readonly isWhole: boolean
  /** Why not, if it was not for a violation that was seen. */
  readonly why: Spent | undefined
}

export interface ExactOptions {
  readonly budget: Budget
  readonly flow: Flow
  /**
   * `all`: every marking, violations by shortest traces. `stubborn`: as few as decide it, where the net allows that; traces
   * need not be shortest.
   */
  readonly markings: 'all' | 'stubborn'
  /** How many states are visited after the first violation, to see other kinds and whether the net is bounded. */
  readonly statesAfter: number
}

export function* exact(net: PetriNet, { budget, flow, markings, statesAfter }: ExactOptions): Sliced<Exact> {
  const isReduced = markings === 'stubborn' && isEndDead(net)
  const watch = new Watch(net, statesAfter)
  const exploration = yield* explore(net, {
    budget,
    flow,
    visit: at => watch.look(at),
    ...(isReduced ? { follow: stubbornly() } : {}),
  })
  const found = watch.conclude(exploration, isReduced ? 'found' : 'shortest')
  if (found.verdict !== 'sound' || !isReduced || keepsLeftovers(net, flow)) return found
  return yield* exactlyAbove(net, { budget, flow, before: found })
}

/** Stubborn sets keep what is dead, so the end must be. */
const isEndDead = (net: PetriNet): boolean => !net.transitions.some((_, t) => isEnabled(net, net.final, t))

function stubbornly(): (player: Player, enabled: readonly number[]) => readonly number[] {
  let stubborn: Stubborn | undefined
  return (player, enabled) => {
    stubborn ??= new Stubborn(player)
    return stubborn.choose(enabled)
  }
}

/**
 * Whether tokens beside a reached end never vanish: no step takes from the end, and each puts somewhere. Improper completion
 * is an end that cannot be reached, then.
 */
function keepsLeftovers(net: PetriNet, { consumers }: Flow): boolean {
  for (let t = 0; t < net.transitions.length; t++) if (net.postStart[t] === net.postStart[t + 1]) return false
  const { places } = endOf(net)
  return places.length > 0 && places.every(place => consumers.start[place] === consumers.start[place + 1])
}

/** Else it takes a search of its own. */
function* exactlyAbove(
  net: PetriNet,
  { budget, flow, before }: Pick<ExactOptions, 'budget' | 'flow'> & { readonly before: Exact },
): Sliced<Exact> {
  const above = yield* nearestAbove(net, { budget, flow })
  const states = before.states + above.states
  switch (above.kind) {
    case 'none':
      return { ...before, states }
    case 'unknown':
      return { ...before, verdict: 'unknown', states, isWhole: false, why: above.why }
    case 'found':
      return { ...before, verdict: 'unsound', states, boundedness: 'unknown', violations: [above.violation] }
  }
}

/** What has been seen on the way. */
class Watch {
  readonly #end: End
  readonly #covers: CoverWatch
  readonly #hasFired: Uint8Array
  readonly #statesAfter: number
  #stopAt = Number.POSITIVE_INFINITY
  #final: number | undefined
  #deadlock: number | undefined
  #above: number | undefined
  #covering: number | undefined
  readonly #terminals: number[] = []

  constructor(net: PetriNet, statesAfter: number) {
    this.#end = endOf(net)
    this.#covers = new CoverWatch(net.places.length)
    this.#hasFired = new Uint8Array(net.transitions.length)
    this.#statesAfter = statesAfter
  }

  look({ state, player, enabled, exploration }: Visit): 'go on' | 'stop' {
    if (state >= this.#stopAt) return 'stop'
    for (const t of enabled) this.#hasFired[t] = 1
    const against = compareToEnd(this.#end, player)
    if (against === 'equal') this.#final = state
    if (against === 'above' && this.#above === undefined) this.#above = this.#seen(state)
    if (enabled.length === 0 && against !== 'equal') {
      this.#terminals.push(state)
      if (against === 'below') this.#deadlock ??= this.#seen(state)
    }
    if (this.#covering === undefined && this.#covers.coveredBy(exploration, state, player) !== undefined) {
      this.#covering = this.#seen(state)
    }
    return state >= this.#stopAt ? 'stop' : 'go on'
  }

  #seen(state: number): number {
    this.#stopAt = Math.min(this.#stopAt, state + this.#statesAfter)
    return state
  }

  conclude(exploration: Exploration, length: Violation['length']): Exact {
    const isWhole = exploration.stopped === undefined
    const violations = this.#seenOnTheWay(exploration, length)
    if (isWhole) violations.push(...this.#seenAtTheEnd(exploration, length, violations.length > 0))
    const { stopped } = exploration
    return {
      verdict: violations.length > 0 ? 'unsound' : isWhole ? 'sound' : 'unknown',
      violations,
      boundedness: this.#boundedness(isWhole && length === 'shortest'),
      states: exploration.table.count,
      isWhole,
      why: stopped === 'answered' ? undefined : stopped,
    }
  }

  #boundedness(isAll: boolean): Boundedness {
    if (this.#covering !== undefined) return 'unbounded'
    return isAll ? 'bounded' : 'unknown'
  }

  #seenOnTheWay(exploration: Exploration, length: Violation['length']): Violation[] {
    const violations: Violation[] = []
    const add = (kind: ViolationKind, state: number | undefined, as: Violation['length']): void => {
      if (state !== undefined) violations.push(violationAt(exploration, { kind, state, length: as }))
    }
    // Steps to a dead marking are only reordered by stubborn sets.
    add('deadlock', this.#deadlock, 'shortest')
    add('improper-completion', this.#above, length)
    // Another way to it may be covered earlier than the first that was found.
    add('unbounded', this.#covering, 'found')
    return violations
  }

  #seenAtTheEnd(exploration: Exploration, length: Violation['length'], isUnsound: boolean): Violation[] {
    const violations: Violation[] = []
    const goals = this.#final === undefined ? this.#terminals : [this.#final, ...this.#terminals]
    const endless = canReach(exploration, goals).indexOf(0)
    if (endless !== -1) violations.push(violationAt(exploration, { kind: 'no-completion', state: endless, length }))
    // A smaller graph shows all that can fire only where the end can always be reached.
    if (length === 'found' && (isUnsound || endless !== -1)) return violations
    const transitions = Array.from(this.#hasFired.keys()).filter(t => this.#hasFired[t] === 0)
    if (transitions.length > 0) {
      violations.push({ kind: 'dead-transition', trace: [], length: 'shortest', places: [], transitions })
    }
    return violations
  }
}
