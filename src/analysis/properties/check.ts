/**
 * Whether what is claimed of a graph's runs holds: by the order of steps where that says it, else by a search of the composed
 * net with the claim beside it as a monitor.
 */
import {
  type Graph,
  type PlacedProperty,
  placedProperties,
  type Property,
  propertyText,
  type StepRef,
} from '../../core/index.ts'
import { type Budget, type Sliced, spent } from '../net/budget.ts'
import type { Spent } from '../net/verdict.ts'
import { partOf } from '../search/part-budget.ts'
import { composeGraph } from '../workflow/compose.ts'
import type { Composed } from '../workflow/composed.ts'
import { checkNetAlone, composeNetAlone } from '../workflow/nets.ts'
import { assumptionsOf } from './assumptions.ts'
import { confirm } from './confirm.ts'
import { decide, type Decided } from './decide.ts'
import { beginsEarly, isUnlikeMilestones } from './milestones.ts'
import { isInEach, isInUncounted, Outline } from './outline.ts'
import type { PropertyResult, Run, Shown } from './result.ts'
import { holdsByStructure } from './structure.ts'
import { unseenOf } from './unseen.ts'
import { watch } from './watched.ts'
import { becauseOf, eventsOf } from './words.ts'

/** One answer for each property, in the order of the text. */
export function* checkProperties(graph: Graph, budget: Budget): Sliced<readonly PropertyResult[]> {
  const placed = placedProperties(graph)
  if (placed.length === 0) return []
  const checking = newChecking(graph)
  const results: PropertyResult[] = []
  for (const [index, each] of placed.entries()) {
    yield
    // What this one may take of what is left, from when its net is there.
    const share = (): Budget => partOf(budget, { ms: (budget.endsAtMs - performance.now()) / (placed.length - index) })
    results.push(yield* checkOne(checking, each, share))
  }
  return results
}

interface Checking {
  readonly graph: Graph
  readonly outline: Outline
  /** Free-form nets by path: whether one by itself always ends well. */
  readonly nets: Map<string, boolean>
  /** With so many items of each `each` side by side. */
  composed(items: number): Composed
}

function newChecking(graph: Graph): Checking {
  const made = new Map<number, Composed>()
  return {
    graph,
    outline: new Outline(graph),
    nets: new Map(),
    composed: items => {
      const known = made.get(items)
      if (known) return known
      const composed = composeGraph(graph, { items, failures: 'shown', interrupts: 'at once' })
      made.set(items, composed)
      return composed
    },
  }
}

function* checkOne(checking: Checking, placed: PlacedProperty, share: () => Budget): Sliced<PropertyResult> {
  const { property, around } = placed
  const { graph, outline } = checking
  const about = {
    property,
    text: propertyText(property, nameIn(outline, around)),
    around,
    ...(property.at ? { at: property.at } : {}),
  }
  const items = itemsFor(outline, placed)
  if (holdsByStructure(outline, placed) && unseenOf(graph, placed, outline).length === 0)
    return { ...about, kind: 'holds', by: 'order', states: 0, assumptions: assumptionsOf(graph, property, []) }
  const late = spent(share(), { bytes: 0, states: 0 })
  if (late !== undefined) {
    const nothing = { kind: 'unknown', why: late, states: 0 } as const
    return { ...about, ...nothing, why: whyOf(nothing, []), assumptions: assumptionsOf(graph, property, []) }
  }
  const composed = checking.composed(items.count)
  const { quest, original } = watch(composed, placed)
  const budget = share()
  const decided = yield* decide(quest, budget)
  const told = { ...about, states: decided.states }
  const unseen = unseenOf(graph, placed, outline, composed)
  const shown = decided.kind === 'can' ? shownOf(composed, original(decided.run)) : undefined
  const choices = [...(shown?.events ?? []), ...(shown?.cycle ?? [])]
  const assumptions = assumptionsOf(graph, property, choices)
  const answer = answerOf(placed, decided)
  const isOver = (): boolean => spent(budget, { bytes: 0, states: 0 }) !== undefined
  const confirmation =
    shown && answer === 'violated' ? confirm(graph, placed, composed, shown.run, isOver) : 'not played'
  const doubt =
    answer === 'violated' && uncountedIn(outline, placed) !== undefined
      ? uncountedIn(outline, placed)
      : answer === 'unknown' || confirmation === 'confirmed'
        ? undefined
        : confirmation === 'differs'
          ? 'The run that was found came out otherwise in the engine'
          : yield* doubtOf(checking, placed, { composed, shown }, budget)
  if (doubt !== undefined)
    return { ...told, kind: 'unknown', why: { kind: 'spent', by: 'coarse', text: doubt }, assumptions }
  if (answer === 'unknown' || !standsUnseen(placed, answer, unseen))
    return { ...told, kind: 'unknown', why: whyOf(decided, unseen), assumptions }
  if (answer === 'holds')
    return items.isEnough
      ? { ...told, kind: 'holds', by: 'search', assumptions, ...(shown ? { shown } : {}) }
      : { ...told, kind: 'unknown', why: { kind: 'unseen', text: ITEMS }, assumptions }
  const because = becauseOf(property, which => namesOf(property, which, nameIn(outline, around)), shown?.run)
  const taken = shown && confirmation === 'not played' ? [...assumptions, NOT_PLAYED] : assumptions
  return { ...told, kind: 'violated', because, assumptions: taken, ...(shown ? { shown } : {}) }
}

/** Items of an each that are looked at side by side. */
const ITEMS_MAX = 4
const ITEMS = `More items of an each may run at once than the ${ITEMS_MAX} that are looked at`

/** Nor does the engine know how many turns values allow. A sentence. */
function uncountedIn(outline: Outline, { meant }: PlacedProperty): string | undefined {
  const rest = meant.flat().find(path => {
    const spot = outline.spot(path)
    return spot !== undefined && isInUncounted(spot)
  })
  return rest && `Of the items or turns that ${rest} is part of, more were looked at than there are`
}

const NOT_PLAYED = 'The engine goes the way of the net: this run was not played in it'

/** Where the net shows other runs than there are: a sentence. */
function* doubtOf(
  { outline, nets }: Checking,
  { meant }: PlacedProperty,
  { composed, shown }: { readonly composed: Composed; readonly shown: Shown | undefined },
  budget: Budget,
): Sliced<string | undefined> {
  for (const { path, shown, node } of outline.nets()) {
    if (node.kind !== 'net') continue
    let isSound = nets.get(path)
    if (isSound === undefined) {
      isSound = (yield* checkNetAlone(composeNetAlone({ path, shown, node }, node), budget)).kind === 'sound'
      nets.set(path, isSound)
    }
    if (!isSound) return `The net ${shown} does not always end well, so what else happens hangs on that`
  }
  const odd = outline.odd()
  if (odd) return `What ${odd.shown} may come to is not looked into as the engine does it`
  const early = meant.flat().find(path => {
    const spot = outline.spot(path)
    return spot !== undefined && beginsEarly(spot)
  })
  if (early !== undefined) return `When ${early} may begin in a milestone that is left again is not looked into`
  return shown && isUnlikeMilestones(composed, shown.run.trace)
    ? 'The run that was found goes on with, or leaves, a milestone as the engine does not'
    : undefined
}

/** What was looked for is wrong, but of `reachable`, where it is what should be. */
function answerOf({ property }: PlacedProperty, decided: Decided): 'holds' | 'violated' | 'unknown' {
  if (decided.kind === 'unknown') return 'unknown'
  return (decided.kind === 'can') === (property.kind === 'reachable') ? 'holds' : 'violated'
}

/** Whether an answer stands whatever is done where nobody looks: a run that is wrong by what it does, not by what it lacks. */
function standsUnseen(
  { property: { kind } }: PlacedProperty,
  answer: 'holds' | 'violated',
  unseen: readonly string[],
): boolean {
  if (unseen.length === 0) return true
  switch (kind) {
    case 'never':
    case 'atMost':
    case 'exclusive':
    case 'absent':
      return answer === 'violated'
    case 'reachable':
      return answer === 'holds'
    default:
      return false
  }
}

function whyOf(decided: Decided, unseen: readonly string[]): Extract<PropertyResult, { kind: 'unknown' }>['why'] {
  if (unseen.length > 0) return { kind: 'unseen', text: unseen.join('; ') }
  const by = decided.kind === 'unknown' ? decided.why : 'time'
  return { kind: 'spent', by, text: `${SPENT[by]} after ${decided.states.toLocaleString('en')} markings` }
}

const SPENT: { readonly [why in Spent]: string } = {
  time: 'The time was over',
  memory: 'The memory was used up',
  states: 'The search was given up',
  interrupted: 'The check was interrupted',
  coarse: 'not all of it is seen',
}

function shownOf(composed: Composed, run: Run): Shown {
  return { run, events: eventsOf(composed, run.trace), cycle: eventsOf(composed, run.cycle ?? []) }
}

function namesOf(property: Property, which: 'a' | 'b', name: (ref: StepRef) => string): string {
  const steps = which === 'a' ? property.a : 'b' in property ? property.b : []
  return steps.map(name).join(property.kind === 'atMost' ? ', ' : ' or ')
}

/** A step by the names that people see. */
const nameIn =
  (outline: Outline, around: string) =>
  (ref: StepRef): string => {
    if (ref.kind === 'calls') return ref.name
    const spot = outline.spot(outline.regionUp(around, ref.up) + ref.path)
    return spot?.node.name ?? ref.path
  }

/** How many of them tell all there is, and whether there may be more. */
function itemsFor(
  outline: Outline,
  { property, meant }: PlacedProperty,
): { readonly count: number; readonly isEnough: boolean } {
  const spots = meant.flat().flatMap(path => outline.spot(path) ?? [])
  if (!spots.some(isInEach)) return { count: 1, isEnough: true }
  const wanted = property.kind === 'atMost' ? property.count + 1 : 2
  const count = Math.max(2, Math.min(wanted, ITEMS_MAX))
  return { count, isEnough: wanted <= count }
}
