/** Plays a counterexample and says whether it shows what it claims. */
import { finish, newBudget } from '../net/budget.ts'
import { fireIn, isEnabled, type PetriNet } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import { explore } from '../search/explore.ts'
import { flowOf } from '../search/firing.ts'
import { neverFed, trapBesideEnd } from './structure.ts'

/** `unproved`: it fires, but that the end is out of reach, or that a transition never fires, takes a larger search. */
export type Verified = { readonly kind: 'holds' | 'unproved' } | { readonly kind: 'fails'; readonly because: string }

const HOLDS: Verified = { kind: 'holds' }
const fails = (because: string): Verified => ({ kind: 'fails', because })

/** States that a proof by search may take. */
const PROOF = { ms: 2_000, states: 300_000 }

export function verifyViolation(net: PetriNet, violation: Violation): Verified {
  const marking = net.initial.slice()
  for (const [index, t] of violation.trace.entries()) {
    if (!isEnabled(net, marking, t)) return fails(`step ${index} (${net.transitions[t]}) is not enabled`)
    fireIn(net, marking, t)
  }
  return verifyEnd(net, violation, marking)
}

function verifyEnd(net: PetriNet, { kind, trace, transitions }: Violation, marking: Uint32Array): Verified {
  const isEqual = marking.every((tokens, place) => tokens === net.final[place])
  switch (kind) {
    case 'deadlock':
      if (isEqual) return fails('it is the end')
      return net.transitions.some((_, t) => isEnabled(net, marking, t)) ? fails('something is enabled') : HOLDS
    case 'improper-completion':
      return !isEqual && isAtLeast(marking, net.final) ? HOLDS : fails('it is not above the end')
    case 'unbounded':
      return coversEarlier(net, trace, marking) ? HOLDS : fails('it covers no earlier marking')
    case 'no-completion':
      return verifyOutOfReach(net, marking)
    case 'dead-transition':
      return transitions.length === 0 ? fails('it names no transition') : verifyDead(net, transitions)
    case 'not-a-workflow-net':
      return HOLDS
  }
}

const isAtLeast = (marking: Uint32Array, other: Uint32Array): boolean =>
  marking.every((tokens, place) => tokens >= other[place]!)

/** Plays it again, and counts the places that hold more, and fewer, than they do at last. */
function coversEarlier(net: PetriNet, trace: readonly number[], last: Uint32Array): boolean {
  const marking = net.initial.slice()
  let more = 0
  let fewer = 0
  const count = (place: number, by: 1 | -1): void => {
    if (marking[place]! > last[place]!) more += by
    if (marking[place]! < last[place]!) fewer += by
  }
  for (let place = 0; place < marking.length; place++) count(place, 1)
  for (const t of trace) {
    if (more === 0 && fewer > 0) return true
    const touched = new Set([
      ...net.pre.subarray(net.preStart[t], net.preStart[t + 1]),
      ...net.post.subarray(net.postStart[t], net.postStart[t + 1]),
    ])
    for (const place of touched) count(place, -1)
    fireIn(net, marking, t)
    for (const place of touched) count(place, 1)
  }
  return false
}

function verifyOutOfReach(net: PetriNet, marking: Uint32Array): Verified {
  const trap = trapBesideEnd(net, flowOf(net))
  if (marking.some((tokens, place) => tokens > 0 && trap[place] === 1)) return HOLDS
  let final: number | undefined
  const exploration = finish(
    explore(
      { ...net, initial: marking },
      {
        budget: newBudget(PROOF),
        visit: ({ state, player }) => {
          if (!net.final.every((tokens, place) => tokens === player.tokens[place])) return 'go on'
          final = state
          return 'stop'
        },
      },
    ),
  )
  if (final !== undefined) return fails('the end can still be reached')
  return exploration.stopped ? { kind: 'unproved' } : HOLDS
}

function verifyDead(net: PetriNet, transitions: readonly number[]): Verified {
  const unfed = new Set(neverFed(net, flowOf(net)))
  const open = new Set(transitions.filter(t => !unfed.has(t)))
  if (open.size === 0) return HOLDS
  let fired: number | undefined
  const exploration = finish(
    explore(net, {
      budget: newBudget(PROOF),
      visit: ({ enabled }) => {
        fired = enabled.find(t => open.has(t))
        return fired === undefined ? 'go on' : 'stop'
      },
    }),
  )
  if (fired !== undefined) return fails(`${net.transitions[fired]} can fire`)
  return exploration.stopped ? { kind: 'unproved' } : HOLDS
}
