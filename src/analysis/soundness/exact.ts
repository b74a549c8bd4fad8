/**
 * The exact search: all markings, or those that stubborn sets leave, until a violation is seen or none can be left.
 *
 * Invariants
 *   S2. A verdict of a whole graph is certain: nothing that the search leaves out could change it.
 */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Boundedness, Spent, Violation, ViolationKind } from '../net/verdict.ts'
import { canReach } from '../search/closure.ts'
import { type Exploration, explore, traceTo, type Visit } from '../search/explore.ts'
import type { Flow, Player } from '../search/firing.ts'
import { Stubborn } from '../search/stubborn.ts'
import { CoverWatch } from './cover.ts'
import { compareToEnd, type End, endOf } from './marking.ts'

export interface Exact {
  readonly verdict: 'sound' | 'unsound' | 'unknown'
  readonly violations: readonly Violation[]
  readonly boundedness: Boundedness
  readonly states: number
  /** Why the graph is not whole. */
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
  const isReduced = markings === 'stubborn' && endKeepsQuiet(net, flow)
  const watch = new Watch(net, statesAfter)
  let stubborn: Stubborn | undefined
  const follow = (player: Player, enabled: readonly number[]): readonly number[] => {
    stubborn ??= new Stubborn(player)
    return stubborn.choose(enabled)
  }
  const exploration = yield* explore(net, {
    budget,
    flow,
    visit: at => watch.look(at),
    ...(isReduced ? { follow } : {}),
  })
  return watch.conclude(exploration, isReduced ? 'found' : 'shortest')
}

/**
 * Whether stubborn sets keep all that soundness asks. They keep what is dead, so the end must be; and where no step takes
 * from the end and each puts somewhere, tokens beside a reached end never vanish, so that improper completion shows as an
 * end that cannot be reached.
 */
function endKeepsQuiet(net: PetriNet, { consumers }: Flow): boolean {
  for (let t = 0; t < net.transitions.length; t++) if (net.postStart[t] === net.postStart[t + 1]) return false
  const { places } = endOf(net)
  const isFed = net.transitions.every((_, t) => net.preStart[t] !== net.preStart[t + 1])
  return isFed && places.length > 0 && places.every(place => consumers.start[place] === consumers.start[place + 1])
}

/** What has been seen on the way. */
class Watch {
  readonly #net: PetriNet
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
    this.#net = net
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
    const boundedness =
      this.#covering !== undefined ? 'unbounded' : isWhole && length === 'shortest' ? 'bounded' : 'unknown'
    const { stopped } = exploration
    return {
      verdict: violations.length > 0 ? 'unsound' : isWhole ? 'sound' : 'unknown',
      violations,
      boundedness,
      states: exploration.table.count,
      why: stopped === 'answered' ? undefined : stopped,
    }
  }

  #seenOnTheWay(exploration: Exploration, length: Violation['length']): Violation[] {
    const violations: Violation[] = []
    const add = (kind: ViolationKind, state: number | undefined, as: Violation['length']): void => {
      if (state !== undefined) violations.push(this.#violation(exploration, kind, state, as))
    }
    add('deadlock', this.#deadlock, length)
    add('improper-completion', this.#above, length)
    // Another way to it may be covered earlier than the first that was found.
    add('unbounded', this.#covering, 'found')
    return violations
  }

  #seenAtTheEnd(exploration: Exploration, length: Violation['length'], isUnsound: boolean): Violation[] {
    const violations: Violation[] = []
    const goals = this.#final === undefined ? this.#terminals : [this.#final, ...this.#terminals]
    const endless = canReach(exploration, goals).indexOf(0)
    if (endless !== -1) violations.push(this.#violation(exploration, 'no-completion', endless, length))
    // A smaller graph shows all that can fire only where the end can always be reached.
    if (length === 'found' && (isUnsound || endless !== -1)) return violations
    const transitions = Array.from(this.#hasFired.keys()).filter(t => this.#hasFired[t] === 0)
    if (transitions.length > 0) {
      violations.push({ kind: 'dead-transition', trace: [], length: 'shortest', places: [], transitions })
    }
    return violations
  }

  #violation(exploration: Exploration, kind: ViolationKind, state: number, length: Violation['length']): Violation {
    const { player, table } = exploration
    player.go(table, state)
    const places = Array.from(player.marked.subarray(0, player.markedCount))
    const isLeft = (place: number): boolean => player.tokens[place]! > this.#net.final[place]!
    return {
      kind,
      trace: traceTo(exploration, state),
      length,
      places: kind === 'improper-completion' ? places.filter(isLeft) : places,
      transitions: [],
    }
  }
}
