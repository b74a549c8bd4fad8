/** Readers of the log: what progress, `show` and a user's own observer build on. */
export { observe, type Observation, type ObserveOptions } from './observe.ts'
export { runView, type RunFold } from './fold.ts'
export { durationOf, everyStep, isActive, isHeld, isWork, scopesOf, stepsOf } from './run-view.ts'
export type {
  Awaited,
  Counts,
  Failure,
  Inside,
  Recorded,
  RunView,
  ScopeView,
  StateKind,
  StepState,
  StepView,
} from './run-view.ts'
