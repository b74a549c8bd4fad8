/**
 * R4: what is known of an earlier life of the run is answered in the order of its log, and before anything else starts; steps
 * that must run wait here meanwhile.
 */
import type { Outcome, StepId } from '../core/index.ts'
import { newHeap } from '../util/heap.ts'

/** What is known before a step runs: its outcome of an earlier life of the run. */
export type Known = (step: StepId) => KnownOutcome | undefined

interface KnownOutcome {
  readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
  readonly from: StepId
  /** Its place in the log. */
  readonly order: number
}

export interface KnownAnswer extends KnownOutcome {
  readonly step: StepId
}

/** A step that may be granted an attempt. `supersedes`: the attempt that died with its process. */
export interface Enabled {
  readonly step: StepId
  readonly supersedes: number | undefined
}

export interface KnownAnswers {
  /** Whether the outcome of a step that asks is known; then it will be among the next ones. */
  ask(step: StepId): boolean
  /** The first of those that were asked for. */
  next(): KnownAnswer | undefined
  /** Whether answers are left: then what must run is to be held. */
  readonly isAnswering: boolean
  /** Keeps a start until no answer is left. */
  hold(start: Enabled): void
  /** The starts that were kept, once no answer is left. */
  release(): readonly Enabled[]
  readonly isEmpty: boolean
}

export function newKnownAnswers(known: Known): KnownAnswers {
  const asked = newHeap<KnownAnswer>((a, b) => a.order < b.order)
  const held: Enabled[] = []
  return {
    ask(step) {
      const found = known(step)
      if (found) asked.push({ ...found, step })
      return found !== undefined
    },
    next: () => asked.pop(),
    get isAnswering() {
      return asked.size > 0
    },
    hold: start => void held.push(start),
    release: () => (held.length > 0 && asked.size === 0 ? held.splice(0) : NONE),
    get isEmpty() {
      return asked.size === 0 && held.length === 0
    },
  }
}

const NONE: readonly Enabled[] = []
