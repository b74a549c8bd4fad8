/** What is said of a property: plain data, for people and machines. */
import type { Position, Property } from '../../core/index.ts'
import type { Spent } from '../net/verdict.ts'

/** A run of the composed net, by its transitions. */
export interface Run {
  readonly trace: readonly number[]
  /** Whether none is shorter, or this one was found and all taken out of it that it does not need. */
  readonly length: 'shortest' | 'found'
  /** What comes after the trace: it has gone wrong; nothing can happen any more; or the cycle, again and again. */
  readonly then: 'wrong' | 'stuck' | 'again'
  readonly cycle?: readonly number[]
}

/** What a run does, as people read it. */
export interface RunEvent {
  readonly text: string
  readonly at?: Position
  /** Whether something else could have been chosen. */
  readonly is: 'choice' | 'event'
}

interface About {
  readonly property: Property
  /** As it is written in the language: `precedes(test, publish)`. */
  readonly text: string
  /** Path of the region that it stands in (`ci/`); empty for the outermost. */
  readonly around: string
  readonly at?: Position
}

export interface Shown {
  readonly run: Run
  readonly events: readonly RunEvent[]
  /** What happens again and again after that; empty where nothing does. */
  readonly cycle: readonly RunEvent[]
}

export type Why =
  | { readonly kind: 'unseen'; readonly text: string }
  /** `states`: markings that were looked at. */
  | { readonly kind: 'spent'; readonly by: Spent; readonly text: string }

export type PropertyResult = About & {
  /** What the answer takes for granted, one sentence each. */
  readonly assumptions: readonly string[]
  /** Markings that were looked at; none where the order of steps says it. */
  readonly states: number
} & (
    | { readonly kind: 'holds'; readonly by: 'order' | 'search'; readonly shown?: Shown }
    /** `because`: one sentence. `shown`: absent where no run does what one should. */
    | { readonly kind: 'violated'; readonly because: string; readonly shown?: Shown }
    | { readonly kind: 'unknown'; readonly why: Why }
  )
