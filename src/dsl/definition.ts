/** What `task`, `effect`, `workflow` and `flow` define, as the shell and the loader see it: the callable carries it under DEFINITION. */
import type { ExecutorName, Policy } from '../core/graph/graph.ts'
import type { Position } from '../util/diagnostic.ts'
import { durationMs } from '../util/duration.ts'
import { refuse } from '../util/diagnostic.ts'
import { DEFINITION, NAME } from './handle.ts'
import { currentSite } from './hooks.ts'
import type { RetryOptions, Schemas, TaskOptions } from './types.ts'

// biome-ignore lint/suspicious/noExplicitAny: users' functions have any parameters; they are only ever called with evaluated arguments.
export type AnyFunction = (...args: any[]) => unknown

interface Common {
  /** Set by `name:`, else by the loader, else derived from the function. */
  name: string
  readonly pinned: boolean
  at: Position | undefined
  /** Unique among the definitions that were made while one bundle was loaded. */
  address: string | undefined
}

export interface TaskDefinition extends Common {
  readonly kind: 'task' | 'effect'
  readonly fn: AnyFunction
  readonly policy: Policy
  readonly executor: ExecutorName
}

export interface WorkflowDefinition extends Common {
  readonly kind: 'workflow' | 'flow'
  readonly params: WorkflowParams
  readonly body: AnyFunction
  readonly policy: Policy
}

export type WorkflowParams =
  | { readonly kind: 'schemas'; readonly schemas: Schemas }
  | { readonly kind: 'positional'; readonly names: readonly string[] }

export type Definition = TaskDefinition | WorkflowDefinition

export function definitionOf(value: unknown): Definition | undefined {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return undefined
  return (value as { readonly [DEFINITION]?: Definition })[DEFINITION]
}

/** Makes `call` the callable of `definition`. */
export function define<F extends AnyFunction>(definition: Definition, call: F): F {
  collected?.push(definition)
  const takeName = (name: string, at: Position): void => {
    if (definition.pinned || definition.at) return
    definition.name = name
    definition.at = at
  }
  return Object.defineProperties(call, { [DEFINITION]: { value: definition }, [NAME]: { value: takeName } })
}

let collected: Definition[] | undefined

/** Collects what is defined while `load` runs and gives each an address: the same in every process that loads the same bundle. */
export async function collectDefinitions<T>(load: () => Promise<T>): Promise<{ readonly value: T; readonly definitions: ReadonlyMap<string, Definition> }> {
  const list: Definition[] = []
  const outer = collected
  collected = list
  try {
    const value = await load()
    return { value, definitions: addressed(list) }
  } finally {
    collected = outer
  }
}

function addressed(list: readonly Definition[]): ReadonlyMap<string, Definition> {
  const result = new Map<string, Definition>()
  for (const definition of list) {
    definition.address ??= unique(definition.name, result)
    result.set(definition.address, definition)
  }
  return result
}

/** `name`, or `name~2` and so on when it is taken. */
export function unique(name: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(name)) return name
  let count = 2
  while (taken.has(`${name}~${count}`)) count++
  return `${name}~${count}`
}

/** Options as the graph has them. Refuses BAD_OPTION and BAD_DURATION with the place of the definition. */
export function policyOf(options: TaskOptions): Policy {
  return {
    ...(options.retry === undefined ? {} : { retry: retryOf(options.retry) }),
    ...(options.timeout === undefined ? {} : { timeoutMs: durationMs(options.timeout) }),
    ...(options.pool === undefined ? {} : { pool: { name: options.pool.name, slots: options.pool.slots } }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.cache === undefined ? {} : { cache: options.cache }),
    ...(options.env === undefined ? {} : { env: options.env }),
  }
}

function retryOf(retry: number | RetryOptions): NonNullable<Policy['retry']> {
  const options = typeof retry === 'number' ? { times: retry } : retry
  if (!Number.isInteger(options.times) || options.times < 0) {
    refuse('BAD_OPTION', `retry takes a whole number of further attempts, not ${String(options.times)}`, { at: currentSite()?.at, hint: 'For example retry: 3.' })
  }
  return {
    times: options.times,
    backoff: options.backoff ?? 'exponential',
    delayMs: durationMs(options.delay ?? '1s'),
    delayMsMax: durationMs(options.maxDelay ?? '5m'),
    jitter: options.jitter ?? 'full',
  }
}
