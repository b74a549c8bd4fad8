/** A property of a composed graph as something to look for in its net. */
import type { PlacedProperty, Property } from '../../core/index.ts'
import type { PetriNet } from '../net/petri-net.ts'
import type { Composed, ComposedStep, Deed } from '../workflow/composed.ts'
import { Letter, type Monitor, monitorOf } from './monitor.ts'
import { productOf } from './product.ts'
import type { Quest } from './quest.ts'
import type { Run } from './result.ts'
import { silentOf } from './silent.ts'

export interface Watched {
  readonly quest: Quest
  /** A run of the net that is searched as one of the composed net. */
  original(run: Run): Run
}

export function watch(composed: Composed, { property, meant }: PlacedProperty): Watched {
  const [a = [], b = []] = meant.map(paths => paths.flatMap(path => composed.steps.get(path) ?? []))
  switch (property.kind) {
    case 'never':
      return atOnce(composed, [a, b], ([left = 0, right = 0]) => left > 0 && right > 0, sharedBy(a, b))
    case 'atMost':
      return atOnce(composed, [a], ([sum = 0]) => sum > property.count, [])
    default:
      return inOrder(composed, property.kind, a, b)
  }
}

/** Places of steps that are in both: of one and the same, two must be marked. */
const sharedBy = (a: readonly ComposedStep[], b: readonly ComposedStep[]): readonly ComposedStep[] =>
  a.filter(step => b.includes(step))

const activeOf = (steps: readonly ComposedStep[]): readonly number[] => [
  ...new Set(steps.flatMap(({ active }) => active)),
]

function atOnce(
  composed: Composed,
  operands: readonly (readonly ComposedStep[])[],
  isTooMany: (counts: readonly number[]) => boolean,
  shared: readonly ComposedStep[],
): Watched {
  const { net } = composed
  const places = operands.map(activeOf)
  const both = new Set(activeOf(shared))
  const only = places.map(each => each.filter(place => !both.has(place)))
  const common = [...both]
  const sum = (marking: Uint32Array, of: readonly number[]): number => {
    let tokens = 0
    for (const place of of) tokens += marking[place]!
    return tokens
  }
  const isWrong =
    common.length === 0
      ? (marking: Uint32Array) => isTooMany(places.map(each => sum(marking, each)))
      : // One token of both sides is one instance: it needs another one.
        (marking: Uint32Array) => {
          const [left = 0, right = 0] = only.map(each => sum(marking, each))
          const middle = sum(marking, common)
          return middle > 1 || (middle === 1 && left + right > 0) || (left > 0 && right > 0)
        }
  const all = [...new Set(places.flat())]
  const quest: Quest = {
    net,
    places: all,
    isWrong,
    avoid: either(takersOf(net, all), failuresOf(composed)),
    silent: silentOf(composed),
  }
  return { quest, original: run => run }
}

const either = (a: Uint8Array, b: ArrayLike<number>): Uint8Array => a.map((is, index) => is | b[index]!)

/** A walk that is to come far lets nothing fail. */
const failuresOf = ({ meanings }: Composed): Uint8Array =>
  Uint8Array.from(meanings, ({ deed }) => (FAILURES.has(deed.kind) ? 1 : 0))

const FAILURES: ReadonlySet<Deed['kind']> = new Set(['fails', 'times-out', 'interrupted', 'withdrawn', 'cancels'])

/** Transitions that take from the places without putting back. */
function takersOf(net: PetriNet, places: readonly number[]): Uint8Array {
  const watched = new Set(places)
  const found = new Uint8Array(net.transitions.length)
  for (let transition = 0; transition < found.length; transition++)
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
      if (watched.has(net.pre[at]!)) found[transition] = 1
  return found
}

type OrderedKind = Exclude<Property['kind'], 'never' | 'atMost'>

function inOrder(
  composed: Composed,
  kind: OrderedKind,
  a: readonly ComposedStep[],
  b: readonly ComposedStep[],
): Watched {
  const monitor = monitorOf(kind)
  const letters = lettersOf(composed, a, b)
  const { net, stateAt, originals } = productOf(composed.net, monitor, letters)
  const owing = monitor.states.flatMap((_, state) => (monitor.isOwing(state) ? [stateAt + state] : []))
  const wrong = stateAt + monitor.wrong
  const silent = silentOf(composed)
  const failures = failuresOf(composed)
  const back = (trace: readonly number[]): readonly number[] => trace.map(transition => originals[transition]!)
  return {
    quest: {
      net,
      places: monitor.states.map((_, state) => stateAt + state),
      isWrong: marking => marking[wrong]! > 0,
      ...(owing.length > 0 ? { isOwing: (marking: Uint32Array) => owing.some(place => marking[place]! > 0) } : {}),
      avoid: either(
        forgivingOf(monitor, net, stateAt),
        originals.map(original => failures[original]!),
      ),
      silent: Uint8Array.from(originals, original => silent[original]!),
    },
    original: run => ({ ...run, trace: back(run.trace), ...(run.cycle ? { cycle: back(run.cycle) } : {}) }),
  }
}

function lettersOf(
  { net, succeeded, failed }: Composed,
  a: readonly ComposedStep[],
  b: readonly ComposedStep[],
): Uint8Array {
  const letters = new Uint8Array(net.transitions.length)
  const add = (transitions: readonly number[], letter: number): void => {
    for (const transition of transitions) letters[transition]! |= letter
  }
  for (const step of a) {
    add(step.begins, Letter.aBegins)
    add(donesOf(step), Letter.aDone)
  }
  for (const step of b) {
    add(step.begins, Letter.bBegins)
    add(donesOf(step), Letter.bDone)
  }
  add(makersOf(net, succeeded), Letter.succeeds)
  if (failed !== undefined) add(makersOf(net, failed), Letter.fails)
  return letters
}

/** What is let go is done, for others, when it begins. */
const donesOf = ({ node, begins, passes }: ComposedStep): readonly number[] =>
  node.kind === 'scope' && node.join === 'detached' ? begins : passes

function makersOf(net: PetriNet, place: number): readonly number[] {
  const found: number[] = []
  for (let transition = 0; transition < net.transitions.length; transition++)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++)
      if (net.post[at] === place) found.push(transition)
  return found
}

/** Transitions after which nothing can go wrong, or nothing is owed, any more. */
function forgivingOf({ states, isOwing, over }: Monitor, net: PetriNet, stateAt: number): Uint8Array {
  const found = new Uint8Array(net.transitions.length)
  for (let transition = 0; transition < found.length; transition++) {
    let from = -1
    let to = -1
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
      if (net.pre[at]! >= stateAt) from = net.pre[at]! - stateAt
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++)
      if (net.post[at]! >= stateAt) to = net.post[at]! - stateAt
    if (from === -1 || from === to || states[to] === undefined) continue
    if (to === over || (isOwing(from) && !isOwing(to))) found[transition] = 1
  }
  return found
}
