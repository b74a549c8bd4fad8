/** Random machines as plans: a plan is always a valid machine, and a smaller plan is a smaller machine, so that fast-check can shrink it. */
import fc from 'fast-check'

export type Language = 'JSONPath' | 'JSONata'

export interface Rule {
  readonly errors: readonly string[]
}

export interface Handling {
  readonly retry: readonly (Rule & { readonly attempts: number })[]
  /** Where a caught error goes on: so many blocks further. */
  readonly catch: readonly (Rule & { readonly skip: number })[]
}

interface Spoken {
  readonly language: Language
}

export type Block =
  | (Spoken & { readonly kind: 'pass'; readonly value: number; readonly assigns: boolean; readonly reads: boolean })
  | (Spoken & { readonly kind: 'wait'; readonly form: 'seconds' | 'path' | 'past' })
  | (Spoken & { readonly kind: 'skip'; readonly of: 'n' | 'x'; readonly is: number; readonly skip: number })
  | (Spoken & {
      readonly kind: 'stop'
      readonly is: number
      readonly how: 'succeed' | 'fail' | 'nothing'
      readonly error: string
    })
  | (Spoken & { readonly kind: 'loop'; readonly times: number; readonly body: Plan })
  | (Spoken &
      Handling & {
        readonly kind: 'task'
        readonly fails: number
        readonly error: string
        readonly timed: boolean
        readonly placed: boolean
      })
  | (Spoken &
      Handling & {
        readonly kind: 'parallel'
        readonly branches: readonly Plan[]
        readonly made: boolean
        readonly error: string
      })
  | (Spoken &
      Handling & {
        readonly kind: 'map'
        readonly body: Plan
        readonly items: readonly number[]
        readonly concurrency: number
        readonly selects: boolean
        readonly tolerated: number | undefined
        readonly error: string
      })

export type Plan = readonly Block[]

export interface Whole {
  readonly language: Language
  readonly plan: Plan
  readonly n: number
}

const ERRORS = ['Broken', 'Late', 'Wrong'] as const
const error = fc.constantFrom(...ERRORS)
const language = fc.constantFrom<Language>('JSONPath', 'JSONata')
/** `States.ALL` stands alone and last: what comes before may know the error, or not. */
const named = fc.constantFrom<readonly string[]>(['Broken'], ['Late', 'Wrong'], ['States.TaskFailed'])
const last = fc.constantFrom<readonly string[]>(['States.ALL'], ['Wrong'])

function ruled<T extends object>(more: fc.Arbitrary<T>): fc.Arbitrary<(Rule & T)[]> {
  const of = (errors: fc.Arbitrary<readonly string[]>, maxLength: number) =>
    fc.array(
      fc.tuple(errors, more).map(([names, rest]) => ({ errors: names, ...rest })),
      { maxLength },
    )
  return fc.tuple(of(named, 1), of(last, 1)).map(([first, then]) => [...first, ...then])
}

const handling = {
  retry: ruled(fc.record({ attempts: fc.nat(2) })),
  catch: ruled(fc.record({ skip: fc.nat(2) })),
}

const simple: readonly fc.WeightedArbitrary<Block>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass'),
      language,
      value: fc.nat(3),
      assigns: fc.boolean(),
      reads: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait'), language, form: fc.constantFrom('seconds', 'path', 'past') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('skip'),
      language,
      of: fc.constantFrom('n', 'x'),
      is: fc.nat(2),
      skip: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stop'),
      language,
      is: fc.nat(3),
      how: fc.constantFrom('succeed', 'fail', 'nothing'),
      error,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('task'),
      language,
      fails: fc.constantFrom(0, 0, 1, 2, 99),
      error,
      timed: fc.boolean(),
      placed: fc.boolean(),
      ...handling,
    }),
  },
] as readonly fc.WeightedArbitrary<Block>[]

const planOf = (depth: number): fc.Arbitrary<Plan> =>
  fc.array(depth === 0 ? fc.oneof(...simple) : fc.oneof({ maxDepth: 9 }, ...simple, ...nesting(planOf(depth - 1))), {
    maxLength: depth === 0 ? 3 : 4,
  })

const nesting = (inner: fc.Arbitrary<Plan>): readonly fc.WeightedArbitrary<Block>[] =>
  [
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('loop'), language, times: fc.nat(3), body: inner }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('parallel'),
        language,
        branches: fc.array(inner, { minLength: 1, maxLength: 3 }),
        made: fc.boolean(),
        error,
        ...handling,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('map'),
        language,
        body: inner,
        items: fc.array(fc.nat(3), { maxLength: 4 }),
        concurrency: fc.nat(2),
        selects: fc.boolean(),
        tolerated: fc.option(fc.nat(2), { nil: undefined }),
        error,
        ...handling,
      }),
    },
  ] as readonly fc.WeightedArbitrary<Block>[]

export const wholes: fc.Arbitrary<Whole> = fc.record({ language, plan: planOf(2), n: fc.nat(3) })
