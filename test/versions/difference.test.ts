/** Which step is which (K1, K2, L1, L2, F1 to F3, S1, S2, M2, R1), by real workflows; and graphs that are long, wide or deep. */
import { describe, expect, test } from 'vitest'
import type { Expr, Graph, Node, Region } from '../../src/core/index.ts'
import { type Change, changeText, difference, type Face, matchedPaths } from '../../src/versions/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { each, effect, lit, match, param, record, ref, region, task, when } from '../core/graphs.ts'
import { bareFace, faceOfText, linesOf } from './rig.ts'

const HEAD = `import { any, attempt, cancel, critical, each, effect, env, files, flow, loop, match, net, race, scope, service, signal, sleep, task, when, workflow } from 'tutti'
const lint = task((x: unknown): number => 1)
const test = task((x: unknown): string[] => ['b'])
const ship = effect((x: unknown): string => 'b')
`

const w = (body: string, head = ''): string =>
  `${HEAD}${head}\nexport const w = workflow((x: string) => {\n${body}\n})\n`

async function linesBetween(before: string, after: string): Promise<readonly string[]> {
  return linesOf(difference(await faceOfText(before, 'w'), await faceOfText(after, 'w')))
}

test.each<readonly [string, before: string, after: string, lines: readonly string[]]>([
  [
    'comments, blank lines, other statements',
    w('lint(1); test(2)'),
    w('// first\n\nconst y = 3\nlint(1)\ntest(2) /* second */'),
    [],
  ],
  ['other statements first', w('lint(1); test(2)'), w('test(2); lint(1)'), []],
  [
    'F2. a .to whose place in the text has moved',
    w('test(lint(x).to(y => y + 1))'),
    w('ship(1)\ntest(lint(x).to(y => y + 1))'),
    ['effect ship added'],
  ],
  [
    'one more call before others of its task',
    w('lint(1); lint(2)'),
    w('lint(0); lint(1); lint(2)'),
    [
      'task lint added',
      'lint is called lint~2 now, found by its content',
      'lint~2 is called lint~3 now, found by its content',
    ],
  ],
  [
    'one more call between others, held by variables',
    w('const a = lint(1); const b = lint(2); return { a, b }'),
    w('const a = lint(1); const c = lint(3); const b = lint(2); return { a, b, c }'),
    ['result c added', 'task c added', 'b has another id: lint~2 → lint~3'],
  ],
  [
    'a call gone before others of its task',
    w('lint(1); const b = lint(2); const c = lint(3); test(c).after(b)'),
    w('const b = lint(2); const c = lint(3); test(c).after(b)'),
    ['b has another id: lint~2 → lint', 'c has another id: lint~3 → lint~2', 'task lint removed'],
  ],
  [
    'one of several calls with another argument',
    w('lint(1); lint(2); lint(3)'),
    w('lint(1); lint(9); lint(3)'),
    ['lint~2: args[0] 2 → 9'],
  ],
  [
    'one more and another argument at once',
    w('const a = lint(1); const b = lint(2)'),
    w('const z = lint(0); const a = lint(1); const b = lint(9)'),
    ['task z added', 'a has another id: lint → lint~2', 'b has another id: lint~2 → lint~3', 'b: args[0] 2 → 9'],
  ],
  [
    'calls that are told apart by who takes what they give',
    w('test(lint(1)); ship(lint(1))'),
    w('ship(lint(1)); test(lint(1))'),
    ['lint~2 is called lint now, found by its content', 'lint is called lint~2 now, found by its content'],
  ],
  [
    'a task under another name',
    w('test(check(x))', 'const check = task((y: string) => y.length)'),
    w('test(verify(x))', 'const verify = task((y: string) => y.length)'),
    ['check is called verify now, found by its content'],
  ],
  [
    'a chain of tasks under other names',
    w('b(a(x))', 'const a = task((y: string) => y.length)\nconst b = task((y: number) => y + 1)'),
    w('d(c(x))', 'const c = task((y: string) => y.length)\nconst d = task((y: number) => y + 1)'),
    ['a is called c now, found by its content', 'b is called d now, found by its content'],
  ],
  [
    'a workflow under another name',
    w('sub(x)', 'const sub = workflow((y: string) => { lint(y) })'),
    w('inner(x)', 'const inner = workflow((y: string) => { lint(y) })'),
    ['sub is called inner now, found by its content'],
  ],
  [
    'another task under an old name, and the old one under another',
    w('test(check(x))', 'const check = task((y: string) => y.length)'),
    w('test(check(x))', 'const check = task((y: string) => y.length * 2)'),
    ['code of check changed'],
  ],
  [
    'the code of several calls',
    w('lint(1); lint(2)'),
    w('lint(1); lint(2)').replace('=> 1)', '=> 2)'),
    ['code of lint changed (lint~2)'],
  ],
  [
    'a step into a branch',
    w('const l = lint(x); ship(l)'),
    w('const l = lint(x); when(l.to(y => y > 1), () => { ship(l) })'),
    ['when when added', 'ship moved to when.then/ship'],
  ],
  [
    'a step out of an each',
    w('each(test(x), y => { lint(y); ship(1) })'),
    w('each(test(x), y => { lint(y) }); ship(1)'),
    ['each[*]/ship moved to ship'],
  ],
  [
    'a branch into another one',
    w('when(lint(x).to(y => y > 1), () => { ship(1); test(2) })'),
    w('scope(() => { when(lint(x).to(y => y > 1), () => { ship(1); test(2) }) })'),
    ['scope scope added', 'lint moved to scope.body/lint', 'when moved to scope.body/when'],
  ],
  [
    'a handler before another one',
    w('attempt(() => { lint(1) }, { catch: { A: () => { ship(1) } } })'),
    w('attempt(() => { lint(1) }, { catch: { B: () => { test(2) }, A: () => { ship(1) } } })'),
    ['attempt: handlers.B none → {errors: ["B"], body: ["test"]}', 'task attempt.catch/test added'],
  ],
  [
    'an order',
    w('const l = lint(1); const t = test(2); ship(3).after(l)'),
    w('const l = lint(1); const t = test(2); ship(3).after(t)'),
    ['ship waits for t now', 'ship no longer waits for l'],
  ],
  [
    'a flow, and what it calls',
    w('go(x)', 'const inner = task((y: string) => y.length)\nconst go = flow(async (y: string) => await inner(y))'),
    w('go(x)', 'const inner = task((y: string) => y.length + 1)\nconst go = flow(async (y: string) => await inner(y))'),
    ['code of inner changed'],
  ],
  [
    'a variable that holds a step',
    w('const l = lint(x); test(l)'),
    w('const m = lint(x); test(m)'),
    ['l is called m now'],
  ],
])('%s', async (_, before, after, lines) => {
  expect(await linesBetween(before, after)).toEqual(lines)
})

describe('declared', () => {
  const before = w('test(check(x))', 'const check = task((y: string) => y.length)')
  const after = w('test(verify(x))', 'const verify = task((y: string) => y.length * 2)')

  test('what cannot be found', async () => {
    const [a, b] = [await faceOfText(before, 'w'), await faceOfText(after, 'w')]
    expect(linesOf(difference(a, b))).toContain('task check removed')
    const changes = difference(a, b, { renamed: { check: 'verify' } })
    expect(linesOf(changes)).toEqual(['check is called verify now, as declared', 'verify: task "check" → "verify"'])
    expect(matchedPaths(a, b, { renamed: { check: 'verify' } }).get('check')).toBe('verify')
  })

  test.each([{ chek: 'verify' }, { check: 'verifi' }])('a step that is not there: %j', async renamed => {
    const [a, b] = [await faceOfText(before, 'w'), await faceOfText(after, 'w')]
    const attempt = () => difference(a, b, { renamed: renamed as unknown as { readonly [path: string]: string } })
    expect(attempt).toThrow(Refusal)
    expect(attempt).toThrow(/RENAME_UNKNOWN/)
  })
})

const graphOf = (root: Region): Graph => ({ version: 1, name: 'g', params: [], root, reads: [] })
const between = (before: Region, after: Region): readonly Change[] =>
  difference(bareFace(graphOf(before)), bareFace(graphOf(after)))

const NOTHING = { result: lit(null) }

describe('fields of any kind of node', () => {
  const arms = (value: string) => ({ a: region([task(value)]), b: region([]) })
  const net = (ids: readonly string[]): Node => ({
    ...task('n'),
    kind: 'net',
    places: ['p', 'q'],
    start: ['p'],
    end: 'q',
    transitions: ids.map(id => ({ id, consumes: ['p'], produces: ['q'], body: region([]) })),
  })
  const handled = (errors: readonly string[]): Node => ({
    ...task('t'),
    kind: 'attempt',
    body: region([]),
    handlers: errors.map(error => ({ errors: [error], body: region([effect(`on${error}`)]) })),
  })

  test.each<readonly [string, Node, Node, lines: readonly string[]]>([
    [
      'arms in another order',
      match('m', lit(1), { a: region([]), b: region([]) }),
      match('m', lit(1), { b: region([]), a: region([]) }),
      [],
    ],
    [
      'an arm more',
      match('m', lit(1), { a: region([]) }),
      match('m', lit(1), { a: region([]), b: region([]) }),
      ['m: arms.b none → []'],
    ],
    [
      'a label',
      match('m', lit(1), arms('x')),
      match('m', lit(1), { c: arms('x').a, b: arms('x').b }),
      ['m.a/x moved to m.c/x', 'm: arms.a ["x"] → none', 'm: arms.c none → ["x"]'],
    ],
    ['handlers in another order', handled(['A', 'B']), handled(['B', 'A']), ['t: handlers ["A", "B"] → ["B", "A"]']],
    ['transitions in another order', net(['s', 't']), net(['t', 's']), ['n: transitions ["s", "t"] → ["t", "s"]']],
    [
      'a transition more',
      net(['s']),
      net(['s', 't']),
      ['n: transitions.t none → {id: "t", consumes: ["p"], produces: ["q"], body: []}'],
    ],
    [
      'what a branch gives',
      when('w', lit(true), region([], { result: lit(1) })),
      when('w', lit(true), region([], { result: lit(2) })),
      ['w: then.result 1 → 2'],
    ],
    [
      'an entry of a policy',
      task('t', { policy: { priority: 1, timeoutMs: 5 } }),
      task('t', { policy: { timeoutMs: 6 } }),
      ['t: policy.priority 1 → none', 't: policy.timeoutMs 5 → 6'],
    ],
    [
      'the same policy, written in another order',
      task('t', { policy: { priority: 1, timeoutMs: 5 } }),
      task('t', { policy: { timeoutMs: 5, priority: 1 } }),
      [],
    ],
    [
      'an undo',
      task('t'),
      { ...task('t'), undo: { captures: {}, body: region([task('back')]) } },
      ['t: undo none → {captures: {}, body: ["back"]}', 'task t.undo/back added'],
    ],
  ])('%s', (_, before, after, lines) => {
    expect([...linesOf(between(region([before]), region([after])))].sort()).toEqual([...lines].sort())
  })

  test('F1. what refers to a renamed step has not changed', () => {
    const of = (id: string) => {
      const first = { ...task(id), task: 'first' } as Node
      const user = when('w', ref(id), region([task('u', { args: [record({ y: ref(id, ['z'], 1) })], after: [] })]))
      return region(
        [first, user, { ...task('c'), kind: 'cancel', target: { node: id, up: 0 }, dependents: 'skip' }],
        NOTHING,
      )
    }
    expect(between(of('a'), of('b')).map(({ kind }) => kind)).toEqual(['step.renamed'])
  })

  test('a parameter of a region is that of its pair', () => {
    const of = (id: string) =>
      region(
        [each(id, lit([]), region([task('u', { args: [param('item')] })], { params: ['item', 'index'] }))],
        NOTHING,
      )
    expect(between(of('a'), of('b')).map(({ kind }) => kind)).toEqual(['step.renamed'])
  })
})

test('a result is compared field by field, types that recur too', () => {
  const list = (item: string, more: object) => ({
    type: 'object',
    properties: { all: { $ref: '#/$defs/list' }, ...more },
    required: ['all', ...Object.keys(more)],
    $defs: {
      list: { anyOf: [{ type: 'null' }, { type: 'array', prefixItems: [{ type: item }, { $ref: '#/$defs/list' }] }] },
    },
  })
  const faceOf = (result: object) => bareFace(graphOf(region([])), { result: result as Face['result'] })
  const briefs = (before: object, after: object) =>
    difference(faceOf(before), faceOf(after)).map(change => [
      change.kind,
      'path' in change && change.path,
      'how' in change && change.how,
    ])
  expect(briefs(list('integer', {}), list('number', { count: { type: 'number' } }))).toEqual([
    ['result.added', 'count', false],
    ['result.changed', 'all', 'widened'],
  ])
})

/** Much, of all shapes: linear, so that a quadratic way would not come back; and no stack of ours is as deep as a graph. */
describe('large graphs', () => {
  const MANY = 20_000
  const DEEP = 100_000
  const chain = (from: number): Region => {
    const nodes = Array.from({ length: MANY }, (_, index) => {
      const id = index === 0 ? 's' : `s~${index + 1}`
      const args: readonly Expr[] = index === 0 ? [lit(from)] : [ref(index === 1 ? 's' : `s~${index}`)]
      return { ...task(id, { args }), task: 's' } as Node
    })
    return region(nodes, NOTHING)
  }
  const deep = (value: number): Region => {
    let inner = region([task('last', { args: [lit(value)] })], NOTHING)
    for (let depth = 0; depth < DEEP; depth++) inner = region([when('w', lit(true), inner)], NOTHING)
    return inner
  }
  const wide = (first: number): Region => {
    const nodes = Array.from({ length: MANY }, (_, index) =>
      task(`t${index}`, { args: [lit(index + (index === 0 ? first : 0)), ref('top')] }),
    )
    return region([task('top'), ...nodes], NOTHING)
  }

  test.each<readonly [string, Region, Region]>([
    ['a chain', chain(0), chain(-1)],
    ['many beside one another', wide(0), wide(-1)],
    ['100,000 regions deep', deep(0), deep(-1)],
  ])('%s', (_, before, after) => {
    expect(between(before, after).map(({ kind }) => kind)).toEqual(['step.changed'])
  })
})

test('R1. every line is short enough to be read', () => {
  const value = lit(Array.from({ length: 100 }, (_, index) => index))
  const [change] = between(region([task('t', { args: [] })]), region([task('t', { args: [value] })]))
  expect(changeText(change!).length).toBeLessThan(100)
})
