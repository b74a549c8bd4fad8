/**
 * Makes a trace shorter that was found and need not be a shortest: choices are taken as they were taken last, which leaves
 * loops at once, and what the shown tokens do not hang on is left out.
 */
import type { PetriNet } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import type { Flow } from '../search/firing.ts'
import { Runner } from '../search/runner.ts'
import { found } from './lifted.ts'

/** A violation of the same kind, by a trace that is not longer. */
export function shortened(net: PetriNet, flow: Flow, violation: Violation, trap: Uint8Array): Violation {
  if (violation.length === 'shortest' || violation.trace.length < 2) return violation
  switch (violation.kind) {
    case 'deadlock':
      return withoutLoops(net, flow, violation)
    case 'improper-completion': {
      const direct = withoutLoops(net, flow, violation)
      return hasManyTokens(net) ? direct : shorter(direct, pastOfEnd(net, flow, direct))
    }
    case 'no-completion':
      if (hasManyTokens(net)) return violation
      return shorter(violation, pastOfTrapped(net, flow, violation, trap))
    case 'unbounded':
    case 'dead-transition':
    case 'not-a-workflow-net':
      return violation
  }
}

/** Tokens are followed one by one. */
const FOLLOWED_MAX = 1_000

const hasManyTokens = ({ initial, preWeight, postWeight }: PetriNet): boolean =>
  [initial, preWeight, postWeight].some(counts => counts.some(count => count > FOLLOWED_MAX))

const shorter = (one: Violation, other: Violation | undefined): Violation =>
  other && other.trace.length < one.trace.length ? other : one

/** Plays the net again, at each choice as the trace did the last time that it was there. */
function withoutLoops(net: PetriNet, flow: Flow, violation: Violation): Violation {
  const { trace, kind } = violation
  const last = new Int32Array(net.transitions.length).fill(-1)
  for (const [at, t] of trace.entries()) last[t] = at
  const runner = new Runner(net, flow)
  const again: number[] = []
  while (again.length < trace.length) {
    if (kind === 'improper-completion' && runner.standing() === 'above') return found(runner, kind, again)
    if (runner.enabledCount === 0) break
    const next = lastTaken(runner, last)
    if (next === undefined) return violation
    runner.fire(next)
    again.push(next)
  }
  const isSame =
    kind === 'deadlock' ? runner.enabledCount === 0 && runner.standing() === 'below' : runner.standing() === 'above'
  return isSame && again.length < trace.length ? found(runner, kind, again) : violation
}

/** How many of the enabled transitions are looked at for one that the trace took. */
const LOOKED_AT_MAX = 64

/** Of the transition that was enabled last and its enabled rivals the one that the trace took last; else of the one before. */
function lastTaken(runner: Runner, last: Int32Array): number | undefined {
  const lowest = Math.max(0, runner.enabledCount - LOOKED_AT_MAX)
  for (let index = runner.enabledCount - 1; index >= lowest; index--) {
    const best = bestRival(runner, runner.enabledAt(index), last)
    if (last[best]! >= 0) return best
  }
  return undefined
}

function bestRival(runner: Runner, t: number, last: Int32Array): number {
  const { net, flow } = runner
  const { start, transition } = flow.consumers
  let best = t
  for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
    const place = net.pre[at]!
    for (let row = start[place]!; row < start[place + 1]!; row++) {
      const rival = transition[row]!
      if (last[rival]! > last[best]! && runner.isEnabled(rival)) best = rival
    }
  }
  return best
}

/** Only the steps that tokens of the end, and at most one beside it, hang on. */
function pastOfEnd(net: PetriNet, flow: Flow, { trace, kind }: Violation): Violation | undefined {
  const causes = new Causes(net)
  for (const t of trace) causes.fire(t)
  const ends: number[] = []
  let earliest = Number.POSITIVE_INFINITY
  for (let place = 0; place < net.final.length; place++) {
    const count = net.final[place]!
    for (const [index, maker] of causes.makersOf(place).entries()) {
      if (index < count) ends.push(maker)
      else earliest = Math.min(earliest, maker)
    }
  }
  for (const tokens of [ends, [...ends, earliest]]) {
    const kept = causes.pastOf(tokens).map(at => trace[at]!)
    const runner = played(net, flow, kept)
    if (runner?.standing() === 'above') return found(runner, kind, kept)
  }
  return undefined
}

/** Only the steps that the first token in a trap hangs on. */
function pastOfTrapped(net: PetriNet, flow: Flow, { trace, kind }: Violation, trap: Uint8Array): Violation | undefined {
  const causes = new Causes(net)
  for (const [at, t] of trace.entries()) {
    causes.fire(t)
    if (!putsInto(net, t, trap)) continue
    const kept = causes.pastOf([at]).map(step => trace[step]!)
    const runner = played(net, flow, kept)
    return runner && found(runner, kind, kept)
  }
  return undefined
}

function putsInto(net: PetriNet, t: number, places: Uint8Array): boolean {
  for (let at = net.postStart[t]!; at < net.postStart[t + 1]!; at++) if (places[net.post[at]!] === 1) return true
  return false
}

function played(net: PetriNet, flow: Flow, trace: readonly number[]): Runner | undefined {
  const runner = new Runner(net, flow)
  for (const t of trace) {
    if (!runner.isEnabled(t)) return undefined
    runner.fire(t)
  }
  return runner
}

/** Which step of a run made each token, and which steps each step took its tokens from. Steps count from 0; -1 is the start. */
class Causes {
  readonly #net: PetriNet
  /** By place: who made each token that is there, the last first taken. */
  readonly #makers = new Map<number, number[]>()
  readonly #causeStart: number[] = [0]
  readonly #causes: number[] = []

  constructor(net: PetriNet) {
    this.#net = net
    for (let place = 0; place < net.initial.length; place++) this.#put(place, net.initial[place]!, -1)
  }

  fire(t: number): void {
    const net = this.#net
    for (let at = net.preStart[t]!; at < net.preStart[t + 1]!; at++) {
      const makers = this.#makers.get(net.pre[at]!) ?? []
      for (let count = net.preWeight[at]!; count > 0; count--) {
        const maker = makers.pop()
        if (maker !== undefined && maker >= 0) this.#causes.push(maker)
      }
    }
    const step = this.#causeStart.length - 1
    this.#causeStart.push(this.#causes.length)
    for (let at = net.postStart[t]!; at < net.postStart[t + 1]!; at++) {
      this.#put(net.post[at]!, net.postWeight[at]!, step)
    }
  }

  makersOf(place: number): readonly number[] {
    return this.#makers.get(place) ?? []
  }

  /** All steps that some steps hang on, themselves included, in order. */
  pastOf(steps: readonly number[]): number[] {
    const isNeeded = new Uint8Array(this.#causeStart.length)
    for (const step of steps) if (step >= 0) isNeeded[step] = 1
    const past: number[] = []
    for (let step = isNeeded.length - 1; step >= 0; step--) {
      if (isNeeded[step] === 0) continue
      past.push(step)
      for (let at = this.#causeStart[step]!; at < this.#causeStart[step + 1]!; at++) isNeeded[this.#causes[at]!] = 1
    }
    return past.reverse()
  }

  #put(place: number, count: number, step: number): void {
    if (count === 0) return
    let makers = this.#makers.get(place)
    if (!makers) this.#makers.set(place, (makers = []))
    for (let left = count; left > 0; left--) makers.push(step)
  }
}
