/**
 * What is true of a property, found out by looking: every marking of the composed net with all that has happened on the way to
 * it, one by one. Shares nothing with the check but the net.
 */
import { fireIn, isEnabled } from '../../../src/analysis/net/petri-net.ts'
import type { Run } from '../../../src/analysis/properties/result.ts'
import { silentOf } from '../../../src/analysis/properties/silent.ts'
import type { Composed } from '../../../src/analysis/workflow/composed.ts'
import type { PlacedProperty } from '../../../src/core/index.ts'
import { afterEvents, type Happening, type History, isOwedForEver, isOwing, START } from './history.ts'

export interface Naive {
  readonly verdict: 'holds' | 'violated'
  readonly states: number
}

export function naively(composed: Composed, placed: PlacedProperty, statesMax: number): Naive | undefined {
  const { net } = composed
  const world = worldOf(composed, placed)
  const silent = silentOf(composed)
  const states: { readonly marking: Uint32Array; readonly history: History }[] = []
  const known = new Map<string, number>()
  const next: number[][] = []
  const reach = (marking: Uint32Array, history: History): number => {
    const key = `${marking.join()} ${JSON.stringify(history)}`
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, states.length)
    next.push([])
    return states.push({ marking, history }) - 1
  }
  reach(net.initial.slice(), world.at(net.initial, START))
  for (let at = 0; at < states.length; at++) {
    if (states.length > statesMax) return undefined
    const { marking, history } = states[at]!
    const enabled = [...net.transitions.keys()].filter(transition => isEnabled(net, marking, transition))
    const first = enabled.filter(transition => silent[transition] === 1)
    for (const transition of first.length > 0 ? first : enabled) {
      const after = marking.slice()
      fireIn(net, after, transition)
      next[at]!.push(reach(after, world.at(after, world.after(transition, history))))
    }
  }
  const isBroken = states.some(({ history }) => history.broken)
  if (placed.property.kind === 'reachable') return { verdict: isBroken ? 'holds' : 'violated', states: states.length }
  const owed = states.map(({ history }) => isOwing(placed.property, history))
  return { verdict: isBroken || isOwedForEver(owed, next) ? 'violated' : 'holds', states: states.length }
}

/** Whether a run shows what it is told to show. */
export function shows(composed: Composed, placed: PlacedProperty, run: Run): boolean {
  const { net } = composed
  const world = worldOf(composed, placed)
  const marking = net.initial.slice()
  let history = world.at(marking, START)
  const play = (trace: readonly number[]): boolean =>
    trace.every(transition => {
      if (!isEnabled(net, marking, transition)) return false
      fireIn(net, marking, transition)
      history = world.at(marking, world.after(transition, history))
      return true
    })
  if (!play(run.trace)) return false
  switch (run.then) {
    case 'wrong':
      return history.broken
    case 'stuck':
      return isOwing(placed.property, history) && net.transitions.every((_, index) => !isEnabled(net, marking, index))
    case 'again': {
      const before = marking.join()
      return play(run.cycle ?? []) && isOwing(placed.property, history) && marking.join() === before
    }
  }
}

function worldOf({ net, steps, succeeded, failed }: Composed, { property, meant }: PlacedProperty) {
  const events = net.transitions.map((): Happening[] => [])
  const note = (paths: readonly string[] = [], begins: Happening, done: Happening): void => {
    for (const path of paths) {
      const step = steps.get(path)
      for (const transition of step?.begins ?? []) events[transition]!.push(begins)
      const isLetGo = step?.node.kind === 'scope' && step.node.join === 'detached'
      for (const transition of (isLetGo ? step?.begins : step?.passes) ?? []) events[transition]!.push(done)
    }
  }
  note(meant[0], 'aBegins', 'aDone')
  note(meant[1], 'bBegins', 'bDone')
  for (let transition = 0; transition < net.transitions.length; transition++)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++) {
      if (net.post[at] === succeeded) events[transition]!.push('succeeds')
      if (net.post[at] === failed) events[transition]!.push('fails')
    }
  const running = (paths: readonly string[] = []) => [...new Set(paths.flatMap(path => steps.get(path)?.active ?? []))]
  const [left, right] = [running(meant[0]), running(meant[1])]
  const after = (transition: number, history: History): History =>
    afterEvents(property, history, new Set(events[transition]))
  return { after, at }

  function at(marking: Uint32Array, history: History): History {
    const sum = (places: readonly number[]): number => places.reduce((total, place) => total + marking[place]!, 0)
    const { kind } = property
    if (kind === 'atMost') return sum(left) > property.count ? { ...history, broken: true } : history
    if (kind !== 'never') return history
    // Two instances, one of each: of places that both have, other ones.
    const pairs = left.some(one =>
      right.some(other => (one === other ? marking[one]! > 1 : marking[one]! > 0 && marking[other]! > 0)),
    )
    return pairs ? { ...history, broken: true } : history
  }
}
