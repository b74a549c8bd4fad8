/** What a check of a net says: sound, unsound with counterexamples, or honestly unknown. docs/analysis.md defines the words. */

export type ViolationKind =
  /** A marking that is not the end, in which nothing can happen. */
  | 'deadlock'
  /** The end is reached while tokens are left elsewhere. */
  | 'improper-completion'
  /** A marking from which things go on for ever, but the end cannot be reached any more. */
  | 'no-completion'
  | 'dead-transition'
  | 'unbounded'
  | 'not-a-workflow-net'

/** One violation. Transitions and places are indices of the net that was checked. */
export interface Violation {
  readonly kind: ViolationKind
  /**
   * Fired from the initial marking it leads to where the violation is seen: the dead or endless marking, the end with what
   * is left, or a marking that covers an earlier one. Empty where nothing need be fired (a dead transition).
   */
  readonly trace: readonly number[]
  /** Whether no shorter trace leads to a violation of this kind, or whether only this one was found. */
  readonly length: 'shortest' | 'found'
  /** Where it is seen: places that hold what cannot go on or is left over, or the dead transitions. */
  readonly places: readonly number[]
  readonly transitions: readonly number[]
}

export type Boundedness = 'bounded' | 'unbounded' | 'unknown'

/** How much was looked at; by which way the verdict was found, for people. */
export interface Effort {
  /** Markings that were visited. */
  readonly states: number
  readonly ms: number
}

export type Soundness = Effort &
  (
    | { readonly kind: 'sound' }
    | { readonly kind: 'unsound'; readonly boundedness: Boundedness; readonly violations: readonly Violation[] }
    /** `far`: one sentence on how far it came. */
    | { readonly kind: 'unknown'; readonly boundedness: Boundedness; readonly why: Spent; readonly far: string }
  )

/** Why a check stopped before it knew. `coarse`: something is left out of the net that could change the verdict. */
export type Spent = 'time' | 'memory' | 'states' | 'interrupted' | 'coarse'
