/**
 * A net as JSON -> RawNet: `{ "places": [id], "transitions": [id], "arcs": [[from, to, weight?]], "init", "final" }`, where a
 * marking is the id of its one place or `{ id: tokens }`.
 */
import { type Diagnostic, Refusal } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Arc } from '../net/petri-net.ts'
import { type RawNet, tooHeavy } from './raw-net.ts'

export const isNetJson = (value: unknown): value is NetJson =>
  isRecord(value) &&
  Array.isArray(value['places']) &&
  Array.isArray(value['transitions']) &&
  Array.isArray(value['arcs'])

interface NetJson {
  readonly name?: unknown
  readonly places: readonly unknown[]
  readonly transitions: readonly unknown[]
  readonly arcs: readonly unknown[]
  readonly init?: unknown
  readonly final?: unknown
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function readNetJson(file: string, json: NetJson): RawNet {
  const problems: Diagnostic[] = []
  const complain = (message: string, hint: string): void => {
    if (problems.length < PROBLEMS_MAX)
      problems.push({ code: 'NET_INVALID', severity: 'error', message: `${file}: ${message}`, hint })
  }
  const placeAt = indexed(json.places, 'place', complain)
  const transitionAt = indexed(json.transitions, 'transition', complain)
  for (const id of transitionAt.keys())
    if (placeAt.has(id)) complain(`${id} is a place and a transition`, 'Each needs an id of its own.')
  const inputs: Arc[] = []
  const outputs: Arc[] = []
  for (const [index, arc] of json.arcs.entries()) {
    const [from, to, weight = 1] = Array.isArray(arc) ? (arc as unknown[]) : []
    if (typeof from !== 'string' || typeof to !== 'string' || !isCount(weight, 1)) {
      complain(`arc ${index} is not [from, to] or [from, to, weight]`, 'A weight is a whole number from 1.')
      continue
    }
    const place = placeAt.get(from) ?? placeAt.get(to)
    const transition = transitionAt.get(from) ?? transitionAt.get(to)
    if (place === undefined || transition === undefined) {
      const missing = placeAt.has(from) || transitionAt.has(from) ? to : from
      complain(`arc ${index} joins ${from} and ${to}, which are not a place and a transition`, near(missing, json))
    } else (placeAt.has(from) ? inputs : outputs).push({ place, transition, weight })
  }
  const heavy = tooHeavy(inputs) ?? tooHeavy(outputs)
  if (heavy) {
    const between = [json.places[heavy.place], json.transitions[heavy.transition]].map(String).join(' and ')
    complain(`the arcs between ${between} weigh too much together`, 'At most 4294967295.')
  }
  const marking = (what: 'init' | 'final', value: unknown): ReadonlyMap<number, number> => {
    const tokens = new Map<number, number>()
    const entries = typeof value === 'string' ? [[value, 1] as const] : isRecord(value) ? Object.entries(value) : []
    if (value !== undefined && typeof value !== 'string' && !isRecord(value))
      complain(`${what} is no marking`, 'It is the id of a place, or { "id": tokens }.')
    for (const [id, count] of entries) {
      const place = placeAt.get(id)
      if (place === undefined) complain(`${what} names ${id}, which is no place`, near(id, json))
      else if (!isCount(count, 0))
        complain(`${what} has no number of tokens for ${id}`, 'It is a whole number from 0 to 4294967295.')
      else if (count > 0) tokens.set(place, count)
    }
    return tokens
  }
  const initial = marking('init', json.init)
  const final = marking('final', json.final)
  if (problems.length > 0) throw new Refusal(problems)
  const names = (list: readonly unknown[]): readonly string[] => list.map(String)
  return {
    name: typeof json.name === 'string' ? json.name : file,
    places: names(json.places),
    transitions: names(json.transitions),
    inputs,
    outputs,
    initial,
    finals: final.size > 0 ? [final] : [],
  }
}

const PROBLEMS_MAX = 20

const isCount = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 0xffff_ffff

type Complain = (message: string, hint: string) => void

function indexed(ids: readonly unknown[], kind: string, complain: Complain): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  ids.forEach((id, index) => {
    if (typeof id !== 'string') complain(`${kind} ${index} has no id`, 'An id is a text.')
    else if (found.has(id)) complain(`the ${kind} ${id} is given twice`, 'Each needs an id of its own.')
    else found.set(id, index)
  })
  return found
}

const NAMES_MAX = 5_000

function near(id: string, { places, transitions }: NetJson): string {
  const names = places.length + transitions.length > NAMES_MAX ? [] : [...places, ...transitions].map(String)
  const found = nearestName(id, names)
  return found === undefined ? 'Each name must be that of a place or of a transition.' : `Did you mean ${found}?`
}
