/** What bodies become: names and ids, literals with refs inside, fields, order, regions, parameters. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Region } from '../../src/core/index.ts'
import { loadFile, openKept } from '../../src/cli/file.ts'
import { graphOf, HEAD, nodeIn, nodesOf, project } from './rig.ts'

const PRELUDE = `${HEAD}import { z } from 'zod'
const lint = task((x?: any) => x as any)
const build = effect((x?: any) => x as any)
`
const traced = (body: string) => graphOf(`${PRELUDE}export const w = workflow(() => {\n${body}\n})`)
const argsOf = async (body: string, id = 'lint') => {
  const node = nodeIn((await traced(body)).root, id)
  if (node.kind !== 'task') throw new Error(`${id} is no task`)
  return node.args
}

describe('names and ids', () => {
  test.each([
    ['a step is called like the variable that holds it', 'const linted = lint()', [['lint', 'linted']]],
    [
      'or like its definition',
      'lint(); build()',
      [
        ['lint', 'lint'],
        ['build', 'build'],
      ],
    ],
    ['or like the property', 'return { linted: lint() }', [['lint', 'linted']]],
    ['the first name stays', 'const a = lint(); const b = a; return { c: b }', [['lint', 'a']]],
    [
      'two steps of one name are told apart',
      'let a = lint(); a = lint(); lint(a)',
      [
        ['lint', 'a'],
        ['lint~2', 'a~2'],
        ['lint~3', 'lint'],
      ],
    ],
    [
      'also when a variable is called like a task',
      'const lint2 = lint(); const again = build(lint2); const build2 = build(again); lint(build2)',
      [
        ['lint', 'lint2'],
        ['build', 'again'],
        ['build~2', 'build2'],
        ['lint~2', 'lint'],
      ],
    ],
    [
      'a combinator is called like its variable',
      'const x = when(true, () => lint()); const all = each([1], n => lint(n))',
      [
        ['when', 'x'],
        ['each', 'all'],
      ],
    ],
    [
      'a source is called like its variable',
      "const src = files('*.ts'); const ci = env('CI', '')",
      [
        ['files', 'src'],
        ['CI', 'ci'],
      ],
    ],
  ])('%s', async (_, body, wanted) => {
    expect(nodesOf((await traced(body)).root)).toEqual(wanted)
  })

  test('G1: ids do not hang on variables, on other steps, or on .to() elsewhere', async () => {
    const before = await traced('const a = lint(1)\nconst b = build(a.to(x => x))\nreturn b')
    const after = await traced(
      'const other = files("*")\nother.to(x => x)\nconst renamed = lint(1)\n\nconst b = build(renamed.to(x => x))\nreturn b',
    )
    expect(nodeIn(after.root, 'lint').id).toBe(nodeIn(before.root, 'lint').id)
    const [first, second] = [nodeIn(before.root, 'build'), nodeIn(after.root, 'build')]
    expect(second.kind === 'effect' && second.args[0]).toMatchObject({
      kind: 'apply',
      args: [{ kind: 'node', node: 'lint' }],
    })
    expect(first.kind === 'effect' && first.args[0]).toMatchObject({ kind: 'apply', fn: 'w/a.to#0' })
  })

  test('name: pins name and id', async () => {
    const graph = await graphOf(
      `${HEAD}const x = task(() => 1, { name: 'compile' })\nexport const w = workflow(() => { x() })`,
    )
    expect(graph.root.nodes[0]).toMatchObject({ id: 'compile', name: 'compile', task: 'compile' })
  })

  test('odd names become ids', async () => {
    const graph = await graphOf(`${HEAD}const t = (name: string) => task(() => 1, { name })
export const w = workflow(() => { for (const name of ['a b', 'a/b', 'a.b', 'a~2', '../x', 'ü😀', 'x'.repeat(10_000)]) t(name)() })`)
    const ids = graph.root.nodes.map(node => node.id)
    expect(ids.slice(0, 6)).toEqual(['a b', 'a%2Fb', 'a%2Eb', 'a%7E2', '%2E%2E%2Fx', 'ü😀'])
    expect(ids[6]!.length).toBeLessThan(200)
  })

  test('tasks that one line makes are distinct, also for whoever opens the bundle later', async () => {
    const text = `${HEAD}const [x, y] = ['x', 'y'].map(n => task(() => n))
const tuned = tune(x!, { retry: 1 })
export const w = workflow(() => ({ x: x!(), y: y!(), tuned: tuned() }))`
    const dir = project({ 'tutti.ts': text })
    const file = await loadFile(join(dir, 'tutti.ts'), dir)
    const first = file.runnable('w')
    const tasks = first.graph.root.nodes.map(node => node.kind === 'task' && node.task)
    expect(new Set(tasks).size).toBe(3)
    const again = (
      await openKept(first.bundle!, join(dir, 'tutti.ts'), { reads: [], contents: new Map() }, dir)
    ).runnable('w')
    for (const runnable of [first, again]) {
      const values = tasks.map(name => {
        const definition = runnable.bindings.definitions.get(String(name))
        return definition?.kind === 'task' ? definition.fn() : undefined
      })
      expect(values).toEqual(['x', 'y', 'x'])
    }
  })
})

describe('values', () => {
  const lintRef = (path: readonly (string | number)[] = []) => ({ kind: 'node', node: 'build', up: 0, path })

  test.each([
    ['a literal stays one', 'lint({ a: [1, { b: 2 }] })', { kind: 'literal', value: { a: [1, { b: 2 }] } }],
    ['a ref inside a record', 'lint({ a: build() })', { kind: 'record', fields: { a: lintRef() } }],
    [
      'a ref inside a list, beside a date',
      'lint([build(), new Date(0)])',
      { kind: 'list', items: [lintRef(), { kind: 'literal', value: { $date: '1970-01-01T00:00:00.000Z' } }] },
    ],
    [
      'one ref twice',
      'const b = build(); const shared = { b }; lint([shared, shared])',
      {
        kind: 'list',
        items: [
          { kind: 'record', fields: { b: lintRef() } },
          { kind: 'record', fields: { b: lintRef() } },
        ],
      },
    ],
    [
      'an output inside',
      "lint({ to: [output('dist')] })",
      {
        kind: 'record',
        fields: { to: { kind: 'list', items: [{ kind: 'resource', resource: { kind: 'output', path: 'dist' } }] } },
      },
    ],
    [
      'a secret by name',
      "lint(secret('T', { file: 'x' }))",
      { kind: 'resource', resource: { kind: 'secret', name: 'T', from: { kind: 'file', path: 'x' } } },
    ],
    ['a field', 'lint(build().a.b)', lintRef(['a', 'b'])],
    ['an index', 'lint(build()[0].x)', lintRef([0, 'x'])],
    ['destructured lists', 'const [, second] = build(); lint(second)', lintRef([1])],
    ['destructured records', 'const { a: { b } } = build(); lint(b)', lintRef(['a', 'b'])],
    ['.at', "lint(build().at('to').at('then').at(0))", lintRef(['to', 'then', 0])],
    [
      'a chain of .to',
      'lint(build().to((x: any) => x).a.to((y: any) => y).b)',
      { kind: 'apply', path: ['b'], args: [{ kind: 'apply', path: ['a'], args: [lintRef()] }] },
    ],
    [
      'undefined',
      'lint({ a: undefined, b: build() })',
      { kind: 'record', fields: { a: { kind: 'literal', value: { $undefined: true } }, b: lintRef() } },
    ],
  ])('%s: %s', async (_, body, wanted) => {
    expect((await argsOf(body))[0]).toMatchObject(wanted)
  })
})

describe('order and regions', () => {
  test('.after in one region, and from inside of one', async () => {
    const { root } = await traced(
      'const a = lint(1)\nconst b = build(2).after(a, lint(3))\nwhen(true, () => { build(4).after(b); each([1], () => lint(5).after(a)) })',
    )
    expect(nodeIn(root, 'build').after).toEqual(['lint', 'lint~2'])
    expect(nodeIn(root, 'when').after.toSorted()).toEqual(['build', 'lint'])
  })

  test('a step waits for what a mapped value or a parameter comes from', async () => {
    const { root } = await traced('const a = lint(1)\nbuild(2).after(a.to((x: any) => x)).after(a)')
    expect(nodeIn(root, 'build').after).toEqual(['lint'])
  })

  test('G2: what a region uses from around it is looked up through as many regions as lie between', async () => {
    const { root } = await traced(
      'const a = lint(1)\nwhen(true, () => each([1], x => { build([a, x]); each([2], () => build([a, x])) }))',
    )
    const when = nodeIn(root, 'when')
    const outer = when.kind === 'when' ? nodeIn(when.then, 'each') : when
    const inner = outer.kind === 'each' ? nodeIn(outer.body, 'each') : outer
    const upsIn = (region: Region) =>
      region.nodes.flatMap(node =>
        node.kind === 'effect' && node.args[0]?.kind === 'list'
          ? [node.args[0].items.map(item => 'up' in item && item.up)]
          : [],
      )
    expect(outer.kind === 'each' && upsIn(outer.body)).toEqual([[2, 0]])
    expect(inner.kind === 'each' && upsIn(inner.body)).toEqual([[3, 1]])
  })

  test('when without else gives undefined', async () => {
    const when = nodeIn((await traced('when(true, () => lint())')).root, 'when')
    expect(when.kind === 'when' && when.otherwise).toMatchObject({
      nodes: [],
      result: { kind: 'literal', value: { $undefined: true } },
    })
  })

  test('workflows are called by position and by name, with defaults, as often and as deep as one likes', async () => {
    const graph = await graphOf(
      `${PRELUDE}
const third = workflow({ n: z.number().default(3) }, ({ n }) => lint(n))
const second = workflow((a: any, b: any = 'x, y', c = [1, 2]) => ({ one: third({ n: a }), two: third() }))
const first = workflow(({ a }: any) => second(a, 1, 2))
export const w = workflow(() => ({ x: first({ a: 1 }), y: first({ a: lint() }) }))`,
      'w',
    )
    const calls = graph.root.nodes.filter(node => node.kind === 'call')
    expect(calls.map(({ id, name, args }) => [id, name, Object.keys(args)])).toEqual([
      ['first', 'x', ['arg1']],
      ['first~2', 'y', ['arg1']],
    ])
    const inner = nodeIn(calls[0]!.body, 'second')
    expect(inner.kind === 'call' && Object.keys(inner.args)).toEqual(['a', 'b', 'c'])
    const thirds = inner.kind === 'call' ? inner.body.nodes : []
    expect(thirds.map(node => node.kind === 'call' && node.args)).toEqual([
      { n: { kind: 'param', param: 'a', up: 0, path: [] } },
      { n: { kind: 'literal', value: 3 } },
    ])
  })

  test('parameters are told with their types and defaults', async () => {
    const graph = await graphOf(
      `${PRELUDE}export const w = workflow({ channel: z.string(), times: z.number().default(2), tag: z.string().optional() }, () => undefined)`,
    )
    expect(graph.params).toMatchObject([
      { name: 'channel', type: { type: 'string' }, required: true },
      { name: 'times', type: { type: 'number' }, required: false, default: 2 },
      { name: 'tag', required: false },
    ])
  })

  test('tune changes some options and keeps the others', async () => {
    const graph = await graphOf(`${HEAD}const a = task(() => 1, { timeout: '1m', retry: 1, executor: 'thread' })
const b = tune(a, { retry: { times: 3, backoff: 'fixed', delay: 5 }, priority: 2 })
export const w = workflow(() => { b() })`)
    expect(graph.root.nodes[0]).toMatchObject({
      id: 'a',
      executor: 'thread',
      policy: { timeoutMs: 60_000, priority: 2, retry: [{ times: 3, backoff: 'fixed', delayMs: 5 }] },
    })
  })

  test('pools that are written in place are not one', async () => {
    const graph = await graphOf(`${HEAD}const db = pool(3)
const a = task(() => 1, { pool: pool(1) })
const b = task(() => 1, { pool: pool(2) })
const c = task(() => 1, { pool: db })
export const w = workflow(() => { a(); b(); c() })`)
    const pools = graph.root.nodes.map(node => node.policy.pool)
    expect(new Set(pools.map(pool => pool?.name)).size).toBe(3)
    expect(pools[2]).toEqual({ name: 'db', slots: 3 })
  })
})
