/** `task` and `effect`: plain functions that become steps where they are called. */
import { refuse } from '../util/diagnostic.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, define, definitionOf, type TaskDefinition } from './definition.ts'
import { toExpr } from './expr.ts'
import { callInFlow } from './flow-host.ts'
import { currentSite } from './hooks.ts'
import { policyOf } from './policy.ts'
import { projectOfDefinition, projectOfStep } from './project.ts'
import { nodeRef } from './ref.ts'
import { addNode, type Builder, currentBuilder } from './trace.ts'
import type { Ref, Task, TaskOptions } from './types.ts'

/**
 * A function of its arguments: a result with equal arguments may be used again.
 * Calling it in a workflow's body adds a step; in a flow it runs and is awaited.
 */
export function task<A extends unknown[], R>(fn: (...args: A) => R, options: TaskOptions = {}): Task<A, R> {
  return defineTask('task', fn, options) as Task<A, R>
}

/** Acts on the world: runs once in every run, and is satisfied only by the same run. */
export function effect<A extends unknown[], R>(fn: (...args: A) => R, options: TaskOptions = {}): Task<A, R> {
  return defineTask('effect', fn, options) as Task<A, R>
}

function defineTask(kind: 'task' | 'effect', fn: AnyFunction, options: TaskOptions): AnyFunction {
  if (typeof fn !== 'function')
    refuse('BAD_ARGUMENT', `${kind}() takes a function`, {
      at: currentSite()?.at,
      hint: `For example ${kind}((name: string) => \`Hello \${name}\`).`,
    })
  const { name } = options
  const dir = projectOfDefinition()
  return taskOf({
    kind,
    name: name ?? (fn.name || kind),
    pinned: name !== undefined,
    at: undefined,
    address: undefined,
    fn,
    policy: policyOf(options),
    executor: options.executor ?? 'inline',
    ...(dir === undefined ? {} : { dir }),
  })
}

function taskOf(definition: TaskDefinition): AnyFunction {
  return define(definition, (...args: unknown[]): Ref<unknown> => {
    const builder = currentBuilder()
    return builder ? addCall(builder, definition, args) : callInFlow(definition, args)
  })
}

function addCall(builder: Builder, definition: TaskDefinition, args: readonly unknown[]): Ref<unknown> {
  const dir = projectOfStep(definition)
  const node = addNode(builder, definition.name, {
    kind: definition.kind,
    task: addressIn(builder.trace.bindings, definition),
    args: args.map((arg, index) => toExpr(builder, arg, `argument ${index + 1} of ${definition.name}`)),
    executor: definition.executor,
    policy: definition.policy,
    ...(dir === undefined ? {} : { dir }),
  })
  return nodeRef(builder, node)
}

/** The same function with some options changed; it keeps the others, and its name. Generic functions stay generic. */
export function tune<F extends AnyFunction>(callable: F, options: TaskOptions): F {
  const definition = definitionOf(callable)
  if (definition?.kind !== 'task' && definition?.kind !== 'effect') {
    refuse('BAD_ARGUMENT', 'tune() takes a task or an effect', {
      at: currentSite()?.at,
      hint: 'For example tune(compile, { retry: 3 }).',
    })
  }
  const { name = definition.name, executor = definition.executor } = options
  const policy = { ...definition.policy, ...policyOf(options) }
  return taskOf({ ...definition, name, pinned: true, address: undefined, policy, executor }) as F
}
