/**
 * `service`: what goes on while others use it, a process or a function of this one. A call of it in a workflow's body is a
 * step that has succeeded when the service is ready; what it gives is where it can be reached.
 */
import type { Expr } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, define, type ServiceDefinition } from './definition.ts'
import { toExpr } from './expr.ts'
import { currentSite } from './hooks.ts'
import { checkOptions } from './options.ts'
import { policyOf } from './policy.ts'
import { projectOfDefinition, projectOfStep } from './project.ts'
import { nodeRef } from './ref.ts'
import {
  type EndpointOf,
  SERVICE_OPTIONS,
  type ServiceOptions,
  servicePolicyOf,
  tracedPolicy,
} from './service-policy.ts'
import { addNode, type Builder, currentBuilder } from './trace.ts'
import type { In, Ref } from './types.ts'

/** What a service's function may give, besides a command that was not awaited or nothing at all. */
export interface ServiceHandle<E extends object = object> {
  /** What it does while it lives: a command, or a promise that settles when it is over. */
  readonly run?: PromiseLike<unknown>
  /** Ends it. Without one, its signal (`ctx().signal`) is all that tells. */
  stop?(): unknown
  /** Fields of its endpoint, beside or instead of the usual ones. */
  readonly endpoint?: E
}

/** A call gives a ref of the endpoint. */
export type Service<A extends unknown[], R> = (...args: { [K in keyof A]: In<A[K]> }) => Ref<EndpointOf<R>>

/**
 * Something that goes on while others use it. Its function gives a command that it has not awaited, a handle, something
 * disposable, or nothing.
 *
 *     const api = service((port: Port) => sh`node server.js --port ${port}`, { ready: { http: '/health' } })
 */
export function service<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: ServiceOptions<A, R> = {},
): Service<A, R> {
  if (typeof fn !== 'function')
    refuse('BAD_ARGUMENT', 'service() takes a function', {
      at: currentSite()?.at,
      hint: 'For example service((port: Port) => sh`node server.js --port ${port}`).',
    })
  checkOptions(options, SERVICE_OPTIONS)
  const { name, retry, exhausted, deadline, locks, priority, env } = options
  const given = { retry, exhausted, deadline, locks, priority, env }
  const policy = policyOf(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  const dir = projectOfDefinition()
  const definition: ServiceDefinition = {
    kind: 'service',
    name: name ?? (fn.name || 'service'),
    pinned: name !== undefined,
    at: undefined,
    address: undefined,
    fn,
    policy,
    executor: 'inline',
    service: servicePolicyOf(options as ServiceOptions),
    ...(dir === undefined ? {} : { dir }),
  }
  const call = (...args: unknown[]): Ref<unknown> => addCall(mustTrace(definition), definition, args)
  // The types of its arguments are checked where it is called.
  return define(definition, call) as AnyFunction as Service<A, R>
}

function mustTrace(definition: ServiceDefinition): Builder {
  return (
    currentBuilder() ??
    refuse('OUTSIDE_WORKFLOW', `The service ${definition.name} was called outside of a workflow's body`, {
      at: currentSite()?.at,
      hint: 'Call it inside workflow(() => …). A flow can call a workflow that starts it.',
    })
  )
}

function addCall(builder: Builder, definition: ServiceDefinition, args: readonly unknown[]): Ref<unknown> {
  const { bindings } = builder.trace
  const address = addressIn(bindings, definition)
  const exprs = args.map((arg, index) => toExpr(builder, arg, `argument ${index + 1} of ${definition.name}`))
  const bind = (role: string, fn: AnyFunction): string => {
    const id = `${address}.${role}`
    bindings.pure.set(id, fn)
    return id
  }
  const dir = projectOfStep(definition)
  const node = addNode(builder, definition.name, {
    kind: 'service',
    task: address,
    args: exprs,
    ...(dir === undefined ? {} : { dir }),
    policy: definition.policy,
    service: tracedPolicy(definition.service, exprs.some(hasPort), bind),
  })
  return nodeRef(builder, node)
}

function hasPort(expr: Expr): boolean {
  switch (expr.kind) {
    case 'resource':
      return expr.resource.kind === 'port'
    case 'record':
      return Object.values(expr.fields).some(hasPort)
    case 'list':
      return expr.items.some(hasPort)
    default:
      return false
  }
}
