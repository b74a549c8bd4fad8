/**
 * Whether a run of a graph can have been told what a run of another graph was told, and what of it: asked of the reference
 * interpreter, which knows nothing of moves and shares no line with the engine. Of the past is asked less, and more, than of
 * what happens now:
 *
 *   V1. Values are believed: what was given, chosen, counted and keyed; when a timer is due, and who took a signal.
 *   V2. Whether a failure is the last one is a matter of policy: it may have been tried again, parked or final.
 *   V3. It does not matter who stopped a step, nor why something could not be evaluated.
 *   V4. A step that has taken part is of the same kind, and its items are grouped in the same way.
 */
import type { Event } from '../../../src/core/engine/protocol.ts'
import type { Graph, Node } from '../../../src/core/graph/graph.ts'
import type { Behaviour } from '../behaviour.ts'
import { Disagreement, Reference } from '../reference.ts'
import { TokenGame } from '../token-game.ts'
import type { Entry } from '../world.ts'

export interface Question {
  readonly before: Graph
  readonly after: Graph
  readonly behaviour: Behaviour
  readonly entries: readonly Entry[]
}

export interface Answer {
  /** The first event that cannot have happened, from 0. */
  readonly obstacle: { readonly at: number; readonly reason: string } | undefined
  /** Events of which the reference does not know it, because they hang on a jitter. */
  readonly unsure: ReadonlySet<number>
}

export function ask({ before, after, behaviour, entries }: Question): Answer {
  const [was, now] = [before, after].map(graph => new Reference(graph, behaviour, new TokenGame())) as [
    Reference,
    Reference,
  ]
  const unsure = new Set<number>()
  let at = 0
  for (const entry of entries) {
    if (entry.events.length === 0) continue
    const event = entry.events[0]!
    if (event.kind === 'timer.fired' && event.timer === 'retry' && now.isDueByChance(event.step)) unsure.add(at)
    const reason = otherNode(was, now, event) ?? disagreementOf(() => now.compareForeign(past(entry)))
    if (reason !== undefined) return { obstacle: { at, reason }, unsure }
    for (const each of entry.events) {
      was.follow(each)
      now.follow(each)
    }
    at += entry.events.length
  }
  return { obstacle: undefined, unsure }
}

function disagreementOf(compare: () => void): string | undefined {
  try {
    compare()
    return undefined
  } catch (error) {
    if (error instanceof Disagreement) return error.message
    throw error
  }
}

/** V4. */
function otherNode(was: Reference, now: Reference, event: Event): string | undefined {
  const step = 'call' in event && event.call ? event.call.flow : 'step' in event ? event.step : undefined
  const [old, next] = [was, now].map(each => (step === undefined ? undefined : each.nodeOf(step)))
  if (!old || !next) return undefined
  if (old.kind !== next.kind) return `${step} was a ${old.kind} and is a ${next.kind}`
  if (event.kind === 'items.added' && batchOf(old) !== batchOf(next)) return `${step} has other batches`
  return undefined
}

const batchOf = (node: Node): number | undefined => (node.kind === 'each' ? node.batch : undefined)

/** V1 and V3: the entry with the input that leaves open what is not asked. */
function past(entry: Entry): Entry {
  const { input } = entry
  const event = entry.events[0]!
  const { atMs } = event
  switch (event.kind) {
    case 'signal.received':
      if (input.kind !== 'signal.sent' || event.step === undefined) return entry
      return { ...entry, input: { ...input, step: event.step } }
    case 'step.stopped':
      return { ...entry, input: { kind: 'cancel.requested', reason: '', step: event.step, atMs } }
    case 'step.settled': {
      const { outcome, step } = event
      if (event.attempt > 0 || outcome.kind !== 'failed') return entry
      if (input.kind === 'branch.evaluated' || input.kind === 'items.evaluated')
        return { ...entry, input: { kind: input.kind, step, result: outcome, atMs } }
      return entry
    }
    default:
      return entry
  }
}
