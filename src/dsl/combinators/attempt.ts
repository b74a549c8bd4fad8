/** `attempt`: a region whose failure is tried again, or caught, and what runs after it in any case. */
import type { Node } from '../../core/graph/graph.ts'
import type { Duration } from '../../util/duration.ts'
import { mustBeArms, mustBeFunction } from '../arguments.ts'
import { checkOptions, aFunction, duration, msOf } from '../options.ts'
import { RETRY, retryOf } from '../policy.ts'
import { nodeRef, paramRef } from '../ref.ts'
import { traceInside } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { Caught, NotAsync, Out, Ref, RetryPolicy } from '../types.ts'

interface Common {
  /** Runs when the body, and what caught its failure, have ended: whether they succeeded, failed or were cancelled. */
  readonly finally?: () => unknown
  /** Of the body as a whole. */
  readonly retry?: RetryPolicy
  /** Of all of it, from its beginning. */
  readonly deadline?: Duration
}

type Handler = (error: Ref<Caught>) => unknown
/** Handlers by code or class name of an error; `else` takes all others. */
type Handlers = { readonly [error: string]: Handler }

/**
 * A failed body is tried again as `retry` says; then the first handler that knows the error runs instead, and its result
 * is the value. What is cancelled is not caught.
 */
export function attempt<R>(body: () => NotAsync<R>, options?: Common & { readonly catch?: undefined }): Ref<Out<R>>
export function attempt<R, H>(
  body: () => NotAsync<R>,
  options: Common & { readonly catch: (error: Ref<Caught>) => NotAsync<H> },
): Ref<Out<R> | Out<H>>
export function attempt<R, M extends Handlers>(
  body: () => NotAsync<R>,
  options: Common & { readonly catch: M },
): Ref<Out<R> | { [K in keyof M]: Out<ReturnType<M[K]>> }[keyof M]>
export function attempt(
  body: () => unknown,
  options: Common & { readonly catch?: Handler | Handlers | undefined } = {},
): Ref<unknown> {
  const builder = mustBuild('attempt()')
  mustBeFunction(
    body,
    'attempt() takes a function',
    'attempt(() => charge(order), { catch: error => note(error.message) })',
  )
  checkOptions(options, OPTIONS)
  const { retry, deadline } = options
  const main = traceInside(builder, [], () => body())
  const handlers = handlersOf(options.catch).map(([errors, handler]) => ({
    errors,
    ...traceInside(builder, ['error'], inside => handler(paramRef<Caught>(inside, 'error'))),
  }))
  const last = options.finally && traceInside(builder, [], options.finally)
  const policy = {
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(deadline === undefined ? {} : { deadlineMs: msOf(deadline) }),
  }
  const node: Omit<Extract<Node, { kind: 'attempt' }>, 'id' | 'name' | 'after'> = {
    kind: 'attempt',
    body: main.region,
    handlers: handlers.map(({ errors, region }) => ({ errors, body: region })),
    ...(last ? { finalizer: last.region } : {}),
    policy,
  }
  const regions: readonly Builder[] = [main, ...handlers, ...(last ? [last] : [])].map(each => each.builder)
  return nodeRef(builder, addNode(builder, 'attempt', node, regions))
}

const OPTIONS = {
  catch: {
    ...aFunction('error => note(error.message)'),
    holds: (value: unknown) => value !== null && (typeof value === 'object' || typeof value === 'function'),
  },
  finally: aFunction('() => cleanUp()'),
  retry: RETRY,
  deadline: duration,
}

/** `else` is asked last, wherever it stands. */
function handlersOf(given: Handler | Handlers | undefined): readonly (readonly [errors: readonly string[], Handler])[] {
  if (given === undefined) return []
  if (typeof given === 'function') return [[[], given]]
  mustBeArms(
    given,
    'catch takes a function, or a record of them',
    '{ catch: { TIMEOUT: () => later(), else: error => note(error.message) } }',
  )
  const { else: others, ...known } = given
  return [
    ...Object.entries(known).map(([error, handler]) => [[error], handler] as const),
    ...(others ? [[[], others] as const] : []),
  ]
}
