/**
 * Runs without a plan, and runs that take what was taken least: cheap, and they see most of what can go wrong. They prove
 * nothing where they see nothing.
 *
 * A run follows one token as far as it goes before it looks after another, so that it needs no luck to come deep into a net.
 */
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import type { Flow } from '../search/firing.ts'
import { GrowingUint32 } from '../search/growing.ts'
import { Runner } from '../search/runner.ts'
import { found } from './lifted.ts'

export interface Walks {
  readonly violation: Violation | undefined
  readonly steps: number
}

interface WalkOptions {
  readonly budget: Budget
  readonly flow: Flow
  readonly trap: Uint8Array
  readonly runs: number
  /** In all runs together. */
  readonly stepsMax: number
}

/** Arcs touched between two looks at the clock: about a millisecond. */
const SLICE = 50_000

export function* walks(net: PetriNet, { budget, flow, trap, runs, stepsMax }: WalkOptions): Sliced<Walks> {
  const runner = new Runner(net, flow)
  const taken = new Uint32Array(net.transitions.length)
  const random = randomOf(net.transitions.length)
  let steps = 0
  let nextLook = 0
  for (let run = 0; run < runs && steps < stepsMax; run++) {
    if (run > 0) runner.restart()
    const walk = new Walk(runner, trap)
    const choose = run % 2 === 0 ? leastTaken(runner, taken) : byChance(runner, random)
    for (; steps < stepsMax && !walk.isOver; steps++) {
      const t = choose()
      taken[t]! += 1
      walk.step(t)
      if (runner.effort < nextLook) continue
      nextLook = runner.effort + SLICE
      yield
      if (spent(budget, { bytes: walk.bytes, states: 0 })) return { violation: walk.violation(), steps }
    }
    const violation = walk.violation()
    if (violation) return { violation, steps }
  }
  return { violation: undefined, steps }
}

/** Of the transition that was enabled last and its enabled rivals. */
function leastTaken(runner: Runner, taken: Uint32Array): () => number {
  const { net, flow } = runner
  const { start, transition } = flow.consumers
  return () => {
    const t = runner.enabledAt(runner.enabledCount - 1)
    let best = t
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
      const place = net.pre[at]!
      runner.effort += start[place + 1]! - start[place]!
      for (let row = start[place]!; row < start[place + 1]!; row++) {
        const rival = transition[row]!
        if (taken[rival]! < taken[best]! && runner.isEnabled(rival)) best = rival
      }
    }
    return best
  }
}

const byChance = (runner: Runner, random: () => number) => (): number =>
  runner.enabledAt(Math.floor(random() * runner.enabledCount))

/** Numbers from 0 to 1, the same in every check. */
function randomOf(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/** One run, and what it has shown. */
class Walk {
  readonly #runner: Runner
  readonly #trap: Uint8Array
  readonly #trace = new GrowingUint32()
  /** Length of the trace when a trap was first marked. */
  #trappedAt: number | undefined
  /** The last marking with twice as many tokens as one before: growth without end covers it some day. */
  #earlier: Uint32Array | undefined
  #earlierTotal: number
  #isCovering = false

  constructor(runner: Runner, trap: Uint8Array) {
    this.#runner = runner
    this.#trap = trap
    this.#earlierTotal = Math.max(8, runner.total)
  }

  get isOver(): boolean {
    const { isExact, enabledCount } = this.#runner
    return !isExact || this.#isCovering || enabledCount === 0 || this.#runner.standing() !== 'below'
  }

  get bytes(): number {
    return this.#trace.bytes
  }

  step(t: number): void {
    const { net, tokens } = this.#runner
    this.#runner.fire(t)
    this.#trace.push(t)
    if (this.#trappedAt === undefined) {
      for (let at = net.postStart[t]!; at < net.postStart[t + 1]!; at++) {
        if (this.#trap[net.post[at]!] === 1) this.#trappedAt = this.#trace.length
      }
    }
    const { total } = this.#runner
    if (total < 2 * this.#earlierTotal) return
    this.#isCovering = this.#earlier?.every((count, place) => tokens[place]! >= count) ?? false
    this.#earlier = tokens.slice()
    this.#earlierTotal = total
  }

  violation(): Violation | undefined {
    const runner = this.#runner
    if (!runner.isExact) return undefined
    const trace = (): number[] => Array.from(this.#trace.view())
    if (runner.standing() === 'above') return found(runner, 'improper-completion', trace())
    if (this.#isCovering) return found(runner, 'unbounded', trace())
    if (runner.enabledCount === 0 && runner.standing() === 'below') return found(runner, 'deadlock', trace())
    if (this.#trappedAt === undefined || runner.standing() === 'equal') return undefined
    return { ...found(runner, 'no-completion', trace().slice(0, this.#trappedAt)), places: this.#trapped() }
  }

  #trapped(): number[] {
    const { tokens } = this.#runner
    return Array.from(this.#trap.keys()).filter(place => this.#trap[place] === 1 && tokens[place]! > 0)
  }
}
