/**
 * Whether a run of a graph can have been told what a run of another graph was told, and what of it: asked of the reference
 * interpreter, which knows nothing of moves and shares no line with the engine. Of the past is asked less, and more, than of
 * what happens now:
 *
 *   O1. Values are believed: what was given, chosen, counted and keyed; when a timer is due, and who took a signal.
 *   O2. Whether a failure is the last one is a matter of policy: it may have been tried again, parked or final.
 *   O3. It does not matter who stopped a step, nor why something could not be evaluated.
 *   O4. A step that has taken part is of the same kind, and its items are grouped in the same way.
 */
import type { Event } from '../../../src/core/engine/protocol.ts'
import type { Graph, Node } from '../../../src/core/graph/graph.ts'
import type { Behaviour } from '../behaviour.ts'
import { Disagreement, Reference } from '../reference.ts'
import { TokenGame } from '../token-game.ts'
import type { Entry } from '../world.ts'

export interface Answer {
  /** The first event that cannot have happened, from 0. */
  readonly obstacle: { readonly at: number; readonly reason: string } | undefined
  /** Events of which the reference does not know it, because they hang on a jitter. */
  readonly unsure: ReadonlySet<number>
  /** What is asked about the next graph, once the run is one of this. */
  readonly next: Oracle
}

/** An entry that brought something, and the node that it is about, in the graph that the run was of by then. */
interface Past {
  readonly entry: Entry
  readonly node: Node | undefined
}

/** Knows a run up to some entry, as one of its graph. */
export class Oracle {
  readonly #behaviour: Behaviour
  readonly #reference: Reference
  readonly #past: Past[] = []
  /** Entries that it has followed. */
  #followed = 0
  /** Events of earlier lives, of which only the arguments are left. */
  #earlier = 0
  #args: EventOf<'run.started'>['args'] = {}

  constructor(graph: Graph, behaviour: Behaviour) {
    this.#behaviour = behaviour
    this.#reference = new Reference(graph, behaviour, new TokenGame())
  }

  /** All that has been acknowledged. */
  follow(entries: readonly Entry[]): void {
    for (; this.#followed < entries.length; this.#followed++) {
      const entry = entries[this.#followed]!
      if (entry.events.length > 0) this.#take(entry)
    }
  }

  ask(after: Graph): Answer {
    const next = new Oracle(after, this.#behaviour)
    const unsure = new Set<number>()
    next.#args = this.#args
    if (this.#earlier > 0) next.#reference.inherit(this.#args)
    let at = this.#earlier
    for (const past of this.#past) {
      const event = past.entry.events[0]!
      if (event.kind === 'timer.fired' && event.timer === 'retry' && next.#reference.isDueByChance(event.step))
        unsure.add(at)
      const reason = next.#otherNode(past) ?? disagreementOf(() => next.#reference.compareForeign(past.entry))
      if (reason !== undefined) return { obstacle: { at, reason }, unsure, next }
      next.#take(past.entry)
      at += past.entry.events.length
    }
    next.#followed = this.#followed
    next.#earlier = this.#earlier
    return { obstacle: undefined, unsure, next }
  }

  #take(entry: Entry): void {
    const [event] = entry.events
    if (event?.kind === 'run.started') this.#args = event.args
    if (event?.kind === 'run.redriven') {
      this.#earlier += this.#past.reduce((sum, past) => sum + past.entry.events.length, 0)
      this.#past.length = 0
    }
    this.#past.push({ entry, node: this.#nodeOf(entry) })
    for (const event of entry.events) this.#reference.follow(event)
  }

  #nodeOf({ events }: Entry): Node | undefined {
    const event = events[0]!
    const step = 'call' in event && event.call ? event.call.flow : 'step' in event ? event.step : undefined
    return step === undefined ? undefined : this.#reference.nodeOf(step)
  }

  /** O4. What it was of any graph before, it was of all of them. */
  #otherNode({ entry, node: old }: Past): string | undefined {
    const next = this.#nodeOf(entry)
    if (!old || !next) return undefined
    if (old.kind !== next.kind) return `${next.id} was a ${old.kind} and is a ${next.kind}`
    if (entry.events[0]!.kind === 'items.added' && batchOf(old) !== batchOf(next)) return `${next.id} has other batches`
    return undefined
  }
}

type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

function disagreementOf(compare: () => void): string | undefined {
  try {
    compare()
    return undefined
  } catch (error) {
    if (error instanceof Disagreement) return error.message
    throw error
  }
}

const batchOf = (node: Node): number | undefined => (node.kind === 'each' ? node.batch : undefined)
