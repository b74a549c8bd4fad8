/**
 * A graph as one net, and what each place and transition of it means in the user's steps.
 *
 * The net of a whole run: scopes inside one another, and beside them what crosses scopes. ./compose.ts says how it is made
 * and where it shows more, or less, than the engine does.
 */
import type { Node, Position } from '../../core/index.ts'
import type { PetriNet } from '../net/petri-net.ts'

export interface Composed {
  readonly net: PetriNet
  /** By transition. */
  readonly meanings: readonly Meaning[]
  /** By place. */
  readonly places: readonly PlaceMeaning[]
  /** By step path, as `stepPaths` has it: those that the net has a part for. */
  readonly steps: ReadonlyMap<string, ComposedStep>
  /** Marked when the outermost region has ended with success; then the run ends. */
  readonly succeeded: number
  /** The same for failure; undefined where the net shows no run that fails. */
  readonly failed: number | undefined
  /** What the net does not see into. */
  readonly opaque: readonly Opaque[]
}

/** A step as people know it. */
export interface StepAt {
  readonly path: string
  /** Names instead of ids. */
  readonly shown: string
  readonly node: Node
  readonly at?: Position
}

export interface ComposedStep extends StepAt {
  /** Transitions by which it begins: an attempt of a task, the first region of what holds others. */
  readonly begins: readonly number[]
  /** With success. */
  readonly passes: readonly number[]
  /** Without: failed, interrupted, withdrawn. */
  readonly exits: readonly number[]
  /** Marked from its beginning to its end, by one token for each instance that is on its way. */
  readonly active: readonly number[]
  /** How many instances of it the net has side by side; of an `each`, fewer than there may be. */
  readonly instances: number
}

/** What a transition does. `moves` is bookkeeping that nobody need be told. */
export type Deed =
  | { readonly kind: 'begins' }
  | { readonly kind: 'passes' }
  | { readonly kind: 'fails' }
  /** It ends without success since the scope around it closes. */
  | { readonly kind: 'interrupted' }
  /** A `cancel` finds its target not yet at rest. */
  | { readonly kind: 'cancels' }
  /** By a `cancel`. */
  | { readonly kind: 'withdrawn' }
  /** It never begins: something that it waits for does not come, or the scope around it closes. */
  | { readonly kind: 'skipped' }
  /** A milestone that has passed. */
  | { readonly kind: 'passed-over' }
  /** A guard, or how many items there are: free in the net. */
  | { readonly kind: 'chooses'; readonly label: string; readonly guard: 'data' | 'items' | 'handler' }
  | { readonly kind: 'times-out' }
  /** A transition of a free-form net. */
  | { readonly kind: 'fires'; readonly label: string }
  | { readonly kind: 'fired'; readonly label: string }
  /** What went on after it had passed has ended. */
  | { readonly kind: 'drains' }
  | { readonly kind: 'ends'; readonly how: 'succeeded' | 'failed' }
  | { readonly kind: 'moves' }

export interface Meaning {
  /** Undefined: of the run. */
  readonly step: StepAt | undefined
  readonly deed: Deed
  /** Which of the instances of an `each`, from 0 and outermost first; empty outside of any. */
  readonly items: readonly number[]
  /** Locks that it takes and gives back: indices of places. */
  readonly takes: readonly number[]
  readonly gives: readonly number[]
}

export type PlaceMeaning =
  /** It goes on, or something inside of it does. */
  | { readonly kind: 'active'; readonly step: StepAt; readonly items: readonly number[] }
  /**
   * `from` has come to rest, and `to` has not opened. `comes`: with a value or never. Without `from`: all that `to` waits for,
   * or some of it. Without `to`: the end of the scope.
   */
  | {
      readonly kind: 'edge'
      readonly from: StepAt | undefined
      readonly to: StepAt | undefined
      readonly comes: 'value' | 'never'
      readonly items: readonly number[]
    }
  /** Marked while nobody holds it. */
  | { readonly kind: 'lock'; readonly name: string; readonly of: 'run' | 'region' }
  /** A place of a free-form net. */
  | { readonly kind: 'token'; readonly step: StepAt; readonly name: string }
  | { readonly kind: 'pool'; readonly name: string }
  | { readonly kind: 'inner'; readonly step: StepAt | undefined }

/** A part of the graph that the net has as one step that ends somehow. */
export interface Opaque {
  readonly step: StepAt
  readonly why: 'flow' | 'recursion' | 'undo' | 'net' | 'untouched'
}
