/** Tutti's front door: the language, what tasks use while they run, and `run` for programs that embed it. */
export * from './dsl/index.ts'
export {
  CommandError,
  type Configuration,
  configure,
  ctx,
  type Ctx,
  type Middleware,
  sh,
  type ShCommand,
  type ShResult,
} from './exec/index.ts'
export { run, type RunOptions, type RunResult } from './run/embed.ts'
export { cancelRun, type Delivery, type RequestOptions, retryStep, signalRun } from './run/requests.ts'
export { Refusal, type Diagnostic, type Position } from './util/diagnostic.ts'
