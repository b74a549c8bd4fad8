/**
 * What the language's types promise, asserted by the compiler alone: this file is only ever type-checked.
 * What they refuse stands in refused.ts, one error a line.
 */
import { z } from 'zod'
import {
  type Dir,
  each,
  effect,
  type env,
  type file,
  type FileHandle,
  type Files,
  files,
  flow,
  type In,
  match,
  type now,
  type Out,
  type Output,
  output,
  pool,
  type random,
  type Ref,
  run,
  type Secret,
  secret,
  sh,
  signal,
  sleep,
  task,
  tune,
  type uuid,
  when,
  workflow,
} from 'tutti'

/** Two types are one when no generic function can tell them apart. */
type Identical<A, B> = (<T>() => T extends A ? 'yes' : 'no') extends <T>() => T extends B ? 'yes' : 'no' ? true : false
declare function same<A, B>(...proof: Identical<A, B> extends true ? [] : [got: A, wanted: B]): void

interface Failure {
  readonly file: string
  readonly line?: number
}
interface Report {
  readonly passed: boolean
  readonly failures: readonly Failure[]
  readonly timing: { readonly tookMs: number }
}
declare function parseReport(output: unknown): Report

// The examples of DESIGN.md, section 2.

const lint = task((src: Files) => sh`oxlint ${src}`)
const compile = task(async (src: Files, dist: Output) => {
  await sh`esbuild ${src} --outdir=${dist}`
  return dist
})
const test = task(async (dist: Dir) => parseReport(await sh`node --test ${dist}`), { timeout: '5m', retry: 2 })
const publish = effect((dist: Dir, channel: string, token: Secret) =>
  sh`npm publish ${dist} --tag ${channel}`.env({ NODE_AUTH_TOKEN: token }),
)
const approval = signal(z.object({ by: z.string() }))
const triage = task((failure: Failure, note?: string) => `${failure.file}${note ?? ''}`)
const step = task((n: number) => ({ left: n - 1 }))

export const ci = workflow(() => {
  const src = files('src/**/*.ts')
  const linted = lint(src)
  const dist = compile(src, output('dist')).after(linted)
  const tested = test(dist)
  same<typeof dist, Ref<Output>>()
  same<typeof tested.passed, Ref<boolean>>()
  same<typeof tested.timing.tookMs, Ref<number>>()
  const words = each(
    tested.failures,
    failure => {
      same<typeof failure.file, Ref<string>>()
      same<typeof failure.line, Ref<number | undefined>>()
      return triage(failure)
    },
    { key: failure => failure.file },
  )
  same<typeof words, Ref<string[]>>()
  return { dist, tested }
})

export const release = workflow({ channel: z.string() }, ({ channel }) => {
  same<typeof channel, Ref<string>>()
  const { dist, tested } = ci()
  same<typeof dist, Ref<Output>>()
  same<typeof tested, Ref<Report>>()
  const approved = approval.wait({ timeout: '3d' })
  same<typeof approved.by, Ref<string>>()
  const published = when(tested.passed, () => publish(dist, channel, secret('NPM_TOKEN')).after(approved))
  same<typeof published.code, Ref<number | undefined>>()
})

export const drain = flow(async (n: number) => {
  let left = n
  while (left > 0) left = (await step(left)).left
  return left
})
same<ReturnType<typeof drain>, Ref<number>>()

export const callers = workflow(() => {
  release({ channel: 'x' })
  release({ channel: drain(3).to(left => `v${left}`) })
  drain(3)
  drain(step(1).left)
})

// Literals with refs anywhere inside, rest and optional parameters.

const shape = task((x: { a: number; b: string[]; c?: { d: Date } }, ...more: number[]) => x.b.length + more.length)
export const literals = workflow((n: Ref<number>, s: Ref<string>) => {
  shape({ a: n, b: ['x', s] })
  shape({ a: 1, b: s.to(x => [x]), c: { d: new Date(0) } }, 1, n)
  triage({ file: s }, s)
  triage({ file: 'x' })
})

// Unions, optionals, tuples, lists, whole values, `any`, names that a member of the ref hides.

type Verdict = { kind: 'ok'; score: number } | { kind: 'bad'; why: string }
const judge = task((): Verdict => ({ kind: 'ok', score: 1 }))
const pair = task((): [number, string] => [1, 'x'])
const mail = task(() => ({ to: 'a@b', then: 1, subject: 's' }))
const list = task(() => [1, 2])
const maybe = task((): { a: number } | undefined => undefined)
const yes = task((): boolean => true)
const parsed = task(() => JSON.parse('1'))
const day = task(() => new Date(0))

export const shapes = workflow(() => {
  const verdict = judge()
  same<typeof verdict.kind, Ref<'ok' | 'bad'>>()
  same<typeof verdict.score, Ref<number | undefined>>()
  same<typeof verdict.why, Ref<string | undefined>>()
  const byField = match(verdict, 'kind', { ok: ok => ok.score, bad: bad => bad.why })
  same<typeof byField, Ref<number | string>>()
  const byValue = match(verdict.kind, { ok: () => step(1), bad: () => step(2) })
  same<typeof byValue.left, Ref<number>>()

  const [first, second] = pair()
  same<typeof first, Ref<number>>()
  same<typeof second, Ref<string>>()
  const sent = mail()
  same<ReturnType<typeof sent.at<'to'>>, Ref<string>>()
  same<ReturnType<typeof sent.at<'then'>>, Ref<number>>()
  same<typeof sent.subject, Ref<string>>()
  const { subject } = mail()
  same<typeof subject, Ref<string>>()
  same<ReturnType<ReturnType<typeof list>['at']>, Ref<number | undefined>>()
  same<ReturnType<typeof list>['length'], Ref<number>>()
  same<ReturnType<typeof maybe>['a'], Ref<number | undefined>>()
  same<ReturnType<typeof day>, Ref<Date>>()
  const anything = parsed()
  step(anything)
  step(anything.deep.field)
  const chained = day()
    .to(date => date.getTime())
    .to(async ms => ({ ms }))
  same<typeof chained.ms, Ref<number>>()

  const either = when(
    yes(),
    () => ({ p: step(1), q: 'lit' }),
    () => step(2),
  )
  same<typeof either, Ref<{ p: { left: number }; q: string } | { left: number }>>()
  const once = when(true, () => step(1))
  same<typeof once, Ref<{ left: number } | undefined>>()
  const nothing = when(yes(), () => {
    step(1)
  })
  same<typeof nothing, Ref<undefined>>()

  each([1, step(2).left, 3], n => {
    same<typeof n, Ref<number>>()
    return each(list(), (k, index) => {
      same<typeof index, Ref<number>>()
      return { n, k }
    })
  })
  each(['a', 'b'], name => triage({ file: name }), { concurrency: 2, key: name => name })

  const waited = sleep('1m')
  step(1).after(waited, once, first)
  same<ReturnType<typeof env>, Ref<string>>()
  same<ReturnType<typeof file>, Ref<FileHandle>>()
  same<ReturnType<typeof files>, Ref<Files>>()
  const { paths } = files('*.ts')
  same<typeof paths, Ref<readonly string[]>>()
})

// What comes out of bodies, and what may go in.

same<Out<{ a: Ref<number>; b: [Ref<string>, 'x']; c: undefined }>, { a: number; b: [string, 'x']; c: undefined }>()
same<Out<void>, undefined>()
same<Out<Date>, Date>()
declare function accepts<T>(value: In<T>): void
accepts<{ n: number }>({ n: step(1).left })
accepts<{ n: number }>(step(1).to(({ left }) => ({ n: left })))

// Generic tasks stay generic; other options do not change what a task is called with.

const head = task(<T>(xs: readonly T[]): T => xs[0] as T)
const both = task(<T extends object>(x: T, y?: number) => ({ x, y }))
export const generics = workflow(() => {
  const word = head(['a'])
  same<typeof word, Ref<string>>()
  const nested = both(step(1))
  same<typeof nested.x.left, Ref<number>>()
})
const tuned = tune(step, { retry: { times: 3, backoff: 'fixed', delay: '10ms' }, pool: pool(2), priority: 1 })
same<typeof tuned, typeof step>()

// Flows await values, and pass what they have not awaited yet.

export const migrate = flow(async (n: number) => {
  const [a, b] = await Promise.all([step(n), triage({ file: 'x' })])
  same<typeof a, { left: number }>()
  same<typeof b, string>()
  const raced = await Promise.race([step(1), judge()])
  raced satisfies { left: number } | Verdict
  const settled = await Promise.allSettled([step(1)])
  same<(typeof settled)[0], PromiseSettledResult<{ left: number }>>()
  const { left } = await step(step(1).left)
  same<typeof left, number>()
  same<Awaited<ReturnType<typeof now>>, number>()
  same<Awaited<ReturnType<typeof random>>, number>()
  same<Awaited<ReturnType<typeof uuid>>, string>()
  return left
})

// Validators: what they fill in may be left out, and their output is what the body sees.

export const withDefaults = workflow(
  { n: z.number().default(1), s: z.string().transform(text => text.length) },
  ({ n, s }) => {
    same<typeof n, Ref<number>>()
    same<typeof s, Ref<number>>()
    return step(n)
  },
)
export const flowWithParams = flow({ n: z.number() }, async ({ n }) => {
  same<typeof n, number>()
  return n
})
export const callsThem = workflow(() => {
  withDefaults({ s: 3 })
  flowWithParams({ n: step(1).left })
})

// A run's result has the workflow's type.

export async function embedded() {
  const result = await run(migrate, { args: { n: 1 } })
  if (result.kind === 'ended' && result.status === 'succeeded') same<typeof result.output, number>()
}
