/** Steps of which nobody can tell how they would end. */
import { findStep, type Node, type State, type StepId } from '../../core/index.ts'

/** Why nobody can tell. */
export type Unknown =
  /** The version that ran has no such step. */
  | 'new'
  /** It has one, but the run did not come to it. */
  | 'not-run'
  /** There is a record, of other arguments. */
  | 'arguments'
  /** It takes in something else than then. */
  | 'source'
  /** It would be tried more often than it was. */
  | 'retried'
  /** It would have more time than it had when it was given up. */
  | 'more-time'
  /** It was stopped then, and is not now. */
  | 'stopped'
  /** The body of a flow awaits something that is no call of its own. */
  | 'hangs'
  /** The replay has far more events than the run had. */
  | 'endless'

export interface UnknownStep {
  readonly step: StepId
  readonly why: Unknown
  /** How many facts of the replay come before it. */
  readonly after: number
  readonly node: Node | undefined
}

export interface Unknowns {
  /** It does not end. */
  note(step: StepId, why: Unknown): void
  /** It ends as it did last, and that is a guess. */
  guess(step: StepId, node: Node): void
  /** It ends when it is stopped, as it did then. */
  hold(step: StepId): void
  over(step: StepId): void
  /** Whether the step is unknown and has not ended. */
  has(step: StepId): boolean
  /** Whether one that has not ended is this step or lies inside of it; '' is the run. */
  hasInside(owner: StepId): boolean
  /** Of a replay that is over: where it has not come to an end, what was held and by nobody stopped is unknown, too. */
  all(how: 'ended' | 'open'): readonly UnknownStep[]
}

export function newUnknowns(state: State, factCount: () => number): Unknowns {
  const noted: UnknownStep[] = []
  const open = new Set<StepId>()
  const held = new Set<StepId>()
  const unknownStep = (step: StepId, why: Unknown, node = findStep(state, step)?.node): UnknownStep => ({
    step,
    why,
    after: factCount(),
    node,
  })

  return {
    note(step, why) {
      open.add(step)
      noted.push(unknownStep(step, why))
    },
    guess: (step, node) => void noted.push(unknownStep(step, 'retried', node)),
    hold: step => void held.add(step),
    over(step) {
      open.delete(step)
      held.delete(step)
    },
    has: step => open.has(step),
    hasInside(owner) {
      for (const step of open) if (owner === '' || step === owner || isInside(step, owner)) return true
      return false
    },
    all: how => (noted.length > 0 || how === 'ended' ? noted : [...held].map(step => unknownStep(step, 'stopped'))),
  }
}

const isInside = (step: StepId, owner: StepId): boolean =>
  step.startsWith(owner) && /^[/.[]/.test(step.slice(owner.length))
