/**
 * The net of a region: what can happen in one scope. It is what the engine plays and what the analysis verifies.
 *
 * An ordinary place/transition net in compressed sparse rows (two flat arrays a relation, the second sliced by the first).
 * Tokens carry no values. Node k has the place `running` between three transitions:
 *
 *     edges in -> [open k] -> (running k) -> [pass k] -> edges out
 *                                         -> [fail k] -> (x)
 *
 *   N1. Places 0, 1, 2 are start, end `o` and exit `x`; transitions 0, 1 are `begin` and `end`.
 *   N2. A silent transition shares no input place with any other, so the order of silent firings does not matter.
 *   N3. A token in `o` is the last one: `end` takes one from every node that nobody waits for.
 */
export interface Net {
  readonly placeCount: number
  readonly transitionCount: number
  /** Input places of transition t: `pre[preStart[t] .. preStart[t + 1])`. */
  readonly preStart: Uint32Array
  readonly pre: Uint32Array
  readonly postStart: Uint32Array
  readonly post: Uint32Array
  /** Transitions that consume from place p. */
  readonly consumerStart: Uint32Array
  readonly consumers: Uint32Array
}

export const START = 0
export const END = 1
export const EXIT = 2

export const BEGIN = 0
export const FINISH = 1

/** The `running` place of node k. */
export const runningPlace = (node: number): number => 3 + node

export const openTransition = (node: number): number => 2 + 3 * node
export const passTransition = (node: number): number => 3 + 3 * node
export const failTransition = (node: number): number => 4 + 3 * node

export type Role =
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'open' | 'pass' | 'fail'; readonly node: number }

const NODE_ROLES = ['open', 'pass', 'fail'] as const

/** What a transition stands for in its region. */
export function roleOf(transition: number): Role {
  if (transition === BEGIN) return { kind: 'begin' }
  if (transition === FINISH) return { kind: 'end' }
  const offset = transition - 2
  return { kind: NODE_ROLES[offset % 3] ?? 'open', node: Math.floor(offset / 3) }
}

/** Silent transitions fire by themselves as soon as they are enabled; the others fire by an event. */
export const isSilent = (transition: number): boolean => transition < 2 || (transition - 2) % 3 === 0
