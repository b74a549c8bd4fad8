/**
 * What the compiler refuses in a user's file, and where: strict mode under nodenext, as `tutti init` sets it up.
 * Every snippet is a file of its own; `¦` stands before the one place that is wrong. Those without a mark compile.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const PRELUDE = `import * as tutti from 'tutti'
import { absent, any, atMost, attempt, cancel, critical, each, effect, ensure, env, eventually, exclusive, file, files, flow, lock, loop, match, milestone, net, never, output, pool, precedes, race, reachable, responds, scope, secret, signal, sleep, some, task, tune, until, when, workflow } from 'tutti'
import type { Caught, Dir, Files, Output, Ref, Secret, Workflow } from 'tutti'
import { z } from 'zod'
type Verdict = { kind: 'ok'; score: number } | { kind: 'bad'; why: string }
const step = task((n: number) => ({ left: n - 1, done: n === 1 }))
const judge = task((): Verdict => ({ kind: 'ok', score: 1 }))
const shape = task((x: { a: number; b: string[]; c?: Date }) => x.b.length)
const read = task((dir: Dir) => dir.path)
const charge = effect((n: number) => ({ id: String(n) }))
const refund = effect((receipt: { id: string }) => undefined)
const go = signal(z.object({ by: z.string() }))
const release = workflow({ channel: z.string(), times: z.number().default(1) }, ({ channel }) => channel)
`

/** Bodies of workflows, over `n: Ref<number>` and `s: Ref<string>`. */
const BODIES: readonly (readonly [code: number | 'good', body: string])[] = [
  [
    'good',
    "step(n); step(1); shape({ a: n, b: ['x', s] }); release({ channel: s }); release({ channel: 'x', times: n })",
  ],
  ['good', 'const { left } = step(n); step(left).after(step(1)); return { left, more: [left] }'],
  ['good', "match(judge(), 'kind', { ok: ok => ok.score, bad: bad => bad.why })"],
  ['good', 'when(step(1).done, () => step(1)); when(step(1).left.to(left => left > 1), () => step(1), () => n)'],
  ['good', 'const x = step(1); const y = x?.left; step(y)'],
  // Arguments
  [2345, 'step(¦s)'],
  [2345, "step(¦'one')"],
  [2345, 'step(¦step(1))'],
  [2322, 'shape({ ¦a: s, b: [] })'],
  [2322, 'shape({ a: 1, b: [¦n] })'],
  [2353, 'shape({ a: 1, b: [], ¦zz: 1 })'],
  [2345, 'shape(¦{ a: n })'],
  [2554, '¦step()'],
  [2554, 'step(1, ¦2)'],
  [2345, "read(¦files('*.ts'))"],
  [2345, "read(¦secret('X'))"],
  [2345, 'step(¦task((n: number) => n))'],
  // Fields
  [2339, 'step(1).¦nope'],
  [2339, 'const { ¦nope } = step(1); return nope'],
  [2345, "step(1).at(¦'nope')"],
  [2339, 'step(1).to(value => value.¦nope)'],
  [2540, 'step(1).¦left = n'],
  // Properties
  [
    'good',
    'const x = step(1); ensure(precedes(x, charge), never(step, charge), responds(x, x), exclusive(release, x))',
  ],
  ['good', 'ensure(atMost(2, [step, charge]), atMost(1, step), absent(step(1)).after(go), eventually(step(1).left))'],
  [2552, 'const built = step(1); ensure(eventually(¦builtt))'],
  [2345, "ensure(eventually(¦'step'))"],
  [2345, 'ensure(eventually(¦(n: number) => n))'],
  [2345, 'ensure(never(step(1), ¦lock()))'],
  [2339, 'ensure(reachable(step(1).¦nope))'],
  [2554, 'ensure(¦precedes(step(1)))'],
  [2741, 'ensure(¦absent(step))'],
  [2345, "ensure(atMost(¦'1', step))"],
  [2555, '¦ensure()'],
  // Tests and coercions
  [2801, 'if (¦step(1)) { step(n) }'],
  [2801, 'const x = step(1); if (¦x) { step(n) }'],
  [2801, 'if (¦step(1).done) { step(n) }'],
  [2801, '¦step(1).done ? 1 : 2'],
  [2801, '¦step(1).done && s'],
  [2362, '¦n - 1'],
  [2365, '¦n < 1'],
  [2365, '¦n + 1'],
  [2367, '¦n === 1'],
  [2488, 'for (const x of ¦n) x'],
  [2488, 'const f = (...xs: unknown[]) => xs; f(...¦s)'],
  [2538, "['a', 'b'][¦n]"],
  [2345, 'Math.max(¦n)'],
  // Workflows
  [2345, 'release(¦{})'],
  [2322, 'release({ ¦channel: n })'],
  [2353, "release({ channel: 'x', ¦nope: 1 })"],
  [2554, '¦release()'],
  // Combinators
  [
    'good',
    "match(race({ paid: () => charge(n), late: () => sleep('1h') }), 'won', { paid: ({ value }) => value.id, late: () => s })",
  ],
  ['good', 'const two = some(1, { a: () => step(n), b: () => s }); step(two.a.to(a => a?.left ?? 0))'],
  ['good', 'const told = any({ mail: [step(1).done, () => charge(n)] }); return told.mail.id'],
  ['good', 'loop(step(3), last => step(last.left), { until: last => last.done, limit: 10 })'],
  ['good', 'charge(n).undo(refund); charge(n).undo(({ id }) => refund({ id })).id'],
  [
    'good',
    'attempt(() => charge(n), { catch: { TIMEOUT: () => s, else: error => error.message }, finally: () => step(1) })',
  ],
  ['good', "critical([lock(), lock()], () => scope(() => step(1).left, { deadline: '1h' }))"],
  [2322, 'any({ mail: [¦s, () => 1] })'],
  [2322, 'any({ ¦mail: () => 1 })'],
  [2339, 'any({ mail: [true, () => 1] }).¦letter'],
  [2345, 'const told = any({ mail: [true, () => charge(n)] }); refund(¦told.mail)'],
  [2345, 'race(¦[() => 1])'],
  [2322, 'race({ ¦a: 1 })'],
  [2322, 'race({ ¦a: async () => 1 })'],
  [2339, 'race({ a: () => step(1) }).¦left'],
  [2741, "match(race({ a: () => 1, b: () => 2 }), 'won', ¦{ a: () => 1 })"],
  [2345, "some(¦'2', { a: () => 1 })"],
  [2322, "some(1, { a: () => 1 }, { ¦rest: 'kill' })"],
  [2345, 'const two = some(1, { a: () => step(1) }); step(¦two.a.left)'],
  [2769, 'loop(1, x => ¦s, { until: x => true })'],
  [2769, 'loop(1, x => x, ¦{})'],
  [2769, 'loop(1, x => x, ¦{ while: () => true, until: () => true })'],
  [2365, 'loop(1, x => x, { until: x => ¦x > 3 })'],
  [2322, 'attempt(async () => ¦step(1))'],
  [2339, 'attempt(() => charge(n), { catch: error => error.¦stack })'],
  [2345, 'const tried = attempt(() => charge(n), { catch: () => s }); refund(¦tried)'],
  [2345, 'step(1).undo(¦refund)'],
  [2345, 'charge(n).undo(receipt => step(¦receipt.id))'],
  [2345, 'sleep(¦s.to(() => true))'],
  [2345, 'until(¦true)'],
  [2339, 'go.wait().¦nope'],
  [2322, 'go.wait({ ¦timeout: true })'],
  [2345, "cancel(¦'step')"],
  [2322, 'milestone({ ¦until: 1 }, () => 1)'],
  [2345, "critical(¦'ledger', () => 1)"],
  [2345, 'const open = milestone({ until: step(1) }, () => step(2)); step(¦open.left)'],
  [2345, 'each([1, 2], x => step(¦x), { batch: 2 })'],
  [2345, 'const some = each([1, 2], x => step(x), { tolerate: 1 }); each(some, x => step(¦x.left))'],
  [2769, "net({ start: 'i', end: 'o', transitions: { ¦a: { to: 'o' } } })"],
  [2345, 'when(¦s, () => step(1))'],
  [2322, 'when(true, async () => ¦step(1))'],
  [2345, 'match(judge().kind, ¦{ ok: () => 1 })'],
  [2322, 'match(judge().kind, { ok: () => 1, bad: () => 2, ¦worse: () => 3 })'],
  [2741, "match(judge(), 'kind', ¦{ ok: () => 1 })"],
  [2345, "match(judge(), ¦'score', { ok: () => 1 })"],
  [2345, 'each(¦n, () => 1)'],
  [2322, 'each([1, 2], async x => ¦x)'],
  [2769, 'each([1, 2], x => x, { ¦key: x => step(x) })'],
  [2769, "each([1, 2], x => x, { ¦concurrency: '2' })"],
  [2769, 'each([1, 2], x => x, { ¦parallel: 2 })'],
  [2345, "step(1).after(¦'step')"],
  // Resources and waits
  [2554, '¦output()'],
  [2345, 'env(¦1)'],
  [2353, "secret('X', { ¦path: 'x' })"],
]

/** Whole files. */
const FILES: readonly (readonly [code: number | 'good', text: string])[] = [
  [
    'good',
    "export const x = task((n: number) => n, { name: 'x', timeout: '5m', retry: 2, pool: pool(2), priority: 1, env: ['CI'] })",
  ],
  ['good', 'export const x = flow(async (n: number) => { while (n > 0) n = (await step(n)).left; return n })'],
  ['good', "export const x = tune(step, { retry: { times: 1, backoff: 'fixed', delay: 5 } })"],
  ['good', 'export const x = workflow(() => { sleep(5); signal(z.object({ by: z.string() })).wait().by })'],
  [
    'good',
    'export const x = flow(async () => { await sleep(5); await until(new Date(0)); return (await go.wait()).by })',
  ],
  [
    'good',
    'export const x: Workflow<[Ref<number>], number | undefined> = workflow((n: Ref<number>) => when(step(n).done, () => x(n)))',
  ],
  [
    'good',
    "export const x = task(() => 1, { retry: [{ errors: ['TIMEOUT'], times: 1 }], locks: [lock()], pool: pool(4).take(2) })",
  ],
  ['good', 'ensure(release, never(step, charge), eventually(go))'],
  [2769, 'ensure(¦release, step)'],
  [2322, "export const x = task(() => 1, { ¦exhausted: 'wait' })"],
  [2322, "export const x = task(() => 1, { locks: [¦'ledger'] })"],
  [2322, "export const x = task(() => 1, { retry: [{ times: 1, ¦jitter: 'some' }] })"],
  [2769, "export const x = workflow(¦() => 1, { timeout: '1h' })"],
  [2769, "export const x = flow(¦async () => 1, { onFailure: 'finish' })"],
  [2322, 'export const x = workflow(async () => ¦step(1))'],
  [2345, 'export const x = workflow(¦(n: number) => step(n))'],
  [2345, 'export const x = flow(¦(n: number) => n)'],
  [2353, 'export const x = task(() => 1, { ¦retries: 2 })'],
  [2322, 'export const x = task(() => 1, { ¦timeout: true })'],
  [2322, "export const x = task(() => 1, { ¦pool: 'db' })"],
  [2322, "export const x = task(() => 1, { ¦retry: { times: 1, backoff: 'linear' } })"],
  [2345, 'export const x = task(¦1)'],
  [2345, 'export const x = tune(¦1, {})'],
  [2345, "export const x = pool(¦'2')"],
  [2339, 'export const x = flow(async () => (await step(1)).¦nope)'],
  [2345, 'export const x = tutti.run(¦1)'],
  [
    2345,
    "const ov: { (x: string): string; (x: number): number } = (x: any) => x\nconst over = task(ov)\nexport const x = workflow(() => over(¦'x'))",
  ],
]

interface Snippet {
  readonly code: number | 'good'
  readonly shown: string
  readonly text: string
}

const SNIPPETS: readonly Snippet[] = [
  ...BODIES.map(([code, body]) => ({
    code,
    shown: body,
    text: `export const x = workflow((n: Ref<number>, s: Ref<string>) => { ${body} })`,
  })),
  ...FILES.map(([code, text]) => ({ code, shown: text, text })),
]

let folder: string
let found: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-compiler-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
  for (const [index, { text }] of SNIPPETS.entries())
    writeFileSync(join(folder, `s${index}.ts`), PRELUDE + text.replace('¦', ''))
  found = errorsOf(
    spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout,
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CONFIG = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: { tutti: [join(root, 'src/index.ts')] },
  },
  include: ['s*.ts'],
}

/** `TS2322 line:column` by file. */
function errorsOf(output: string): ReadonlyMap<string, readonly string[]> {
  const errors = new Map<string, string[]>()
  for (const [, file = '', line, column, code] of output.matchAll(/^(.+?)\((\d+),(\d+)\): error (TS\d+)/gm)) {
    errors.set(file, [...(errors.get(file) ?? []), `${code} ${line}:${column}`])
  }
  return errors
}

function expected({ code, text }: Snippet): readonly string[] {
  if (code === 'good') return []
  const before = `${PRELUDE}${text.slice(0, text.indexOf('¦'))}`.split('\n')
  return [`TS${code} ${before.length}:${(before.at(-1)?.length ?? 0) + 1}`]
}

test.each(SNIPPETS.map((snippet, index) => ({ ...snippet, index })))('%#: $code $shown', ({ index, ...snippet }) => {
  expect(found.get(`s${index}.ts`) ?? []).toEqual(expected(snippet))
})

test('the compiler names no file but the snippets', () => {
  expect([...found.keys()].filter(file => !/^s\d+\.ts$/.test(file))).toEqual([])
})
