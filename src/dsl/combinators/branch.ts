/** `when` and `match`: exactly one of several regions runs. */
import type { Region } from '../../core/graph/graph.ts'
import { refuse } from '../../util/diagnostic.ts'
import { toExpr } from '../expr.ts'
import { currentSite } from '../hooks.ts'
import { nodeRef, paramRef } from '../ref.ts'
import { traceRegion } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { In, NotAsync, Out, Ref, RefCore } from '../types.ts'

/** The steps of `then` run when the condition is true; without `otherwise` the value is undefined when it is not. */
export function when<R>(condition: In<boolean>, then: () => NotAsync<R>): Ref<Out<R> | undefined>
export function when<R, S>(
  condition: In<boolean>,
  then: () => NotAsync<R>,
  otherwise: () => NotAsync<S>,
): Ref<Out<R> | Out<S>>
export function when(condition: In<boolean>, then: () => unknown, otherwise?: () => unknown): Ref<unknown> {
  const builder = mustBuild('when()')
  mustBeFunction(then, 'when() takes a condition and a function')
  const yes = traceRegion(builder.trace, builder, [], then)
  const no = traceRegion(builder.trace, builder, [], () => otherwise?.())
  const node = addNode(
    builder,
    'when',
    { kind: 'when', condition: toExpr(builder, condition, 'condition'), then: yes.region, otherwise: no.region },
    [yes.builder, no.builder],
  )
  return nodeRef(builder, node)
}

/** The arm named by the value runs, or by a field of it (the discriminant of a union), which the arm sees narrowed. */
export function match<V extends string | number, M extends { readonly [K in V]: () => unknown }>(
  value: RefCore<V>,
  arms: M & { readonly [K in Exclude<keyof M, V>]: never },
): Ref<Out<ReturnType<M[V]>>>
export function match<
  T extends object,
  D extends keyof T,
  M extends { readonly [K in T[D] & string]: (value: Ref<Extract<T, Record<D, K>>>) => unknown },
>(
  value: RefCore<T>,
  by: D,
  arms: M,
  // biome-ignore lint/suspicious/noExplicitAny: only the arms' results matter here.
): Ref<{ [K in keyof M]: M[K] extends (...args: any) => infer R ? Out<R> : never }[keyof M]>
export function match(value: unknown, second: unknown, third?: unknown): Ref<unknown> {
  const builder = mustBuild('match()')
  const by = third === undefined ? undefined : String(second)
  const arms = (third ?? second) as { readonly [label: string]: (value: Ref<unknown>) => unknown }
  const traced = Object.entries(arms).map(([label, arm]) => [label, traceArm(builder, arm)] as const)
  const regions: { readonly [label: string]: Region } = Object.fromEntries(
    traced.map(([label, { region }]) => [label, region]),
  )
  const node = addNode(
    builder,
    'match',
    { kind: 'match', value: toExpr(builder, value, 'value'), ...(by === undefined ? {} : { by }), arms: regions },
    traced.map(([, arm]) => arm.builder),
  )
  return nodeRef(builder, node)
}

function traceArm(builder: Builder, arm: (value: Ref<unknown>) => unknown) {
  mustBeFunction(arm, 'match() takes a value and a record of functions')
  return traceRegion(builder.trace, builder, ['value'], inside => arm(paramRef(inside, 'value')))
}

function mustBeFunction(value: unknown, sentence: string): void {
  if (typeof value !== 'function')
    refuse('BAD_ARGUMENT', sentence, {
      at: currentSite()?.at,
      hint: 'For example when(tested.passed, () => publish(dist)).',
    })
}
