/** The language: what a tutti.ts imports to describe work. */
export { task, effect, tune } from './task.ts'
export { workflow, flow, type SchemaWorkflow } from './workflow.ts'
export { when, match } from './combinators/branch.ts'
export { any, race, some, type SomeOptions } from './combinators/arms.ts'
export { each, type EachOptions } from './combinators/each.ts'
export { loop, type LoopOptions } from './combinators/loop.ts'
export { attempt } from './combinators/attempt.ts'
export {
  cancel,
  type CancelOptions,
  critical,
  detach,
  interleaved,
  milestone,
  scope,
  type ScopeOptions,
} from './combinators/scope.ts'
export { net, type FreeNet, type Transition } from './combinators/net.ts'
export {
  absent,
  alternates,
  atMost,
  ensure,
  eventually,
  exactlyOnce,
  exclusive,
  never,
  precedes,
  type Property,
  reachable,
  responds,
  type Step,
} from './properties.ts'
export { signal, type SignalOptions } from './combinators/signal.ts'
export { sleep, until } from './combinators/wait.ts'
export { files, type FilesOptions, file, env, output, port, secret } from './resource.ts'
export { service, type Service, type ServiceHandle } from './service.ts'
export type { Endpoint, EndpointOf, Ready, RestartOptions, ServiceOptions } from './service-policy.ts'
export { clock, dir, http, type HttpOptions, lastResult, source, type SourceOptions } from './sources.ts'
export { pool } from './pool.ts'
export { lock } from './lock.ts'
export { now, random, uuid } from './flow-host.ts'
export type { Dir, FileHandle, Files, Handle, Output, Port, Secret } from './resources.ts'
export type {
  Caught,
  In,
  Lock,
  Out,
  Pool,
  PoolOptions,
  PoolShare,
  Ref,
  RefCore,
  Rest,
  RetryOptions,
  RetryPolicy,
  Schema,
  Signal,
  Task,
  TaskOptions,
  Workflow,
  WorkflowOptions,
} from './types.ts'
