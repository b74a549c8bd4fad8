/**
 * What the language's types promise, asserted by the compiler alone: this file is only ever type-checked.
 * What they refuse stands in refused.ts, one error a line.
 */
import { z } from 'zod'
import {
  any,
  attempt,
  cancel,
  clock,
  type Caught,
  critical,
  detach,
  dir,
  type Dir,
  each,
  effect,
  type env,
  type file,
  type FileHandle,
  type Files,
  files,
  flow,
  http,
  type In,
  interleaved,
  lastResult,
  lock,
  loop,
  match,
  milestone,
  net,
  type now,
  type Out,
  type Output,
  output,
  pool,
  race,
  type random,
  type Ref,
  run,
  scope,
  type Secret,
  secret,
  sh,
  signal,
  sleep,
  some,
  source,
  task,
  tune,
  until,
  type uuid,
  when,
  type Workflow,
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
  files(...(['a', 'b'] as readonly string[]))
  const data = dir('data')
  same<typeof data, Ref<Dir>>()
  const fetched = http('https://example.com/list.json', { every: '1h', headers: { accept: 'application/json' } })
  same<typeof fetched, Ref<FileHandle>>()
  const hour = clock('1h')
  same<typeof hour, Ref<string>>()
  const last = lastResult(ci)
  same<typeof last.dist, Ref<Output>>()
  const byName = lastResult<number>('nightly')
  same<typeof byName, Ref<number>>()
  const revision = source(async () => ({ id: 'x' }))()
  same<typeof revision.id, Ref<string>>()
  const stamped = source((tag: number) => [tag], { stamp: async () => 1, retry: 2 })()
  same<typeof stamped, Ref<number[]>>()
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

// Combinators: what comes out of each, and what its bodies see.

interface Receipt {
  readonly id: string
  readonly total: number
}
interface Wanted {
  readonly mail: boolean
  readonly letter: boolean
}
const charge = effect((order: string): Receipt => ({ id: order, total: 1 }))
const refund = effect((_: Receipt) => undefined)
const refundTo = effect((_: Receipt, __: string) => undefined)
const wanted = task((): Wanted => ({ mail: true, letter: false }))
const page = task((cursor: number) => ({ cursor, done: true }))
const stop = signal()
const ledger = lock()

export const combinators = workflow((order: Ref<string>, at: Ref<Date>) => {
  const wants = wanted()
  const told = any({ mail: [wants.mail, () => step(1)], letter: [wants.letter, () => charge(order)] })
  same<typeof told.mail, Ref<{ left: number } | undefined>>()
  same<typeof told.letter, Ref<Receipt | undefined>>()
  same<typeof told.letter.total, Ref<number | undefined>>()
  const orElse = any({ mail: [true, () => step(1)] }, () => 'none' as const)
  same<typeof orElse.otherwise, Ref<'none' | undefined>>()

  const last = loop(0, n => step(n.to(m => m + 1)).left, { until: n => n.to(m => m > 3) })
  same<typeof last, Ref<number>>()
  const read = loop(page(0), before => page(before.cursor), { while: before => before.done, limit: 'none' })
  same<typeof read.cursor, Ref<number>>()
  const built = loop({ n: 0, words: [] as string[] }, state => ({ n: state.n.to(n => n + 1), words: state.words }), {
    until: (_state, turn) => turn.to(t => t > 2),
    limit: 5,
  })
  same<typeof built.words, Ref<string[]>>()

  const raced = race({ paid: () => charge(order), late: () => sleep('1h'), stopped: () => stop.wait() })
  same<typeof raced.won, Ref<'paid' | 'late' | 'stopped'>>()
  const won = match(raced, 'won', { paid: paid => paid.value.total, late: () => 0, stopped: () => 'x' })
  same<typeof won, Ref<number | string>>()
  const two = some(2, { a: () => step(1), b: () => charge(order), c: () => 3 }, { rest: 'finish' })
  same<typeof two.a, Ref<{ left: number } | undefined>>()
  same<typeof two.c, Ref<number | undefined>>()

  const tried = attempt(() => charge(order))
  same<typeof tried, Ref<Receipt>>()
  const caught = attempt(() => charge(order), {
    catch: error => {
      same<typeof error, Ref<Caught>>()
      return error.message
    },
    finally: () => step(1),
    retry: [{ errors: ['TIMEOUT'], times: 3, jitter: 'decorrelated' }, { times: 1 }],
    deadline: '1h',
  })
  same<typeof caught, Ref<Receipt | string>>()
  const handled = attempt(() => charge(order), {
    catch: { PaymentDeclined: error => error.code, TypeError: () => 1, else: error => error.causes.length },
  })
  same<typeof handled, Ref<Receipt | string | number>>()

  const charged = charge(order).undo(refund)
  same<typeof charged, Ref<Receipt>>()
  charge(order)
    .undo(receipt => {
      same<typeof receipt, Ref<Receipt>>()
      return refundTo(receipt, order)
    })
    .after(charged)
  const { id } = charge(order).undo(receipt => refund({ id: receipt.id, total: 2 }))
  same<typeof id, Ref<string>>()

  sleep(step(1).left)
  sleep(step(1).to(({ left }) => `${left}m`))
  until(at)
  until('2027-01-31')
  until(new Date(0)).after(until(at))
  const stopped = stop.wait({ timeout: '3d' })
  same<typeof stopped, Ref<undefined>>()

  const scoped = scope(() => ({ receipt: charge(order) }), { deadline: '2h', onFailure: 'finish', lock: ledger })
  same<typeof scoped.receipt.total, Ref<number>>()
  const held = critical([ledger, lock({ name: 'other' })], () => step(1))
  same<typeof held.left, Ref<number>>()
  const measured = interleaved(() => ({ x: step(1), y: step(2) }))
  same<typeof measured.y.left, Ref<number>>()
  const changed = milestone({ until: scoped }, () => step(1))
  same<typeof changed.left, Ref<number | undefined>>()
  const gone = detach(() => step(1))
  same<typeof gone, Ref<undefined>>()
  cancel(scoped, { dependents: 'run' }).after(gone)
  cancel(raced.value)

  const played = net({
    start: 'in',
    end: 'out',
    transitions: {
      first: { from: 'in', to: ['a', 'b'], run: () => step(1) },
      both: {
        from: ['a', 'b'],
        to: 'out',
        run: before => charge(before['first'].left),
        if: before => before['first'].ok,
      },
      none: { from: 'a', to: 'a' },
    },
  })
  same<typeof played.first, Ref<{ left: number } | undefined>>()
  same<typeof played.both, Ref<Receipt | undefined>>()
  same<typeof played.none, Ref<undefined>>()
})

const arrivals = signal(z.number())
export const many = workflow((numbers: Ref<readonly number[]>) => {
  const batched = each(numbers, some => ({ many: some.length, first: some.at(0) }), { batch: 10 })
  same<typeof batched, Ref<{ many: number; first: number | undefined }[]>>()
  const keyed = each(
    numbers,
    some => {
      same<typeof some, Ref<number[]>>()
      return some.length
    },
    { batch: 10, key: (_some, index) => index, tolerate: '20%' },
  )
  same<typeof keyed, Ref<(number | undefined)[]>>()
  const first = each(numbers, n => step(n), { until: { count: 2, rest: 'detach' } })
  same<typeof first, Ref<({ left: number } | undefined)[]>>()
  const growing = each(numbers, n => step(n).left, { more: arrivals, concurrency: 2, key: n => n })
  same<typeof growing, Ref<(number | undefined)[]>>()
  const all = each(numbers, n => step(n).left, { concurrency: 2, key: n => n })
  same<typeof all, Ref<number[]>>()
})

// Options of definitions.

const db = pool(4, { across: 'store' })
export const heavy = task((n: number) => n, {
  pool: db.take(2),
  locks: [ledger],
  deadline: '1h',
  heartbeat: '10s',
  exhausted: 'park',
  retry: [{ errors: ['TIMEOUT'], times: 5, factor: 1.5, maxDelay: '1m' }],
})
export const bounded = workflow({ n: z.number() }, ({ n }) => heavy(n), { deadline: '1h', onFailure: 'finish' })
export const boundedFlow = flow(async (n: number) => (await heavy(n)) + 1, { deadline: '1h' })
same<ReturnType<typeof bounded>, Ref<number>>()

// A workflow that recurs says its own type.

export const countdown: Workflow<[Ref<number>], number | undefined> = workflow((n: Ref<number>) => {
  const { left } = step(n)
  return when(
    left.to(m => m > 0),
    () => countdown(left),
  )
})

// A flow awaits what waits.

export const patient = flow(async () => {
  const nothing = await sleep('1s')
  same<typeof nothing, undefined>()
  await until(new Date(0))
  const added = await arrivals.wait({ timeout: '1d' })
  same<typeof added, number>()
})
