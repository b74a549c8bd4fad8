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
export { buildJobs, type JobParts, type Jobs, reversed } from './schedule/jobs.ts'
export type { SchedulePolicy } from './schedule/policy.ts'
export { upwardRanks } from './schedule/ranks.ts'
export { type Handovers, type Schedule, type ScheduleOptions, simulate } from './schedule/simulate.ts'
export { type Bounds, lowerBound } from './schedule/bounds.ts'
export { headsOf, tightBound } from './schedule/tight-bound.ts'
export { type Improved, improvedSchedule, type Plays, playedRanks } from './schedule/improve.ts'
export { type Expected, expectedJobs, type Pool } from './schedule/expected.ts'
export type { PastDurations } from './schedule/past.ts'
export { type Ahead, aheadOf } from './schedule/ahead.ts'
export { isNetJson, readNetJson } from './pnml/net-json.ts'
export type { RawNet } from './pnml/raw-net.ts'
export { readPnml } from './pnml/read.ts'
export { type Entry, workflowNet } from './pnml/workflow-net.ts'
export { writePnml } from './pnml/write.ts'
export { buildTape, type Edges, type Tape } from './tape/tape.ts'
export {
  type Cost,
  cost,
  costing,
  likeliest,
  maxPlus,
  minPlus,
  pathCount,
  probability,
  reachable,
  type SelectiveSemiring,
  type Semiring,
} from './tape/semiring.ts'
export {
  evaluatePolynomial,
  type Polynomial,
  provenancePolynomials,
  showPolynomial,
  type Term,
  variable,
} from './tape/polynomial.ts'
export { backward, forward, sensitivities, type Values, type Weights } from './tape/accumulate.ts'
export { bestWays, type Ways } from './tape/ways.ts'
export { checkSoundness } from './soundness/check.ts'
export { type Verified, verifyViolation } from './soundness/verify.ts'
export { type Reachability, reachability, type Shortest, shortestTo } from './search/reachability.ts'
export { newRecording, type RanScope, type RanStep, type Recording, type RunRecord } from './record/record.ts'
export { type Provenance, provenanceOf } from './provenance/provenance.ts'
export type { Found, How, Source } from './provenance/trail.ts'
export { type ReduceOptions, type Reduction, reduce, RULES, type Rule } from './reduce/reduce.ts'
export type { Keep } from './reduce/reducer.ts'
export { composeGraph, type ComposeOptions } from './workflow/compose.ts'
export { checkGraph, type GraphCheck, netOf } from './workflow/check.ts'
export type { Choice, Counterexample, Happening, Seen, Wait } from './workflow/words.ts'
export type { Composed, ComposedStep, Deed, Meaning, Opaque, PlaceMeaning, StepAt } from './workflow/composed.ts'
export { checkProperties } from './properties/check.ts'
export type { PropertyResult, Run, RunEvent, Shown } from './properties/result.ts'
export {
  expectedTimes,
  type HandedOver,
  type Handover,
  likeOf,
  played,
  type Room,
  type Timed,
  type TimedStep,
} from './critical/timed.ts'
export { timesOf } from './critical/ran.ts'
export { type Critical, type CriticalStep, criticalOf, gradientOf, type PathStep } from './critical/critical.ts'
export { type Change, moreSlots, type WhatIf, whatIf } from './critical/what-if.ts'
export { type ImpactTime, impactTime } from './impact/expected.ts'
