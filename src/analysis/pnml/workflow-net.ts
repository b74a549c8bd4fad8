/**
 * RawNet -> PetriNet: where it begins and how it is to end, when the file does not say.
 *
 *   B1. A file that names its final marking is taken at its word. Else the end is one token on the sink; of several sinks, on
 *       the one that is called `o` beside a start that is called `i`, as the definition of workflow nets calls them (van der
 *       Aalst 1998). Another net of k > 1 sinks (an end event each, as business processes have them) is completed first: see
 *       `completed`.
 *   B2. A net with a transition that needs nothing, with two places that nothing fills, or with none, is no workflow net. Where
 *       the file names both the start and the end, further places that hold a token then, or that nothing touches, are no
 *       fault: resources, and what a tool has cut off.
 */
import { type Arc, buildNet, type NetParts, type PetriNet } from '../net/petri-net.ts'
import type { RawNet } from './raw-net.ts'

export type Entry =
  | { readonly kind: 'workflow-net'; readonly net: PetriNet; readonly added: 'nothing' | 'completion' }
  /** `places`, `transitions`: those that are too many; none where it is one that is missing. */
  | {
      readonly kind: 'not-a-workflow-net'
      readonly why: string
      readonly places: readonly number[]
      readonly transitions: readonly number[]
    }

export function workflowNet(raw: RawNet): Entry {
  const shape = shapeOf(raw)
  const not = (why: string, places: readonly number[] = [], transitions: readonly number[] = []): Entry => ({
    kind: 'not-a-workflow-net',
    why,
    places,
    transitions,
  })
  const { sources, sinks, sourceTransitions } = shape
  // B2.
  if (sourceTransitions.length > 0)
    return not(
      `${namesOf(raw.transitions, sourceTransitions)} can fire again and again: nothing is consumed`,
      [],
      sourceTransitions,
    )
  if (raw.places.length === 0) return not('there is no place in it')
  const starts = raw.finals.length > 0 ? startsOf(raw, shape) : sources
  if (starts.length > 1)
    return not(`${starts.length} places are filled by nothing: ${namesOf(raw.places, starts)}`, starts)
  const [source] = sources
  if (source === undefined) return not('no place is the start: each is filled by some transition')
  const initial = raw.initial.size > 0 ? raw.initial : new Map([[source, 1]])
  const parts = { ...raw, initial }
  if (raw.finals.length > 0) return { kind: 'workflow-net', ...endedBy(parts, raw.finals) }
  if (sinks.length === 0) return not('no place is the end: some transition consumes from each')
  const called = raw.places[source] === 'i' ? sinks.find(place => raw.places[place] === 'o') : undefined
  const sink = sinks.length === 1 ? sinks[0] : called
  if (sink === undefined) return { kind: 'workflow-net', net: completed(parts, sinks), added: 'completion' }
  const tokens = [...initial.values()].reduce((sum, count) => sum + count, 0)
  const count = initial.size === 1 && initial.has(source) ? tokens : 1
  return { kind: 'workflow-net', net: buildNet({ ...parts, final: new Map([[sink, count]]) }), added: 'nothing' }
}

/** B2: of the places that nothing fills, those that are a fault where the file says what is marked: one of the marked ones is the start. */
function startsOf({ initial }: RawNet, { sources, sinks }: Shape): readonly number[] {
  const isolated = new Set(sinks)
  const marked = sources.filter(place => initial.has(place))
  return [...marked.slice(0, 1), ...sources.filter(place => !initial.has(place) && !isolated.has(place))]
}

interface Shape {
  /** Places that nothing fills, and from which nothing consumes. */
  readonly sources: readonly number[]
  readonly sinks: readonly number[]
  readonly sourceTransitions: readonly number[]
}

function shapeOf({ places, transitions, inputs, outputs }: RawNet): Shape {
  const filled = new Uint8Array(places.length)
  const drained = new Uint8Array(places.length)
  const needs = new Uint8Array(transitions.length)
  for (const { place } of outputs) filled[place] = 1
  for (const { place, transition } of inputs) {
    drained[place] = 1
    needs[transition] = 1
  }
  return { sources: zeros(filled), sinks: zeros(drained), sourceTransitions: zeros(needs) }
}

function zeros(marks: Uint8Array): readonly number[] {
  const found: number[] = []
  marks.forEach((mark, index) => {
    if (mark === 0) found.push(index)
  })
  return found
}

const NAMED_MAX = 3

const namesOf = (names: readonly string[], indices: readonly number[]): string =>
  indices
    .slice(0, NAMED_MAX)
    .map(index => names[index])
    .join(', ') + (indices.length > NAMED_MAX ? ', …' : '')

type Parts = Omit<NetParts, 'final'>

/** One final marking is the end itself; of several each leads to the end by a transition of its own. */
function endedBy(
  parts: Parts,
  finals: RawNet['finals'],
): { readonly net: PetriNet; readonly added: 'nothing' | 'completion' } {
  const [only] = finals
  if (finals.length === 1 && only) return { net: buildNet({ ...parts, final: only }), added: 'nothing' }
  const end = parts.places.length
  const inputs = [...parts.inputs]
  const outputs = [...parts.outputs]
  finals.forEach((final, index) => {
    const transition = parts.transitions.length + index
    for (const [place, weight] of final) inputs.push({ place, transition, weight })
    outputs.push({ place: end, transition, weight: 1 })
  })
  const names = finals.map((_, index) => `${COMPLETION} ${index + 1}`)
  return { net: withEnd(parts, names, inputs, outputs), added: 'completion' }
}

/** Not an id that a file could have: ids have no spaces. */
const COMPLETION = '(completion)'
const END = '(end)'

const withEnd = (parts: Parts, names: readonly string[], inputs: readonly Arc[], outputs: readonly Arc[]): PetriNet =>
  buildNet({
    ...parts,
    places: [...parts.places, END],
    transitions: [...parts.transitions, ...names],
    inputs,
    outputs,
    final: new Map([[parts.places.length, 1]]),
  })

/**
 * The completion of Kiepuszewski, ter Hofstede and van der Aalst ("Fundamentals of control flow in workflows", Acta
 * Informatica 39, 2003), for free-choice nets: a transition that leaves the part of the net from which a sink can be
 * reached puts a token on that sink; one more transition takes one token from each and ends.
 */
function completed(parts: Parts, sinks: readonly number[]): PetriNet {
  const before = backwards(parts)
  const last = parts.transitions.length
  const outputs = [...parts.outputs]
  const inputs = [...parts.inputs]
  for (const sink of sinks) {
    const { places, transitions } = before(sink)
    for (const transition of leaving(parts, places, transitions)) outputs.push({ place: sink, transition, weight: 1 })
    inputs.push({ place: sink, transition: last, weight: 1 })
  }
  outputs.push({ place: parts.places.length, transition: last, weight: 1 })
  return withEnd(parts, [COMPLETION], inputs, outputs)
}

interface Part {
  readonly places: Uint8Array
  readonly transitions: Uint8Array
}

/** Transitions that consume from the part without being in it. */
function leaving({ inputs }: Parts, places: Uint8Array, transitions: Uint8Array): ReadonlySet<number> {
  const found = new Set<number>()
  for (const { place, transition } of inputs)
    if (places[place] === 1 && transitions[transition] === 0) found.add(transition)
  return found
}

/** From which places and transitions there is a path to a place. */
function backwards({ places, transitions, inputs, outputs }: Parts): (sink: number) => Part {
  const producers = grouped(outputs, places.length, 'place')
  const consumed = grouped(inputs, transitions.length, 'transition')
  return sink => {
    const part = { places: new Uint8Array(places.length), transitions: new Uint8Array(transitions.length) }
    const pending = [sink]
    part.places[sink] = 1
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      for (const { transition } of producers[place] ?? []) {
        if (part.transitions[transition] === 1) continue
        part.transitions[transition] = 1
        for (const arc of consumed[transition] ?? []) {
          if (part.places[arc.place] === 1) continue
          part.places[arc.place] = 1
          pending.push(arc.place)
        }
      }
    }
    return part
  }
}

function grouped(arcs: readonly Arc[], count: number, by: 'place' | 'transition'): readonly (readonly Arc[])[] {
  const groups: Arc[][] = Array.from({ length: count }, () => [])
  for (const arc of arcs) groups[arc[by]]?.push(arc)
  return groups
}
