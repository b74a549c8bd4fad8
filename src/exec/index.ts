/** Executors: how an attempt of a step is run, the layers round it, and what a running task may use. */
export {
  compose,
  type Attempt,
  type Executor,
  type Middleware,
  type Opened,
  type Reports,
  type Work,
} from './attempt.ts'
export {
  collectConfigurations,
  configure,
  type Configuration,
  currentConfigurations,
  usesFor,
  valueOptions,
} from './configure.ts'
export { ctx, type Ctx, type Log } from './ctx.ts'
export { dispatch } from './dispatch.ts'
export { faultOf } from './fault.ts'
export { inline, type Bindings, type InlineOptions } from './inline.ts'
export { observe, type AttemptObserver } from './middleware/observe.ts'
export { onion, type Layer, type OnionOptions, type OpenBundle, type Use } from './onion.ts'
export { processes, type ProcessOptions } from './process.ts'
export type { Pool } from './remote/pool.ts'
export { serveAttempts, stdioChannel, threadChannel, type WorkerChannel } from './remote/serve.ts'
export { acceptWorkers, attachTo } from './remote/socket.ts'
export { projectOf, see, type SightOptions } from './seen.ts'
export { declareSecrets } from './secrets/open.ts'
export { redact } from './secrets/vault.ts'
export { CommandError } from './sh/error.ts'
export { commandsMax, setCommandsMax } from './sh/limiter.ts'
export type { ShResult } from './sh/execute.ts'
export { sh, type ShCommand } from './sh/sh.ts'
export { threads, type ThreadOptions } from './thread.ts'
