/**
 * What of a composed net happens by itself, at once, before anything else can: joins, the ends of scopes, what an interruption
 * passes on, the beginning of what only holds others. The engine does all that within one turn; a search that does not would
 * find runs in which a step begins after a race is won that it has lost.
 *
 * What a milestone holds is entered by and by here, so that there are the runs as well in which it is left since nothing in it
 * has begun; ./milestones.ts knows the runs that there are not.
 *
 *   P5. Nothing is silent that the engine may put off: attempts, grants, choices, clocks, signals, the next try of a body.
 */
import type { Node } from '../../core/index.ts'
import type { Composed, Deed, Meaning } from '../workflow/composed.ts'

export function silentOf({ net, meanings }: Composed): Uint8Array {
  const inputsOf = (transition: number): Uint32Array =>
    net.pre.subarray(net.preStart[transition]!, net.preStart[transition + 1]!)
  const inputsOfAll = (kind: Deed['kind']): ReadonlySet<number> =>
    new Set(meanings.flatMap(({ deed }, transition) => (deed.kind === kind ? [...inputsOf(transition)] : [])))
  /** Where a choice is waited for, and where a milestone may be left. */
  const [asked, left] = [inputsOfAll('chooses'), inputsOfAll('passed-over')]
  return Uint8Array.from(meanings, (meaning, transition) => {
    const takesOf = (places: ReadonlySet<number>): boolean => inputsOf(transition).some(place => places.has(place))
    return isSilent(meaning, { isAnswer: () => takesOf(asked), entersMilestone: () => takesOf(left) }) ? 1 : 0
  })
}

interface Takes {
  isAnswer(): boolean
  entersMilestone(): boolean
}

function isSilent({ step, deed, takes, gives }: Meaning, { isAnswer, entersMilestone }: Takes): boolean {
  const node = step?.node
  switch (deed.kind) {
    case 'moves':
      return !(node?.kind === 'attempt' && node.policy.retry !== undefined) && !isAnswer() && !entersMilestone()
    case 'skipped':
      return true
    case 'passed-over':
      // Who has waited for a lock as well must be granted it first.
      return gives.length > 0 || (node?.policy.locks ?? []).length === 0
    case 'begins':
      return node !== undefined && takes.length === 0 && !isWork(node) && !isMilestone(node)
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

/** It is granted. */
const isMilestone = (node: Node): boolean => node.kind === 'scope' && node.until !== undefined

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
