/** What `task`, `effect`, `workflow` and `flow` define, as the shell and the loader see it: the callable carries it under DEFINITION. */
import type { ExecutorName, Policy, Region } from '../core/graph/graph.ts'
import type { Property } from '../core/graph/property.ts'
import type { Diagnostic, Position } from '../util/diagnostic.ts'
import { type Code, codeOf } from './code.ts'
import { DEFINITION, NAME } from './handle.ts'
import type { UntracedPolicy } from './service-policy.ts'
import type { Schema, Schemas } from './types.ts'

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
  /** Absent without a loader (a program that embeds Tutti). A function: what it costs is paid when a key is asked for. */
  code?: () => Code
  /** The folder of the project that defines it, as seen from the run's file: its steps work there. Absent: whose steps call it. */
  readonly dir?: string
}

export interface ServiceDefinition extends Omit<TaskDefinition, 'kind'> {
  readonly kind: 'service'
  readonly service: UntracedPolicy
}

export interface WorkflowDefinition extends Common {
  readonly kind: 'workflow' | 'flow'
  readonly params: WorkflowParams
  readonly body: AnyFunction
  readonly policy: Policy
  /** What a failed step of its body does to the others. */
  readonly onFailure: Region['onFailure']
  /** All calls of it in one graph are one. */
  readonly once?: boolean
  /** Its body is there already, in another language's words; `body` is then never called. */
  readonly foreign?: ForeignBody
  /** What it lacks to run, told before it does. */
  readonly missing?: readonly Diagnostic[]
  /** What may have been meant otherwise, for `tutti check` to tell. */
  readonly warnings?: readonly Diagnostic[]
  /** The parameter that the whole input is. */
  readonly whole?: string
  /** What is claimed of its body beside what that claims itself. */
  claims?: Claim<never>[]
}

/** A region and what the names in it mean. */
export interface ForeignBody {
  readonly region: Region
  /** What `task()`, `effect()` or `service()` gave, by the `task` of nodes. */
  readonly tasks: { readonly [name: string]: AnyFunction }
  /** By the `fn` of expressions. They may give a promise. */
  readonly pure: { readonly [id: string]: AnyFunction }
  /** Validators of signals that are waited for. */
  readonly signals?: { readonly [name: string]: Schema | undefined }
}

/** A property, its steps as they were given: which ones they are is known when the body has been traced. */
export interface Claim<Target> {
  readonly kind: Property['kind']
  readonly a: readonly Operand<Target>[]
  readonly b?: readonly Operand<Target>[]
  readonly count?: number
  readonly at: Position | undefined
}

export type Operand<Target> =
  | { readonly kind: 'step'; readonly target: Target }
  | { readonly kind: 'definition'; readonly definition: Definition }
  /** Its name may still come from a variable. */
  | { readonly kind: 'signal'; readonly name: () => string }

export type WorkflowParams =
  | { readonly kind: 'schemas'; readonly schemas: Schemas }
  | { readonly kind: 'positional'; readonly names: readonly string[] }

export type Definition = TaskDefinition | ServiceDefinition | WorkflowDefinition

export function definitionOf(value: unknown): Definition | undefined {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return undefined
  return (value as { readonly [DEFINITION]?: Definition })[DEFINITION]
}

/** Makes `call` the callable of `definition`. */
export function define<F extends AnyFunction>(definition: Definition, call: F): F {
  collected?.push(definition)
  if ('fn' in definition && !definition.code) {
    const code = codeOf(definition.fn)
    if (code) definition.code = code
  }
  const takeName = (name: string, at: Position): void => {
    if (definition.pinned || definition.at) return
    definition.name = name
    definition.at = at
  }
  return Object.defineProperties(call, { [DEFINITION]: { value: definition }, [NAME]: { value: takeName } })
}

let collected: Definition[] | undefined

/** Collects what is defined while `load` runs and gives each an address: the same in every process that loads the same bundle. */
export async function collectDefinitions<T>(
  load: () => Promise<T>,
): Promise<{ readonly value: T; readonly definitions: ReadonlyMap<string, Definition> }> {
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
  const counts = new Map<string, number>()
  for (const definition of list) {
    definition.address ??= unique(definition.name, result, counts)
    result.set(definition.address, definition)
  }
  return result
}

/** `name`, or `name~2` and so on when it is taken. `counts` remembers how far each name has come, for the many of one name. */
export function unique(
  name: string,
  taken: { has(name: string): boolean },
  counts = new Map<string, number>(),
): string {
  if (!taken.has(name)) return name
  let count = counts.get(name) ?? 2
  while (taken.has(`${name}~${count}`)) count++
  counts.set(name, count + 1)
  return `${name}~${count}`
}
