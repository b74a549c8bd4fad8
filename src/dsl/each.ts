/** `each`: the same region for every item of a list, known now or only at run time. */
import { refuse } from '../util/diagnostic.ts'
import { toExpr } from './expr.ts'
import { currentSite } from './hooks.ts'
import { nodeRef, paramRef } from './ref.ts'
import { traceRegion } from './region.ts'
import { addNode, building, mustBuild } from './trace.ts'
import type { EachOptions, In, NotAsync, Out, Ref, RefCore } from './types.ts'

/** The body is traced once, with refs of the item and its index; the value is the list of its results, in the items' order. */
export function each<T, R>(
  items: RefCore<readonly T[]> | readonly In<T>[],
  body: (item: Ref<T>, index: Ref<number>) => NotAsync<R>,
  options: EachOptions<T> = {},
): Ref<Out<R>[]> {
  const builder = mustBuild('each()')
  const { concurrency, key } = options
  if (typeof body !== 'function')
    refuse('BAD_ARGUMENT', 'each() takes items and a function', {
      at: currentSite()?.at,
      hint: 'For example each(failures, failure => triage(failure)).',
    })
  if (concurrency !== undefined && (!Number.isInteger(concurrency) || concurrency < 1)) {
    refuse('BAD_OPTION', `concurrency takes a whole number from 1, not ${String(concurrency)}`, {
      at: currentSite()?.at,
      hint: 'For example { concurrency: 4 }.',
    })
  }
  const { region, builder: inner } = traceRegion(builder.trace, builder, ['item', 'index'], inside =>
    body(paramRef<T>(inside, 'item'), paramRef<number>(inside, 'index')),
  )
  const keyExpr =
    key &&
    toExpr(
      inner,
      building(inner, () => key(paramRef<T>(inner, 'item'), paramRef<number>(inner, 'index'))),
      'key',
    )
  const node = addNode(
    builder,
    'each',
    {
      kind: 'each',
      items: toExpr(builder, items, 'items'),
      body: region,
      ...(keyExpr ? { key: keyExpr } : {}),
      ...(concurrency === undefined ? {} : { concurrency }),
    },
    [inner],
  )
  return nodeRef(builder, node)
}
