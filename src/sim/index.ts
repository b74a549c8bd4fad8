/** Simulation: a workflow or a flow on a virtual clock, with mocks in place of the world. */
export { explore, type Exploration, type ExploreOptions, type Outcome } from './explore.ts'
export type { CrashPoint, Faults } from './faults.ts'
export type { Real, SimulatedCall } from './layers.ts'
export { failing, type Mock, type MockCall, type Mocks, mock, oneOf, takes, throwing } from './mocks.ts'
export type { SentSignal, SignalAnswer, Signals, SignalWait, SimulatedRequest, Wait } from './signals.ts'
export { type SimulateOptions, type Simulation, simulate } from './simulate.ts'
export type { Moment, SimulatedStep } from './chronicle.ts'
export {
  type Backtest,
  backtest,
  type BacktestOptions,
  type BacktestRun,
  type RefusedRun,
} from './backtest/backtest.ts'
export type { How, Place, Verdict } from './backtest/verdict.ts'
export type { Unknown } from './backtest/unknown.ts'
