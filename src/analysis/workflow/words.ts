/**
 * A violation in the user's steps, as data: what had to be chosen, what waits for what, what is left or never runs. Text is
 * made of it where it is shown.
 */
import type { Position } from '../../core/index.ts'
import { fireIn } from '../net/petri-net.ts'
import type { Violation, ViolationKind } from '../net/verdict.ts'
import type { Composed, Deed, Meaning, StepAt } from './composed.ts'
import { follow, type Holders, holdersAround, type Instance, isInside, lockNameOf } from './holding.ts'

export interface Counterexample {
  readonly kind: ViolationKind
  /** Where it is about one free-form net: that step. */
  readonly net?: Seen
  /** What had to turn out so, in this order; nothing that had no other way. */
  readonly choices: readonly Choice[]
  /** Where it ends: what can never go on. */
  readonly waits: readonly Wait[]
  /** Of a free-form net: tokens where it ends. */
  readonly tokens: readonly { readonly place: string; readonly count: number }[]
  /** Steps, and transitions of free-form nets, that can never begin. */
  readonly dead: readonly { readonly step: Seen; readonly transition?: string }[]
  /** The calls of which the last enters again one of those before it, without end. */
  readonly calls: readonly Seen[]
  /** All that happened, step by step. */
  readonly way: readonly Happening[]
}

/** A step of the graph as it is shown. */
export interface Seen {
  readonly path: string
  readonly name: string
  readonly at?: Position
  /** Which of the items, from 1, of each `each` around it. */
  readonly items: readonly number[]
}

export interface Choice {
  readonly step: Seen
  readonly what: 'fails' | 'times out' | 'chooses' | 'cancels' | 'fires'
  readonly label?: string
  /** `data`: hangs on a guard that the check takes as free. */
  readonly by: 'data' | 'items' | 'world'
}

export type Wait =
  | {
      readonly kind: 'lock'
      /** What wants it. */
      readonly step: Seen
      readonly locks: readonly { readonly name: string; readonly holder: Seen | undefined }[]
      /** What stands around it and holds something meanwhile. */
      readonly inside: readonly { readonly step: Seen; readonly locks: readonly string[] }[]
    }
  | { readonly kind: 'step'; readonly step: Seen; readonly after: readonly Seen[] }

export interface Happening {
  readonly step: Seen | undefined
  readonly deed: Deed
}

export function wordsOf(composed: Composed, violation: Violation): Counterexample {
  const { meanings, net } = composed
  const marking = net.initial.slice()
  const holders: Holders = new Map()
  const way: Happening[] = []
  for (const transition of violation.trace) {
    const meaning = meanings[transition]!
    fireIn(net, marking, transition)
    follow(holders, meaning)
    if (meaning.deed.kind !== 'moves')
      way.push({ step: meaning.step && seen(meaning.step, meaning.items), deed: meaning.deed })
  }
  const isStuck = violation.kind === 'deadlock' || violation.kind === 'no-completion'
  const waits = isStuck ? waitsIn(composed, marking, holders) : []
  const stuck = isStuck ? activeIn(composed, marking) : []
  return {
    kind: violation.kind,
    ...netOf(composed),
    choices: choicesOf(
      violation.trace.map(transition => meanings[transition]!),
      stuck,
    ),
    waits,
    tokens: tokensIn(composed, marking, violation),
    dead: violation.transitions.flatMap(transition => deadOf(meanings[transition]!)),
    calls: [],
    way,
  }
}

/** Of calls that never come back. */
export const wordsOfCalls = (calls: readonly StepAt[]): Counterexample => ({
  kind: 'no-completion',
  choices: [],
  waits: [],
  tokens: [],
  dead: [],
  calls: calls.map(step => seen(step, [])),
  way: [],
})

const seen = ({ path, shown, at }: StepAt, items: readonly number[]): Seen => ({
  path,
  name: shown,
  ...(at ? { at } : {}),
  items: items.map(item => item + 1),
})

const seenInstance = ({ step, items }: Instance): Seen => seen(step, items)

/** A net that is about one step alone has nothing but tokens. */
function netOf({ places }: Composed): { readonly net?: Seen } {
  const first = places[0]
  return first?.kind === 'token' ? { net: seen(first.step, []) } : {}
}

/** Those that what is stuck stands in, or that belong to it: others had to be made, too, but change nothing. */
function choicesOf(trace: readonly Meaning[], stuck: readonly Instance[]): readonly Choice[] {
  const found: Choice[] = []
  for (const { step, deed, items } of trace) {
    const choice = choiceOf(deed)
    if (!step || !choice || (stuck.length > 0 && !stuck.some(each => isAbout(step, each.step)))) continue
    found.push({ step: seen(step, items), ...choice })
  }
  return found
}

function choiceOf(deed: Deed): Omit<Choice, 'step'> | undefined {
  switch (deed.kind) {
    case 'fails':
      return { what: 'fails', by: 'world' }
    case 'times-out':
      return { what: 'times out', by: 'world' }
    case 'cancels':
      return { what: 'cancels', by: 'world' }
    case 'fires':
      return { what: 'fires', label: deed.label, by: 'data' }
    case 'chooses':
      return deed.guard === 'handler' ? undefined : { what: 'chooses', label: deed.label, by: deed.guard }
    default:
      return undefined
  }
}

/** Whether a choice of `step` has to do with one that is stuck: around it, or in the same outermost step. */
function isAbout(step: StepAt, stuck: StepAt): boolean {
  if (isInside(stuck, step) || step.path === stuck.path) return true
  const outermost = (path: string): string => path.split(/[/.[]/, 1)[0] ?? path
  return step.path !== outermost(step.path) && outermost(step.path) === outermost(stuck.path)
}

function activeIn({ places }: Composed, marking: Uint32Array): readonly Instance[] {
  return places.flatMap((place, index) => {
    if (marking[index] === 0) return []
    if (place.kind === 'active' || place.kind === 'token')
      return [{ step: place.step, items: 'items' in place ? place.items : [] }]
    return place.kind === 'edge' && place.to && place.comes === 'value' ? [{ step: place.to, items: place.items }] : []
  })
}

/** What stands ready and cannot begin, and why. */
function waitsIn(composed: Composed, marking: Uint32Array, holders: Holders): readonly Wait[] {
  const { meanings, net, places } = composed
  const locks: Wait[] = []
  const steps: Wait[] = []
  meanings.forEach(({ step, deed, items, takes }, transition) => {
    if (!step || deed.kind !== 'begins') return
    const missing: number[] = []
    let isReady = false
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++) {
      const place = net.pre[at]!
      if (marking[place]! < net.preWeight[at]!) missing.push(place)
      else if (places[place]?.kind === 'edge') isReady = true
    }
    if (!isReady || missing.length === 0 || !missing.every(place => takes.includes(place))) return
    locks.push({
      kind: 'lock',
      step: seen(step, items),
      locks: missing.map(place => {
        const holder = holders.get(place)
        return { name: lockNameOf(composed, place), holder: holder && seenInstance(holder) }
      }),
      inside: holdersAround(holders, { step, items }).map(({ instance, locks: held }) => ({
        step: seenInstance(instance),
        locks: held.map(place => lockNameOf(composed, place)),
      })),
    })
  })
  for (const [, { to, items, from }] of halfReady(composed, marking))
    steps.push({ kind: 'step', step: seen(to, items), after: from.map(step => seen(step, items)) })
  return [...locks, ...steps]
}

interface Half {
  readonly to: StepAt
  readonly items: readonly number[]
  readonly from: readonly StepAt[]
}

/** Steps some of whose predecessors have come to rest, and others have not. */
function halfReady({ net, meanings, places }: Composed, marking: Uint32Array): ReadonlyMap<string, Half> {
  const found = new Map<string, Half>()
  meanings.forEach(({ step, deed }, transition) => {
    if (step || deed.kind !== 'moves') return
    const missing: StepAt[] = []
    let target: { to: StepAt; items: readonly number[] } | undefined
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++) {
      const place = places[net.pre[at]!]
      if (place?.kind !== 'edge' || place.comes !== 'value') return
      if (marking[net.pre[at]!]! > 0) {
        if (place.to) target = { to: place.to, items: place.items }
      } else if (place.from) missing.push(place.from)
    }
    if (target && missing.length > 0)
      found.set(`${target.to.path} ${target.items.join()}`, { ...target, from: missing })
  })
  return found
}

function tokensIn({ places }: Composed, marking: Uint32Array, { kind }: Violation): Counterexample['tokens'] {
  if (kind === 'dead-transition') return []
  return places.flatMap((place, index) =>
    place.kind === 'token' && marking[index]! > 0 ? [{ place: place.name, count: marking[index]! }] : [],
  )
}

const deadOf = ({ step, deed }: Meaning): Counterexample['dead'] =>
  step ? [{ step: seen(step, []), ...(deed.kind === 'fires' ? { transition: deed.label } : {}) }] : []
