/** `each`: the same region for every item of a list, known now, only at run time, or growing. */
import type { Node, Rest } from '../../core/graph/graph.ts'
import { mustBeFunction, refuseArgument } from '../arguments.ts'
import { toExpr } from '../expr.ts'
import { aFunction, checkOptions, made, type Rules, whole } from '../options.ts'
import { nodeRef, paramRef } from '../ref.ts'
import { exprInside, traceInside } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { In, NotAsync, Out, Ref, RefCore, Signal } from '../types.ts'
import { declareSignal, specOf } from './signal.ts'

/** `T` is what the body gets: an item, or a list of items with `batch`. */
export interface EachOptions<T> {
  /** What an item is called in the run: must be unique among the items. Default: its index. */
  readonly key?: (item: Ref<T>, index: Ref<number>) => In<string | number>
  /** How many items at a time. Default: all. */
  readonly concurrency?: number
}

/** So many items at a time are one: the body gets a list, of which the last may be shorter. */
interface Batched {
  readonly batch: number
}

interface Partial<T> {
  /** So many items may fail, or such a part of them (`'20%'`). */
  readonly tolerate?: number | `${number}%`
  /** Goes on after so many items have succeeded. Default of `rest`: `cancel`. */
  readonly until?: number | { readonly count: number; readonly rest?: Rest }
  /** Adds its value as one more item, while any is unfinished. */
  readonly more?: Signal<T>
}
/** With any of these a result may be undefined: its item failed, or was not awaited. */
type PartialOptions<T> = Partial<T> &
  ({ readonly tolerate: unknown } | { readonly until: unknown } | { readonly more: unknown })

type Items<T> = RefCore<readonly T[]> | readonly In<T>[]
type Body<T, R> = (item: Ref<T>, index: Ref<number>) => NotAsync<R>

/** The body is traced once, with refs of the item and its index; the value is the list of its results, in the items' order. */
export function each<T, R>(
  items: Items<T>,
  body: Body<T[], R>,
  options: EachOptions<T[]> & Batched & PartialOptions<T>,
): Ref<(Out<R> | undefined)[]>
export function each<T, R>(items: Items<T>, body: Body<T[], R>, options: EachOptions<T[]> & Batched): Ref<Out<R>[]>
export function each<T, R>(
  items: Items<T>,
  body: Body<T, R>,
  options: EachOptions<T> & PartialOptions<T>,
): Ref<(Out<R> | undefined)[]>
export function each<T, R>(items: Items<T>, body: Body<T, R>, options?: EachOptions<T>): Ref<Out<R>[]>
export function each(items: unknown, body: unknown, options: Given = {}): unknown {
  const builder = mustBuild('each()')
  mustBeFunction(body, 'each() takes items and a function', 'each(failures, failure => triage(failure))')
  checkOptions(options, OPTIONS)
  const { region, builder: inner } = traceInside(builder, ['item', 'index'], inside => body(...itemOf(inside)))
  const { key, concurrency, batch, tolerate, until, more } = options
  const node = addNode(
    builder,
    'each',
    {
      kind: 'each',
      items: toExpr(builder, items, 'items'),
      body: region,
      ...(key ? { key: exprInside(inner, inside => key(...itemOf(inside)), 'key') } : {}),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(batch === undefined ? {} : { batch }),
      ...(tolerate === undefined ? {} : { tolerate: toleranceOf(tolerate) }),
      ...(until === undefined ? {} : { until: endOf(until) }),
      ...(more === undefined ? {} : { more: growthOf(builder, more) }),
    },
    [inner],
  )
  return nodeRef(builder, node)
}

/** All options, whatever the items are. */
interface Given extends Omit<Partial<unknown>, 'more'> {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads say what it is called with.
  readonly key?: (item: any, index: any) => unknown
  readonly concurrency?: number
  readonly batch?: number
  readonly more?: unknown
}

const itemOf = (inside: Builder): [Ref<unknown>, Ref<number>] => [
  paramRef(inside, 'item'),
  paramRef<number>(inside, 'index'),
]

const REST: readonly unknown[] = ['cancel', 'finish', 'detach']
const count = whole(1, 'a whole number', '4')
const isEnd = (value: unknown): boolean =>
  count.holds(value) ||
  (typeof value === 'object' &&
    value !== null &&
    'count' in value &&
    count.holds(value.count) &&
    (!('rest' in value) || value.rest === undefined || REST.includes(value.rest)))
const PERCENT = /^(\d+(?:\.\d+)?)%$/
const percentOf = (text: string): number => Number(PERCENT.exec(text)?.[1] ?? Number.NaN)
const isTolerance = (value: unknown): boolean =>
  typeof value === 'string' ? percentOf(value) <= 100 : Number.isSafeInteger(value) && (value as number) >= 0

const OPTIONS: Rules<Given> = {
  key: aFunction('failure => failure.file'),
  concurrency: count,
  batch: whole(1, 'a whole number', '100'),
  tolerate: { holds: isTolerance, takes: "a whole number from 0 or a share such as '20%'", example: "'20%'" },
  until: {
    holds: isEnd,
    takes: 'a whole number from 1, or { count, rest }',
    example: "{ count: 2, rest: 'cancel' }",
  },
  more: made('signal()', ['wait'], 'arrivals'),
}

type Of = Extract<Node, { kind: 'each' }>

const toleranceOf = (tolerate: number | string): NonNullable<Of['tolerate']> =>
  typeof tolerate === 'number' ? { count: tolerate } : { share: percentOf(tolerate) / 100 }

const endOf = (until: NonNullable<Given['until']>): NonNullable<Of['until']> =>
  typeof until === 'number' ? { count: until, rest: 'cancel' } : { count: until.count, rest: until.rest ?? 'cancel' }

function growthOf(builder: Builder, more: unknown): NonNullable<Of['more']> {
  const spec = specOf(more)
  if (!spec) return refuseArgument('more takes a signal', 'each(files, file => read(file), { more: arrivals })')
  declareSignal(builder, spec)
  return { signal: spec.name, type: spec.type }
}
