/** Workflows and what is claimed of them, with the answers. */
import { describe, expect, test } from 'vitest'
import { checkProperties, finish, newBudget, type PropertyResult } from '../../../src/analysis/index.ts'
import { graphOf, HEAD } from '../../dsl/rig.ts'

const PRELUDE = `${HEAD}import { absent, alternates, atMost, ensure, eventually, exactlyOnce, exclusive, never, precedes, reachable, responds } from 'tutti'
const yes = task(() => true)
const a = task((...after: unknown[]) => 1)
const b = task((...after: unknown[]) => 2)
const c = effect((...after: unknown[]) => 3)
const list = task(() => [1, 2])
const go = signal()
const ledger = lock()
const tills = lock()
const drain = flow(async () => { await c() })
`

async function check(body: string, after = ''): Promise<readonly PropertyResult[]> {
  const graph = await graphOf(`${PRELUDE}export const main = workflow(() => { ${body} })\n${after}`, 'main')
  return finish(checkProperties(graph, newBudget({ ms: 10_000 })))
}

const short = (result: PropertyResult): string =>
  result.kind === 'holds'
    ? `holds by ${result.by}`
    : result.kind === 'violated'
      ? result.because
      : `unknown: ${result.why.text}`

type Row = readonly [body: string, ...answers: string[]]

const ORDER: readonly Row[] = [
  [
    'const x = a(); const y = b().after(x); ensure(precedes(x, y), never(x, y), absent(x).after(y), alternates(x, y), responds(x, y))',
    ...Array<string>(5).fill('holds by order'),
  ],
  [
    'const x = a(); const y = b(); ensure(precedes(x, y), never(x, y), exclusive(x, y), atMost(1, [a, b]), atMost(2, [a, b]), eventually(x), exactlyOnce(y))',
    'y can begin before x is done',
    'x and y can run at the same time',
    'x and y can both be done in one run',
    'More than 1 of a, b can run at the same time',
    'holds by order',
    'holds by order',
    'holds by order',
  ],
  [
    'const x = a(); const y = b(); const z = c().after(x, y); ensure(precedes(b, c), responds(a, c))',
    'holds by order',
    'holds by order',
  ],
]

const CHOICES: readonly Row[] = [
  [
    'const ok = yes(); const x = when(ok, () => a(), () => b()); ensure(exclusive(a, b), never(a, b), eventually(a), reachable(b), eventually(x))',
    'holds by order',
    'holds by order',
    'A run can succeed without a',
    'holds by search',
    'holds by order',
  ],
  [
    'const n = loop(0, () => a(), { while: n => n.to(value => value > 0) }); ensure(exactlyOnce(a), reachable(a), never(a, a), absent(a).after(a))',
    'A run can do a not once, but never or twice',
    'holds by search',
    'holds by order',
    'a can begin after a is done',
  ],
]

const MANY: readonly Row[] = [
  [
    'each(list(), () => { b(a()) }); ensure(never(a, a), atMost(1, a), precedes(a, b), responds(a, b), exclusive(a, b))',
    'a can run twice at the same time',
    'More than 1 of a can run at the same time',
    'holds by order',
    'holds by order',
    'a and b can both be done in one run',
  ],
  [
    'each(list(), () => { b(a()) }, { concurrency: 1 }); ensure(never(a, a), never(a, b), atMost(1, [a, b]), absent(a).after(b))',
    'holds by order',
    'holds by order',
    'holds by order',
    'a can begin after b is done',
  ],
  [
    'each(list(), () => { b(a()) }, { concurrency: 2 }); ensure(atMost(2, a), never(a, b))',
    'holds by order',
    'a and b can run at the same time',
  ],
  [
    'each(list(), () => { critical(ledger, () => { b(a()) }) }); ensure(never(a, a), never(b, b), never(a, b), atMost(1, [a, b]))',
    'holds by order',
    'holds by order',
    'holds by order',
    'holds by order',
  ],
  [
    'each(list(), () => { a() }); ensure(atMost(7, a))',
    'unknown: More items of an each may run at once than the 4 that are looked at',
  ],
]

const CROSSING: readonly Row[] = [
  [
    'critical(ledger, () => a()); critical(ledger, () => b()); ensure(never(a, b), atMost(1, [a, b]))',
    'holds by order',
    'holds by order',
  ],
  [
    'interleaved(() => { a(); b() }); ensure(never(a, b), precedes(a, b))',
    'holds by order',
    'b can begin before a is done',
  ],
  // Once paid, nobody cancels: the race is over at once.
  [
    "race({ paid: () => go.wait(), late: () => { sleep('1d'); c().after(sleep('1d')) } }); ensure(absent(c).after(go), reachable(c))",
    'holds by search',
    'holds by search',
  ],
  [
    'attempt(() => { a() }, { catch: () => { c() } }); ensure(responds(a, c), exclusive(a, c), reachable(c))',
    'a can be done and c not: a run can succeed without it',
    'holds by search',
    'holds by search',
  ],
  // Two locks in two orders: a run that comes to a stand owes what it has not done.
  [
    'critical(ledger, () => { critical(tills, () => a()) }); critical(tills, () => { critical(ledger, () => b()) }); ensure(eventually(a))',
    'The run can come to a stand without a',
  ],
  ['const s = a(); milestone({ until: s }, () => { c() }); ensure(absent(c).after(s))', 'holds by order'],
  [
    'const s = a(); milestone({ until: s }, () => { b(); c() }); ensure(eventually(c), exactlyOnce(b), exactlyOnce(s))',
    'A run can succeed without c',
    'A run can do b not once, but never or twice',
    'holds by order',
  ],
]

const UNSEEN: readonly Row[] = [
  [
    'drain(); c(); ensure(atMost(1, c), precedes(drain, c))',
    'unknown: What the flow drain calls is known only when it runs',
    'unknown: What the flow drain calls is known only when it runs',
  ],
  ['drain(); ensure(eventually(c))', 'unknown: What the flow drain calls is known only when it runs'],
  ['const x = a(); const y = b().after(x); drain(); ensure(precedes(x, y))', 'holds by order'],
  [
    'a().undo(() => { c() }); ensure(eventually(c))',
    'unknown: a.undo/c undoes something, and what is undone when is not looked into',
  ],
]

describe.each([
  ['order', ORDER],
  ['choices', CHOICES],
  ['many', MANY],
  ['what crosses', CROSSING],
  ['what is not seen', UNSEEN],
])('%s', (_, rows) => {
  test.each(rows)('%s', async (body, ...answers) => expect((await check(body)).map(short)).toEqual(answers))
})

test('beside a workflow, in each of its calls', async () => {
  const results = await check(
    'inner(); inner()',
    'const inner = workflow(() => { const x = a(); when(yes(), () => b().after(x)) })\nensure(inner, precedes(a, b), eventually(b))',
  )
  expect(results.map(each => [each.around, short(each)])).toEqual([
    ['inner/', 'holds by order'],
    ['inner/', 'A run can succeed without b'],
    ['inner~2/', 'holds by order'],
    ['inner~2/', 'A run can succeed without b'],
  ])
})

test('a counterexample is shortest, tells its choices, and names what it takes for granted', async () => {
  const [result] = await check('const ok = yes(); when(ok, () => a(), () => b()); ensure(eventually(a))')
  expect(result).toMatchObject({ kind: 'violated', text: 'eventually(a)', at: { file: 'tutti.ts' } })
  if (result?.kind !== 'violated') return
  expect(result.shown?.run).toMatchObject({ length: 'shortest', then: 'wrong' })
  expect(result.shown?.events.map(({ text, is }) => `${is === 'choice' ? '* ' : ''}${text}`)).toEqual([
    'ok begins',
    'ok is done',
    'when begins',
    '* when goes by otherwise',
    'when.otherwise/b begins',
    'when.otherwise/b is done',
    'when is done',
  ])
  expect(result.assumptions).toEqual([
    'Only runs that succeed count',
    'Conditions are free choices here: whether values can make them so is not looked into',
  ])
})

test('P2, P3: of what is too much to look at, nothing is claimed; of what is wrong there, a run is found', async () => {
  const steps = Array.from({ length: 60 }, (_, index) => `const s${index} = a()`).join('; ')
  const [first, second] = await check(`${steps}; ensure(never(s0, s1), precedes(s3, s59))`)
  expect([first, second].map(each => each && short(each))).toEqual([
    's0 and s1 can run at the same time',
    's59 can begin before s3 is done',
  ])
})

test('when the time is over, what takes a search is unknown, and no net is made for it', async () => {
  const graph = await graphOf(
    `${PRELUDE}export const main = workflow(() => { const x = a(); const y = b().after(x); ensure(precedes(x, y), precedes(y, x)) })`,
    'main',
  )
  expect(finish(checkProperties(graph, newBudget({ ms: -1 }))).map(short)).toEqual([
    'holds by order',
    'unknown: The time was over after 0 markings',
  ])
})
