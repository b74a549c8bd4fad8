/** `loop`: the same region again and again, each turn with what the one before gave. */
import { mustBeFunction } from '../arguments.ts'
import { toExpr } from '../expr.ts'
import { refuse } from '../../util/diagnostic.ts'
import { currentSite } from '../hooks.ts'
import { aFunction, checkOptions, whole } from '../options.ts'
import { nodeRef, paramRef } from '../ref.ts'
import { exprInside, traceInside } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { In, Ref, RefCore } from '../types.ts'

type Condition<S> = (state: Ref<S>, turn: Ref<number>) => In<boolean>

interface Limited {
  /** Turns after which it fails with LOOP_LIMIT. Default: 100,000. */
  readonly limit?: number | 'none'
}

/** `while` is asked before each turn, `until` after it. */
export type LoopOptions<S> = Limited &
  (
    | { readonly while: Condition<S>; readonly until?: undefined }
    | { readonly until: Condition<S>; readonly while?: undefined }
  )

/** What a literal stands for: the state that it begins with will be another. */
type Widened<S> = S extends string
  ? string
  : S extends number
    ? number
    : S extends boolean
      ? boolean
      : S extends bigint
        ? bigint
        : S

/** The body gets the state and the number of the turn, from 0, and gives the next state. The value is the last state. */
export function loop<S>(
  init: RefCore<S>,
  body: (state: Ref<S>, turn: Ref<number>) => In<NoInfer<S>>,
  options: LoopOptions<NoInfer<S>>,
): Ref<S>
export function loop<S>(
  init: In<S>,
  body: (state: Ref<Widened<S>>, turn: Ref<number>) => In<Widened<NoInfer<S>>>,
  options: LoopOptions<Widened<NoInfer<S>>>,
): Ref<Widened<S>>
export function loop<S>(
  init: unknown,
  body: (state: Ref<S>, turn: Ref<number>) => unknown,
  options: LoopOptions<S>,
): unknown {
  const builder = mustBuild('loop()')
  const example = 'loop(0, page => read(page).next, { until: page => isLast(page) })'
  mustBeFunction(body, 'loop() takes a first state and a function', example)
  checkOptions(options, OPTIONS)
  const { while: before, until: after, limit } = options
  const condition = before ?? after
  if (!condition || (before && after))
    return refuse('BAD_OPTION', 'loop() takes one of while and until', {
      at: currentSite()?.at,
      hint: `For example ${example}.`,
    })
  const given = (inside: Builder) => [paramRef<S>(inside, 'state'), paramRef<number>(inside, 'turn')] as const
  const { region, builder: inner } = traceInside(builder, ['state', 'turn'], inside => body(...given(inside)))
  const node = addNode(
    builder,
    'loop',
    {
      kind: 'loop',
      init: toExpr(builder, init, 'the first state'),
      body: region,
      condition: exprInside(inner, inside => condition(...given(inside)), 'condition'),
      test: before ? 'while' : 'until',
      ...(limit === undefined ? {} : { limit: limit === 'none' ? 0 : limit }),
    },
    [inner],
  )
  return nodeRef(builder, node)
}

const count = whole(1, 'a whole number', '10')
const OPTIONS = {
  while: aFunction('state => state.more'),
  until: aFunction('state => state.done'),
  limit: {
    ...count,
    holds: (value: unknown) => value === 'none' || count.holds(value),
    takes: "a whole number from 1, or 'none'",
  },
}
