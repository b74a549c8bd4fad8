/** Analysis: what can be said of a workflow before it runs, and what its runs tell afterwards. Knows no shell and no language. */
export {
  type Arc,
  buildNet,
  fireIn,
  isEnabled,
  markingOf,
  type NetParts,
  type PetriNet,
} from './net/petri-net.ts'
export type { Boundedness, Effort, Soundness, Spent, Violation, ViolationKind } from './net/verdict.ts'
export {
  type Budget,
  DEFAULT_LIMITS,
  finish,
  finishInTurns,
  type Limits,
  newBudget,
  type Sliced,
  spent,
} from './net/budget.ts'
