/** Every mistake in a tutti.ts has a code and a place, before anything runs. */
import { expect, test } from 'vitest'
import { brief, graphOf, HEAD, marked, refusal } from './rig.ts'

const PRELUDE = `${HEAD}import { z } from 'zod'
const step = task((x: any) => x as any)
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
  expect(places.toSorted()).toEqual(['6:13', '7:13'])
  expect(first?.message).toMatch(/a waits for b waits for a|b waits for a waits for b/)
})

test('two writers of one path are both named', async () => {
  const found = await refusal(() =>
    graphOf(`${PRELUDE}export const w = workflow(() => {
  const a = step(output('dist'))
  const b = step(output('dist'))
})`),
  )
  expect(found.diagnostics[0]).toMatchObject({ code: 'OUTPUT_TWICE', at: { line: 7 }, related: [{ at: { line: 6 } }] })
})

test('a misspelt option is told', async () => {
  const found = await refusal(() => graphOf(`${PRELUDE}export const x = task(() => 1, { timout: 2 } as any)`))
  expect(found.diagnostics[0]).toMatchObject({ message: 'There is no option timout', hint: 'Did you mean timeout?' })
})
