/** The language: what a tutti.ts imports to describe work. */
export { task, effect, tune } from './task.ts'
export { workflow, flow, type SchemaWorkflow } from './workflow.ts'
export { when, match } from './branch.ts'
export { each } from './each.ts'
export { signal, sleep, type Signal } from './wait.ts'
export { files, file, env, output, secret } from './resource.ts'
export { pool } from './pool.ts'
export { now, random, uuid } from './flow-host.ts'
export type { Dir, FileHandle, Files, Handle, Output, Secret } from './resources.ts'
export type {
  EachOptions,
  In,
  Out,
  Pool,
  Ref,
  RefCore,
  RetryOptions,
  Schema,
  Task,
  TaskOptions,
  Workflow,
} from './types.ts'
