/** Every mistake in a tutti.ts has a code and a place, before anything runs. */
import { expect, test } from 'vitest'
import { brief, graphOf, HEAD, marked, refusal } from './rig.ts'

const PRELUDE = `${HEAD}import { z } from 'zod'
const step = task((x: any, y?: any) => x as any)
const ledger = lock()
const open = (): any => new (class Socket {})()
`
/** Inside a workflow's body: code, and `¦` where it points. */
const IN_BODY: readonly (readonly [codes: string, body: string])[] = [
  ['REF_OUT_OF_REGION', 'let inner: any; when(true, () => { inner = step(1) }); ¦step(inner)'],
  ['REF_OUT_OF_REGION', 'let inner: any; each([1], x => { inner = x; return x }); ¦step([{ deep: inner }])'],
  ['REF_OUT_OF_REGION', 'let inner: any; when(true, () => { inner = step(1) }); step(1).¦after(inner)'],
  ['REF_OUT_OF_REGION', 'let inner: any; each([1], x => { inner = x.to(y => y) }); ¦when(inner, () => 1)'],
  ['AFTER_ON_VALUE', 'step(1).to(x => x).¦after(step(2))'],
  ['NOT_A_STEP', "step(1).¦after('x' as any)"],
  ['DEFINITION_AS_VALUE', '¦step(step)'],
  ['DEFINITION_AS_VALUE', '¦step({ a: [1, step] })'],
  ['VALUE_UNKEEPABLE', '¦step(() => 1)'],
  ['VALUE_UNKEEPABLE', '¦step({ a: [{ b: open() }] })'],
  ['VALUE_UNKEEPABLE', '¦step({ a: step(1), b: Symbol("x") }) // two calls: the inner one is right'],
  ['VALUE_UNKEEPABLE', 'const loop: any = { a: step(1) }; loop.self = loop; loop.again = loop; ¦step(loop)'],
  ['VALUE_UNKEEPABLE', 'const loop: any = {}; loop.self = [loop, loop]; ¦step(loop)'],
  ['VALUE_TOO_DEEP', 'let deep: any = {}; for (let i = 0; i < 5000; i++) deep = { deep }; ¦step(deep)'],
  ['REF_INSIDE', '¦step(new Map([[1, step(1)]]))'],
  ['REF_INSIDE', "¦step({ a: new Set([output('x')]) })"],
  ['BAD_ARGUMENT', '¦when(true, 1 as any)'],
  ['BAD_ARGUMENT', '¦match(step(1), { a: 1 as any } as any)'],
  ['BAD_ARGUMENT', '¦each([1], undefined as any)'],
  ['BAD_ARGUMENT', 'step(1).¦to(1 as any)'],
  ['BAD_ARGUMENT', '¦files()'],
  ['BAD_ARGUMENT', "¦files('')"],
  ['BAD_ARGUMENT', "¦file('')"],
  ['BAD_ARGUMENT', '¦env(1 as any)'],
  ['BAD_ARGUMENT', "¦output('')"],
  ['BAD_ARGUMENT', '¦secret(undefined as any)'],
  ['BAD_OPTION', '¦each([1], x => x, { concurrency: 0 })'],
  ['BAD_OPTION', '¦each([1], x => x, { concurrency: 1.5 })'],
  ['BAD_DURATION', "¦sleep('soon')"],
  ['BAD_DURATION', '¦sleep(-1)'],
  ['BAD_DURATION', "signal().¦wait({ timeout: 'x' })"],
  ['SECRET_OUTSIDE_STEP', "secret('X').¦reveal()"],
  ['OUTSIDE_FLOW', '¦now()'],
  ['OUTPUT_TWICE', "step(output('dist')); ¦step(output('./dist/'))"],
  ['OUTPUT_TWICE', "step(output('dist')); when(true, () => ¦step({ a: [output('dist/a')] }))"],
  ['OUTPUT_OUTSIDE', "¦step(output('../x'))"],
  ['OUTPUT_OUTSIDE', "¦step(output('/x'))"],
  ['BODY_THREW', "throw ¦new TypeError('boom')"],
  ['BODY_THREW', 'const x: any = undefined; x.¦y'],
  ['BODY_THREW', 'JSON.¦parse("{")'],
  ['ASYNC_BODY', '¦when(true, (async () => 1) as any)'],
  // Arms
  ['BAD_ARGUMENT', '¦any({} as any)'],
  ['BAD_ARGUMENT', '¦any({ a: () => 1 } as any)'],
  ['BAD_ARGUMENT', '¦any({ a: [true, 1] } as any)'],
  ['BAD_ARGUMENT', '¦any({ a: [true, () => 1] }, 1 as any)'],
  ['BAD_ARGUMENT', '¦race({})'],
  ['BAD_ARGUMENT', '¦race([() => 1] as any)'],
  ['BAD_ARGUMENT', '¦race({ a: 1 } as any)'],
  ['BAD_ARGUMENT', '¦some(1, {})'],
  ['SOME_COUNT', '¦some(0, { a: () => 1 })'],
  ['SOME_COUNT', '¦some(2, { a: () => 1 })'],
  ['SOME_COUNT', '¦some(-1, { a: () => 1 })'],
  ['SOME_COUNT', '¦some(1.5, { a: () => 1, b: () => 1 })'],
  ['SOME_COUNT', '¦some(NaN, { a: () => 1 })'],
  ['BAD_OPTION', "¦some(1, { a: () => 1 }, { rest: 'kill' as any })"],
  ['BAD_OPTION', '¦some(1, { a: () => 1 }, { left: 1 } as any)'],
  ['ASYNC_BODY', '¦race({ a: (async () => 1) as any })'],
  // Loops
  ['BAD_ARGUMENT', '¦loop(1, 1 as any, { until: () => true })'],
  ['BAD_OPTION', '¦loop(1, n => n, {} as any)'],
  ['BAD_OPTION', '¦loop(1, n => n, undefined as any)'],
  ['BAD_OPTION', '¦loop(1, n => n, { while: () => true, until: () => true } as any)'],
  ['BAD_OPTION', '¦loop(1, n => n, { until: true as any })'],
  ['BAD_OPTION', '¦loop(1, n => n, { until: () => true, limit: 0 })'],
  ['BAD_OPTION', '¦loop(1, n => n, { until: () => true, limit: NaN })'],
  ['BAD_OPTION', "¦loop(1, n => n, { until: () => true, limit: 'many' as any })"],
  ['REF_TESTED', 'loop(1, n => n, { until: n => (¦n as any) > 3 })'],
  ['REF_TESTED', 'loop(1, n => (¦n as any) + 1, { until: () => true })'],
  ['DANGLING_REF', '¦loop(1, n => n, { until: n => step(n) })'],
  ['BAD_OPTION', "¦each([1], x => x, { tolerate: 'some' as any })"],
  ['BAD_OPTION', "¦each([1], x => x, { tolerate: '120%' })"],
  ['BAD_OPTION', '¦each([1], x => x, { tolerate: -1 })'],
  ['BAD_OPTION', '¦each([1], x => x, { until: 0 })'],
  ['BAD_OPTION', "¦each([1], x => x, { until: { count: 1, rest: 'kill' as any } })"],
  ['BAD_OPTION', '¦each([1], x => x, { batch: 0 })'],
  ['BAD_OPTION', '¦each([1], x => x, { batch: 1.5 })'],
  ['BAD_OPTION', '¦each([1], x => x, { more: 1 as any })'],
  ['BAD_ARGUMENT', '¦each([1], x => x, { more: { wait: 1 } as any })'],
  // Failures
  ['BAD_ARGUMENT', '¦attempt(1 as any)'],
  ['BAD_OPTION', '¦attempt(() => 1, { catch: 1 as any })'],
  ['BAD_ARGUMENT', '¦attempt(() => 1, { catch: {} })'],
  ['BAD_ARGUMENT', '¦attempt(() => 1, { catch: { TIMEOUT: 1 } as any })'],
  ['BAD_OPTION', '¦attempt(() => 1, { finally: 1 as any })'],
  ['BAD_OPTION', '¦attempt(() => 1, { retry: -1 })'],
  ['BAD_DURATION', "¦attempt(() => 1, { deadline: 'soon' })"],
  ['BAD_OPTION', '¦attempt(() => 1, { else: () => 1 } as any)'],
  ['REF_OUT_OF_REGION', 'let e: any; attempt(() => 1, { catch: error => { e = error } }); ¦step(e)'],
  ['BAD_ARGUMENT', 'step(1).¦undo(1 as any)'],
  ['BAD_UNDO', 'step(1).undo(step).¦undo(step)'],
  ['BAD_UNDO', 'step(1).x.¦undo(step)'],
  ['BAD_UNDO', 'step(1).to((x: any) => x).¦undo(step)'],
  ['BAD_UNDO', 'each([1], x => x.¦undo(step))'],
  ['BAD_UNDO', 'const x = step(1); when(true, () => x.¦undo(step))'],
  ['REF_OUT_OF_REGION', 'let x: any; when(true, () => { x = step(1) }); step(2).undo(() => ¦step(x))'],
  ['REF_OUT_OF_REGION', 'let x: any; step(2).undo(value => { x = value }); ¦step(x)'],
  ['REF_OUT_OF_REGION', 'const x = step(1); step(2).undo(() => step(3).¦after(x))'],
  ['NOT_A_STEP', 'const x = step(1); step(2).undo(() => ¦cancel(x))'],
  ['GRAPH_CYCLE', 'const x = ¦step(1); const y = step(x); x.undo(() => step(y))'],
  ['ASYNC_BODY', 'step(1).¦undo((async () => 1) as any)'],
  // Waits
  ['BAD_DURATION', "¦sleep('200y')"],
  ['BAD_DURATION', '¦sleep(NaN)'],
  ['BAD_DURATION', '¦sleep(1e18)'],
  ['BAD_DURATION', '¦sleep({} as any)'],
  ['BAD_INSTANT', "¦until('tomorrow')"],
  ['BAD_INSTANT', "¦until('2027-01-31T09:00:00')"],
  ['BAD_INSTANT', "¦until('2027-13-01')"],
  ['BAD_INSTANT', '¦until(-1)'],
  ['BAD_INSTANT', '¦until(new Date(NaN))'],
  ['BAD_INSTANT', '¦until({} as any)'],
  ['BAD_DURATION', 'signal().¦wait({ timeout: -5 })'],
  ['BAD_OPTION', "signal().¦wait({ until: '1d' } as any)"],
  ['BAD_OPTION', "¦signal(z.string(), { early: 'lost' as any })"],
  ['BAD_OPTION', "¦signal(z.string(), { name: '' })"],
  [
    'SIGNAL_TWICE',
    "const x = signal(z.string(), { name: 'go' }); const y = signal(z.number(), { name: 'go' }); x.wait(); y.¦wait()",
  ],
  [
    'SIGNAL_TWICE',
    "const x = signal(undefined, { name: 'go' }); const y = signal(z.number(), { name: 'go' }); x.wait(); ¦each([1], n => n, { more: y })",
  ],
  // Scopes
  ['BAD_ARGUMENT', '¦scope(1 as any)'],
  ['BAD_OPTION', "¦scope(() => 1, { onFailure: 'panic' as any })"],
  ['BAD_DURATION', "¦scope(() => 1, { deadline: '-1s' })"],
  ['BAD_OPTION', "¦scope(() => 1, { lock: 'ledger' as any })"],
  ['BAD_OPTION', '¦scope(() => 1, { lock: [] })'],
  ['BAD_ARGUMENT', '¦critical(ledger, 1 as any)'],
  ['BAD_OPTION', '¦critical(undefined as any, () => 1)'],
  ['BAD_OPTION', "¦critical(['ledger'] as any, () => 1)"],
  ['LOCK_HELD', 'critical(ledger, () => ¦critical(ledger, () => 1))'],
  ['BAD_ARGUMENT', '¦interleaved(1 as any)'],
  ['BAD_ARGUMENT', '¦detach(1 as any)'],
  ['BAD_ARGUMENT', '¦milestone({ until: step(1) }, 1 as any)'],
  ['NOT_A_STEP', "¦milestone({ until: 'x' as any }, () => 1)"],
  ['NOT_A_STEP', '¦milestone(undefined as any, () => 1)'],
  ['NOT_A_STEP', 'const x = step(1); when(true, () => ¦milestone({ until: x }, () => 1))'],
  ['MILESTONE_CLOSED', 'const x = step(1); ¦milestone({ until: x }, () => 1).after(x)'],
  ['NOT_A_STEP', "¦cancel('x' as any)"],
  ['NOT_A_STEP', 'let x: any; when(true, () => { x = step(1) }); ¦cancel(x)'],
  ['NOT_A_STEP', '¦cancel(step(1).to((x: any) => x))'],
  ['BAD_OPTION', "¦cancel(step(1), { dependents: 'kill' as any }) // the one before is right"],
  // Nets
  ['BAD_ARGUMENT', '¦net(1 as any)'],
  ['BAD_OPTION', "¦net({ end: 'o', transitions: {} } as any)"],
  ['BAD_OPTION', "¦net({ start: 'i', end: 'o', transitions: 1 as any })"],
  ['BAD_ARGUMENT', "¦net({ start: 'i', end: 'o', transitions: { a: 1 as any } })"],
  ['BAD_OPTION', "¦net({ start: 'i', end: 'o', transitions: { a: {} as any } })"],
  ['BAD_OPTION', "¦net({ start: 'i', end: 'o', transitions: { a: { from: 'i', run: 1 as any } } })"],
  ['BAD_NET', "¦net({ places: ['i', 'o'], start: 'i', end: 'o', transitions: { a: { from: 'i', to: 'x' } } })"],
  ['BAD_NET', "¦net({ start: [], end: 'o', transitions: { a: { from: 'i', to: 'o' } } })"],
  ['BAD_NET', "¦net({ start: 'i', end: 'o', transitions: { a: { from: [], to: 'o' } } })"],
  ['ASYNC_BODY', '¦each([1], (async () => 1) as any)'],
]

test.each(IN_BODY)('%s: %s', async (code, body) => {
  const { text, place } = marked(`${PRELUDE}export const w = workflow(() => {\n  ${body}\n})`)
  const [first] = (await refusal(() => graphOf(text))).diagnostics
  expect(brief(first!)).toBe(`${code} tutti.ts:${place}`)
  expect(first?.hint).toBeTruthy()
})

/** Whole files. */
const FILES: readonly (readonly [codes: string, text: string])[] = [
  ['BAD_ARGUMENT', 'export const x = ¦task(1 as any)'],
  ['BAD_ARGUMENT', 'export const x = ¦workflow(1 as any)'],
  ['BAD_ARGUMENT', "export const x = ¦workflow({ a: 'string' } as any, () => 1)"],
  ['BAD_ARGUMENT', 'export const x = ¦workflow((...xs: any[]) => 1)'],
  ['BAD_ARGUMENT', "export const x = ¦signal('x' as any)"],
  ['BAD_ARGUMENT', 'export const x = ¦tune(1 as any, {})'],
  ['BAD_OPTION', 'export const x = ¦pool(0)'],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { retry: -1 })'],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { retry: {} as any })'],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { retry: { times: 1, jitter: 'some' as any } })"],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { pool: 'db' as any })"],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { priority: '1' as any })"],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { env: [1] as any })'],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { cache: true as any })'],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { name: '' })"],
  ['BAD_OPTION', 'export const x = ¦tune(step, { retries: 3 } as any)'],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { retry: [{ times: 1 }, { times: -1 }] })'],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { retry: { times: 1, factor: 0.5 } })'],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { retry: { times: 1, errors: 'TIMEOUT' as any } })"],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { retry: [1] as any })'],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { exhausted: 'wait' as any })"],
  ['BAD_OPTION', "export const x = ¦task(() => 1, { locks: ['ledger'] as any })"],
  ['BAD_OPTION', 'export const x = ¦task(() => 1, { locks: ledger as any })'],
  ['BAD_OPTION', "export const x = ¦pool(2, { across: 'world' as any })"],
  ['BAD_OPTION', 'export const x = pool(2).¦take(3)'],
  ['BAD_OPTION', 'export const x = pool(2).¦take(0)'],
  ['BAD_OPTION', "export const x = ¦lock({ name: '' })"],
  ['BAD_OPTION', 'export const x = ¦workflow(() => 1, { timeout: 1 } as any)'],
  ['BAD_OPTION', "export const x = ¦workflow({ a: z.string() }, () => 1, { onFailure: 'panic' as any })"],
  ['BAD_OPTION', "export const x = ¦flow(async () => 1, { onFailure: 'finish' } as any)"],
  ['BAD_DURATION', "export const x = ¦workflow(() => 1, { deadline: '200y' })"],
  ['BAD_DURATION', 'export const x = ¦task(() => 1, { deadline: -1 })'],
  ['BAD_DURATION', 'export const x = ¦task(() => 1, { heartbeat: NaN })'],
  ['OUTSIDE_WORKFLOW', 'export const x = ¦race({ a: () => 1 })'],
  ['OUTSIDE_WORKFLOW', "export const x = ¦sleep('1s')"],
  ['OUTSIDE_WORKFLOW', "export const x = ¦until('2027-01-31')"],
  ['OUTSIDE_WORKFLOW', 'export const x = ledger && signal().¦wait()'],
  ['RECURSION_WITHOUT_BASE', 'export const x: any = workflow((n: any) => { scope(() => ¦x(n)) })'],
  ['RECURSION_OPEN', 'export const x: any = workflow((n: any) => { step(n).undo(() => ¦x(n)) })'],
  ['BAD_DURATION', "export const x = ¦task(() => 1, { timeout: 'long' })"],
  ['BAD_DURATION', "export const x = ¦effect(() => 1, { retry: { times: 1, delay: '-1s' } })"],
  ['OUTSIDE_WORKFLOW', 'export const x = ¦step(1)'],
  ['OUTSIDE_WORKFLOW', "export const x = ¦files('*')"],
  ['OUTSIDE_WORKFLOW', 'const f = flow(async () => 1)\nexport const x = ¦f()'],
  ['ASYNC_BODY', 'export const ¦x = workflow((async () => 1) as any)'],
  ['RECURSION_WITHOUT_BASE', 'const loop: any = workflow(() => { ¦loop() })\nexport const x = loop'],
  [
    'PARAMETER_MISSING',
    'const inner: any = workflow({ a: z.string() }, ({ a }) => a)\nexport const x = workflow(() => { ¦inner({}) })',
  ],
  [
    'PARAMETER_UNKNOWN',
    "const inner: any = workflow({ a: z.string() }, ({ a }) => a)\nexport const x = workflow(() => { ¦inner({ a: '', b: 1 }) })",
  ],
  [
    'PARAMETER_UNKNOWN',
    'const inner: any = workflow((a: any) => a)\nexport const x = workflow(() => { ¦inner(1, 2) })',
  ],
]

test.each(FILES)('%s: %s', async (code, file) => {
  const { text, place } = marked(PRELUDE + file)
  const [first] = (await refusal(() => graphOf(text, file.includes('export const x = loop') ? 'x' : undefined)))
    .diagnostics
  expect(brief(first!)).toBe(`${code} tutti.ts:${place}`)
  expect(first?.hint).toBeTruthy()
})

test('what a body throws is the cause', async () => {
  const found = await refusal(() =>
    graphOf(`${PRELUDE}export const w = workflow(() => { throw new RangeError('boom') })`),
  )
  expect(found.diagnostics[0]?.message).toBe('The body of w threw RangeError: boom while it was traced')
  expect(found.cause).toBeInstanceOf(RangeError)
})

test('G3: a circle of .after() names all its steps with their places', async () => {
  const found = await refusal(() =>
    graphOf(`${PRELUDE}export const w = workflow(() => {
  const a = step(1)
  const b = step(2).after(a)
  a.after(b)
})`),
  )
  const [first] = found.diagnostics
  expect(first).toMatchObject({ code: 'GRAPH_CYCLE' })
  const places = [first?.at, ...(first?.related ?? []).map(each => each.at)].map(at => at && `${at.line}:${at.column}`)
  expect(places.toSorted()).toEqual(['7:13', '8:13'])
  expect(first?.message).toMatch(/a waits for b waits for a|b waits for a waits for b/)
})

test('two writers of one path are both named', async () => {
  const found = await refusal(() =>
    graphOf(`${PRELUDE}export const w = workflow(() => {
  const a = step(output('dist'))
  const b = step(output('dist'))
})`),
  )
  expect(found.diagnostics[0]).toMatchObject({ code: 'OUTPUT_TWICE', at: { line: 8 }, related: [{ at: { line: 7 } }] })
})

test('a misspelt option is told', async () => {
  const found = await refusal(() => graphOf(`${PRELUDE}export const x = task(() => 1, { timout: 2 } as any)`))
  expect(found.diagnostics[0]).toMatchObject({ message: 'There is no option timout', hint: 'Did you mean timeout?' })
})
