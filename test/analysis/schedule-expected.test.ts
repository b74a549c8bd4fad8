/** A workflow as jobs, with what its past tells; and how far it is from each step to the end. */
import { describe, expect, test } from 'vitest'
import { aheadOf, expectedJobs } from '../../src/analysis/index.ts'
import type { Graph, Node, Region } from '../../src/core/index.ts'

const literal = (value: number | null) => ({ kind: 'literal', value }) as const
const region = (...nodes: Node[]): Region => ({ params: [], nodes, result: literal(null) })
const common = (id: string, after: readonly string[] = []) => ({ id, name: id, after, policy: {} })
const task = (id: string, ...after: string[]): Node => ({
  ...common(id, after),
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})
const each = (id: string, body: Region, ...after: string[]): Node => ({
  ...common(id, after),
  kind: 'each',
  items: literal(null),
  body,
})
const loop = (id: string, body: Region): Node => ({
  ...common(id),
  kind: 'loop',
  init: literal(null),
  body,
  condition: literal(null),
  test: 'until',
})
const call = (id: string, body: Region, ...after: string[]): Node => ({
  ...common(id, after),
  kind: 'call',
  workflow: id,
  args: {},
  body,
})
const when = (id: string, then: Region, otherwise: Region): Node => ({
  ...common(id),
  kind: 'when',
  condition: literal(null),
  then,
  otherwise,
})
const race = (id: string, arms: Readonly<Record<string, Region>>): Node => ({ ...common(id), kind: 'race', arms })
const some = (id: string, count: number, rest: 'cancel' | 'finish', arms: Readonly<Record<string, Region>>): Node => ({
  ...common(id),
  kind: 'some',
  count,
  rest,
  arms,
})
const nap = (id: string, ms: number): Node => ({
  ...common(id),
  kind: 'wait',
  on: { kind: 'timer', duration: literal(ms) },
})
const attempt = (id: string, body: Region, handler: Region, finalizer: Region): Node => ({
  ...common(id),
  kind: 'attempt',
  body,
  handlers: [{ errors: [], body: handler }],
  finalizer,
})
const flow = (id: string): Node => ({ ...common(id), kind: 'flow', flow: id, args: [] })
const detached = (id: string, body: Region): Node => ({ ...common(id), kind: 'scope', join: 'detached', body })

type Past = Readonly<Record<string, number>>
const graphOf = (root: Region): Pick<Graph, 'root'> => ({ root })

/** `a 1` waits for nobody; `b 2 < a`: takes 2 ms and waits for a. Ends of steps that hold others are left out, who waits for them waits for what they hold. */
function jobsOf(root: Region, past: Past): readonly string[] {
  const { jobs, steps } = expectedJobs(graphOf(root), new Map(Object.entries(past)))
  const before = (job: number): readonly string[] =>
    [...jobs.previous.subarray(jobs.previousStart[job]!, jobs.previousStart[job + 1]!)].flatMap(each =>
      steps[each] === '' ? before(each) : [steps[each]!],
    )
  return steps.flatMap((step, job) => {
    if (step === '') return []
    const waits = [...new Set(before(job))].sort()
    return [`${step} ${jobs.durations[job]}${waits.length > 0 ? ` < ${waits.join(' ')}` : ''}`]
  })
}

describe('a workflow as jobs', () => {
  test.each<[what: string, root: Region, past: Past, jobs: readonly string[]]>([
    ['what has no past takes one', region(task('a'), task('b', 'a')), {}, ['a 1', 'b 1 < a']],
    ['or what is usual', region(task('a'), task('b'), task('c')), { a: 3, b: 9 }, ['a 3', 'b 9', 'c 9']],
    ['whatever the order of the text', region(task('b', 'a'), task('a')), { a: 3, b: 2 }, ['b 2 < a', 'a 3']],
    [
      'a call is what is in it',
      region(call('ci', region(task('x'), task('y', 'x'))), task('last', 'ci')),
      { 'ci/x': 5, 'ci/y': 6, last: 7 },
      ['ci 0', 'last 7 < ci ci/x ci/y', 'ci/x 5 < ci', 'ci/y 6 < ci/x'],
    ],
    ['an each once', region(each('all', region(task('x')))), {}, ['all 0', 'all[*]/x 1 < all']],
    [
      'or for each item that it had',
      region(each('all', region(task('x')))),
      { 'all[a.ts]/x': 3, 'all[b.ts]/x': 4 },
      ['all 0', 'all[a.ts]/x 3 < all', 'all[b.ts]/x 4 < all'],
    ],
    [
      'turns come one after the other',
      region(loop('again', region(task('x')))),
      { 'again[10]/x': 3, 'again[9]/x': 4 },
      ['again 0', 'again[9]/x 4 < again', 'again[10]/x 3 < again[9]/x'],
    ],
    [
      'of branches the one that was taken',
      region(when('gate', region(task('x')), region(task('y')))),
      { 'gate.otherwise/y': 3 },
      ['gate 0', 'gate.otherwise/y 3 < gate'],
    ],
    [
      'of a race the arm that is expected to win',
      region(race('first', { paid: region(task('pay')), late: region(nap('sleep', 30_000)) }), task('last', 'first')),
      { 'first.paid/pay': 9 },
      ['first 0', 'last 9 < first first.paid/pay', 'first.paid/pay 9 < first'],
    ],
    [
      'of some as many as are awaited, unless the rest goes on',
      region(some('two', 2, 'cancel', { a: region(nap('x', 5)), b: region(nap('y', 3)), c: region(nap('z', 4)) })),
      {},
      ['two 0', 'two.b/y 3 < two', 'two.c/z 4 < two'],
    ],
    [
      'or both',
      region(when('gate', region(task('x')), region(task('y')))),
      {},
      ['gate 0', 'gate.then/x 1 < gate', 'gate.otherwise/y 1 < gate'],
    ],
    [
      'nobody expects a failure',
      region(attempt('try', region(task('x')), region(task('h')), region(task('f')))),
      {},
      ['try 0', 'try.body/x 1 < try', 'try.finally/f 1 < try.body/x'],
    ],
    [
      'unless there was one',
      region(attempt('try', region(task('x')), region(task('h')), region(task('f')))),
      { 'try.body/x': 1, 'try.body[1]/x': 2, 'try.finally/f': 4, 'try.catch/h': 3 },
      [
        'try 0',
        'try.body/x 1 < try',
        'try.body[1]/x 2 < try.body/x',
        'try.catch/h 3 < try.body[1]/x',
        'try.finally/f 4 < try.catch/h',
      ],
    ],
    ['a wait takes what it says', region(nap('nap', 50), task('x', 'nap')), {}, ['nap 50', 'x 1 < nap']],
    [
      'nobody waits for what is detached',
      region(detached('beside', region(task('x'))), task('y', 'beside')),
      {},
      ['beside 0', 'y 1 < beside', 'beside.body/x 1 < beside'],
    ],
  ])('%s', (_, root, past, jobs) => {
    expect(jobsOf(root, past)).toEqual(jobs)
  })

  test('flows and waits take no slot, pools are told apart by where they hold', () => {
    const pooled = (id: string, across: 'process' | 'store'): Node => ({
      ...task(id),
      policy: { pool: { name: 'gpu', slots: 2, weight: 2, across }, priority: 3 },
    })
    const root = region(flow('f'), nap('n', 1), pooled('p', 'process'), pooled('s', 'store'))
    const { jobs, pools } = expectedJobs(graphOf(root))
    expect([...jobs.slot]).toEqual([0, 0, 1, 1])
    expect([[...jobs.pool], [...jobs.weight].slice(2), [...jobs.priority]]).toEqual([
      [-1, -1, 0, 1],
      [2, 2],
      [0, 0, 3, 3],
    ])
    expect(pools).toEqual([
      { name: 'gpu', slots: 2 },
      { name: 'gpu', slots: 2 },
    ])
  })

  test('a long chain that stands upside down in the text', () => {
    const nodes = Array.from({ length: 20_000 }, (_, at) => task(`s${at}`, ...(at < 19_999 ? [`s${at + 1}`] : [])))
    expect(aheadOf(graphOf(region(...nodes)), new Map([['s7', 1]]), 4)('s19999')).toBe(20_000)
  })
})

test('regions of very many steps, and many turns of wide ones, make no more of it than they are', () => {
  const many = Array.from({ length: 150_000 }, (_, index) => task(`t${index}`))
  expect(expectedJobs(graphOf(region(call('inner', { ...region(), nodes: many })))).jobs.count).toBe(many.length + 2)
  const wide = many.slice(0, 1_000)
  const past = new Map(Array.from({ length: 50 }, (_, turn) => [`again[${turn}]/t0`, 1] as const))
  const { jobs } = expectedJobs(graphOf(region(loop('again', region(...wide)))), past)
  expect(jobs.count).toBeGreaterThan(50_000)
  expect(jobs.previous.length).toBeLessThan(150_000)
})

describe('how far it is to the end', () => {
  const root = region(each('all', region(task('x'), task('y', 'x'))), flow('talks'), task('last', 'all', 'talks'))
  const past = { 'all[a]/x': 1, 'all[a]/y': 2, 'all[b]/x': 10, 'all[b]/y': 20, talks: 5, last: 100 }
  const ahead = aheadOf(graphOf(root), new Map(Object.entries(past)), 100)

  test.each([
    ['last', 100],
    ['all[a]/x', 103],
    ['all[b]/y', 120],
    ['all', 130],
    ['all[new]/x', 130],
    ['all[new]/y', 120],
    ['talks', 105],
    ['talks[asks~0]/step', 105],
    ['nobody', 0],
  ])('from %s: %i', (step, ms) => {
    expect(ahead(step)).toBe(ms)
  })
})
