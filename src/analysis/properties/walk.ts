/**
 * Random walks that make for what is looked for: what leads away from it is fired only when nothing else can be. In a net of
 * thousands of steps at once, most of what can go wrong is found so, where a search would not come to an end.
 */
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import { fireIn, isEnabled } from '../net/petri-net.ts'
import { flowOf, type PlaceRows } from '../search/firing.ts'
import { partOf } from '../search/part-budget.ts'
import type { Quest } from './quest.ts'
import type { Run } from './result.ts'

const WALKS = 24
const STEPS_MAX = 100_000
const LIMITS = { ms: 600 }
/** Firings between two looks at the clock. */
const SLICE = 500

/** A run that is wrong, if a walk comes to one. The same net is walked in the same ways each time. */
export function* walkTo(quest: Quest, whole: Budget): Sliced<Run | undefined> {
  const budget = partOf(whole, LIMITS)
  const { consumers } = flowOf(quest.net)
  for (let walk = 0; walk < WALKS; walk++) {
    const trace = yield* oneWalk(quest, consumers, randomOf(walk + 1), budget)
    if (trace) return { trace, length: 'found', then: 'wrong' }
    if (spent(budget, { bytes: 0, states: 0 })) return undefined
  }
  return undefined
}

type Random = () => number

function* oneWalk(
  { net, isWrong, avoid, silent }: Quest,
  consumers: PlaceRows,
  random: Random,
  budget: Budget,
): Sliced<readonly number[] | undefined> {
  const marking = net.initial.slice()
  const count = net.transitions.length
  /** Silent, others, and those that are better not fired. */
  const ready = [new Bag(count), new Bag(count), new Bag(count)] as const
  const look = (transition: number): void =>
    ready[silent[transition] === 1 ? 0 : avoid[transition] === 0 ? 1 : 2].put(
      transition,
      isEnabled(net, marking, transition),
    )
  for (let transition = 0; transition < net.transitions.length; transition++) look(transition)
  const trace: number[] = []
  while (trace.length < STEPS_MAX) {
    if (isWrong(marking)) return trace
    const transition = ready.find(({ size }) => size > 0)?.pick(random)
    if (transition === undefined) return undefined
    fireIn(net, marking, transition)
    trace.push(transition)
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++) lookAfter(net.pre[at]!)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++) lookAfter(net.post[at]!)
    if (trace.length % SLICE === 0) {
      yield
      if (spent(budget, { bytes: 0, states: 0 })) return undefined
    }
  }
  return undefined

  function lookAfter(place: number): void {
    for (let at = consumers.start[place]!; at < consumers.start[place + 1]!; at++) look(consumers.transition[at]!)
  }
}

/** A set of small numbers that gives a random one at once. */
class Bag {
  readonly #items: Uint32Array
  /** One more than where each is; 0: nowhere. */
  readonly #slots: Uint32Array
  size = 0

  constructor(count: number) {
    this.#items = new Uint32Array(count)
    this.#slots = new Uint32Array(count)
  }

  put(item: number, isIn: boolean): void {
    const slot = this.#slots[item]!
    if (slot > 0 === isIn) return
    if (isIn) {
      this.#items[this.size++] = item
      this.#slots[item] = this.size
      return
    }
    const last = this.#items[--this.size]!
    this.#items[slot - 1] = last
    this.#slots[last] = slot
    this.#slots[item] = 0
  }

  pick(random: Random): number | undefined {
    return this.size === 0 ? undefined : this.#items[Math.floor(random() * this.size)]
  }
}

/** From 0 to 1: xorshift, so that nothing hangs on chance. */
function randomOf(seed: number): Random {
  let state = (seed * 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 2 ** 32
  }
}
