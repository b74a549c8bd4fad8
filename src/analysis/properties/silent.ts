/**
 * What of a composed net happens by itself, at once, before anything else can: joins, the ends of scopes, what an interruption
 * passes on, the beginning of what only holds others. The engine does all that within one turn; a search that does not would
 * find runs in which a step begins after a race is won that it has lost.
 *
 *   P5. Nothing is silent that the engine may put off: attempts, grants, choices, clocks, signals, the next try of a body.
 */
import type { Node } from '../../core/index.ts'
import type { Composed, Meaning } from '../workflow/composed.ts'

export function silentOf({ net, meanings }: Composed): Uint8Array {
  const asked = new Uint8Array(net.places.length)
  const inputsOf = (transition: number): Uint32Array =>
    net.pre.subarray(net.preStart[transition]!, net.preStart[transition + 1]!)
  meanings.forEach(({ deed }, transition) => {
    if (deed.kind === 'chooses') for (const place of inputsOf(transition)) asked[place] = 1
  })
  return Uint8Array.from(meanings, (meaning, transition) =>
    isSilent(meaning, () => inputsOf(transition).some(place => asked[place] === 1)) ? 1 : 0,
  )
}

/** `isAnswer`: whether it takes from where a choice is waited for, so that it is one. */
function isSilent({ step, deed, takes, gives }: Meaning, isAnswer: () => boolean): boolean {
  const node = step?.node
  switch (deed.kind) {
    case 'moves':
      return !(node?.kind === 'attempt' && node.policy.retry !== undefined) && !isAnswer()
    case 'skipped':
      return true
    case 'passed-over':
      // Who has waited for a lock as well must be granted it first.
      return gives.length > 0 || (node?.policy.locks ?? []).length === 0
    case 'begins':
      return node !== undefined && takes.length === 0 && !isWork(node)
    case 'passes':
      return node !== undefined && !isWork(node) && node.kind !== 'wait'
    case 'fails':
      return node !== undefined && !isWork(node) && node.kind !== 'wait' && !isAnswer()
    case 'interrupted':
      return node !== undefined && !isWork(node)
    default:
      return false
  }
}

/** What is one piece for the net, and takes its time. */
function isWork(node: Node): boolean {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'source':
    case 'service':
    case 'flow':
    case 'net':
      return true
    case 'call':
      return node.recurs !== undefined
    default:
      return false
  }
}
